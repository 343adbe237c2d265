// An offer as a FHIR R4 Task of the closed loop (HL7 FHIR R4 Task; Gravity SDOH Clinical Care 3.0):
// intent order, code fulfill, focus the ServiceRequest, owner the receiving agency. A declined need
// is offered again by a new Task, as by a new offer. Of a referral that was handed on, the Task is
// partOf that of the offer through which its sender had come by the case (Forward::from_offer_id);
// only the sender is shown so.
#ifndef SERVICES_REFERRAL_DOMAIN_FHIR_TASK_H_
#define SERVICES_REFERRAL_DOMAIN_FHIR_TASK_H_

#include <optional>
#include <span>
#include <string_view>

#include "services/referral/domain/states.h"

namespace fairlead::referral {

// Those of http://hl7.org/fhir/task-status that an offer can have. It is never received, ready or
// on-hold.
enum class TaskStatus {
  kDraft,
  kRequested,
  kAccepted,
  kRejected,
  kInProgress,
  kCompleted,
  kFailed,
  kCancelled,
  kEnteredInError,
};

std::string_view TaskCode(TaskStatus status);  // "in-progress"
// Whether statusReason.text must say why: rejected, cancelled, failed.
bool NeedsStatusReason(TaskStatus status);

// `offer`: none for a draft.
TaskStatus TaskStatusOf(ReferralState referral, std::optional<OfferState> offer);

// Every change of a Task's status that is allowed: who may set which (Gravity SDOH Clinical Care
// 3.0), from where. kSender is the requester, kRecipient the target, kHub the platform.
std::span<const Transition<TaskStatus>> TaskTransitions();
bool CanMove(TaskStatus from, TaskStatus to, Mover by);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_DOMAIN_FHIR_TASK_H_
