// Names of the methods that the command line calls.
#ifndef GATEWAY_CLI_METHODS_H_
#define GATEWAY_CLI_METHODS_H_

#include <string_view>

namespace fairlead::cli {

inline constexpr std::string_view kSetUp = "fairlead.identity.v1.IdentityService/SetUp";
inline constexpr std::string_view kSignIn = "fairlead.identity.v1.IdentityService/SignIn";
inline constexpr std::string_view kSignOut = "fairlead.identity.v1.IdentityService/SignOut";
inline constexpr std::string_view kGetMe = "fairlead.identity.v1.IdentityService/GetMe";
inline constexpr std::string_view kStepUp = "fairlead.identity.v1.IdentityService/StepUp";
inline constexpr std::string_view kListSessions =
    "fairlead.identity.v1.IdentityService/ListSessions";
inline constexpr std::string_view kEndSessions = "fairlead.identity.v1.IdentityService/EndSessions";
inline constexpr std::string_view kSetStaffRoles =
    "fairlead.identity.v1.IdentityService/SetStaffRoles";
inline constexpr std::string_view kDisableStaff =
    "fairlead.identity.v1.IdentityService/DisableStaff";
inline constexpr std::string_view kInviteStaff = "fairlead.identity.v1.IdentityService/InviteStaff";
inline constexpr std::string_view kListInvitations =
    "fairlead.identity.v1.IdentityService/ListInvitations";
inline constexpr std::string_view kRevokeInvitation =
    "fairlead.identity.v1.IdentityService/RevokeInvitation";
inline constexpr std::string_view kAcceptInvitation =
    "fairlead.identity.v1.IdentityService/AcceptInvitation";
inline constexpr std::string_view kSetPassphrase =
    "fairlead.identity.v1.IdentityService/SetPassphrase";
inline constexpr std::string_view kFindColleague =
    "fairlead.identity.v1.IdentityService/FindColleague";
inline constexpr std::string_view kListStaff = "fairlead.identity.v1.IdentityService/ListStaff";
inline constexpr std::string_view kBeginInvitedPasskey =
    "fairlead.identity.v1.PasskeyService/BeginInvitedPasskey";
inline constexpr std::string_view kListPasskeys =
    "fairlead.identity.v1.PasskeyService/ListPasskeys";
inline constexpr std::string_view kRemovePasskey =
    "fairlead.identity.v1.PasskeyService/RemovePasskey";
inline constexpr std::string_view kCreateMachineClient =
    "fairlead.identity.v1.MachineService/CreateMachineClient";
inline constexpr std::string_view kListMachineClients =
    "fairlead.identity.v1.MachineService/ListMachineClients";
inline constexpr std::string_view kDisableMachineClient =
    "fairlead.identity.v1.MachineService/DisableMachineClient";
inline constexpr std::string_view kGetCoalitionRoot =
    "fairlead.identity.v1.KeyService/GetCoalitionRoot";
inline constexpr std::string_view kPublishCoalitionRoot =
    "fairlead.identity.v1.KeyService/PublishCoalitionRoot";
inline constexpr std::string_view kPublishAgencyCertificate =
    "fairlead.identity.v1.KeyService/PublishAgencyCertificate";
inline constexpr std::string_view kRegisterDevice =
    "fairlead.identity.v1.KeyService/RegisterDevice";
inline constexpr std::string_view kListDevices = "fairlead.identity.v1.KeyService/ListDevices";
inline constexpr std::string_view kRemoveDevice = "fairlead.identity.v1.KeyService/RemoveDevice";
inline constexpr std::string_view kPublishKeyList =
    "fairlead.identity.v1.KeyService/PublishKeyList";
inline constexpr std::string_view kGetKeyList = "fairlead.identity.v1.KeyService/GetKeyList";
inline constexpr std::string_view kListKeyWraps = "fairlead.identity.v1.KeyService/ListKeyWraps";

inline constexpr std::string_view kApplyForMembership =
    "fairlead.directory.v1.MembershipService/ApplyForMembership";
inline constexpr std::string_view kSponsorAgency =
    "fairlead.directory.v1.MembershipService/SponsorAgency";
inline constexpr std::string_view kActivateAgency =
    "fairlead.directory.v1.MembershipService/ActivateAgency";
inline constexpr std::string_view kSuspendAgency =
    "fairlead.directory.v1.MembershipService/SuspendAgency";
inline constexpr std::string_view kReinstateAgency =
    "fairlead.directory.v1.MembershipService/ReinstateAgency";
inline constexpr std::string_view kDepartAgency =
    "fairlead.directory.v1.MembershipService/DepartAgency";
inline constexpr std::string_view kListMembershipChanges =
    "fairlead.directory.v1.MembershipService/ListMembershipChanges";
inline constexpr std::string_view kGetAgency = "fairlead.directory.v1.DirectoryService/GetAgency";
inline constexpr std::string_view kListAgencies =
    "fairlead.directory.v1.DirectoryService/ListAgencies";
inline constexpr std::string_view kImportListings =
    "fairlead.directory.v1.DirectoryService/ImportListings";
inline constexpr std::string_view kStartImport =
    "fairlead.directory.v1.StagedImportService/StartImport";
inline constexpr std::string_view kPutImportPart =
    "fairlead.directory.v1.StagedImportService/PutImportPart";
inline constexpr std::string_view kFinishImport =
    "fairlead.directory.v1.StagedImportService/FinishImport";
inline constexpr std::string_view kGetImport =
    "fairlead.directory.v1.StagedImportService/GetImport";
inline constexpr std::string_view kCancelImport =
    "fairlead.directory.v1.StagedImportService/CancelImport";
inline constexpr std::string_view kMatchServices =
    "fairlead.directory.v1.DirectoryService/MatchServices";
inline constexpr std::string_view kSearchServices =
    "fairlead.directory.v1.DirectoryService/SearchServices";
inline constexpr std::string_view kGetService = "fairlead.directory.v1.DirectoryService/GetService";
inline constexpr std::string_view kExportListings =
    "fairlead.directory.v1.HsdsService/ExportListings";
inline constexpr std::string_view kBeginExport =
    "fairlead.directory.v1.ExportService/BeginExport";
inline constexpr std::string_view kListHistory =
    "fairlead.directory.v1.HistoryService/ListHistory";
inline constexpr std::string_view kVerifyListing =
    "fairlead.directory.v1.VerificationService/VerifyListing";
inline constexpr std::string_view kListVerifications =
    "fairlead.directory.v1.VerificationService/ListVerifications";
inline constexpr std::string_view kListNeeds = "fairlead.directory.v1.DirectoryService/ListNeeds";
inline constexpr std::string_view kSetHoursOverrides =
    "fairlead.directory.v1.HoursService/SetHoursOverrides";
inline constexpr std::string_view kListHolidaySets =
    "fairlead.directory.v1.HoursService/ListHolidaySets";
inline constexpr std::string_view kPutHolidaySet =
    "fairlead.directory.v1.HoursService/PutHolidaySet";
inline constexpr std::string_view kUpdateCapacity =
    "fairlead.directory.v1.CapacityService/UpdateCapacity";
inline constexpr std::string_view kListCapacities =
    "fairlead.directory.v1.CapacityService/ListCapacities";
inline constexpr std::string_view kListCapacitySnapshots =
    "fairlead.directory.v1.CapacityService/ListCapacitySnapshots";
inline constexpr std::string_view kPlaceHold = "fairlead.directory.v1.CapacityService/PlaceHold";
inline constexpr std::string_view kReleaseHold =
    "fairlead.directory.v1.CapacityService/ReleaseHold";
inline constexpr std::string_view kConsumeHold =
    "fairlead.directory.v1.CapacityService/ConsumeHold";
inline constexpr std::string_view kListHolds = "fairlead.directory.v1.CapacityService/ListHolds";

inline constexpr std::string_view kCreateRelease =
    "fairlead.consent.v1.ConsentService/CreateRelease";
inline constexpr std::string_view kSignRelease = "fairlead.consent.v1.ConsentService/SignRelease";
inline constexpr std::string_view kRevokeRelease =
    "fairlead.consent.v1.ConsentService/RevokeRelease";
inline constexpr std::string_view kConfirmWithdrawal =
    "fairlead.consent.v1.ConsentService/ConfirmWithdrawal";
inline constexpr std::string_view kEnterReleaseInError =
    "fairlead.consent.v1.ConsentService/EnterReleaseInError";
inline constexpr std::string_view kListDestroyNotices =
    "fairlead.consent.v1.ConsentService/ListDestroyNotices";
inline constexpr std::string_view kAcknowledgeDestruction =
    "fairlead.consent.v1.ConsentService/AcknowledgeDestruction";
inline constexpr std::string_view kRequestBreakGlass =
    "fairlead.consent.v1.BreakGlassService/RequestBreakGlass";
inline constexpr std::string_view kApproveBreakGlass =
    "fairlead.consent.v1.BreakGlassService/ApproveBreakGlass";
inline constexpr std::string_view kListBreakGlass =
    "fairlead.consent.v1.BreakGlassService/ListBreakGlass";
inline constexpr std::string_view kReviewBreakGlass =
    "fairlead.consent.v1.BreakGlassService/ReviewBreakGlass";
inline constexpr std::string_view kGetRelease = "fairlead.consent.v1.ConsentService/GetRelease";
inline constexpr std::string_view kListReleases = "fairlead.consent.v1.ConsentService/ListReleases";
inline constexpr std::string_view kListDisclosures =
    "fairlead.consent.v1.ConsentService/ListDisclosures";

inline constexpr std::string_view kCreateReferral =
    "fairlead.referral.v1.ReferralService/CreateReferral";
inline constexpr std::string_view kSendReferral =
    "fairlead.referral.v1.ReferralService/SendReferral";
inline constexpr std::string_view kOfferReferral =
    "fairlead.referral.v1.ReferralService/OfferReferral";
inline constexpr std::string_view kAnswerOffer = "fairlead.referral.v1.ReferralService/AnswerOffer";
inline constexpr std::string_view kChooseOffer = "fairlead.referral.v1.ReferralService/ChooseOffer";
inline constexpr std::string_view kSendPacket = "fairlead.referral.v1.ReferralService/SendPacket";
inline constexpr std::string_view kReopenReferral =
    "fairlead.referral.v1.ReferralService/ReopenReferral";
inline constexpr std::string_view kGetReferral = "fairlead.referral.v1.ReferralService/GetReferral";
inline constexpr std::string_view kListReferrals =
    "fairlead.referral.v1.ReferralService/ListReferrals";
inline constexpr std::string_view kOpenPacket = "fairlead.referral.v1.ReferralService/OpenPacket";
inline constexpr std::string_view kResealPacket =
    "fairlead.referral.v1.ReferralService/ResealPacket";
inline constexpr std::string_view kAcceptOffer = "fairlead.referral.v1.ReferralService/AcceptOffer";
inline constexpr std::string_view kDeclineOffer =
    "fairlead.referral.v1.ReferralService/DeclineOffer";
inline constexpr std::string_view kStartService =
    "fairlead.referral.v1.ReferralService/StartService";
inline constexpr std::string_view kCompleteReferral =
    "fairlead.referral.v1.ReferralService/CompleteReferral";
inline constexpr std::string_view kCloseReferral =
    "fairlead.referral.v1.ReferralService/CloseReferral";
inline constexpr std::string_view kEnterReferralInError =
    "fairlead.referral.v1.ReferralService/EnterReferralInError";
inline constexpr std::string_view kCancelReferral =
    "fairlead.referral.v1.ReferralService/CancelReferral";
inline constexpr std::string_view kListHandOffs =
    "fairlead.referral.v1.HandOffService/ListHandOffs";
inline constexpr std::string_view kNudgeOffer = "fairlead.referral.v1.HandOffService/NudgeOffer";
inline constexpr std::string_view kAssignReferral =
    "fairlead.referral.v1.AssignmentService/AssignReferral";
inline constexpr std::string_view kGetQuestionCodes =
    "fairlead.referral.v1.QuestionService/GetQuestionCodes";
inline constexpr std::string_view kAskQuestion =
    "fairlead.referral.v1.QuestionService/AskQuestion";
inline constexpr std::string_view kAnswerQuestion =
    "fairlead.referral.v1.QuestionService/AnswerQuestion";
inline constexpr std::string_view kListAgencyMedians =
    "fairlead.referral.v1.HandOffService/ListAgencyMedians";
inline constexpr std::string_view kListFollowUps =
    "fairlead.referral.v1.FollowUpService/ListFollowUps";
inline constexpr std::string_view kRecordFollowUp =
    "fairlead.referral.v1.FollowUpService/RecordFollowUp";
inline constexpr std::string_view kSetDoNotRoute =
    "fairlead.referral.v1.RoutingService/SetDoNotRoute";
inline constexpr std::string_view kGetDoNotRoute =
    "fairlead.referral.v1.RoutingService/GetDoNotRoute";
inline constexpr std::string_view kSuggestCandidate =
    "fairlead.referral.v1.RoutingService/SuggestCandidate";
inline constexpr std::string_view kProposeAppointment =
    "fairlead.referral.v1.SealedNoteService/ProposeAppointment";
inline constexpr std::string_view kConfirmAppointment =
    "fairlead.referral.v1.SealedNoteService/ConfirmAppointment";
inline constexpr std::string_view kDeclineAppointment =
    "fairlead.referral.v1.SealedNoteService/DeclineAppointment";
inline constexpr std::string_view kCancelAppointment =
    "fairlead.referral.v1.SealedNoteService/CancelAppointment";
inline constexpr std::string_view kAskSealedQuestion =
    "fairlead.referral.v1.SealedNoteService/AskSealedQuestion";
inline constexpr std::string_view kAnswerSealedQuestion =
    "fairlead.referral.v1.SealedNoteService/AnswerSealedQuestion";
inline constexpr std::string_view kGetNotes =
    "fairlead.referral.v1.SealedNoteService/GetNotes";
inline constexpr std::string_view kOpenNote =
    "fairlead.referral.v1.SealedNoteService/OpenNote";
inline constexpr std::string_view kStartAttachment =
    "fairlead.referral.v1.AttachmentService/StartAttachment";
inline constexpr std::string_view kPutAttachmentChunk =
    "fairlead.referral.v1.AttachmentService/PutAttachmentChunk";
inline constexpr std::string_view kOpenAttachmentChunk =
    "fairlead.referral.v1.AttachmentService/OpenAttachmentChunk";
inline constexpr std::string_view kAmendPacket =
    "fairlead.referral.v1.PacketVersionService/AmendPacket";
inline constexpr std::string_view kForwardReferral =
    "fairlead.referral.v1.ForwardService/ForwardReferral";
inline constexpr std::string_view kGetTimeline = "fairlead.referral.v1.ReferralService/GetTimeline";

inline constexpr std::string_view kListAuditRecords =
    "fairlead.audit.v1.AuditService/ListAuditRecords";
inline constexpr std::string_view kListViewers = "fairlead.audit.v1.AuditService/ListViewers";
inline constexpr std::string_view kExportAuditRecords =
    "fairlead.audit.v1.AuditService/ExportAuditRecords";

inline constexpr std::string_view kStartThread = "fairlead.messaging.v1.ThreadService/StartThread";
inline constexpr std::string_view kListThreads = "fairlead.messaging.v1.ThreadService/ListThreads";
inline constexpr std::string_view kGetThread = "fairlead.messaging.v1.ThreadService/GetThread";
inline constexpr std::string_view kSendMessage = "fairlead.messaging.v1.ThreadService/SendMessage";
inline constexpr std::string_view kEditMessage = "fairlead.messaging.v1.ThreadService/EditMessage";
inline constexpr std::string_view kDeleteMessage =
    "fairlead.messaging.v1.ThreadService/DeleteMessage";
inline constexpr std::string_view kListMessages =
    "fairlead.messaging.v1.ThreadService/ListMessages";
inline constexpr std::string_view kGetMessage = "fairlead.messaging.v1.ThreadService/GetMessage";
inline constexpr std::string_view kMarkThread = "fairlead.messaging.v1.ThreadService/MarkThread";
inline constexpr std::string_view kListChannels =
    "fairlead.messaging.v1.ChannelService/ListChannels";
inline constexpr std::string_view kCreatePost = "fairlead.messaging.v1.ChannelService/CreatePost";
inline constexpr std::string_view kDeletePost = "fairlead.messaging.v1.ChannelService/DeletePost";
inline constexpr std::string_view kPinPost = "fairlead.messaging.v1.ChannelService/PinPost";
inline constexpr std::string_view kGetPost = "fairlead.messaging.v1.ChannelService/GetPost";
inline constexpr std::string_view kListPosts = "fairlead.messaging.v1.ChannelService/ListPosts";
inline constexpr std::string_view kSearchPosts = "fairlead.messaging.v1.ChannelService/SearchPosts";
inline constexpr std::string_view kOpenBedCall = "fairlead.messaging.v1.BedCallService/OpenBedCall";
inline constexpr std::string_view kAnswerBedCall =
    "fairlead.messaging.v1.BedCallService/AnswerBedCall";
inline constexpr std::string_view kTakeBedCall = "fairlead.messaging.v1.BedCallService/TakeBedCall";
inline constexpr std::string_view kCloseBedCall =
    "fairlead.messaging.v1.BedCallService/CloseBedCall";
inline constexpr std::string_view kGetBedCall = "fairlead.messaging.v1.BedCallService/GetBedCall";
inline constexpr std::string_view kListBedCalls =
    "fairlead.messaging.v1.BedCallService/ListBedCalls";
inline constexpr std::string_view kSendAlert = "fairlead.messaging.v1.AlertService/SendAlert";
inline constexpr std::string_view kAcknowledgeAlert =
    "fairlead.messaging.v1.AlertService/AcknowledgeAlert";
inline constexpr std::string_view kGetAlert = "fairlead.messaging.v1.AlertService/GetAlert";
inline constexpr std::string_view kListAlerts = "fairlead.messaging.v1.AlertService/ListAlerts";
inline constexpr std::string_view kListAlertAgencies =
    "fairlead.messaging.v1.AlertService/ListAlertAgencies";

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_METHODS_H_
