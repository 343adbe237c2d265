#include "services/common/auth/policy.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "fairlead/api/v1/options.pb.h"
#include "fairlead/audit/v1/audit.pb.h"
#include "fairlead/consent/v1/break_glass.pb.h"
#include "fairlead/consent/v1/consent.pb.h"
#include "fairlead/consent/v1/custody_check.pb.h"
#include "fairlead/consent/v1/note_keys.pb.h"
#include "fairlead/directory/v1/capacity.pb.h"
#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/directory/v1/export.pb.h"
#include "fairlead/directory/v1/history.pb.h"
#include "fairlead/directory/v1/hours_override.pb.h"
#include "fairlead/directory/v1/hsds.pb.h"
#include "fairlead/directory/v1/membership.pb.h"
#include "fairlead/directory/v1/staged_import.pb.h"
#include "fairlead/directory/v1/verification.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/identity/v1/keys.pb.h"
#include "fairlead/identity/v1/machines.pb.h"
#include "fairlead/identity/v1/passkeys.pb.h"
#include "fairlead/messaging/v1/alert.pb.h"
#include "fairlead/messaging/v1/bed_call.pb.h"
#include "fairlead/messaging/v1/channel.pb.h"
#include "fairlead/messaging/v1/thread.pb.h"
#include "fairlead/operations/v1/backup.pb.h"
#include "fairlead/referral/v1/agency_load.pb.h"
#include "fairlead/referral/v1/assignment.pb.h"
#include "fairlead/referral/v1/attachment.pb.h"
#include "fairlead/referral/v1/follow_up.pb.h"
#include "fairlead/referral/v1/forward.pb.h"
#include "fairlead/referral/v1/hand_off.pb.h"
#include "fairlead/referral/v1/packet_version.pb.h"
#include "fairlead/referral/v1/question.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "fairlead/referral/v1/routing.pb.h"
#include "fairlead/referral/v1/sealed_note.pb.h"
#include "services/common/auth/testing/messaging_verbs.h"

namespace fairlead::auth {
namespace {

using google::protobuf::MethodDescriptor;

std::vector<const MethodDescriptor*> AllMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const auto* file : {identity::v1::Staff::descriptor()->file(),
                           identity::v1::Device::descriptor()->file(),
                           identity::v1::Passkey::descriptor()->file(),
                           identity::v1::MachineClient::descriptor()->file(),
                           directory::v1::Agency::descriptor()->file(),
                           directory::v1::Capacity::descriptor()->file(),
                           messaging::v1::Alert::descriptor()->file(),
                           messaging::v1::BedCall::descriptor()->file(),
                           messaging::v1::Channel::descriptor()->file(),
                           messaging::v1::Thread::descriptor()->file(),
                           directory::v1::ExportRow::descriptor()->file(),
                           directory::v1::HoursOverride::descriptor()->file(),
                           directory::v1::MembershipChange::descriptor()->file(),
                           directory::v1::BeginExportRequest::descriptor()->file(),
                           directory::v1::FieldChange::descriptor()->file(),
                           directory::v1::StagedImport::descriptor()->file(),
                           directory::v1::Verification::descriptor()->file(),
                           audit::v1::AuditFilter::descriptor()->file(),
                           consent::v1::Release::descriptor()->file(),
                           referral::v1::Referral::descriptor()->file(),
                           operations::v1::Backup::descriptor()->file(),
                           referral::v1::Assignment::descriptor()->file(),
                           referral::v1::HandOff::descriptor()->file(),
                           referral::v1::CodedQuestion::descriptor()->file(),
                           referral::v1::FollowUp::descriptor()->file(),
                           referral::v1::SealedNote::descriptor()->file(),
                           consent::v1::IssueNoteKeysRequest::descriptor()->file(),
                           consent::v1::BreakGlass::descriptor()->file(),
                           referral::v1::DoNotRoute::descriptor()->file(),
                           referral::v1::AmendPacketRequest::descriptor()->file(),
                           referral::v1::Attachment::descriptor()->file(),
                           consent::v1::CheckCustodyRequest::descriptor()->file(),
                           referral::v1::AgencyLoad::descriptor()->file(),
                           referral::v1::ForwardReferralRequest::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        methods.push_back(file->service(s)->method(m));
      }
    }
  }
  return methods;
}

