#include "services/messaging/commands/run_clocks.h"

#include <algorithm>

#include "services/messaging/commands/alerts.h"
#include "services/messaging/commands/bed_calls.h"
#include "services/messaging/domain/limits.h"
#include "services/messaging/store/agency_store.h"
#include "services/messaging/store/call_store.h"
#include "services/messaging/store/channel_store.h"
#include "services/messaging/store/thread_store.h"

namespace fairlead::messaging {
namespace {

Result<int64_t> EraseMessages(Unit& unit) {
  FAIRLEAD_ASSIGN(const std::vector<Message> expired,
                  ExpiredMessages(unit.tx, unit.now_ms, kErasedPerRun));
  for (const Message& message : expired) {
    FAIRLEAD_ASSIGN(std::optional<Thread> thread, FindThread(unit.tx, message.thread_id));
    if (thread) {
      Party& other = thread->OtherThan(message.from_agency_id);
      if (IsUnreadBy(other, message)) other.unread = std::max<int64_t>(0, other.unread - 1);
      FAIRLEAD_RETURN_IF_ERROR(UpdateThread(unit.tx, *thread));
    }
    FAIRLEAD_RETURN_IF_ERROR(DropMessage(unit.tx, message.id));
  }
  return static_cast<int64_t>(expired.size());
}

Result<int64_t> ErasePosts(Unit& unit) {
  FAIRLEAD_ASSIGN(const std::vector<Post> expired,
                  ExpiredPosts(unit.tx, unit.now_ms, kErasedPerRun));
  for (const Post& post : expired) FAIRLEAD_RETURN_IF_ERROR(DropPost(unit.tx, post));
  return static_cast<int64_t>(expired.size());
}

}  // namespace

Result<int64_t> RunClocks(Unit& unit) {
  FAIRLEAD_ASSIGN(const std::vector<std::string> lapsed,
                  LapsedCalls(unit.tx, unit.now_ms, kStepsPerRun));
  for (const std::string& id : lapsed) FAIRLEAD_RETURN_IF_ERROR(LapseBedCall(unit, id));
  FAIRLEAD_ASSIGN(const std::vector<AlertAgency> due,
                  DueAlerts(unit.tx, unit.now_ms, kStepsPerRun));
  for (const AlertAgency& agency : due) FAIRLEAD_RETURN_IF_ERROR(EscalateAlert(unit, agency));
  return static_cast<int64_t>(lapsed.size() + due.size());
}

Result<int64_t> EraseExpired(Unit& unit) {
  FAIRLEAD_ASSIGN(const int64_t messages, EraseMessages(unit));
  FAIRLEAD_ASSIGN(const int64_t posts, ErasePosts(unit));
  FAIRLEAD_ASSIGN(const int64_t calls, DropExpired(unit.tx, unit.now_ms, kErasedPerRun));
  FAIRLEAD_ASSIGN(const int64_t threads,
                  DropOldThreads(unit.tx, unit.now_ms - kMessageLifeMs, kErasedPerRun));
  FAIRLEAD_ASSIGN(const int64_t counts, DropOldCounts(unit.tx, unit.now_ms, kErasedPerRun));
  return messages + posts + calls + threads + counts;
}

}  // namespace fairlead::messaging
