// The audit trail's row for what a command did, in its transaction.
#ifndef SERVICES_IDENTITY_COMMANDS_NOTE_H_
#define SERVICES_IDENTITY_COMMANDS_NOTE_H_

#include <string>

#include "services/common/audit/audit.h"
#include "services/identity/commands/deps.h"

namespace fairlead::identity {

inline Result<void> Note(const Deps& deps, storage::Transaction& tx, const audit::Record& record) {
  return audit::Append(tx, deps.ids, deps.clock.NowMs(), record);
}

// About a person: who they are and where.
inline audit::Record RecordOf(audit::Action action, const rpc::CallContext& context,
                              const Staff& staff) {
  audit::Record record{.action = action, .by = audit::ByCaller(context)};
  record.subject_staff_id = staff.id;
  record.subject_agency_id = staff.agency_id;
  return record;
}

// About an invitation.
inline audit::Record RecordOf(audit::Action action, const rpc::CallContext& context,
                              const Invitation& invitation) {
  audit::Record record{.action = action, .by = audit::ByCaller(context)};
  record.subject_agency_id = invitation.agency_id;
  record.record_id = invitation.id;
  return record;
}

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_NOTE_H_
