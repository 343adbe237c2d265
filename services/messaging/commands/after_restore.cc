#include "services/messaging/commands/after_restore.h"

#include "services/messaging/commands/change_message.h"
#include "services/messaging/store/channel_store.h"
#include "services/messaging/store/thread_store.h"

namespace fairlead::messaging {

Result<std::vector<ErasedRecord>> ReadErased(storage::ReadTransaction& tx) {
  constexpr int kErasedAtOnce = 1000;
  std::vector<ErasedRecord> all;
  while (true) {
    FAIRLEAD_ASSIGN(const std::vector<ErasedRecord> page,
                    ListErased(tx, all.empty() ? "" : all.back().id, kErasedAtOnce));
    if (page.empty()) return all;
    all.insert(all.end(), page.begin(), page.end());
  }
}

Result<void> AfterRestore(Unit& unit, const std::vector<ErasedRecord>& erased) {
  for (const ErasedRecord& each : erased) {
    FAIRLEAD_RETURN_IF_ERROR(PutErased(unit.tx, each, unit.now_ms));
    FAIRLEAD_ASSIGN(std::optional<Message> message, FindMessage(unit.tx, each.id));
    if (message && !message->deleted && message->revision < each.revision) {
      FAIRLEAD_ASSIGN(std::optional<Thread> thread, FindThread(unit.tx, message->thread_id));
      if (!thread) continue;
      Placed placed{std::move(*message), std::move(*thread)};
      FAIRLEAD_RETURN_IF_ERROR(EraseMessage(unit.tx, placed));
    }
    FAIRLEAD_ASSIGN(const std::optional<Post> post, FindPost(unit.tx, each.id, 0));
    if (post) FAIRLEAD_RETURN_IF_ERROR(DropPost(unit.tx, *post));
  }
  return {};
}

}  // namespace fairlead::messaging
