// The agency that gives a service says how the person fares.
#ifndef SERVICES_REFERRAL_COMMANDS_RECORD_FOLLOW_UP_H_
#define SERVICES_REFERRAL_COMMANDS_RECORD_FOLLOW_UP_H_

#include <string>

#include "services/referral/commands/unit.h"
#include "services/referral/domain/follow_up.h"

namespace fairlead::referral {

// Only the agency whose offer was accepted. The sender is told which one was recorded; the code
// stands nowhere but in the follow-up. The same code again changes nothing; another one corrects
// it, within kCorrectWithinMs of the first recording and while no later one is recorded. Errors:
// UNKNOWN_OUTCOME_CODE, REFERRAL_NOT_FOUND, FOLLOW_UP_NOT_OWED, FOLLOW_UP_NOT_DUE (metadata
// due_time), FOLLOW_UP_RECORDED.
Result<FollowUp> RecordFollowUp(Unit& unit, const std::string& referral_id, FollowUpPoint point,
                                const std::string& outcome_code);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_RECORD_FOLLOW_UP_H_