std::string Path(const MethodDescriptor& method) {
  return "/" + method.service()->full_name() + "/" + method.name();
}

constexpr Role kRoles[] = {Role::kCaseworker,  Role::kHotlineOperator, Role::kAgencyAdmin,
                           Role::kCoordinator, Role::kAuditor,         Role::kIntegration};

// Each role where it is one.
AgencyKind HomeOf(Role role) {
  return role == Role::kCoordinator || role == Role::kAuditor ? AgencyKind::kCoalitionOffice
                                                              : AgencyKind::kVictimServiceProvider;
}

Actor Person(Role role, AgencyKind kind, Membership membership = Membership::kActive) {
  Actor actor;
  actor.kind = role == Role::kIntegration ? ActorKind::kMachine : ActorKind::kStaff;
  actor.staff_id = "s";
  actor.agency_id = "a";
  actor.agency_kind = kind;
  actor.membership = membership;
  actor.roles = {role};
  actor.assurance = kProvenLately;
  return actor;
}

Actor Person(Role role) { return Person(role, HomeOf(role)); }

std::string Outcome(std::string_view method, const Actor& actor, std::string_view service = {}) {
  const Result<void> allowed = Authorise(FindPolicy(method), actor, service);
  return allowed ? "OK" : allowed.error().reason;
}

TEST(PolicyTest, EveryMethodHasARowAndEveryRowAMethod) {
  std::set<std::string> in_contract;
  for (const MethodDescriptor* method : AllMethods()) in_contract.insert(Path(*method));
  EXPECT_GE(in_contract.size(), 35U);
  std::set<std::string> in_table;
  for (const PolicyRow& row : PolicyTable()) {
    EXPECT_TRUE(in_table.insert(std::string(row.method)).second) << "twice: " << row.method;
  }
  EXPECT_EQ(in_contract, in_table);
}

// What the contract says to the gateway and what the table says to the dispatcher are one thing.
TEST(PolicyTest, AgreesWithTheContract) {
  for (const MethodDescriptor* method : AllMethods()) {
    const auto& rule = method->options().GetExtension(api::v1::method);
    const PolicyRow* row = FindPolicy(Path(*method));
    ASSERT_NE(row, nullptr);
    EXPECT_EQ(row->anonymous, rule.unauthenticated()) << row->method;
    EXPECT_EQ(row->services_only, !rule.public_()) << row->method;
    // Open to somebody.
    EXPECT_TRUE(row->anonymous || !row->services.empty() || !row->roles.empty()) << row->method;
  }
}

