// One line of the gathered trail.
#ifndef SERVICES_AUDIT_DOMAIN_ENTRY_H_
#define SERVICES_AUDIT_DOMAIN_ENTRY_H_

#include <cstdint>
#include <string>

namespace fairlead::audit {

struct Entry {
  std::string service;   // who recorded it
  int64_t sequence = 0;  // in that service's trail: 1, 2, 3, …
  std::string id;
  int64_t time_ms = 0;
  std::string action;
  std::string refused_reason;  // empty: it was done
  std::string staff_id;
  std::string agency_id;
  std::string session_id;
  std::string subject_staff_id;
  std::string subject_agency_id;  // whose record it was done to
  std::string case_handle;
  std::string referral_id;
  std::string release_id;
  std::string record_id;
  std::string method;
  int64_t count = 1;
  bool operator==(const Entry&) const = default;
};

// The bytes of a record that a hash, a signature or a tree of hashes is made over: the one
// definition. "fairlead-audit-v1" and the fields in the order above; each field as its length in
// bytes (decimal, ":") and its text, numbers in decimal; no separators, so that no two records
// have the same bytes. Stored records keep their bytes for good: a new field is a new version.
std::string CanonicalBytes(const Entry& entry);

}  // namespace fairlead::audit

#endif  // SERVICES_AUDIT_DOMAIN_ENTRY_H_
