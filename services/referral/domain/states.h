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

// The call that takes a referral back from every state, in the tables.
inline constexpr std::string_view kInError = "EnterReferralInError";

// Of an appointment between the two agencies of a referral, whose time and place the hub cannot
// read.
enum class AppointmentState {
  kProposed = 1,
  kConfirmed = 2,
  kDeclined = 3,
  kReplaced = 4,
  kCancelled = 5,
  kEnded = 6,
};

// Who makes a change; of an appointment: the agency that proposed it, and the other.
enum class Mover { kSender, kRecipient, kHub, kProposer, kOther };

// One way from a state to another.
template <class State>
struct Transition {
  State from;
  State to;
  Mover by;
  // The method that does it (of ReferralService or of a service beside it), or what makes the hub
  // do it: clock, release_ended, matched_elsewhere, agency_suspended, agency_departed,
  // referral_ended.
  std::string_view how;
};
std::span<const Transition<ReferralState>> ReferralTransitions();
std::span<const Transition<OfferState>> OfferTransitions();
std::span<const Transition<AppointmentState>> AppointmentTransitions();

std::string_view StateName(ReferralState state);  // "in_service"
std::string_view StateName(OfferState state);     // "delivered"
std::string_view StateName(AppointmentState state);

bool CanMove(ReferralState from, ReferralState to);
bool CanMove(OfferState from, OfferState to);
bool CanMove(AppointmentState from, AppointmentState to);

// Errors: FAILED_PRECONDITION ILLEGAL_TRANSITION with metadata from, to, and allowed: the states it
// may become, with commas; empty when there is no way on.
Result<void> Move(ReferralState& state, ReferralState to);
Result<void> Move(OfferState& state, OfferState to);
// And OTHER_SIDES_TURN (metadata by: proposer, other) when it may become so, but not by `by`.
Result<void> Move(AppointmentState& state, AppointmentState to, Mover by);

// The same error, for what another rule forbids.
tl::unexpected<Error> IllegalMove(ReferralState from, ReferralState to);

// No way on: completed, cancelled, closed, entered_in_error.
bool IsTerminal(ReferralState state);
// One agency has said yes, and it is not over: matched, in_service.
bool IsUnderWay(ReferralState state);
// Is to take place, or may: proposed, confirmed.
bool Stands(AppointmentState state);
// Waits for the receiving agency's answer: sent, delivered, question.
bool IsPending(OfferState state);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_DOMAIN_STATES_H_
