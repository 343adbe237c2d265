// The audit trail, where it is written: a row of codes and ids, in the transaction of what it
// tells of, and the event that carries it to the audit service through the outbox. No act without
// its row, no row without its act.
//
//   audit::Record record{.action = audit::Action::kStaffDisabled, .by = audit::ByCaller(context)};
//   record.subject_staff_id = staff.id;
//   record.subject_agency_id = staff.agency_id;
//   FAIRLEAD_RETURN_IF_ERROR(audit::Append(tx, ids, now_ms, record));
//
// A refusal has no transaction to stand in (its own was rolled back): it gets one of its own.
//
//   record.refused = audit::Refusal(error);
//   auto kept = audit::AppendAlone(database, ids, now_ms, record);
//   Result<bool> durable = co_await std::move(kept);   // before the refusal is answered
//
// What a record may hold is decided here and not by its writers: an action of the list, reasons of
// errors, ids that are UUIDs. Anything else is INTERNAL AUDIT_RECORD_INVALID, and the transaction
// with it: a name or a sentence cannot get in.
#ifndef SERVICES_COMMON_AUDIT_AUDIT_H_
#define SERVICES_COMMON_AUDIT_AUDIT_H_

#include <cstdint>
#include <string>

#include "services/common/audit/action.h"
#include "services/common/base/ids.h"
#include "services/common/base/result.h"
#include "services/common/base/task.h"
#include "services/common/rpc/call_context.h"
#include "services/common/storage/database.h"

namespace fairlead::audit {

// Table: audit_record (append-only: triggers refuse UPDATE and DELETE). Add to a service's
// database beside its outbox.
const storage::Migrations& AuditMigrations();

// Why it was refused: the reason of an Error and nothing else.
class Refusal {
 public:
  Refusal() = default;  // it was done
  explicit Refusal(const Error& error) : reason_(error.reason) {}
  const std::string& reason() const { return reason_; }

 private:
  std::string reason_;
};

// Who did it, and by which call. All empty: the hub itself (a sweep, an event).
struct By {
  std::string staff_id;  // a person, or a machine client
  std::string agency_id;
  std::string session_id;
  std::string method;  // "/fairlead.consent.v1.ConsentService/RevokeRelease"
  std::string traceparent;
};
// The person behind the call; the ids stay empty when a service of ours acts for itself, or nobody
// is signed in.
By ByCaller(const rpc::CallContext& context);

struct Record {
  Action action = Action::kCallDenied;
  By by = {};
  Refusal refused = {};
  // What it was done to, as far as it applies. The agency: whose record it is.
  std::string subject_staff_id = {};
  std::string subject_agency_id = {};
  std::string case_handle = {};
  std::string referral_id = {};
  std::string release_id = {};
  // Any other record: the UUID of a device, a passkey, an invitation; the thumbprint of a key
  // (RFC 7638: 43 characters of base64url).
  std::string record_id = {};
  // How often, when one row stands for several: refused calls alike. Of an export of listings: how
  // many records.
  int64_t count = 1;
};

// Writes the row and the event. Error: INTERNAL AUDIT_RECORD_INVALID (metadata "field"), those of
// the storage.
Result<void> Append(storage::Transaction& tx, IdGenerator& ids, int64_t now_ms,
                    const Record& record);
// The same in a transaction of its own, durable when it answers. `database` and `ids` outlive the
// Task.
Task<Result<bool>> AppendAlone(storage::Database& database, IdGenerator& ids, int64_t now_ms,
                               Record record);

}  // namespace fairlead::audit

#endif  // SERVICES_COMMON_AUDIT_AUDIT_H_
