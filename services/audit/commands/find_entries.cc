#include "services/audit/commands/find_entries.h"

#include <algorithm>
#include <tuple>

namespace fairlead::audit {

Result<std::vector<Entry>> FindEntries(AuditReader& reader, const Viewer& viewer,
                                       const Filter& filter, const std::optional<Position>& after,
                                       int limit) {
  std::vector<Entry> found;
  for (const Selection& part : Select(viewer, filter)) {
    FAIRLEAD_ASSIGN(std::vector<Entry> some, reader.Find(part, after, limit));
    std::move(some.begin(), some.end(), std::back_inserter(found));
  }
  std::sort(found.begin(), found.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.time_ms, a.id) > std::tie(b.time_ms, b.id);
  });
  if (found.size() > static_cast<size_t>(limit)) found.resize(static_cast<size_t>(limit));
  for (Entry& entry : found) entry = Mask(viewer, std::move(entry));
  return found;
}

}  // namespace fairlead::audit
