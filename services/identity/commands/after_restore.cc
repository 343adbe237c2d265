#include "services/identity/commands/after_restore.h"

#include <algorithm>

#include "services/identity/commands/note.h"

namespace fairlead::identity {

Result<void> EndWhatCameBack(const Deps& deps) {
  std::function<Result<bool>(storage::Transaction&)> end =
      [&](storage::Transaction& tx) -> Result<bool> {
    FAIRLEAD_ASSIGN(const int64_t ended, deps.access.DeleteAllSessionsAndInvitations(tx));
    audit::Record record{.action = audit::Action::kRestored};
    record.count = std::max<int64_t>(ended, 1);
    FAIRLEAD_RETURN_IF_ERROR(Note(deps, tx, record));
    return true;
  };
  FAIRLEAD_RETURN_IF_ERROR(SyncWait(deps.database.Write<bool>(end)));
  return {};
}

}  // namespace fairlead::identity
