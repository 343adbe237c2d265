#include "services/audit/domain/entry.h"

namespace fairlead::audit {
namespace {

void Add(std::string& bytes, const std::string& field) {
  bytes += std::to_string(field.size());
  bytes += ':';
  bytes += field;
}

}  // namespace

std::string CanonicalBytes(const Entry& entry) {
  std::string bytes = "fairlead-audit-v1";
  Add(bytes, entry.service);
  Add(bytes, std::to_string(entry.sequence));
  Add(bytes, entry.id);
  Add(bytes, std::to_string(entry.time_ms));
  for (const std::string* field :
       {&entry.action, &entry.refused_reason, &entry.staff_id, &entry.agency_id, &entry.session_id,
        &entry.subject_staff_id, &entry.subject_agency_id, &entry.case_handle, &entry.referral_id,
        &entry.release_id, &entry.record_id, &entry.method}) {
    Add(bytes, *field);
  }
  Add(bytes, std::to_string(entry.count));
  return bytes;
}

}  // namespace fairlead::audit
