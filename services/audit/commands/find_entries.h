// Searches the trail for what a viewer may see of it.
#ifndef SERVICES_AUDIT_COMMANDS_FIND_ENTRIES_H_
#define SERVICES_AUDIT_COMMANDS_FIND_ENTRIES_H_

#include <optional>
#include <vector>

#include "services/audit/store/audit_store.h"

namespace fairlead::audit {

// The newest `limit` after `after`. Error: those of the store.
Result<std::vector<Entry>> FindEntries(AuditReader& reader, const Viewer& viewer,
                                       const Filter& filter, const std::optional<Position>& after,
                                       int limit);

}  // namespace fairlead::audit

#endif  // SERVICES_AUDIT_COMMANDS_FIND_ENTRIES_H_
