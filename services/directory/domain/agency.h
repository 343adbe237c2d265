// An agency of the coalition: its kind and how far its membership has come.
#ifndef SERVICES_DIRECTORY_DOMAIN_AGENCY_H_
#define SERVICES_DIRECTORY_DOMAIN_AGENCY_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::directory {

// The numbers are those of fairlead.directory.v1.
enum class AgencyKind {
  kVictimServiceProvider = 1,
  kHealthProvider = 2,
  kPart2Program = 3,
  kLegalServices = 4,
  kLawEnforcement = 5,
  kGovernment = 6,
  kHotline = 7,
  kCoalitionOffice = 8,
  kOther = 9,
};
enum class Membership { kApplied = 1, kSponsored = 2, kActive = 3, kSuspended = 4, kDeparted = 5 };

struct Agency {
  std::string id;  // UUID
  std::string name;
  AgencyKind kind = AgencyKind::kOther;
  Membership membership = Membership::kActive;
  int64_t create_ms = 0;
  int64_t version = 1;  // the etag; grows with each change
  std::string contact_phone;  // E.164; empty: none
};

// As events and identity spell them: "health_provider", "active".
std::string_view CodeOf(AgencyKind kind);
std::string_view CodeOf(Membership membership);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_AGENCY_H_
