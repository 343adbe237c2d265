#include "services/referral/commands/accept_offer.h"

#include "services/referral/commands/match.h"

namespace fairlead::referral {

Result<Referral> AcceptOffer(Unit& unit, const std::string& offer_id, const std::string& etag) {
  FAIRLEAD_ASSIGN(Found received, FindByOffer(unit, offer_id));
  if (received.referral.mode == Mode::kSurvivorChooses && IsPending(received.offer().state)) {
    return Fail(Code::kFailedPrecondition, "CHOICE_IS_SENDERS",
                "The person chooses among those that could help: answer yes, and wait.");
  }
  return Match(unit, std::move(received), etag, "accepted");
}

}  // namespace fairlead::referral
