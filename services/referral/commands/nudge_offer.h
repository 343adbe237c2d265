// A coordinator asks an agency once more to answer.
#ifndef SERVICES_REFERRAL_COMMANDS_NUDGE_OFFER_H_
#define SERVICES_REFERRAL_COMMANDS_NUDGE_OFFER_H_

#include <string>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

inline constexpr int64_t kNudgeEveryMs = 15LL * 60 * 1000;

// The referral with that one offer. Errors: OFFER_NOT_FOUND, OFFER_NOT_WAITING, NUDGED_LATELY
// (metadata retry_after_s).
Result<Referral> NudgeOffer(Unit& unit, const std::string& offer_id);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_NUDGE_OFFER_H_
