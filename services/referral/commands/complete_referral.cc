#include "services/referral/commands/complete_referral.h"

#include "services/referral/domain/codes.h"
#include "services/referral/store/note_store.h"

namespace fairlead::referral {

Result<Referral> CompleteReferral(Unit& unit, const std::string& referral_id,
                                  const std::string& etag, const std::string& outcome_code) {
  if (!IsOutcome(outcome_code)) {
    return Fail(Code::kInvalidArgument, "UNKNOWN_OUTCOME_CODE", "No such outcome.",
                {{"field", "outcome_code"}});
  }
  FAIRLEAD_ASSIGN(Found received, FindAsRecipient(unit, referral_id));
  Referral& referral = received.referral;
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(referral, unit.agency_id, etag));
  FAIRLEAD_RETURN_IF_ERROR(Move(referral.state, ReferralState::kCompleted));
  FAIRLEAD_RETURN_IF_ERROR(received.Permitted());  // not when matched with another
  referral.outcome_code = outcome_code;
  referral.update_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(referral));
  FAIRLEAD_RETURN_IF_ERROR(EndAppointments(unit.tx, referral.id, unit.now_ms));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, referral, &received.offer(), "completed", outcome_code));
  return std::move(referral);
}

}  // namespace fairlead::referral
