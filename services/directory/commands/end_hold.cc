#include "services/directory/commands/end_hold.h"

#include <optional>
#include <utility>
#include <vector>

#include "services/directory/commands/tell_capacity.h"

namespace fairlead::directory {
namespace {

tl::unexpected<Error> Ended(HoldState state) {
  const std::string code(CodeOf(state));
  return Fail(Code::kFailedPrecondition, "HOLD_ENDED", "The hold has ended: it is " + code + ".",
              {{"state", code}});
}

// False: somebody else ended it. Only who changes its state moves its units.
Result<bool> End(const Deps& deps, storage::Transaction& tx, const rpc::CallContext& context,
                 Hold& hold, HoldState end) {
  const int64_t now_ms = deps.clock.NowMs();
  FAIRLEAD_ASSIGN(const bool ended, deps.capacities.EndHold(tx, hold.id, end, now_ms));
  if (!ended) return false;
  hold.state = end;
  hold.end_ms = now_ms;
  FAIRLEAD_RETURN_IF_ERROR(deps.capacities.GiveBack(tx, hold, end == HoldState::kConsumed));
  FAIRLEAD_ASSIGN(const std::optional<Capacity> left,
                  deps.capacities.Find(tx, hold.service_id, hold.unit));
  if (left) FAIRLEAD_RETURN_IF_ERROR(TellCapacity(deps, tx, context, *left, &hold));
  FAIRLEAD_RETURN_IF_ERROR(TellHold(deps, tx, context, hold));
  return true;
}

}  // namespace

Result<StoredHold> EndHold(const Deps& deps, storage::Transaction& tx,
                           const rpc::CallContext& context, const std::string& hold_id,
                           HoldState end) {
  FAIRLEAD_ASSIGN(StoredHold stored, HoldFor(deps, tx, context, hold_id));
  if (stored.hold.state != HoldState::kPlaced) return Ended(stored.hold.state);
  if (stored.hold.expire_ms <= deps.clock.NowMs()) return Ended(HoldState::kLapsed);
  FAIRLEAD_ASSIGN(const bool ended, End(deps, tx, context, stored.hold, end));
  if (!ended) return Ended(HoldState::kClosed);
  return stored;
}

Result<void> LapseHoldsOf(const Deps& deps, storage::Transaction& tx,
                          const std::string& service_id, CapacityUnit unit) {
  FAIRLEAD_ASSIGN(std::vector<Hold> due, deps.capacities.DueOf(tx, service_id, unit,
                                                               deps.clock.NowMs(), kHoldsPerSweep));
  for (Hold& hold : due) {
    FAIRLEAD_RETURN_IF_ERROR(EndDue(deps, tx, {std::move(hold), HoldState::kLapsed}));
  }
  return {};
}

Result<bool> IsSweepDue(const Deps& deps, storage::ReadTransaction& tx) {
  const int64_t now_ms = deps.clock.NowMs();
  FAIRLEAD_ASSIGN(const std::vector<Hold> due, deps.capacities.Due(tx, now_ms, 1));
  if (!due.empty()) return true;
  FAIRLEAD_ASSIGN(const std::vector<Hold> orphans, deps.capacities.Orphans(tx, 1));
  if (!orphans.empty()) return true;
  return deps.capacities.IsPurgeDue(tx, now_ms);
}

Result<int64_t> SweepHolds(const Deps& deps, storage::Transaction& tx) {
  FAIRLEAD_ASSIGN(const std::vector<DueHold> holds, HoldsToEnd(deps, tx));
  for (const DueHold& due : holds) FAIRLEAD_RETURN_IF_ERROR(EndDue(deps, tx, due));
  FAIRLEAD_ASSIGN(const int64_t purged, PurgeHolds(deps, tx));
  return static_cast<int64_t>(holds.size()) + purged;
}

Result<std::vector<DueHold>> HoldsToEnd(const Deps& deps, storage::ReadTransaction& tx) {
  FAIRLEAD_ASSIGN(std::vector<Hold> due,
                  deps.capacities.Due(tx, deps.clock.NowMs(), kHoldsPerSweep));
  FAIRLEAD_ASSIGN(std::vector<Hold> orphans, deps.capacities.Orphans(tx, kHoldsPerSweep));
  std::vector<DueHold> holds;
  for (Hold& hold : due) holds.push_back({std::move(hold), HoldState::kLapsed});
  for (Hold& hold : orphans) holds.push_back({std::move(hold), HoldState::kClosed});
  return holds;
}

Result<int64_t> EndDue(const Deps& deps, storage::Transaction& tx, DueHold due) {
  const rpc::CallContext by_the_hub;
  FAIRLEAD_ASSIGN(const bool ended, End(deps, tx, by_the_hub, due.hold, due.end));
  return ended ? 1 : 0;
}

Result<int64_t> PurgeHolds(const Deps& deps, storage::Transaction& tx) {
  return deps.capacities.Purge(tx, deps.clock.NowMs(), kHoldsPerSweep);
}

}  // namespace fairlead::directory
