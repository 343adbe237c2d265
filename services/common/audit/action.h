// What the audit trail can say was done: the whole vocabulary. A new act is a new line here; names
// are stored for good, so a line is never renamed and never given another meaning.
#ifndef SERVICES_COMMON_AUDIT_ACTION_H_
#define SERVICES_COMMON_AUDIT_ACTION_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace fairlead::audit {

// X(enumerator, code in the record)
#define FAIRLEAD_AUDIT_ACTIONS(X)                                \
  /* identity: sign-in and sessions */                           \
  X(kSetUpCompleted, "set_up_completed")                         \
  X(kSignedIn, "signed_in")                                      \
  X(kSignInFailed, "sign_in_failed")                             \
  X(kSignedOut, "signed_out")                                    \
  X(kSessionEnded, "session_ended")                              \
  X(kSteppedUp, "stepped_up")                                    \
  X(kStepUpFailed, "step_up_failed")                             \
  /* identity: staff */                                          \
  X(kStaffInvited, "staff_invited")                              \
  X(kInvitationRevoked, "invitation_revoked")                    \
  X(kInvitationAccepted, "invitation_accepted")                  \
  X(kStaffRolesChanged, "staff_roles_changed")                   \
  X(kStaffDisabled, "staff_disabled")                            \
  X(kPassphraseSet, "passphrase_set")                            \
  X(kRecoveryCodeUsed, "recovery_code_used")                     \
  X(kAgencyAccessClosed, "agency_access_closed")                 \
  X(kMachineClientCreated, "machine_client_created")             \
  X(kMachineClientDisabled, "machine_client_disabled")           \
  X(kMachineClientRefused, "machine_client_refused")             \
  /* identity: passkeys */                                       \
  X(kPasskeyAdded, "passkey_added")                              \
  X(kPasskeyRemoved, "passkey_removed")                          \
  X(kPasskeyCloneSuspected, "passkey_clone_suspected")           \
  /* identity: keys */                                           \
  X(kCoalitionRootPublished, "coalition_root_published")         \
  X(kAgencyCertified, "agency_certified")                        \
  X(kAgencyKeysPublished, "agency_keys_published")               \
  X(kDeviceRegistered, "device_registered")                      \
  X(kDeviceRemoved, "device_removed")                            \
  X(kKeyListPublished, "key_list_published")                     \
  /* directory */                                                \
  X(kAgencyCreated, "agency_created")                            \
  X(kAgencyApplied, "agency_applied")                            \
  X(kAgencySponsored, "agency_sponsored")                        \
  X(kAgencyActivated, "agency_activated")                        \
  X(kAgencySuspended, "agency_suspended")                        \
  X(kAgencyReinstated, "agency_reinstated")                      \
  X(kAgencyDeparted, "agency_departed")                          \
  X(kListingsImported, "listings_imported")                      \
  X(kListingVerified, "listing_verified")                        \
  X(kListingsExportedCsv, "listings_exported_csv")               \
  X(kListingsExportedJson, "listings_exported_json")             \
  X(kHoursOverridden, "hours_overridden")                        \
  X(kHolidaysSet, "holidays_set")                                \
  X(kCapacityUpdated, "capacity_updated")                        \
  X(kHoldPlaced, "hold_placed")                                  \
  X(kHoldConsumed, "hold_consumed")                              \
  X(kHoldReleased, "hold_released")                              \
  X(kHoldLapsed, "hold_lapsed")                                  \
  X(kHoldClosed, "hold_closed")                                  \
  /* consent */                                                  \
  X(kReleaseCreated, "release_created")                          \
  X(kReleaseSigned, "release_signed")                            \
  X(kReleaseRevoked, "release_revoked")                          \
  X(kReleaseExpired, "release_expired")                          \
  X(kReleaseSuperseded, "release_superseded")                    \
  X(kReleaseEnteredInError, "release_entered_in_error")          \
  X(kWithdrawalConfirmed, "withdrawal_confirmed")                \
  X(kDestructionRequested, "destruction_requested")              \
  X(kDestructionAcknowledged, "destruction_acknowledged")        \
  X(kCustodyIssued, "custody_issued")                            \
  X(kCustodyRenewed, "custody_renewed")                          \
  X(kPacketOpened, "packet_opened")                              \
  X(kBreakGlassRequested, "break_glass_requested")               \
  X(kBreakGlassApproved, "break_glass_approved")                 \
  X(kBreakGlassOpened, "break_glass_opened")                     \
  X(kBreakGlassReviewed, "break_glass_reviewed")                 \
  X(kBreakGlassReviewOverdue, "break_glass_review_overdue")      \
  /* referral */                                                 \
  X(kReferralCreated, "referral_created")                        \
  X(kReferralSent, "referral_sent")                              \
  X(kReferralDelivered, "referral_delivered")                    \
  X(kReferralOpened, "referral_opened")                          \
  X(kReferralReread, "referral_reread")                          \
  X(kReferralFetched, "referral_fetched")                        \
  X(kReferralResealed, "referral_resealed")                      \
  X(kReferralBreakGlassOpened, "referral_break_glass_opened")    \
  X(kReferralOffered, "referral_offered")                        \
  X(kReferralAnswered, "referral_answered")                      \
  X(kReferralChosen, "referral_chosen")                          \
  X(kReferralPacketSent, "referral_packet_sent")                 \
  X(kReferralPacketAmended, "referral_packet_amended")           \
  X(kReferralAttachmentAdded, "referral_attachment_added")       \
  X(kReferralAttachmentOpened, "referral_attachment_opened")     \
  X(kReferralEnteredInError, "referral_entered_in_error")        \
  X(kReferralNudged, "referral_nudged")                          \
  X(kReferralQuestionAsked, "referral_question_asked")           \
  X(kReferralQuestionAnswered, "referral_question_answered")     \
  X(kReferralAnswerReplaced, "referral_answer_replaced")         \
  X(kReferralSuggested, "referral_suggested")                    \
  X(kReferralForwarded, "referral_forwarded")                    \
  X(kDoNotRouteSet, "do_not_route_set")                          \
  X(kReferralFellThrough, "referral_fell_through")               \
  X(kReferralAccepted, "referral_accepted")                      \
  X(kReferralDeclined, "referral_declined")                      \
  X(kReferralStarted, "referral_started")                        \
  X(kReferralCompleted, "referral_completed")                    \
  X(kReferralCancelled, "referral_cancelled")                    \
  X(kReferralReminded, "referral_reminded")                      \
  X(kReferralEscalatedAdmin, "referral_escalated_admin")         \
  X(kReferralEscalatedCoordinator,                               \
    "referral_escalated_coordinator")                            \
  X(kReferralExpired, "referral_expired")                        \
  X(kReferralWithdrawn, "referral_withdrawn")                    \
  X(kReferralClosed, "referral_closed")                          \
  X(kReferralAssigned, "referral_assigned")                      \
  X(kReferralUnassigned, "referral_unassigned")                  \
  X(kReferralRecipientSuspended, "referral_recipient_suspended") \
  X(kReferralFollowUpDue, "referral_follow_up_due")              \
  X(kReferralFollowedUp, "referral_followed_up")                 \
  X(kReferralFollowUpCorrected, "referral_follow_up_corrected")  \
  X(kReferralAppointmentProposed,                                \
    "referral_appointment_proposed")                             \
  X(kReferralAppointmentReplaced,                                \
    "referral_appointment_replaced")                             \
  X(kReferralAppointmentConfirmed,                               \
    "referral_appointment_confirmed")                            \
  X(kReferralAppointmentDeclined,                                \
    "referral_appointment_declined")                             \
  X(kReferralAppointmentCancelled,                               \
    "referral_appointment_cancelled")                            \
  X(kReferralSealedQuestionAsked,                                \
    "referral_sealed_question_asked")                            \
  X(kReferralSealedQuestionAnswered,                             \
    "referral_sealed_question_answered")                         \
  X(kReferralNoteOpened, "referral_note_opened")                 \
  X(kAgencyOffersClosed, "agency_offers_closed")                 \
  /* messaging */                                                \
  X(kThreadStarted, "thread_started")                            \
  X(kThreadRead, "thread_read")                                  \
  X(kMessageSent, "message_sent")                                \
  X(kMessageEdited, "message_edited")                            \
  X(kMessageDeleted, "message_deleted")                          \
  X(kChannelCreated, "channel_created")                          \
  X(kChannelChanged, "channel_changed")                          \
  X(kPostCreated, "post_created")                                \
  X(kPostCreatedPastGuard, "post_created_past_guard")            \
  X(kPostDeleted, "post_deleted")                                \
  X(kPostPinned, "post_pinned")                                  \
  X(kPostUnpinned, "post_unpinned")                              \
  X(kBedCallOpened, "bed_call_opened")                           \
  X(kBedCallAnswered, "bed_call_answered")                       \
  X(kBedCallTaken, "bed_call_taken")                             \
  X(kBedCallClosed, "bed_call_closed")                           \
  X(kBedCallLapsed, "bed_call_lapsed")                           \
  X(kAlertSent, "alert_sent")                                    \
  X(kAlertSentPastGuard, "alert_sent_past_guard")                \
  X(kAlertAcknowledged, "alert_acknowledged")                    \
  X(kAlertReminded, "alert_reminded")                            \
  X(kAlertEscalatedAdmin, "alert_escalated_admin")               \
  X(kAlertEscalatedCoordinator, "alert_escalated_coordinator")   \
  /* audit */                                                    \
  X(kAuditRead, "audit_read")                                    \
  X(kAuditExported, "audit_exported")                            \
  /* the hub */                                                  \
  X(kBackedUp, "backed_up")                                      \
  X(kRestored, "restored")                                       \
  /* every service */                                            \
  X(kCallDenied, "call_denied")                                  \
  X(kDenialsNotRecorded, "denials_not_recorded")

enum class Action : uint8_t {
#define FAIRLEAD_X(enumerator, name) enumerator,
  FAIRLEAD_AUDIT_ACTIONS(FAIRLEAD_X)
#undef FAIRLEAD_X
};

// "packet_opened".
std::string_view ActionCode(Action action);
// nullopt: no action has this code.
std::optional<Action> ActionFromCode(std::string_view code);

}  // namespace fairlead::audit

#endif  // SERVICES_COMMON_AUDIT_ACTION_H_