// What each role may do that not everybody may.
std::map<Role, std::set<std::string>> VerbsOfRoles() {
  return {
      {Role::kCaseworker,
       {"CreateRelease",    "SignRelease",    "RevokeRelease", "GetRelease",   "ListReleases",
        "ListDisclosures",  "CreateReferral", "SendReferral",  "GetReferral",  "ListReferrals",
        "OpenPacket",       "ResealPacket",   "AcceptOffer",   "DeclineOffer", "StartService",
        "CompleteReferral", "CancelReferral", "GetTimeline",   "ListDevices",  "ListKeyWraps"}},
      {Role::kHotlineOperator,
       {"CreateRelease", "SignRelease", "RevokeRelease", "GetRelease", "ListReleases",
        "CreateReferral", "SendReferral", "GetReferral", "ListReferrals", "OpenPacket",
        "ResealPacket", "AcceptOffer", "DeclineOffer", "StartService", "CompleteReferral",
        "CancelReferral", "GetTimeline", "ListDevices", "ListKeyWraps"}},
      {Role::kAgencyAdmin,
       {"ListDevices",         "ListKeyWraps",       "PublishKeyList",       "InviteStaff",
        "ListInvitations",     "RevokeInvitation",   "SetStaffRoles",        "DisableStaff",
        "SponsorAgency",       "ListAuditRecords",   "ListViewers",          "ListStaff",
        "CreateMachineClient", "ListMachineClients", "DisableMachineClient", "ImportListings",
        "SetHoursOverrides",   "ExportListings",     "CreateRelease",        "SignRelease",
        "RevokeRelease",       "GetRelease",         "ListReleases",         "ListDisclosures",
        "CreateReferral",      "SendReferral",       "GetReferral",          "ListReferrals",
        "OpenPacket",          "ResealPacket",       "AcceptOffer",          "DeclineOffer",
        "StartService",        "CompleteReferral",   "CancelReferral",       "GetTimeline",
        "VerifyListing",       "ListVerifications",  "BeginExport"}},
      {Role::kCoordinator,
       {"InviteStaff",
        "ListInvitations",
        "RevokeInvitation",
        "PublishCoalitionRoot",
        "PublishAgencyCertificate",
        "SponsorAgency",
        "ActivateAgency",
        "SuspendAgency",
        "ReinstateAgency",
        "DepartAgency",
        "ListStaff",
        "ImportListings",
        "ExportListings",
        "ListHandOffs",
        "NudgeOffer",
        "ListAgencyMedians",
        "VerifyListing",
        "ListVerifications",
        "BeginExport",
        "PutHolidaySet"}},
      {Role::kAuditor, {"ListAuditRecords", "ListViewers", "ExportAuditRecords"}},
      {Role::kIntegration,
       {"ImportListings", "GetRelease", "ListReleases", "CreateReferral", "SendReferral",
        "GetReferral", "ListReferrals", "AcceptOffer", "DeclineOffer", "StartService",
        "CompleteReferral", "CancelReferral", "GetTimeline"}},
  };
}

// The same of several agencies asked at once, of who has it in hand, of questions, and of what
// follows.
std::set<std::string> BlindVerbs(Role role) {
  if (role == Role::kCoordinator || role == Role::kAuditor) return {};
  std::set<std::string> verbs = {"OfferReferral",        "AnswerOffer",     "ChooseOffer",
                                 "SendPacket",           "ReopenReferral",  "CloseReferral",
                                 "EnterReferralInError", "ListFollowUps",   "RecordFollowUp",
                                 "AmendPacket",          "StartAttachment", "PutAttachmentChunk",
                                 "GetAttachment",        "ForwardReferral", "AssignReferral",
                                 "FindColleague",        "AskQuestion",     "AnswerQuestion",
                                 "GetQuestionCodes"};
  if (role != Role::kIntegration) verbs.insert("OpenAttachmentChunk");  // never by software
  return verbs;
}

// The same of where a case may not go, which no software is told, and where it might go next; and
// of what is written under seal, by persons and for persons.
std::set<std::string> RoutingVerbs(Role role) {
  if (role == Role::kCoordinator) return {"SuggestCandidate"};
  if (role == Role::kAuditor || role == Role::kIntegration) return {};
  return {"SetDoNotRoute",      "GetDoNotRoute",     "ProposeAppointment", "ConfirmAppointment",
          "DeclineAppointment", "CancelAppointment", "AskSealedQuestion",  "AnswerSealedQuestion",
          "GetNotes",           "OpenNote"};
}

// The same of how a release ends, which a suspension stands not in the way of.
std::set<std::string> EndVerbs(Role role) {
  const bool case_staff =
      role == Role::kCaseworker || role == Role::kHotlineOperator || role == Role::kAgencyAdmin;
  if (!case_staff) return {};
  return {"RevokeRelease", "ConfirmWithdrawal", "EnterReleaseInError", "ListDestroyNotices",
          "AcknowledgeDestruction"};
}

