// A match that came to nothing: the need is open again.
#ifndef SERVICES_REFERRAL_COMMANDS_REOPEN_REFERRAL_H_
#define SERVICES_REFERRAL_COMMANDS_REOPEN_REFERRAL_H_

#include <string>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

// INVALID_ARGUMENT UNKNOWN_REASON_CODE.
Result<void> CheckNotEnrolledReason(const std::string& reason_code);

// matched → open, by either side: the offer has fallen through (or, by the sender, is withdrawn),
// and the packet is destroyed; its custody keys follow (ReferralServer::ShredPackets). Errors:
// REFERRAL_NOT_FOUND, ETAG_MISMATCH, UNKNOWN_REASON_CODE, ILLEGAL_TRANSITION.
Result<Referral> ReopenReferral(Unit& unit, const std::string& referral_id, const std::string& etag,
                                const std::string& reason_code);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_REOPEN_REFERRAL_H_
