// How long an offer may wait: a ladder of times, frozen when the offer is sent, so that a later
// change of policy never moves a promise already made.
#ifndef SERVICES_REFERRAL_DOMAIN_CLOCK_POLICY_H_
#define SERVICES_REFERRAL_DOMAIN_CLOCK_POLICY_H_

#include <array>
#include <cstdint>

#include "services/common/calendar/business_time.h"

namespace fairlead::referral {

// Values of fairlead.referral.v1.Urgency.
enum class Urgency { kEmergency = 1, kUrgent = 2, kStandard = 3 };

// What becomes of an offer that nobody answers, in this order. Values of
// fairlead.referral.v1.ClockStep and of the column next_step.
enum class Step {
  kRemind = 1,
  kEscalateAdmin = 2,
  kEscalateCoordinator = 3,
  kExpire = 4,
  kNone = 5,  // all are done
};

// Absolute times, Unix ms: a clock that is set back or forward moves none of them.
struct Ladder {
  int64_t remind_ms = 0;
  int64_t escalate_admin_ms = 0;
  int64_t escalate_coordinator_ms = 0;
  int64_t expire_ms = 0;
};

// When it is due; kNone: never (the largest time there is).
int64_t DueMs(const Ladder& ladder, Step step);
// The one that follows; kNone after kExpire.
Step After(Step step);

// The coalition's: when each step is due, by urgency. Emergency and urgent run round the clock,
// standard in days of work (docs/decisions/0025-clocks.md).
struct ClockPolicy {
  std::array<int64_t, 4> emergency_min;  // after the sending; each larger than the one before
  std::array<int64_t, 4> urgent_min;
  std::array<int64_t, 4> standard_days;
  calendar::BusinessTime business;
};

// That of a coalition that has said nothing: 15, 30, 60 min and 4 h; 4, 12, 24 and 48 h; 1, 2, 3
// and 7 days of work in New York.
const ClockPolicy& DefaultClockPolicy();

Ladder FreezeLadder(const ClockPolicy& policy, Urgency urgency, int64_t sent_ms);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_DOMAIN_CLOCK_POLICY_H_