// The same of glass that is broken when a life is at risk: who judges it is not who hands cases on,
// but for the administrator of the agency whose case it is.
std::set<std::string> BreakGlassVerbs(Role role) {
  if (role == Role::kIntegration) return {};
  if (role == Role::kCoordinator || role == Role::kAuditor) {
    return {"ListBreakGlass", "ReviewBreakGlass"};
  }
  std::set<std::string> verbs = {"ListBreakGlass", "RequestBreakGlass", "ApproveBreakGlass"};
  if (role == Role::kAgencyAdmin) verbs.insert("ReviewBreakGlass");
  return verbs;
}

// The same of an import in parts: whoever may import at once.
std::set<std::string> StagedImportVerbs(Role role) {
  const std::set<Role> whose = {Role::kAgencyAdmin, Role::kCoordinator, Role::kIntegration};
  if (!whose.contains(role)) return {};
  return {"StartImport", "PutImportPart", "FinishImport", "GetImport", "CancelImport"};
}

std::set<std::string> GuardVerbs(Role role) {
  std::set<std::string> verbs = RoutingVerbs(role);
  verbs.merge(BreakGlassVerbs(role));
  verbs.merge(StagedImportVerbs(role));
  verbs.merge(MessagingVerbs(role));
  return verbs;
}

// The same of beds and holds on them.
std::set<std::string> BedVerbs(Role role) {
  std::set<std::string> verbs = {"PlaceHold", "ReleaseHold", "ConsumeHold", "ListHolds",
                                 "ListCapacitySnapshots"};
  if (role == Role::kAuditor) return {};
  if (role == Role::kCoordinator) return {"ListCapacitySnapshots"};
  if (role != Role::kHotlineOperator) verbs.insert("UpdateCapacity");
  return verbs;
}

// For everybody who is signed in, software too.
const std::set<std::string>& SharedVerbs() {
  static const std::set<std::string> verbs = {
      "GetAgencyKeys",    "GetAgency",   "ListAgencies",   "SearchServices",
      "MatchServices",    "GetService",  "ListNeeds",      "GetKeyList",
      "GetCoalitionRoot", "ListHistory", "ListHolidaySets"};
  return verbs;
}

