#include "services/referral/domain/states.h"

#include <string>

namespace fairlead::referral {
namespace {

template <class State>
Result<void> MoveState(State& state, State to) {
  if (!CanMove(state, to)) {
    return Fail(Code::kFailedPrecondition, "ILLEGAL_TRANSITION",
                "It is " + std::string(StateName(state)) + ": it cannot become " +
                    std::string(StateName(to)) + ".",
                {{"from", std::string(StateName(state))}, {"to", std::string(StateName(to))}});
  }
  state = to;
  return {};
}

}  // namespace

std::string_view StateName(ReferralState state) {
  switch (state) {
    case ReferralState::kDraft:
      return "draft";
    case ReferralState::kOpen:
      return "open";
    case ReferralState::kMatched:
      return "matched";
    case ReferralState::kInService:
      return "in_service";
    case ReferralState::kCompleted:
      return "completed";
    case ReferralState::kCancelled:
      return "cancelled";
    case ReferralState::kClosed:
      return "closed";
    case ReferralState::kEnteredInError:
      return "entered_in_error";
  }
  return "unknown";
}

std::string_view StateName(OfferState state) {
  switch (state) {
    case OfferState::kSent:
      return "sent";
    case OfferState::kDelivered:
      return "delivered";
    case OfferState::kQuestion:
      return "question";
    case OfferState::kAccepted:
      return "accepted";
    case OfferState::kDeclined:
      return "declined";
    case OfferState::kExpired:
      return "expired";
    case OfferState::kWithdrawn:
      return "withdrawn";
    case OfferState::kFellThrough:
      return "fell_through";
  }
  return "unknown";
}

bool CanMove(ReferralState from, ReferralState to) {
  using enum ReferralState;
  if (to == kEnteredInError) return from != kDraft && from != kEnteredInError;
  switch (from) {
    case kDraft:
      return to == kOpen || to == kCancelled;
    case kOpen:
      return to == kMatched || to == kCancelled || to == kClosed;
    case kMatched:
      return to == kInService || to == kOpen || to == kCancelled || to == kClosed;
    case kInService:
      return to == kCompleted || to == kClosed;
    default:
      return false;
  }
}

bool CanMove(OfferState from, OfferState to) {
  using enum OfferState;
  switch (from) {
    case kSent:
      return to == kDelivered || to == kAccepted || to == kDeclined || to == kExpired ||
             to == kWithdrawn;
    case kDelivered:
      return to == kQuestion || to == kAccepted || to == kDeclined || to == kExpired ||
             to == kWithdrawn;
    case kQuestion:
      return to == kDelivered || to == kAccepted || to == kDeclined || to == kExpired ||
             to == kWithdrawn;
    case kAccepted:
      return to == kFellThrough;
    default:
      return false;
  }
}

Result<void> Move(ReferralState& state, ReferralState to) { return MoveState(state, to); }
Result<void> Move(OfferState& state, OfferState to) { return MoveState(state, to); }

bool IsTerminal(ReferralState state) {
  using enum ReferralState;
  return state == kCompleted || state == kCancelled || state == kClosed || state == kEnteredInError;
}

bool IsPending(OfferState state) {
  using enum OfferState;
  return state == kSent || state == kDelivered || state == kQuestion;
}

}  // namespace fairlead::referral
