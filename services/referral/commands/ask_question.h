// An asked agency wants to know more before it answers.
#ifndef SERVICES_REFERRAL_COMMANDS_ASK_QUESTION_H_
#define SERVICES_REFERRAL_COMMANDS_ASK_QUESTION_H_

#include <string>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

// By the recipient; the offer goes on waiting, and its clock runs on. Errors:
// UNKNOWN_QUESTION_CODE, REFERRAL_NOT_FOUND, OFFER_EXPIRED, ILLEGAL_TRANSITION (it waits no more),
// QUESTION_ALREADY_ASKED, TOO_MANY_QUESTIONS.
Result<Referral> AskQuestion(Unit& unit, const std::string& offer_id,
                             const std::string& question_code);

// An offer that waits has been asked about, in codes or sealed: it has been seen, and it is the
// sender's turn. Errors: OFFER_EXPIRED, ILLEGAL_TRANSITION.
Result<void> TurnToSender(const Unit& unit, Offer& offer);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_ASK_QUESTION_H_
