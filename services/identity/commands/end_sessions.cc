#include "services/identity/commands/end_sessions.h"

#include <optional>

#include "services/identity/commands/asker.h"
#include "services/identity/commands/note.h"

namespace fairlead::identity {
namespace {

// Oneself, or an administrator a colleague.
bool MayLookAfter(const rpc::CallContext& context, const Staff& staff) {
  if (staff.id == context.actor.staff_id) return true;
  return context.actor.Has(auth::Role::kAgencyAdmin) && staff.agency_id == context.actor.agency_id;
}

Result<Staff> FindPerson(const Deps& deps, storage::ReadTransaction& tx,
                         const rpc::CallContext& context, const std::string& staff_id) {
  const std::string& id = staff_id.empty() ? context.actor.staff_id : staff_id;
  FAIRLEAD_ASSIGN(const std::optional<Staff> staff, deps.store.FindStaff(tx, id));
  if (!staff || !MayLookAfter(context, *staff)) {
    return Fail(Code::kNotFound, "STAFF_NOT_FOUND", "There is nobody with this id at your agency.");
  }
  return *staff;
}

}  // namespace

Result<std::vector<Session>> ListSessions(const Deps& deps, storage::ReadTransaction& tx,
                                          const rpc::CallContext& context,
                                          const std::string& staff_id) {
  FAIRLEAD_ASSIGN(const Staff staff, FindPerson(deps, tx, context, staff_id));
  const int64_t now_ms = deps.clock.NowMs();
  return deps.access.ListSessions(tx, staff.id, now_ms - kSessionIdleMs,
                                  now_ms - kSessionAbsoluteMs, kMaxSessionsPerStaff);
}

Result<int64_t> EndSessions(const Deps& deps, storage::Transaction& tx,
                            const rpc::CallContext& context, const std::string& session_id,
                            const std::string& staff_id) {
  if (session_id.empty() == staff_id.empty()) {
    return Fail(Code::kInvalidArgument, "SESSION_OR_STAFF_NEEDED",
                "Name a session, or a person whose sessions all end.");
  }
  if (!session_id.empty()) {
    FAIRLEAD_ASSIGN(const std::optional<SignedIn> found, deps.store.FindBySession(tx, session_id));
    if (!found || !MayLookAfter(context, found->staff)) {
      return Fail(Code::kNotFound, "SESSION_NOT_FOUND", "There is no such session.");
    }
    FAIRLEAD_RETURN_IF_ERROR(deps.store.DeleteSession(tx, session_id));
    audit::Record record = RecordOf(audit::Action::kSessionEnded, context, found->staff);
    record.record_id = session_id;
    FAIRLEAD_RETURN_IF_ERROR(Note(deps, tx, record));
    return 1;
  }
  FAIRLEAD_ASSIGN(const Staff staff, FindPerson(deps, tx, context, staff_id));
  FAIRLEAD_ASSIGN(const int64_t ended, deps.store.DeleteSessionsOf(tx, staff.id, ""));
  audit::Record record = RecordOf(audit::Action::kSessionEnded, context, staff);
  record.count = std::max<int64_t>(ended, 1);
  FAIRLEAD_RETURN_IF_ERROR(Note(deps, tx, record));
  return ended;
}

}  // namespace fairlead::identity
