// The sender answers what an agency that it has asked wants to know.
#ifndef SERVICES_REFERRAL_COMMANDS_ANSWER_QUESTION_H_
#define SERVICES_REFERRAL_COMMANDS_ANSWER_QUESTION_H_

#include <string>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

// Also in place of an earlier answer, as long as the offer waits. Errors: UNKNOWN_QUESTION_CODE,
// UNKNOWN_ANSWER_CODE, REFERRAL_NOT_FOUND, OFFER_EXPIRED, ILLEGAL_TRANSITION (it waits no more),
// QUESTION_NOT_ASKED, TOO_MANY_ANSWERS.
Result<Referral> AnswerQuestion(Unit& unit, const std::string& offer_id,
                                const std::string& question_code, const std::string& answer_code);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_ANSWER_QUESTION_H_
