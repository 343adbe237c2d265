#include "services/directory/commands/record_history.h"

#include <optional>
#include <utility>
#include <vector>

namespace fairlead::directory {
namespace {

// Those of before, as `now` has their fields.
Result<void> BringCloser(storage::Transaction& tx, const HistoryOwner& owner,
                         const KnownRecords& now) {
  FAIRLEAD_ASSIGN(const std::vector<StoredChange> changes,
                  ListFieldChanges(tx, owner.kind, owner.id, Tier::kRole, kMaxHistoryOfRecord));
  for (const StoredChange& one : changes) {
    const std::optional<Tier> tier = TierNow(one.change, now);
    if (!tier) {
      FAIRLEAD_RETURN_IF_ERROR(ForgetFieldChange(tx, one.id));
    } else if (*tier != one.change.tier) {
      FAIRLEAD_RETURN_IF_ERROR(SetFieldChangeTier(tx, one.id, *tier));
    }
  }
  return {};
}

}  // namespace

std::string ActingRole(const auth::Actor& actor, const std::string& agency_id) {
  if (actor.kind == auth::ActorKind::kMachine) return "integration";
  // A coordinator who is an administrator of the office too is one for the office's own only.
  const bool is_admin = actor.agency_id == agency_id && actor.Has(auth::Role::kAgencyAdmin);
  return is_admin ? "agency_admin" : "coordinator";
}

Result<void> RecordHistory(const Deps& deps, storage::Transaction& tx,
                           const rpc::CallContext& context, const HistoryOwner& owner,
                           const boost::json::object& before, const boost::json::object& after,
                           bool hides_places) {
  if (before.empty()) return {};
  const KnownRecords now = RecordsIn(owner.kind, after);
  FAIRLEAD_RETURN_IF_ERROR(BringCloser(tx, owner, now));
  std::vector<StoredChange> changes;
  for (FieldChange& change : ChangesBetween(RecordsIn(owner.kind, before), now)) {
    if (hides_places) {
      if (change.resource_id != owner.id) continue;
      change.previous_value.clear();
      change.replacement_value.clear();
    }
    changes.push_back({.id = "",
                       .time_ms = deps.clock.NowMs(),
                       .actor_agency_id = context.actor.agency_id,
                       .actor_role = ActingRole(context.actor, owner.agency_id),
                       .change = std::move(change)});
  }
  return AddFieldChanges(tx, deps.ids, owner, changes);
}

}  // namespace fairlead::directory
