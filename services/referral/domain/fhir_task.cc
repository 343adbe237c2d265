#include "services/referral/domain/fhir_task.h"

#include <algorithm>
#include <array>

namespace fairlead::referral {
namespace {

using T = TaskStatus;
using enum Mover;

constexpr std::string_view kInError = "EnterReferralInError";

// What moves an offer or its referral from one of these to another, in the words of states.cc.
constexpr std::array kTransitions = std::to_array<Transition<T>>({
    {T::kDraft, T::kRequested, kSender, "SendReferral"},
    {T::kDraft, T::kRequested, kSender, "OfferReferral"},
    {T::kDraft, T::kRequested, kSender, "ForwardReferral"},
    {T::kDraft, T::kCancelled, kSender, "CancelReferral"},
    {T::kDraft, T::kCancelled, kHub, "agency_departed"},
    {T::kRequested, T::kAccepted, kRecipient, "AcceptOffer"},
    // The target has said yes before; the requester, for the survivor, takes it.
    {T::kRequested, T::kAccepted, kSender, "ChooseOffer"},
    {T::kRequested, T::kRejected, kRecipient, "DeclineOffer"},
    {T::kRequested, T::kFailed, kHub, "clock"},
    {T::kRequested, T::kCancelled, kSender, "CancelReferral"},
    {T::kRequested, T::kCancelled, kSender, "SetDoNotRoute"},
    {T::kRequested, T::kCancelled, kHub, "matched_elsewhere"},
    {T::kRequested, T::kCancelled, kHub, "release_ended"},
    {T::kRequested, T::kCancelled, kHub, "agency_suspended"},
    {T::kRequested, T::kCancelled, kHub, "agency_departed"},
    {T::kAccepted, T::kInProgress, kRecipient, "StartService"},
    {T::kAccepted, T::kCancelled, kSender, "CancelReferral"},
    {T::kAccepted, T::kCancelled, kSender, "ReopenReferral"},
    {T::kAccepted, T::kFailed, kRecipient, "ReopenReferral"},
    {T::kAccepted, T::kFailed, kHub, "agency_departed"},
    {T::kInProgress, T::kCompleted, kRecipient, "CompleteReferral"},
    {T::kInProgress, T::kFailed, kRecipient, "CloseReferral"},
    {T::kInProgress, T::kFailed, kHub, "agency_departed"},
    {T::kRequested, T::kEnteredInError, kSender, kInError},
    {T::kAccepted, T::kEnteredInError, kSender, kInError},
    {T::kInProgress, T::kEnteredInError, kSender, kInError},
    {T::kCompleted, T::kEnteredInError, kSender, kInError},
    {T::kRejected, T::kEnteredInError, kSender, kInError},
    {T::kFailed, T::kEnteredInError, kSender, kInError},
    {T::kCancelled, T::kEnteredInError, kSender, kInError},
});

}  // namespace

std::string_view TaskCode(TaskStatus status) {
  switch (status) {
    case T::kDraft: return "draft";
    case T::kRequested: return "requested";
    case T::kAccepted: return "accepted";
    case T::kRejected: return "rejected";
    case T::kInProgress: return "in-progress";
    case T::kCompleted: return "completed";
    case T::kFailed: return "failed";
    case T::kCancelled: return "cancelled";
    case T::kEnteredInError: return "entered-in-error";
  }
  return "unknown";
}

bool NeedsStatusReason(TaskStatus status) {
  return status == T::kRejected || status == T::kCancelled || status == T::kFailed;
}

TaskStatus TaskStatusOf(ReferralState referral, std::optional<OfferState> offer) {
  using R = ReferralState;
  using O = OfferState;
  if (referral == R::kEnteredInError) return T::kEnteredInError;
  if (!offer) return referral == R::kDraft ? T::kDraft : T::kCancelled;
  switch (*offer) {
    case O::kSent:
    case O::kDelivered:
    case O::kQuestion: return T::kRequested;
    case O::kAccepted: break;
    case O::kDeclined: return T::kRejected;
    case O::kExpired: return T::kFailed;
    case O::kWithdrawn: return T::kCancelled;
    // The sender has taken it back, or the other side has let go of it.
    case O::kFellThrough: return referral == R::kCancelled ? T::kCancelled : T::kFailed;
  }
  if (referral == R::kInService) return T::kInProgress;
  return referral == R::kCompleted ? T::kCompleted : T::kAccepted;
}

std::span<const Transition<T>> TaskTransitions() { return kTransitions; }

bool CanMove(TaskStatus from, TaskStatus to, Mover by) {
  return std::any_of(kTransitions.begin(), kTransitions.end(), [&](const Transition<T>& each) {
    return each.from == from && each.to == to && each.by == by;
  });
}

}  // namespace fairlead::referral
