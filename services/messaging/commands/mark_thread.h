// How far an agency has been shown a thread, and has read it.
#ifndef SERVICES_MESSAGING_COMMANDS_MARK_THREAD_H_
#define SERVICES_MESSAGING_COMMANDS_MARK_THREAD_H_

#include <string>

#include "services/messaging/commands/unit.h"

namespace fairlead::messaging {

struct ThreadMark {
  std::string thread_id = {};
  int64_t delivered_sequence = 0;  // 0: no mark
  int64_t read_sequence = 0;
};
// Never goes back: what is no further than before is no change. Errors: THREAD_NOT_FOUND,
// SEQUENCE_NOT_THERE.
Result<Thread> MarkThread(Unit& unit, const ThreadMark& mark);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_COMMANDS_MARK_THREAD_H_
