// Break-glass: one person asks, another approves, the agency opens, and somebody outside of it
// looks at it afterwards. Each step is in the trail and an event; from the approval on for who sent
// it, too.
#ifndef SERVICES_CONSENT_COMMANDS_BREAK_GLASS_H_
#define SERVICES_CONSENT_COMMANDS_BREAK_GLASS_H_

#include <optional>
#include <string>

#include "services/consent/commands/unit.h"
#include "services/consent/domain/break_glass.h"

namespace fairlead::consent {

// For a referral that the caller's agency was sent. Errors: UNKNOWN_REASON_CODE,
// REFERRAL_NOT_FOUND, those of CheckInForce, CUSTODY_KEY_GONE, BREAK_GLASS_UNDER_WAY,
// TOO_MANY_BREAK_GLASS.
Result<BreakGlass> RequestBreakGlass(Unit& unit, const std::string& referral_id,
                                     const std::string& reason_code);

// Errors: BREAK_GLASS_NOT_FOUND (also for another agency's), BREAK_GLASS_NOT_WAITING,
// SECOND_PERSON_NEEDED, those of CheckInForce, CUSTODY_KEY_GONE, TOO_MANY_BREAK_GLASS.
Result<BreakGlass> ApproveBreakGlass(Unit& unit, const std::string& id);

// Errors: BREAK_GLASS_NOT_FOUND (also for whom it does not concern), BREAK_GLASS_OWN,
// BREAK_GLASS_NOT_APPROVED, BREAK_GLASS_REVIEWED.
Result<BreakGlass> ReviewBreakGlass(Unit& unit, const std::string& id, GlassOutcome outcome);

// The one that opens this referral to the caller's agency now. Error: PERMISSION_DENIED
// BREAK_GLASS_NEEDED.
Result<BreakGlass> OpenGlass(Unit& unit, const std::string& referral_id);
// It has been opened once more: counted, and in the trail.
Result<void> CountOpening(Unit& unit, BreakGlass glass, const Release& release);

inline constexpr int kReviewsPerSweep = 100;
// Calls out reviews that are overdue, each once. How many; kReviewsPerSweep: there may be more.
Result<int> CallOverdueReviews(Unit& unit);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_COMMANDS_BREAK_GLASS_H_
