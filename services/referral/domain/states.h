// The states of a referral and of its offers, and which changes are allowed. The tables of the
// product: nothing else moves a state. docs/states.md is drawn from them.
#ifndef SERVICES_REFERRAL_DOMAIN_STATES_H_
#define SERVICES_REFERRAL_DOMAIN_STATES_H_

#include <span>
#include <string_view>

#include "services/common/base/result.h"

namespace fairlead::referral {

// Numeric values are those of fairlead.referral.v1 on the wire and in the database.
enum class ReferralState {
  kDraft = 1,
  kOpen = 2,
  kMatched = 3,
  kInService = 4,
  kCompleted = 5,
  kCancelled = 6,
  kClosed = 7,
  kEnteredInError = 8,
};

enum class OfferState {
  kSent = 1,
  kDelivered = 2,
  kQuestion = 3,
  kAccepted = 4,
  kDeclined = 5,
  kExpired = 6,
  kWithdrawn = 7,
  kFellThrough = 8,
};

// Who makes a change.
enum class Mover { kSender, kRecipient, kHub };

// One way from a state to another.
template <class State>
struct Transition {
  State from;
  State to;
  Mover by;
  // The method that does it (of ReferralService or of a service beside it), or what makes the hub
  // do it: clock, release_ended, matched_elsewhere, agency_suspended, agency_departed.
  std::string_view how;
};
std::span<const Transition<ReferralState>> ReferralTransitions();
std::span<const Transition<OfferState>> OfferTransitions();

std::string_view StateName(ReferralState state);  // "in_service"
std::string_view StateName(OfferState state);     // "delivered"

bool CanMove(ReferralState from, ReferralState to);
bool CanMove(OfferState from, OfferState to);

// Errors: FAILED_PRECONDITION ILLEGAL_TRANSITION with metadata from, to, and allowed: the states it
// may become, with commas; empty when there is no way on.
Result<void> Move(ReferralState& state, ReferralState to);
Result<void> Move(OfferState& state, OfferState to);

// The same error, for what another rule forbids.
tl::unexpected<Error> IllegalMove(ReferralState from, ReferralState to);

// No way on: completed, cancelled, closed, entered_in_error.
bool IsTerminal(ReferralState state);
// Waits for the receiving agency's answer: sent, delivered, question.
bool IsPending(OfferState state);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_DOMAIN_STATES_H_
