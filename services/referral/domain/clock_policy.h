// How long an offer may wait: a ladder of times, frozen when the offer is sent, so that a later
// change of policy never moves a promise already made.
#ifndef SERVICES_REFERRAL_DOMAIN_CLOCK_POLICY_H_
#define SERVICES_REFERRAL_DOMAIN_CLOCK_POLICY_H_

#include <cstdint>

namespace fairlead::referral {

// Values of fairlead.referral.v1.Urgency.
enum class Urgency { kEmergency = 1, kUrgent = 2, kStandard = 3 };

// Absolute times, Unix ms.
struct Ladder {
  int64_t remind_ms = 0;
  int64_t escalate_admin_ms = 0;
  int64_t escalate_coordinator_ms = 0;
  int64_t expire_ms = 0;
};

// The coalition's default: emergency 15, 30, 60 min and 4 h; urgent 4, 12, 24 and 48 h; standard
// 1, 2, 3 and 7 days, counted round the clock.
Ladder FreezeLadder(Urgency urgency, int64_t sent_ms);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_DOMAIN_CLOCK_POLICY_H_
