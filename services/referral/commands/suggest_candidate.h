// A coordinator suggests whom the sender might ask next; the sender decides.
#ifndef SERVICES_REFERRAL_COMMANDS_SUGGEST_CANDIDATE_H_
#define SERVICES_REFERRAL_COMMANDS_SUGGEST_CANDIDATE_H_

#include <string>
#include <vector>

#include "services/referral/commands/unit.h"
#include "services/referral/domain/routing.h"

namespace fairlead::referral {

// The one answer for an agency that cannot be asked, whatever the reason.
inline constexpr char kNotPossible[] = "NOT_POSSIBLE";

// Errors: REFERRAL_NOT_FOUND (a draft too: nobody but its sender knows of it), HAND_OFF_NOT_STUCK,
// TOO_MANY_SUGGESTIONS, NOT_POSSIBLE.
Result<Suggestion> SuggestCandidate(Unit& unit, const std::string& referral_id,
                                    const std::string& agency_id);

// What its sender is shown: those that may still be asked and have not been, the latest first.
Result<std::vector<Suggestion>> SuggestionsFor(storage::ReadTransaction& tx,
                                               const Referral& referral);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_SUGGEST_CANDIDATE_H_
