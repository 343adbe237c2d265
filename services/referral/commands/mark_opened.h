// The packet has been handed out to the recipient: a time on the offer, a line in the story.
#ifndef SERVICES_REFERRAL_COMMANDS_MARK_OPENED_H_
#define SERVICES_REFERRAL_COMMANDS_MARK_OPENED_H_

#include <string>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

inline constexpr char kOfferNotOpen[] = "OFFER_NOT_OPEN";
tl::unexpected<Error> OfferNotOpen();

// The agency's offer, which has ended in such a way that a break-glass may open its packet; consent
// apart. Error: OFFER_NOT_OPEN.
Result<size_t> OfferBehindGlass(ReferralReader& reader, const Referral& referral,
                                const std::string& agency_id);

// The first opening by the recipient sets open_ms (and deliver_ms, when it had not been listed).
// Later openings, and the sender rereading, add a line only; and of the recipient's the newest
// version that was handed out is kept. `version`: which one was.
Result<Referral> MarkOpened(Unit& unit, const std::string& referral_id, int64_t version);
// Opened under a break-glass, after the offer had ended: a line ("break_glass_opened"), which its
// sender hears of at once; the offer stays as it ended. Errors: REFERRAL_NOT_FOUND, OFFER_NOT_OPEN
// (what its sender did meanwhile counts).
Result<Referral> MarkBreakGlass(Unit& unit, const std::string& referral_id);
// Handed out to be sealed anew: a line ("fetched"), and the offer has not been looked at.
Result<Referral> MarkFetched(Unit& unit, const std::string& referral_id);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_MARK_OPENED_H_
