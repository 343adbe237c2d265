// Where the survivor chooses: what agencies answer, and the choice.
#ifndef SERVICES_REFERRAL_COMMANDS_CHOOSE_OFFER_H_
#define SERVICES_REFERRAL_COMMANDS_CHOOSE_OFFER_H_

#include <string>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

// By the recipient; the offer goes on waiting. Errors: REFERRAL_NOT_FOUND, CHOICE_NOT_OPEN,
// ETAG_MISMATCH, OFFER_EXPIRED, ILLEGAL_TRANSITION (it waits no more).
Result<Referral> AnswerOffer(Unit& unit, const std::string& offer_id, const std::string& etag,
                             Answer answer);

// By the sender: takes one that has said yes. Errors: REFERRAL_NOT_FOUND, CHOICE_NOT_OPEN,
// AGENCY_NOT_TO_BE_ASKED, NOT_ANSWERED_YES, and those of Match.
Result<Referral> ChooseOffer(Unit& unit, const std::string& offer_id, const std::string& etag);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_CHOOSE_OFFER_H_
