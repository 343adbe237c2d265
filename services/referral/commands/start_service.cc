#include "services/referral/commands/start_service.h"

#include "services/referral/store/follow_up_store.h"
#include "services/referral/store/pace_store.h"

namespace fairlead::referral {

Result<Referral> StartService(Unit& unit, const std::string& referral_id, const std::string& etag) {
  FAIRLEAD_ASSIGN(Found received, FindAsRecipient(unit, referral_id));
  Referral& referral = received.referral;
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(referral, unit.agency_id, etag));
  FAIRLEAD_RETURN_IF_ERROR(Move(referral.state, ReferralState::kInService));
  FAIRLEAD_RETURN_IF_ERROR(received.Permitted());  // not when matched with another
  referral.update_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(referral));
  FAIRLEAD_RETURN_IF_ERROR(PutBegun(unit.tx, received.offer(), unit.now_ms));
  FAIRLEAD_RETURN_IF_ERROR(
      PutFollowUpsOwed(unit.tx, referral.id, unit.agency_id, unit.now_ms));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, referral, &received.offer(), "started"));
  return std::move(referral);
}

}  // namespace fairlead::referral