// The whole matrix of people's calls: role × agency kind × membership × method. The rules are
// written a second time here, from product.md's words instead of the table's rows.
TEST(PolicyTest, WholeMatrix) {
  const std::set<std::string> beds = {"GetCapacity", "ListCapacities", "PlaceHold"};
  const std::set<std::string> listings = {
      "ListAgencies",  "SearchServices", "MatchServices", "GetService",    "ListMembershipChanges",
      "SponsorAgency", "ExportListings", "BeginExport",   "OfferReferral", "ListHistory"};
  const std::set<std::string> any_membership = {"SignOut", "GetMe", "ListSessions", "EndSessions"};
  const std::set<std::string> anonymous = {"SetUp",
                                           "SignIn",
                                           "AcceptInvitation",
                                           "BeginInvitedPasskey",
                                           "BeginPasskeySignIn",
                                           "SignInWithPasskey",
                                           "ApplyForMembership",
                                           "QueryRecords",
                                           "GetRecord"};
  const std::set<std::string> internal = {
      "CheckSession",       "CheckMachineClient", "CloseAgencyAccess", "CloseAgencyOffers",
      "CreateAgency",       "IssueCustodyKeys",   "ReleaseCustodyKey", "RenewCustodyKey",
      "DestroyCustodyKeys", "IssueNoteKeys",      "StartBackup",       "GetBackup",
      "CheckCustody",       "GetAgencyLoads"};
  // For everybody who is a person, not for software.
  const std::set<std::string> people = {"StepUp",
                                        "ListSessions",
                                        "EndSessions",
                                        "SetPassphrase",
                                        "AddPasskey",
                                        "BeginPasskeyRegistration",
                                        "ListPasskeys",
                                        "RemovePasskey",
                                        "RegisterDevice",
                                        "RemoveDevice",
                                        "ListMembershipChanges",
                                        "SignOut",
                                        "GetMe"};
  const std::map<Role, std::set<std::string>> verbs = VerbsOfRoles();
  for (const PolicyRow& row : PolicyTable()) {
    const std::string name(row.method.substr(row.method.rfind('/') + 1));
    for (const Role role : kRoles) {
      for (int kind = 0; kind <= 9; ++kind) {
        for (int membership = 0; membership <= 5; ++membership) {
          const Actor actor =
              Person(role, static_cast<AgencyKind>(kind), static_cast<Membership>(membership));
          const bool open = anonymous.contains(name);
          const bool service = internal.contains(name);
          const bool walled = actor.agency_kind == AgencyKind::kLawEnforcement &&
                              (listings.contains(name) || beds.contains(name) ||
                               BedCallVerbs().contains(name));
          const bool member =
              actor.membership == Membership::kActive ||
              (any_membership.contains(name) && membership != 0) ||
              (EndVerbs(role).contains(name) && actor.membership == Membership::kSuspended);
          const bool verb = SharedVerbs().contains(name) || verbs.at(role).contains(name) ||
                            (people.contains(name) && role != Role::kIntegration) ||
                            name == "GetCapacity" || name == "ListCapacities" ||
                            BedVerbs(role).contains(name) || BlindVerbs(role).contains(name) ||
                            EndVerbs(role).contains(name) || GuardVerbs(role).contains(name);
          const bool void_role = (role == Role::kCoordinator || role == Role::kAuditor) &&
                                 actor.agency_kind != AgencyKind::kCoalitionOffice;
          const bool expected = open || (!service && !walled && member && verb && !void_role);
          ASSERT_EQ(Outcome(row.method, actor) == "OK", expected)
              << name << " role " << static_cast<int>(role) << " kind " << kind << " membership "
              << membership << ": " << Outcome(row.method, actor);
        }
      }
    }
  }
}

TEST(PolicyTest, NobodySignedIn) {
  for (const PolicyRow& row : PolicyTable()) {
    const std::string refusal = row.services_only ? "SERVICES_ONLY" : "SIGN_IN_REQUIRED";
    EXPECT_EQ(Outcome(row.method, Actor()), row.anonymous ? "OK" : refusal) << row.method;
  }
}

TEST(PolicyTest, SaysWhy) {
  const std::string search = "/fairlead.directory.v1.DirectoryService/SearchServices";
  const std::string import = "/fairlead.directory.v1.DirectoryService/ImportListings";
  EXPECT_EQ(Outcome("/no.such.Service/Method", Person(Role::kCoordinator)), "NO_POLICY");
  EXPECT_EQ(Outcome(import, Person(Role::kCaseworker)), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Outcome(search, Person(Role::kCaseworker, AgencyKind::kLawEnforcement)),
            "AGENCY_KIND_NOT_ALLOWED");
  EXPECT_EQ(Outcome(search, Person(Role::kCaseworker, AgencyKind::kOther, Membership::kSuspended)),
            "AGENCY_NOT_ACTIVE");
  Actor weak = Person(Role::kCoordinator);
  weak.assurance = kSignedIn - 1;  // one factor opens nothing
  EXPECT_EQ(Outcome(import, weak), "STEP_UP_REQUIRED");
  Actor none = Person(Role::kCoordinator);
  none.roles.clear();
  EXPECT_EQ(Outcome(import, none), "ROLE_NOT_ALLOWED");
}

TEST(PolicyTest, StepUp) {
  Actor person = Person(Role::kAgencyAdmin);
  person.assurance = kSignedIn;
  const std::string publish = "/fairlead.identity.v1.KeyService/PublishKeyList";
  EXPECT_EQ(Outcome(publish, person), "STEP_UP_REQUIRED");
  person.assurance = kProvenLately;
  EXPECT_EQ(Outcome(publish, person), "OK");
}

