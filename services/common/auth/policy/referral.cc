#include "services/common/auth/policy/rows.h"

namespace fairlead::auth {

using enum Role;
using enum Relation;
using enum RecordState;

// A coordinator or auditor has no relation to any referral of another agency, so none of these
// shows them one (HandOffRows: all of them, in codes); the auditor's views are the audit service's.
std::vector<PolicyRow> ReferralRows() {
  return {
      {.method = "/fairlead.referral.v1.ReferralService/CreateReferral",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.ReferralService/SendReferral",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kSender, {}, {kDraft}}},
       .needs_release = true},
      // Several agencies at once are never asked by, nor are they, those behind the wall.
      {.method = "/fairlead.referral.v1.ReferralService/OfferReferral",
       .roles = kCaseStaffAndSoftware,
       .forbidden_kinds = kBehindTheWall,
       .grants = {{kSender, {}, {kDraft, kWaiting}}}},
      {.method = "/fairlead.referral.v1.ReferralService/AnswerOffer",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kRecipient, {}, {kWaiting}}}},
      {.method = "/fairlead.referral.v1.ReferralService/ChooseOffer",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kSender, {}, {kWaiting}}}},
      {.method = "/fairlead.referral.v1.ReferralService/SendPacket",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kSender, {}, {kAccepted}}},
       .needs_release = true},
      {.method = "/fairlead.referral.v1.ReferralService/ReopenReferral",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kSender, {}, {kAccepted}}, {kRecipient, {}, {kAccepted}}}},
      {.method = "/fairlead.referral.v1.ReferralService/GetReferral",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kSender}, {kRecipient}}},
      {.method = "/fairlead.referral.v1.ReferralService/ListReferrals",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.ReferralService/OpenPacket",
       .roles = kCaseStaff,
       .grants = {{kSender}, {kRecipient, {}, {kWaiting, kAccepted}}},
       .needs_release = true},
      // Whoever could open it, and nobody else: the content key passes through their hands.
      {.method = "/fairlead.referral.v1.ReferralService/ResealPacket",
       .roles = kCaseStaff,
       .grants = {{kSender}, {kRecipient, {}, {kWaiting, kAccepted}}},
       .needs_release = true},
      {.method = "/fairlead.referral.v1.ReferralService/AcceptOffer",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kRecipient, {}, {kWaiting}}}},
      {.method = "/fairlead.referral.v1.ReferralService/DeclineOffer",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kRecipient, {}, {kWaiting}}}},
      {.method = "/fairlead.referral.v1.ReferralService/StartService",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kRecipient, {}, {kAccepted}}}},
      {.method = "/fairlead.referral.v1.ReferralService/CompleteReferral",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kRecipient, {}, {kAccepted}}}},
      {.method = "/fairlead.referral.v1.ReferralService/CloseReferral",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kRecipient, {}, {kAccepted}}}},
      {.method = "/fairlead.referral.v1.ReferralService/EnterReferralInError",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kSender, {}, {kWaiting, kAccepted, kEnded}}}},
      {.method = "/fairlead.referral.v1.ReferralService/CancelReferral",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kSender, {}, {kDraft, kWaiting, kAccepted}}}},
      {.method = "/fairlead.referral.v1.ReferralService/GetTimeline",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kSender}, {kRecipient}}},
      {.method = "/fairlead.referral.v1.ReferralService/CloseAgencyOffers",
       .services_only = true,
       .services = {kDirectory}},
  };
}

// Who was asked asks, and who sent answers, as long as the offer waits.
std::vector<PolicyRow> QuestionRows() {
  return {
      {.method = "/fairlead.referral.v1.QuestionService/GetQuestionCodes",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.QuestionService/AskQuestion",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kRecipient, {}, {kWaiting}}}},
      {.method = "/fairlead.referral.v1.QuestionService/AnswerQuestion",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kSender, {}, {kWaiting}}}},
  };
}

// Why somebody must not be asked is told to persons; the list is the caller's agency's own, whoever
// else has that case handle.
std::vector<PolicyRow> RoutingRows() {
  return {
      {.method = "/fairlead.referral.v1.RoutingService/SetDoNotRoute", .roles = kCaseStaff},
      {.method = "/fairlead.referral.v1.RoutingService/GetDoNotRoute", .roles = kCaseStaff},
      {.method = "/fairlead.referral.v1.RoutingService/SuggestCandidate",
       .roles = {kCoordinator},
       .grants = {{kNone, {kCoordinator}}}},
  };
}

// Who has accepted it hands it on, as it would send what is its own.
std::vector<PolicyRow> ForwardRows() {
  return {
      {.method = "/fairlead.referral.v1.ForwardService/ForwardReferral",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kRecipient, {}, {kAccepted}}},
       .needs_release = true},
  };
}

