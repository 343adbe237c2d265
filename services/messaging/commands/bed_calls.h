// Bed calls: asked, answered, taken, closed.
#ifndef SERVICES_MESSAGING_COMMANDS_BED_CALLS_H_
#define SERVICES_MESSAGING_COMMANDS_BED_CALLS_H_

#include <string>

#include "services/messaging/commands/unit.h"
#include "services/messaging/domain/bed_call.h"

namespace fairlead::messaging {

// Not there and not yours alike.
tl::unexpected<Error> BedCallNotFound();
// That the caller's agency asks, or may answer as a member. Error: BED_CALL_NOT_FOUND.
struct Called {
  BedCall call = {};
  Channel channel = {};
};
Result<Called> BedCallOf(storage::ReadTransaction& tx, const rpc::CallContext& context,
                         const std::string& call_id);

// Errors: CHANNEL_NOT_FOUND, CHANNEL_CLOSED, WRONG_CHANNEL_KIND, UNKNOWN_AGE_BAND,
// UNKNOWN_HOUSEHOLD_BAND, UNTIL_OUT_OF_RANGE, TOO_MANY_BED_CALLS. The need code has been looked up.
Result<BedCall> OpenBedCall(Unit& unit, const std::string& channel_id, const BedNeed& need,
                            int64_t until_ms);

// In place of what the agency said before. Errors: BED_CALL_NOT_FOUND, OWN_BED_CALL,
// BED_CALL_NOT_OPEN, UNITS_REQUIRED, UNKNOWN_UNIT, TOO_MANY_ANSWERS.
Result<BedCall> AnswerBedCall(Unit& unit, const std::string& call_id, CallAnswer answer);

// By the agency that asks. Errors: BED_CALL_NOT_FOUND, BED_CALL_NOT_OPEN, NOT_ANSWERED_YES,
// AGENCY_NOT_ACTIVE.
Result<BedCall> TakeBedCall(Unit& unit, const std::string& call_id, const std::string& agency_id,
                            const std::string& referral_id);
// The same without taking any.
Result<BedCall> CloseBedCall(Unit& unit, const std::string& call_id);

// Whose time is over: it ends, and its members hear `bed_call_lapsed`. Of a call that is gone or
// over already: nothing.
Result<void> LapseBedCall(Unit& unit, const std::string& call_id);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_COMMANDS_BED_CALLS_H_