// What needs a person is for no system, whatever roles it is said to have; nor is anybody's
// account a way to software's verbs.
TEST(PolicyTest, ASystemIsNoPersonAndAPersonNoSystem) {
  for (const PolicyRow& row : PolicyTable()) {
    if (row.anonymous || row.services_only) continue;
    Actor machine = Person(Role::kIntegration);
    Actor person = machine;
    person.kind = ActorKind::kStaff;
    EXPECT_EQ(Outcome(row.method, person), "ROLE_NOT_ALLOWED") << row.method;
    machine.roles = {Role::kCaseworker, Role::kHotlineOperator, Role::kAgencyAdmin};
    EXPECT_EQ(Outcome(row.method, machine), "ROLE_NOT_ALLOWED") << row.method;
    if (!row.roles.contains(Role::kIntegration)) continue;
    EXPECT_LT(row.least_assurance, kProvenLately) << row.method << " is for persons";
    EXPECT_EQ(row.memberships, std::set{Membership::kActive}) << row.method;
  }
}

TEST(PolicyTest, OfficeRolesAreVoidElsewhere) {
  for (const Role role : {Role::kCoordinator, Role::kAuditor}) {
    for (const PolicyRow& row : PolicyTable()) {
      if (row.anonymous || row.services_only) continue;
      const std::string at_hotline = Outcome(row.method, Person(role, AgencyKind::kHotline));
      EXPECT_EQ(at_hotline, "ROLE_NOT_ALLOWED") << row.method;
    }
  }
}

constexpr const char* kAccept = "/fairlead.referral.v1.ReferralService/AcceptOffer";
constexpr const char* kOpen = "/fairlead.referral.v1.ReferralService/OpenPacket";

TEST(DecideTest, DeniesByDefault) {
  const PolicyRow* accept = FindPolicy(kAccept);
  const Actor person = Person(Role::kCaseworker);
  const Standing recipient{.relations = Relation::kRecipient, .state = RecordState::kWaiting};
  EXPECT_EQ(Decide(accept, person, recipient), Verdict::kAllowed);
  EXPECT_EQ(Decide(nullptr, person, recipient), Verdict::kNotForCaller);
  EXPECT_EQ(Decide(accept, Actor(), recipient), Verdict::kNotForCaller);
  EXPECT_EQ(Decide(accept, Person(Role::kAuditor), recipient), Verdict::kNotForCaller);
  EXPECT_EQ(Decide(accept, person, {}), Verdict::kNotYours);
  EXPECT_EQ(Decide(accept, person,
                   {.relations = Relation::kSender | Relation::kOwnAgency,
                    .state = RecordState::kWaiting}),
            Verdict::kNotYours);
  EXPECT_EQ(Decide(accept, person, {.relations = Relation::kRecipient}), Verdict::kWrongState);
}

TEST(DecideTest, NoPacketWithoutARelease) {
  const PolicyRow* open = FindPolicy(kOpen);
  const Actor person = Person(Role::kHotlineOperator);
  Standing standing{.relations = Relation::kRecipient, .state = RecordState::kAccepted};
  EXPECT_EQ(Decide(open, person, standing), Verdict::kReleaseNeeded);
  standing.release_in_force = true;
  EXPECT_EQ(Decide(open, person, standing), Verdict::kAllowed);
  standing.state = RecordState::kEnded;
  EXPECT_EQ(Decide(open, person, standing), Verdict::kWrongState);
  standing.relations = Relation::kSender;  // may always reread its own
  EXPECT_EQ(Decide(open, person, standing), Verdict::kAllowed);
  standing.relations = Relation::kDiscloser;
  EXPECT_EQ(Decide(open, person, standing), Verdict::kNotYours);
}

