#include "services/referral/commands/run_clocks.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "services/referral/commands/decline_offer.h"
#include "services/referral/store/pace_store.h"

namespace fairlead::referral {
namespace {

constexpr char kExpired[] = "expired";
constexpr char kOvertaken[] = "overtaken";

bool IsDue(const Unit& unit, const Offer& offer) {
  return DueMs(offer.ladder, offer.next_step) <= unit.now_ms;
}

// What the story calls a step before the last.
const char* ChangeOf(Step step) {
  if (step == Step::kRemind) return kReminded;
  return step == Step::kEscalateAdmin ? kEscalatedAdmin : kEscalatedCoordinator;
}

Result<void> Expire(Unit& unit, Referral& referral, Offer& offer) {
  FAIRLEAD_RETURN_IF_ERROR(Move(offer.state, OfferState::kExpired));
  offer.decide_ms = unit.now_ms;
  offer.reason_code = kExpired;
  FAIRLEAD_RETURN_IF_ERROR(CloseIfNoOfferLeft(unit, referral, kExpired));
  FAIRLEAD_RETURN_IF_ERROR(PutWaitEnded(unit.tx, offer, false, unit.now_ms));
  return Tell(unit, referral, &offer, kExpired, kExpired);
}

Result<void> DoWhatIsDue(Unit& unit, Referral& referral, Offer& offer) {
  while (IsDue(unit, offer)) {
    const Step step = offer.next_step;
    offer.next_step = After(step);
    if (step == Step::kExpire) {
      FAIRLEAD_RETURN_IF_ERROR(Expire(unit, referral, offer));
    } else {
      const char* reason = IsDue(unit, offer) ? kOvertaken : "";
      FAIRLEAD_RETURN_IF_ERROR(Tell(unit, referral, &offer, ChangeOf(step), reason));
    }
  }
  return unit.store.UpdateOffer(offer);
}

}  // namespace

Result<int> RunClocks(Unit& unit) {
  FAIRLEAD_ASSIGN(const std::vector<std::string> due,
                  unit.store.DueOffers(unit.now_ms, kOffersPerRun));
  for (const std::string& offer_id : due) {
    FAIRLEAD_ASSIGN(const std::optional<std::string> referral_id,
                    unit.store.ReferralOfOffer(offer_id));
    if (!referral_id) continue;
    FAIRLEAD_ASSIGN(std::optional<Referral> referral, unit.store.Find(*referral_id));
    if (!referral) continue;
    const auto offer =
        std::find_if(referral->offers.begin(), referral->offers.end(),
                     [&offer_id](const Offer& each) { return each.id == offer_id; });
    if (offer == referral->offers.end()) continue;
    FAIRLEAD_RETURN_IF_ERROR(DoWhatIsDue(unit, *referral, *offer));
  }
  return static_cast<int>(due.size());
}

}  // namespace fairlead::referral
