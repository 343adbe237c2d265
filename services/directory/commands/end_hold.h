// The ends of a hold: each gives its units back, or leaves them taken, exactly once.
#ifndef SERVICES_DIRECTORY_COMMANDS_END_HOLD_H_
#define SERVICES_DIRECTORY_COMMANDS_END_HOLD_H_

#include <string>
#include <vector>

#include "services/common/rpc/call_context.h"
#include "services/directory/commands/deps.h"

namespace fairlead::directory {

inline constexpr int kHoldsPerSweep = 200;

// `end`: kReleased or kConsumed. Emits HoldChanged, and CapacityChanged of a release. Errors:
// HOLD_NOT_FOUND; FAILED_PRECONDITION HOLD_ENDED (metadata `state`), also when its time has passed
// and the sweep has not been there.
Result<StoredHold> EndHold(const Deps& deps, storage::Transaction& tx,
                           const rpc::CallContext& context, const std::string& hold_id,
                           HoldState end);

// Of one unit, what has run out.
Result<void> LapseHoldsOf(const Deps& deps, storage::Transaction& tx,
                          const std::string& service_id, CapacityUnit unit);

// The sweep: whether there is anything to do, and doing it. At most kHoldsPerSweep of each kind;
// says how many things it did.
Result<bool> IsSweepDue(const Deps& deps, storage::ReadTransaction& tx);
Result<int64_t> SweepHolds(const Deps& deps, storage::Transaction& tx);

// The same in pieces, for when it failed: one hold whose numbers contradict each other is to stop
// no other's end. Each EndDue and PurgeHolds is for a transaction of its own.
struct DueHold {
  Hold hold;
  HoldState end = HoldState::kLapsed;
};
Result<std::vector<DueHold>> HoldsToEnd(const Deps& deps, storage::ReadTransaction& tx);
Result<int64_t> EndDue(const Deps& deps, storage::Transaction& tx, DueHold due);
Result<int64_t> PurgeHolds(const Deps& deps, storage::Transaction& tx);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_END_HOLD_H_
