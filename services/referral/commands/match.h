// The match: one offer is taken, and the others are withdrawn, in one commit.
#ifndef SERVICES_REFERRAL_COMMANDS_MATCH_H_
#define SERVICES_REFERRAL_COMMANDS_MATCH_H_

#include <string>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

// open → matched, by whoever accepts or chooses (`change`: "accepted", "chosen"). Errors:
// ALREADY_MATCHED, ETAG_MISMATCH, OFFER_EXPIRED, ILLEGAL_TRANSITION; REFERRAL_NOT_FOUND.
Result<Referral> Match(Unit& unit, Found found, const std::string& etag, const std::string& change);

// FAILED_PRECONDITION OFFER_EXPIRED when the offer's time to answer has passed: the same whether
// the clock has just ended it or is about to.
Result<void> CheckInTime(const Offer& offer, int64_t now_ms);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_MATCH_H_
