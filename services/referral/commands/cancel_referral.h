// The sender takes it back: offers that wait are withdrawn in the same commit.
#ifndef SERVICES_REFERRAL_COMMANDS_CANCEL_REFERRAL_H_
#define SERVICES_REFERRAL_COMMANDS_CANCEL_REFERRAL_H_

#include <string>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

// Why a sender takes a referral back that was sent by mistake. Whoever is on a do-not-route list
// must not learn of it: to them it is this, in the same event, with the same reason, and as little
// is left of it.
inline constexpr char kTakenBack[] = "sent_in_error";

// From draft, open or matched. Packet and notes stay for the time of retention, unless it is
// kTakenBack: then they are destroyed at once. Errors: REFERRAL_NOT_FOUND, ETAG_MISMATCH,
// ILLEGAL_TRANSITION, UNKNOWN_REASON_CODE.
Result<Referral> CancelReferral(Unit& unit, const std::string& referral_id, const std::string& etag,
                                const std::string& reason_code);

// The same for whatever reason of the hub's own. Error: ILLEGAL_TRANSITION.
Result<void> Cancel(Unit& unit, Referral& referral, const std::string& reason_code);

// The consequence of a release that has ended: what is still open is cancelled. A
// matched or running service goes on without the packet, and may still be started (a release is
// about what is told, not about being helped: docs/decisions/0021-a-release-ends-mid-service.md);
// its reason and its story say why. `reason_code`: release_revoked, release_superseded,
// release_entered_in_error, expired. Called for one referral.
Result<void> EndWithRelease(Unit& unit, const std::string& referral_id,
                            const std::string& reason_code);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_CANCEL_REFERRAL_H_