std::vector<PolicyRow> HandOffRows() {
  return {
      // Background work: sums of days that are over.
      {.method = "/fairlead.referral.v1.AgencyLoadService/GetAgencyLoads",
       .services_only = true,
       .services = {kDirectory}},
      {.method = "/fairlead.referral.v1.HandOffService/ListHandOffs", .roles = {kCoordinator}},
      {.method = "/fairlead.referral.v1.HandOffService/NudgeOffer",
       .roles = {kCoordinator},
       .grants = {{kNone, {kCoordinator}}}},
      {.method = "/fairlead.referral.v1.HandOffService/ListAgencyMedians",
       .roles = {kCoordinator}},
  };
}

std::vector<PolicyRow> FollowUpRows() {
  return {
      {.method = "/fairlead.referral.v1.FollowUpService/ListFollowUps",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.FollowUpService/RecordFollowUp",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kRecipient, {}, {kAccepted}}}},
  };
}

std::vector<PolicyRow> AssignmentRows() {
  return {
      // Each side for itself, as long as there is something to do.
      {.method = "/fairlead.referral.v1.AssignmentService/AssignReferral",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kSender, {}, {kDraft, kWaiting, kAccepted}},
                  {kRecipient, {}, {kWaiting, kAccepted}}}},
  };
}

// What the two agencies write each other, sealed: acts of a person, like opening a packet. What is
// in codes alone needs no release.
std::vector<PolicyRow> SealedNoteRows() {
  return {
      {.method = "/fairlead.referral.v1.SealedNoteService/ProposeAppointment",
       .roles = kCaseStaff,
       .grants = {{kSender, {}, {kAccepted}}, {kRecipient, {}, {kAccepted}}},
       .needs_release = true},
      {.method = "/fairlead.referral.v1.SealedNoteService/ConfirmAppointment",
       .roles = kCaseStaff,
       .grants = {{kSender, {}, {kAccepted}}, {kRecipient, {}, {kAccepted}}}},
      {.method = "/fairlead.referral.v1.SealedNoteService/DeclineAppointment",
       .roles = kCaseStaff,
       .grants = {{kSender, {}, {kAccepted}}, {kRecipient, {}, {kAccepted}}}},
      {.method = "/fairlead.referral.v1.SealedNoteService/CancelAppointment",
       .roles = kCaseStaff,
       .grants = {{kSender, {}, {kAccepted}}, {kRecipient, {}, {kAccepted}}}},
      {.method = "/fairlead.referral.v1.SealedNoteService/AskSealedQuestion",
       .roles = kCaseStaff,
       .grants = {{kRecipient, {}, {kWaiting, kAccepted}}},
       .needs_release = true},
      {.method = "/fairlead.referral.v1.SealedNoteService/AnswerSealedQuestion",
       .roles = kCaseStaff,
       .grants = {{kSender, {}, {kWaiting, kAccepted}}},
       .needs_release = true},
      {.method = "/fairlead.referral.v1.SealedNoteService/GetNotes",
       .roles = kCaseStaff,
       .grants = {{kSender}, {kRecipient}}},
      {.method = "/fairlead.referral.v1.SealedNoteService/OpenNote",
       .roles = kCaseStaff,
       .grants = {{kSender}, {kRecipient, {}, {kWaiting, kAccepted}}},
       .needs_release = true},
  };
}

// The sender puts there what belongs to its packet; whoever may open that reads it.
std::vector<PolicyRow> AttachmentRows() {
  return {
      {.method = "/fairlead.referral.v1.AttachmentService/StartAttachment",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kSender, {}, {kWaiting, kAccepted}}}},
      {.method = "/fairlead.referral.v1.AttachmentService/PutAttachmentChunk",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kSender, {}, {kWaiting, kAccepted}}}},
      {.method = "/fairlead.referral.v1.AttachmentService/GetAttachment",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kSender}, {kRecipient, {}, {kWaiting, kAccepted}}}},
      {.method = "/fairlead.referral.v1.AttachmentService/OpenAttachmentChunk",
       .roles = kCaseStaff,
       .grants = {{kSender}, {kRecipient, {}, {kWaiting, kAccepted}}},
       .needs_release = true},
  };
}

// Who may send a packet may amend it, as long as somebody has or may have it.
std::vector<PolicyRow> PacketVersionRows() {
  return {
      {.method = "/fairlead.referral.v1.PacketVersionService/AmendPacket",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kSender, {}, {kWaiting, kAccepted}}},
       .needs_release = true},
  };
}

}  // namespace fairlead::auth
