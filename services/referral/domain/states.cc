#include "services/referral/domain/states.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "services/common/base/text.h"

namespace fairlead::referral {
namespace {

using R = ReferralState;
using O = OfferState;
using A = AppointmentState;
using enum Mover;

constexpr std::string_view kClock = "clock";
constexpr std::string_view kReleaseEnded = "release_ended";
constexpr std::string_view kSuspended = "agency_suspended";
constexpr std::string_view kDeparted = "agency_departed";
constexpr std::string_view kElsewhere = "matched_elsewhere";
constexpr std::string_view kEnded = "referral_ended";

constexpr std::array kReferralTransitions = std::to_array<Transition<R>>({
    {R::kDraft, R::kOpen, kSender, "SendReferral"},
    {R::kDraft, R::kOpen, kSender, "OfferReferral"},
    {R::kDraft, R::kOpen, kSender, "ForwardReferral"},
    {R::kDraft, R::kCancelled, kSender, "CancelReferral"},
    {R::kDraft, R::kCancelled, kHub, kDeparted},
    {R::kOpen, R::kMatched, kRecipient, "AcceptOffer"},
    {R::kOpen, R::kMatched, kSender, "ChooseOffer"},
    {R::kOpen, R::kClosed, kRecipient, "DeclineOffer"},
    {R::kOpen, R::kClosed, kHub, kClock},
    {R::kOpen, R::kClosed, kHub, kSuspended},
    {R::kOpen, R::kClosed, kHub, kDeparted},
    {R::kOpen, R::kCancelled, kSender, "CancelReferral"},
    {R::kOpen, R::kCancelled, kSender, "SetDoNotRoute"},
    {R::kOpen, R::kCancelled, kHub, kReleaseEnded},
    {R::kOpen, R::kCancelled, kHub, kDeparted},
    {R::kMatched, R::kInService, kRecipient, "StartService"},
    {R::kMatched, R::kOpen, kRecipient, "ReopenReferral"},
    {R::kMatched, R::kOpen, kSender, "ReopenReferral"},
    {R::kMatched, R::kCancelled, kSender, "CancelReferral"},
    {R::kMatched, R::kClosed, kHub, kDeparted},
    {R::kInService, R::kCompleted, kRecipient, "CompleteReferral"},
    {R::kInService, R::kClosed, kRecipient, "CloseReferral"},
    {R::kInService, R::kClosed, kHub, kDeparted},
    {R::kOpen, R::kEnteredInError, kSender, kInError},
    {R::kMatched, R::kEnteredInError, kSender, kInError},
    {R::kInService, R::kEnteredInError, kSender, kInError},
    {R::kCompleted, R::kEnteredInError, kSender, kInError},
    {R::kCancelled, R::kEnteredInError, kSender, kInError},
    {R::kClosed, R::kEnteredInError, kSender, kInError},
});

constexpr std::array kOfferTransitions = std::to_array<Transition<O>>({
    {O::kSent, O::kDelivered, kRecipient, "ListReferrals"},
    {O::kSent, O::kDelivered, kRecipient, "AnswerOffer"},
    {O::kSent, O::kDelivered, kRecipient, "AskQuestion"},
    {O::kSent, O::kDelivered, kRecipient, "AskSealedQuestion"},
    {O::kSent, O::kAccepted, kRecipient, "AcceptOffer"},
    {O::kSent, O::kDeclined, kRecipient, "DeclineOffer"},
    {O::kSent, O::kExpired, kHub, kClock},
    {O::kSent, O::kWithdrawn, kSender, "CancelReferral"},
    {O::kSent, O::kWithdrawn, kSender, "SetDoNotRoute"},
    {O::kSent, O::kWithdrawn, kSender, kInError},
    {O::kSent, O::kWithdrawn, kHub, kElsewhere},
    {O::kSent, O::kWithdrawn, kHub, kReleaseEnded},
    {O::kSent, O::kWithdrawn, kHub, kSuspended},
    {O::kSent, O::kWithdrawn, kHub, kDeparted},
    {O::kDelivered, O::kQuestion, kRecipient, "AskQuestion"},
    {O::kDelivered, O::kQuestion, kRecipient, "AskSealedQuestion"},
    {O::kDelivered, O::kAccepted, kRecipient, "AcceptOffer"},
    {O::kDelivered, O::kAccepted, kSender, "ChooseOffer"},
    {O::kDelivered, O::kDeclined, kRecipient, "DeclineOffer"},
    {O::kDelivered, O::kExpired, kHub, kClock},
    {O::kDelivered, O::kWithdrawn, kSender, "CancelReferral"},
    {O::kDelivered, O::kWithdrawn, kSender, "SetDoNotRoute"},
    {O::kDelivered, O::kWithdrawn, kSender, kInError},
    {O::kDelivered, O::kWithdrawn, kHub, kElsewhere},
    {O::kDelivered, O::kWithdrawn, kHub, kReleaseEnded},
    {O::kDelivered, O::kWithdrawn, kHub, kSuspended},
    {O::kDelivered, O::kWithdrawn, kHub, kDeparted},
    {O::kQuestion, O::kDelivered, kSender, "AnswerQuestion"},
    {O::kQuestion, O::kDelivered, kSender, "AnswerSealedQuestion"},
    {O::kQuestion, O::kAccepted, kRecipient, "AcceptOffer"},
    {O::kQuestion, O::kAccepted, kSender, "ChooseOffer"},
    {O::kQuestion, O::kDeclined, kRecipient, "DeclineOffer"},
    {O::kQuestion, O::kExpired, kHub, kClock},
    {O::kQuestion, O::kWithdrawn, kSender, "CancelReferral"},
    {O::kQuestion, O::kWithdrawn, kSender, "SetDoNotRoute"},
    {O::kQuestion, O::kWithdrawn, kSender, kInError},
    {O::kQuestion, O::kWithdrawn, kHub, kElsewhere},
    {O::kQuestion, O::kWithdrawn, kHub, kReleaseEnded},
    {O::kQuestion, O::kWithdrawn, kHub, kSuspended},
    {O::kQuestion, O::kWithdrawn, kHub, kDeparted},
    {O::kAccepted, O::kFellThrough, kSender, "CancelReferral"},
    {O::kAccepted, O::kFellThrough, kSender, kInError},
    {O::kAccepted, O::kFellThrough, kRecipient, "ReopenReferral"},
    {O::kAccepted, O::kFellThrough, kRecipient, "CloseReferral"},
    {O::kAccepted, O::kFellThrough, kHub, kDeparted},
    {O::kAccepted, O::kWithdrawn, kSender, "ReopenReferral"},
});

constexpr std::array kAppointmentTransitions = std::to_array<Transition<A>>({
    {A::kProposed, A::kConfirmed, kOther, "ConfirmAppointment"},
    {A::kProposed, A::kDeclined, kOther, "DeclineAppointment"},
    {A::kProposed, A::kReplaced, kProposer, "ProposeAppointment"},
    {A::kProposed, A::kReplaced, kOther, "ProposeAppointment"},
    {A::kProposed, A::kCancelled, kProposer, "CancelAppointment"},
    {A::kProposed, A::kEnded, kHub, kEnded},
    {A::kConfirmed, A::kReplaced, kProposer, "ProposeAppointment"},
    {A::kConfirmed, A::kReplaced, kOther, "ProposeAppointment"},
    {A::kConfirmed, A::kCancelled, kProposer, "CancelAppointment"},
    {A::kConfirmed, A::kCancelled, kOther, "CancelAppointment"},
    {A::kConfirmed, A::kEnded, kHub, kEnded},
});

std::span<const Transition<R>> TransitionsOf(R /*kind*/) { return kReferralTransitions; }
std::span<const Transition<O>> TransitionsOf(O /*kind*/) { return kOfferTransitions; }
std::span<const Transition<A>> TransitionsOf(A /*kind*/) { return kAppointmentTransitions; }

template <class State>
bool IsAllowed(State from, State to) {
  const auto all = TransitionsOf(from);
  return std::any_of(all.begin(), all.end(), [from, to](const Transition<State>& each) {
    return each.from == from && each.to == to;
  });
}

// The names of what `from` may become: each once, in the order of the table.
template <class State>
std::vector<std::string> Allowed(State from) {
  std::vector<std::string> names;
  for (const Transition<State>& each : TransitionsOf(from)) {
    const std::string name(StateName(each.to));
    const bool known = std::find(names.begin(), names.end(), name) != names.end();
    if (each.from == from && !known) names.push_back(name);
  }
  return names;
}

template <class State>
tl::unexpected<Error> Refusal(State state, State to) {
  const std::string from(StateName(state));
  const std::vector<std::string> allowed = Allowed(state);
  std::string words;
  for (const std::string& name : allowed) words += (words.empty() ? "only " : ", ") + name;
  if (words.empty()) words = "nor anything else";
  return Fail(Code::kFailedPrecondition, "ILLEGAL_TRANSITION",
              "It is " + from + ": it cannot become " + std::string(StateName(to)) + ", " + words +
                  ".",
              {{"from", from},
               {"to", std::string(StateName(to))},
               {"allowed", Join(allowed, ',')}});
}

template <class State>
Result<void> MoveState(State& state, State to) {
  if (!CanMove(state, to)) return Refusal(state, to);
  state = to;
  return {};
}

}  // namespace

std::span<const Transition<R>> ReferralTransitions() { return kReferralTransitions; }
std::span<const Transition<O>> OfferTransitions() { return kOfferTransitions; }
std::span<const Transition<A>> AppointmentTransitions() { return kAppointmentTransitions; }

std::string_view StateName(ReferralState state) {
  switch (state) {
    case ReferralState::kDraft: return "draft";
    case ReferralState::kOpen: return "open";
    case ReferralState::kMatched: return "matched";
    case ReferralState::kInService: return "in_service";
    case ReferralState::kCompleted: return "completed";
    case ReferralState::kCancelled: return "cancelled";
    case ReferralState::kClosed: return "closed";
    case ReferralState::kEnteredInError: return "entered_in_error";
  }
  return "unknown";
}

std::string_view StateName(OfferState state) {
  switch (state) {
    case OfferState::kSent: return "sent";
    case OfferState::kDelivered: return "delivered";
    case OfferState::kQuestion: return "question";
    case OfferState::kAccepted: return "accepted";
    case OfferState::kDeclined: return "declined";
    case OfferState::kExpired: return "expired";
    case OfferState::kWithdrawn: return "withdrawn";
    case OfferState::kFellThrough: return "fell_through";
  }
  return "unknown";
}

std::string_view StateName(AppointmentState state) {
  switch (state) {
    case AppointmentState::kProposed: return "proposed";
    case AppointmentState::kConfirmed: return "confirmed";
    case AppointmentState::kDeclined: return "declined";
    case AppointmentState::kReplaced: return "replaced";
    case AppointmentState::kCancelled: return "cancelled";
    case AppointmentState::kEnded: return "ended";
  }
  return "unknown";
}

bool CanMove(ReferralState from, ReferralState to) { return IsAllowed(from, to); }
bool CanMove(OfferState from, OfferState to) { return IsAllowed(from, to); }
bool CanMove(AppointmentState from, AppointmentState to) { return IsAllowed(from, to); }

Result<void> Move(ReferralState& state, ReferralState to) { return MoveState(state, to); }
Result<void> Move(OfferState& state, OfferState to) { return MoveState(state, to); }

Result<void> Move(AppointmentState& state, AppointmentState to, Mover by) {
  if (!CanMove(state, to)) return Refusal(state, to);
  const bool may = std::ranges::any_of(kAppointmentTransitions, [&](const Transition<A>& each) {
    return each.from == state && each.to == to && each.by == by;
  });
  if (!may) {
    // Each is one side's alone, where not both may do it.
    return Fail(Code::kFailedPrecondition, "OTHER_SIDES_TURN",
                by == kProposer ? "Your agency has proposed it: the other one answers."
                                : "The other agency has proposed it: decline it instead.",
                {{"by", by == kProposer ? "other" : "proposer"}});
  }
  state = to;
  return {};
}

tl::unexpected<Error> IllegalMove(ReferralState from, ReferralState to) {
  return Refusal(from, to);
}

bool IsTerminal(ReferralState state) {
  using enum ReferralState;
  return state == kCompleted || state == kCancelled || state == kClosed ||
         state == kEnteredInError;
}

bool IsUnderWay(ReferralState state) {
  return state == ReferralState::kMatched || state == ReferralState::kInService;
}

bool Stands(AppointmentState state) {
  return state == AppointmentState::kProposed || state == AppointmentState::kConfirmed;
}

bool IsPending(OfferState state) {
  using enum OfferState;
  return state == kSent || state == kDelivered || state == kQuestion;
}

}  // namespace fairlead::referral
