// What is due by the clock: bed calls whose time is over, alerts that nobody has acknowledged; and
// what has expired.
#ifndef SERVICES_MESSAGING_COMMANDS_RUN_CLOCKS_H_
#define SERVICES_MESSAGING_COMMANDS_RUN_CLOCKS_H_

#include "services/messaging/commands/unit.h"

namespace fairlead::messaging {

inline constexpr int kStepsPerRun = 100;
inline constexpr int kErasedPerRun = 200;

// Each step moves in the transaction that tells of it: so it is done once, whatever is killed, and
// never after an answer. How many; 0: nothing is due.
Result<int64_t> RunClocks(Unit& unit);

// Messages, posts, bed calls and alerts whose time is over, threads that nothing is left of, and
// counts of days before. How many; 0: nothing is left to do.
Result<int64_t> EraseExpired(Unit& unit);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_COMMANDS_RUN_CLOCKS_H_
