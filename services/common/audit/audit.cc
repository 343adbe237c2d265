#include "services/common/audit/audit.h"

#include <algorithm>
#include <functional>

#include "fairlead/events/v1/events.pb.h"
#include "services/common/audit/migrations.h"
#include "services/common/outbox/outbox.h"

namespace fairlead::audit {
namespace {

constexpr size_t kMaxReason = 63;
constexpr size_t kMaxMethod = 128;
constexpr size_t kThumbprint = 43;  // SHA-256 in base64url without padding

bool AllOf(std::string_view text, bool (*fits)(char)) {
  return std::all_of(text.begin(), text.end(), fits);
}
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsReason(std::string_view text) {
  return text.size() <= kMaxReason &&
         AllOf(text, [](char c) { return (c >= 'A' && c <= 'Z') || IsDigit(c) || c == '_'; });
}
bool IsMethod(std::string_view text) {
  return text.size() <= kMaxMethod && AllOf(text, [](char c) {
           return IsLetter(c) || IsDigit(c) || c == '.' || c == '/' || c == '_';
         });
}
bool IsThumbprint(std::string_view text) {
  return text.size() == kThumbprint &&
         AllOf(text, [](char c) { return IsLetter(c) || IsDigit(c) || c == '-' || c == '_'; });
}
bool IsIdOrEmpty(std::string_view text) { return text.empty() || IsUuid(text); }

Result<void> Validate(const Record& record) {
  std::string_view wrong;
  if (!IsIdOrEmpty(record.by.staff_id)) wrong = "staff_id";
  if (!IsIdOrEmpty(record.by.agency_id)) wrong = "agency_id";
  if (!IsIdOrEmpty(record.by.session_id)) wrong = "session_id";
  if (!IsIdOrEmpty(record.subject_staff_id)) wrong = "subject_staff_id";
  if (!IsIdOrEmpty(record.subject_agency_id)) wrong = "subject_agency_id";
  if (!IsIdOrEmpty(record.case_handle)) wrong = "case_handle";
  if (!IsIdOrEmpty(record.referral_id)) wrong = "referral_id";
  if (!IsIdOrEmpty(record.release_id)) wrong = "release_id";
  if (!IsIdOrEmpty(record.record_id) && !IsThumbprint(record.record_id)) wrong = "record_id";
  if (!IsReason(record.refused.reason())) wrong = "refused_reason";
  if (!IsMethod(record.by.method)) wrong = "method";
  if (record.count < 1) wrong = "count";
  if (wrong.empty()) return {};
  return Fail(Code::kInternal, "AUDIT_RECORD_INVALID", "An audit record holds more than ids.",
              {{"field", std::string(wrong)}});
}

fairlead::events::v1::AuditRecorded ToProto(const Record& record, std::string id, int64_t now_ms) {
  fairlead::events::v1::AuditRecorded line;
  line.set_id(std::move(id));
  line.mutable_time()->set_seconds(now_ms / 1000);
  line.mutable_time()->set_nanos(static_cast<int32_t>(now_ms % 1000) * 1'000'000);
  line.set_action(std::string(ActionCode(record.action)));
  line.set_refused_reason(record.refused.reason());
  line.set_staff_id(record.by.staff_id);
  line.set_agency_id(record.by.agency_id);
  line.set_session_id(record.by.session_id);
  line.set_subject_staff_id(record.subject_staff_id);
  line.set_subject_agency_id(record.subject_agency_id);
  line.set_case_handle(record.case_handle);
  line.set_referral_id(record.referral_id);
  line.set_release_id(record.release_id);
  line.set_record_id(record.record_id);
  line.set_method(record.by.method);
  line.set_count(record.count);
  return line;
}

Result<void> InsertRow(storage::Transaction& tx, const Record& record, const std::string& id,
                       int64_t now_ms) {
  FAIRLEAD_RETURN_IF_ERROR(tx.Execute(
      "INSERT INTO audit_record (id, time_ms, action, refused_reason, staff_id, agency_id, "
      "session_id, subject_staff_id, subject_agency_id, case_handle, referral_id, release_id, "
      "record_id, method, count) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
      {id, now_ms, ActionCode(record.action), record.refused.reason(), record.by.staff_id,
       record.by.agency_id, record.by.session_id, record.subject_staff_id, record.subject_agency_id,
       record.case_handle, record.referral_id, record.release_id, record.record_id,
       record.by.method, record.count}));
  return {};
}

}  // namespace

const storage::Migrations& AuditMigrations() { return audit_record::Migrations(); }

By ByCaller(const rpc::CallContext& context) {
  By by{.staff_id = "",
        .agency_id = "",
        .session_id = "",
        .method = context.method,
        .traceparent = context.traceparent};
  if (context.actor.kind != auth::ActorKind::kStaff &&
      context.actor.kind != auth::ActorKind::kMachine) {
    return by;
  }
  by.staff_id = context.actor.staff_id;
  by.agency_id = context.actor.agency_id;
  by.session_id = context.actor.session_id;
  return by;
}

Result<void> Append(storage::Transaction& tx, IdGenerator& ids, int64_t now_ms,
                    const Record& record) {
  FAIRLEAD_RETURN_IF_ERROR(Validate(record));
  const std::string id = ids.New();
  FAIRLEAD_RETURN_IF_ERROR(InsertRow(tx, record, id, now_ms));
  outbox::Event event;
  event.id = id;
  event.type = "fairlead.audit." + std::string(ActionCode(record.action)) + ".v1";
  event.subject = id;
  event.time_ms = now_ms;
  event.data_schema = "fairlead.events.v1.AuditRecorded";
  event.data = ToProto(record, id, now_ms).SerializeAsString();
  event.traceparent = record.by.traceparent;
  // No audience: the audit service reads it from the stream, and no browser is ever told.
  return outbox::Append(tx, event);
}

Task<Result<bool>> AppendAlone(storage::Database& database, IdGenerator& ids, int64_t now_ms,
                               Record record) {
  const std::function<Result<bool>(storage::Transaction&)> job =
      [&ids, now_ms, record = std::move(record)](storage::Transaction& tx) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(Append(tx, ids, now_ms, record));
    return true;
  };
  Task<Result<bool>> write = database.Write<bool>(job);
  co_return co_await std::move(write);
}

}  // namespace fairlead::audit
