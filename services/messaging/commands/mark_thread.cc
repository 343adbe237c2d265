#include "services/messaging/commands/mark_thread.h"

#include <algorithm>

#include "services/messaging/store/thread_store.h"

namespace fairlead::messaging {

Result<Thread> MarkThread(Unit& unit, const ThreadMark& mark) {
  FAIRLEAD_ASSIGN(Thread thread, ThreadOf(unit.tx, unit.context, mark.thread_id));
  // To have read is to have been shown.
  const int64_t shown = std::max(mark.delivered_sequence, mark.read_sequence);
  if (shown > thread.last_sequence) {
    return Fail(Code::kInvalidArgument, "SEQUENCE_NOT_THERE",
                "The thread has no message of that number yet.",
                {{"last_sequence", std::to_string(thread.last_sequence)}});
  }
  Party& own = thread.PartyOf(unit.agency_id);
  const bool delivers = shown > own.delivered_sequence;
  const bool reads = mark.read_sequence > own.read_sequence;
  if (!delivers && !reads) return thread;
  own.delivered_sequence = std::max(shown, own.delivered_sequence);
  const std::string& other_id = thread.OtherThan(unit.agency_id).agency_id;
  if (reads) {
    own.read_sequence = mark.read_sequence;
    FAIRLEAD_ASSIGN(own.unread, CountUnread(unit.tx, thread.id, unit.agency_id, own.read_sequence));
    FAIRLEAD_RETURN_IF_ERROR(Record(unit, audit::Action::kThreadRead, thread.id, other_id));
  }
  FAIRLEAD_RETURN_IF_ERROR(UpdateThread(unit.tx, thread));
  // The own people's other screens count anew, too.
  FAIRLEAD_RETURN_IF_ERROR(TellThread(unit, thread, reads ? "read" : "delivered", "",
                                      reads ? own.read_sequence : own.delivered_sequence,
                                      BothOf(thread)));
  return thread;
}

}  // namespace fairlead::messaging
