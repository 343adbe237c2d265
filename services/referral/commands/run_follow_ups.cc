#include "services/referral/commands/run_follow_ups.h"

#include <optional>
#include <vector>

#include "services/referral/store/follow_up_store.h"

namespace fairlead::referral {

Result<int> RunFollowUps(Unit& unit) {
  FAIRLEAD_ASSIGN(std::vector<FollowUp> due,
                  FollowUpsToTell(unit.tx, unit.now_ms, kFollowUpsPerRun));
  for (FollowUp& follow_up : due) {
    follow_up.told = true;
    FAIRLEAD_RETURN_IF_ERROR(UpdateFollowUp(unit.tx, follow_up));
    FAIRLEAD_ASSIGN(const std::optional<Referral> referral,
                    unit.store.Find(follow_up.referral_id));
    if (!referral) continue;
    const std::optional<size_t> at = OfferOf(*referral, follow_up.agency_id);
    if (!at) continue;
    FAIRLEAD_RETURN_IF_ERROR(Tell(unit, *referral, &referral->offers[*at], kFollowUpDue,
                                  PointCode(follow_up.point)));
  }
  return static_cast<int>(due.size());
}

}  // namespace fairlead::referral
