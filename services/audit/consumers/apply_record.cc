#include "services/audit/consumers/apply_record.h"

#include <algorithm>

#include "services/audit/store/sql_audit_store.h"

namespace fairlead::audit {

Result<void> ApplyRecord(storage::Transaction& tx, const std::string& service,
                         const fairlead::events::v1::EventEnvelope& event) {
  if (event.data_schema() != "fairlead.events.v1.AuditRecorded") return {};
  fairlead::events::v1::AuditRecorded line;
  if (!line.ParseFromString(event.data()) || line.id().empty()) {
    return Fail(Code::kDataLoss, "INVALID_EVENT", "An AuditRecorded event is unreadable.");
  }
  Entry entry;
  // By the stream it came on, and not by what it says of itself.
  entry.service = service;
  entry.id = line.id();
  entry.time_ms = line.time().seconds() * 1000 + line.time().nanos() / 1'000'000;
  entry.action = line.action();
  entry.refused_reason = line.refused_reason();
  entry.staff_id = line.staff_id();
  entry.agency_id = line.agency_id();
  entry.session_id = line.session_id();
  entry.subject_staff_id = line.subject_staff_id();
  entry.subject_agency_id = line.subject_agency_id();
  entry.case_handle = line.case_handle();
  entry.referral_id = line.referral_id();
  entry.release_id = line.release_id();
  entry.record_id = line.record_id();
  entry.method = line.method();
  entry.count = std::max<int64_t>(1, line.count());
  return MakeSqlAuditStore(tx)->Add(std::move(entry));
}

}  // namespace fairlead::audit