TEST(DecideTest, ForbidBeatsAllow) {
  const PolicyRow row{.method = "/m",
                      .roles = {Role::kAgencyAdmin},
                      .grants = {{Relation::kNone}, {Relation::kOwnAgency}},
                      .forbidden_relations = Relation::kOwnAgency};
  const Actor person = Person(Role::kAgencyAdmin);
  EXPECT_EQ(Decide(&row, person, {}), Verdict::kAllowed);
  EXPECT_EQ(Decide(&row, person, {.relations = Relation::kOwnAgency}), Verdict::kForbidden);
}

TEST(DecideTest, AGrantMayBeForSomeRolesOnly) {
  const PolicyRow* end = FindPolicy("/fairlead.identity.v1.IdentityService/EndSessions");
  const Standing colleague{.relations = Relation::kOwnAgency};
  EXPECT_EQ(Decide(end, Person(Role::kAgencyAdmin), colleague), Verdict::kAllowed);
  EXPECT_EQ(Decide(end, Person(Role::kCaseworker), colleague), Verdict::kNotYours);
  EXPECT_EQ(Decide(end, Person(Role::kCaseworker), {.relations = Relation::kSelf}),
            Verdict::kAllowed);
}

TEST(PolicyTest, CustodyKeysNeedTheReferralServiceAndAPerson) {
  for (const std::string method : {"/fairlead.consent.v1.ConsentService/IssueCustodyKeys",
                                   "/fairlead.consent.v1.ConsentService/ReleaseCustodyKey",
                                   "/fairlead.consent.v1.ConsentService/RenewCustodyKey",
                                   "/fairlead.consent.v1.NoteKeyService/IssueNoteKeys"}) {
    const Actor person = Person(Role::kCaseworker);
    EXPECT_EQ(Outcome(method, person), "SERVICES_ONLY");
    EXPECT_EQ(Outcome(method, person, "gateway"), "SERVICES_ONLY");
    EXPECT_EQ(Outcome(method, person, "referral"), "OK");
    EXPECT_EQ(Outcome(method, Actor(), "referral"), "SIGN_IN_REQUIRED");
    EXPECT_EQ(Outcome(method, ServiceActor("referral"), "referral"), "ROLE_NOT_ALLOWED");
    EXPECT_EQ(Outcome(method, Person(Role::kAuditor), "referral"), "ROLE_NOT_ALLOWED");
    EXPECT_EQ(Outcome(method, Person(Role::kCaseworker, AgencyKind::kOther, Membership::kSuspended),
                      "referral"),
              "AGENCY_NOT_ACTIVE");
  }
}

TEST(PolicyTest, ServicesForThemselves) {
  const std::string check = "/fairlead.identity.v1.IdentityService/CheckSession";
  EXPECT_EQ(Outcome(check, Actor(), "gateway"), "OK");
  EXPECT_EQ(Outcome(check, ServiceActor("gateway"), "gateway"), "OK");
  EXPECT_EQ(Outcome(check, ServiceActor("gateway")), "SERVICES_ONLY");
  EXPECT_EQ(Outcome(check, ServiceActor("referral"), "referral"), "SERVICES_ONLY");
  const std::string create = "/fairlead.directory.v1.DirectoryService/CreateAgency";
  EXPECT_EQ(Outcome(create, ServiceActor("identity"), "identity"), "OK");
  EXPECT_EQ(Outcome(create, ServiceActor("hub"), "hub"), "OK");
  EXPECT_EQ(Outcome(create, Person(Role::kCoordinator)), "SERVICES_ONLY");
  // The name in the actor alone proves nothing.
  EXPECT_EQ(Outcome(create, ServiceActor("identity")), "SERVICES_ONLY");
  EXPECT_EQ(Outcome(create, ServiceActor("identity"), "gateway"), "SERVICES_ONLY");
  EXPECT_EQ(Outcome(create, ServiceActor("referral"), "referral"), "SERVICES_ONLY");
}

}  // namespace
}  // namespace fairlead::auth
