// Membership through the policy table and the validator, on both engines.
#include "services/directory/membership_server.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "services/directory/commands/apply_for_membership.h"
#include "services/directory/testing/membership_fixture.h"

namespace fairlead::directory {
namespace {

class MembershipServerTest : public MembershipFixture {};

TEST_P(MembershipServerTest, FromApplicationToDeparture) {
  const std::string id = Apply("Open Door Legal");
  EXPECT_EQ(State(id), "APPLIED");
  EXPECT_EQ(Reason(Activate(id)), "MEMBERSHIP_STATE_CONFLICT") << "nobody has vouched";
  const auto first = Sponsor(harbor_admin_, id);
  ASSERT_TRUE(first.has_value()) << ToString(first.error());
  EXPECT_EQ(first->sponsors_missing(), 1);
  EXPECT_EQ(first->agency().membership(), v1::MEMBERSHIP_STATE_APPLIED);
  EXPECT_EQ(Reason(Sponsor(Proven(agency_), id)), "ALREADY_SPONSORED") << "of the same agency";
  EXPECT_EQ(Reason(Sponsor(coordinator_, id)), "SPONSOR_NOT_NEEDED");
  const auto second = Sponsor(clinic_admin_, id);
  ASSERT_TRUE(second.has_value()) << ToString(second.error());
  EXPECT_EQ(second->sponsors_missing(), 0);
  EXPECT_EQ(second->agency().membership(), v1::MEMBERSHIP_STATE_SPONSORED);
  const auto active = Activate(id);
  ASSERT_TRUE(active.has_value()) << ToString(active.error());
  EXPECT_EQ(active->agency().membership(), v1::MEMBERSHIP_STATE_ACTIVE);
  EXPECT_EQ(Reason(Activate(id)), "MEMBERSHIP_STATE_CONFLICT");
  EXPECT_EQ(Reason(Reinstate(id)), "MEMBERSHIP_STATE_CONFLICT");

  const auto suspended = Suspend(Suspension(id));
  ASSERT_TRUE(suspended.has_value()) << ToString(suspended.error());
  EXPECT_EQ(suspended->sessions_ended(), 3);
  EXPECT_EQ(suspended->offers_closed(), 2);
  ASSERT_EQ(access_.size(), 1U);
  EXPECT_EQ(access_[0].agency_id(), id);
  EXPECT_EQ(access_[0].membership(), "suspended");
  EXPECT_EQ(std::to_string(access_[0].version()), suspended->agency().etag());
  ASSERT_EQ(offers_.size(), 1U);
  EXPECT_EQ(offers_[0].version(), access_[0].version());
  EXPECT_EQ(Reason(Activate(id)), "MEMBERSHIP_STATE_CONFLICT") << "to reinstate is its own step";
  EXPECT_EQ(Reason(Reinstate(id)), "");
  EXPECT_EQ(Reason(Depart(id, v1::MEMBERSHIP_REASON_NOT_VETTED)), "REASON_NOT_ALLOWED");
  EXPECT_EQ(Reason(Depart(id, v1::MEMBERSHIP_REASON_CLOSED)), "");
  EXPECT_EQ(offers_.back().membership(), "departed");
  EXPECT_EQ(Reason(Reinstate(id)), "MEMBERSHIP_STATE_CONFLICT");
  EXPECT_EQ(Reason(Suspend(Suspension(id))), "MEMBERSHIP_STATE_CONFLICT");

  const std::string story =
      "APPLIED>APPLIED, APPLIED>APPLIED vouched, APPLIED>SPONSORED vouched, SPONSORED>ACTIVE, "
      "ACTIVE>SUSPENDED, SUSPENDED>ACTIVE, ACTIVE>DEPARTED";
  EXPECT_EQ(Story(id), story);
  EXPECT_EQ(AuditOf(id),
            "agency_applied agency_sponsored agency_sponsored agency_activated agency_suspended "
            "agency_reinstated agency_departed ");
  EXPECT_EQ(Story(id, 2), story) << "page by page";
}

TEST_P(MembershipServerTest, TheOfficeStandsInWhileThereAreTooFew) {
  ASSERT_EQ(Reason(Suspend(Suspension(clinic_))), "");
  const std::string id = Apply("First One");
  EXPECT_EQ(Reason(Sponsor(coordinator_, id)), "");
  EXPECT_EQ(Reason(Sponsor(coordinator_, id)), "ALREADY_SPONSORED");
  EXPECT_EQ(Reason(Sponsor(Officer(), id)), "") << "the other coordinator";
  EXPECT_EQ(State(id), "SPONSORED");
  EXPECT_EQ(Reason(Activate(id)), "");
  // Harbor and First One: two, so the office sponsors no more.
  EXPECT_EQ(Reason(Sponsor(coordinator_, Apply("Second"))), "SPONSOR_NOT_NEEDED");
  auth::Actor office_admin = Officer();
  office_admin.roles = {auth::Role::kAgencyAdmin};
  EXPECT_EQ(Reason(Sponsor(office_admin, id)), "ROLE_NOT_ALLOWED");
}

TEST_P(MembershipServerTest, WhoMayNot) {
  const std::string id = Apply("Open Door");
  const auth::Actor caseworker = Proven(agency_, {auth::Role::kCaseworker});
  EXPECT_EQ(Reason(Sponsor(caseworker, id)), "ROLE_NOT_ALLOWED");
  auth::Actor signed_in = harbor_admin_;
  signed_in.assurance = auth::kSignedIn;
  EXPECT_EQ(Reason(Sponsor(signed_in, id)), "STEP_UP_REQUIRED");
  auth::Actor officer = Proven(agency_);
  officer.agency_kind = auth::AgencyKind::kLawEnforcement;
  EXPECT_EQ(Reason(Sponsor(officer, id)), "AGENCY_KIND_NOT_ALLOWED");
  EXPECT_EQ(Reason(Sponsor(Proven(ids_.New()), id)), "AGENCY_NOT_ACTIVE");
  EXPECT_EQ(Reason(Sponsor(Proven(id), id)), "AGENCY_NOT_ACTIVE") << "a session that lies";
  EXPECT_EQ(Reason(Sponsor(harbor_admin_, ids_.New())), "AGENCY_NOT_FOUND");
  EXPECT_EQ(Reason(Sponsor(harbor_admin_, clinic_)), "MEMBERSHIP_STATE_CONFLICT");
  EXPECT_EQ(Reason(Sponsor(harbor_admin_, agency_)), "OWN_AGENCY");
  // A session older than its agency's suspension.
  ASSERT_EQ(Reason(Suspend(Suspension(clinic_))), "");
  EXPECT_EQ(Reason(Sponsor(clinic_admin_, id)), "AGENCY_NOT_ACTIVE");

  const std::string service = "MembershipService/";
  for (const auth::Actor& actor : {harbor_admin_, caseworker}) {
    const auto activated = SyncWait(Begin<v1::ActivateAgencyResponse>(
        actor, service + "ActivateAgency", For<v1::ActivateAgencyRequest>(id)));
    EXPECT_EQ(Reason(activated), "ROLE_NOT_ALLOWED");
    const auto suspended = SyncWait(
        Begin<v1::SuspendAgencyResponse>(actor, service + "SuspendAgency", Suspension(agency_)));
    EXPECT_EQ(Reason(suspended), "ROLE_NOT_ALLOWED");
    auto depart = For<v1::DepartAgencyRequest>(agency_);
    depart.set_reason(v1::MEMBERSHIP_REASON_OWN_WISH);
    EXPECT_EQ(
        Reason(SyncWait(Begin<v1::DepartAgencyResponse>(actor, service + "DepartAgency", depart))),
        "ROLE_NOT_ALLOWED");
    auto reinstate = For<v1::ReinstateAgencyRequest>(clinic_);
    reinstate.set_reason(v1::MEMBERSHIP_REASON_RESOLVED);
    EXPECT_EQ(Reason(SyncWait(Begin<v1::ReinstateAgencyResponse>(actor, service + "ReinstateAgency",
                                                                 reinstate))),
              "ROLE_NOT_ALLOWED");
  }
  auth::Actor unproven = coordinator_;
  unproven.assurance = auth::kSignedIn;
  EXPECT_EQ(Reason(SyncWait(Begin<v1::SuspendAgencyResponse>(unproven, service + "SuspendAgency",
                                                             Suspension(agency_)))),
            "STEP_UP_REQUIRED");
  v1::ListMembershipChangesRequest list;
  list.set_agency_id(agency_);
  EXPECT_EQ(Reason(SyncWait(Begin<v1::ListMembershipChangesResponse>(
                officer, service + "ListMembershipChanges", list))),
            "AGENCY_KIND_NOT_ALLOWED");
  EXPECT_EQ(State(agency_), "ACTIVE");
}

TEST_P(MembershipServerTest, TheOfficeCanBeNeitherSuspendedNorRemoved) {
  EXPECT_EQ(Reason(Suspend(Suspension(office_))), "OFFICE_STAYS");
  EXPECT_EQ(Reason(Depart(office_, v1::MEMBERSHIP_REASON_OWN_WISH)), "OFFICE_STAYS");
  EXPECT_EQ(State(office_), "ACTIVE");
  EXPECT_TRUE(access_.empty());
}

TEST_P(MembershipServerTest, ApplicationsAreBoundAndSayNothingOfMembers) {
  EXPECT_EQ(Reason(Send(Application("Clinic"))), "") << "a stranger learns nothing of members";
  v1::ApplyForMembershipRequest request = Application("   ");
  EXPECT_EQ(Reason(Send(request)), "INVALID_NAME");
  request = Application("X");
  request.set_contact_phone("305-555");
  EXPECT_EQ(Reason(Send(request)), "INVALID_PHONE");
  request = Application("X");
  request.set_kind(v1::AGENCY_KIND_COALITION_OFFICE);
  EXPECT_EQ(Reason(Send(request)), "AGENCY_KIND_NOT_OPEN");
  request = Application("Repeated");
  const auto once = Send(request);
  const auto twice = Send(request);
  ASSERT_TRUE(once && twice);
  EXPECT_EQ(once->agency().id(), twice->agency().id());
  EXPECT_EQ(once->agency().contact_phone(), "");
  for (int i = 2; i < kMaxApplications; ++i) Apply("Applicant " + std::to_string(i));
  EXPECT_EQ(Reason(Send(Application("One too many"))), "TOO_MANY_APPLICATIONS");
  EXPECT_EQ(Reason(Depart(once->agency().id(), v1::MEMBERSHIP_REASON_NOT_VETTED)), "");
  EXPECT_EQ(Reason(Send(Application("One too many"))), "");
}

TEST_P(MembershipServerTest, TwoMembersOfOneNameAreNotMade) {
  const std::string id = Apply("CLÍNIC");
  ASSERT_EQ(Reason(Sponsor(harbor_admin_, id)), "");
  ASSERT_EQ(Reason(Sponsor(clinic_admin_, id)), "");
  EXPECT_EQ(Reason(Activate(id)), "AGENCY_NAME_TAKEN") << "but for case and accents";
  ASSERT_EQ(Reason(Depart(clinic_, v1::MEMBERSHIP_REASON_CLOSED)), "");
  EXPECT_EQ(Reason(Activate(id)), "SPONSORS_MISSING") << "the clinic's word went with it";
  const std::string third = MakeAgency("Third");
  EXPECT_EQ(Reason(Sponsor(Proven(third), id)), "");
  EXPECT_EQ(Reason(Activate(id)), "");
}

TEST_P(MembershipServerTest, WhoSeesApplicantsAndTheirNumbers) {
  const std::string id = Apply("Hidden");
  const auth::Actor caseworker = Person(agency_, {auth::Role::kCaseworker});
  auth::Actor police_admin =
      Person(MakeAgency("Police", v1::AGENCY_KIND_LAW_ENFORCEMENT), {auth::Role::kAgencyAdmin});
  police_admin.agency_kind = auth::AgencyKind::kLawEnforcement;
  EXPECT_EQ(Reason(Get(caseworker, id)), "AGENCY_NOT_FOUND");
  EXPECT_EQ(Reason(Get(police_admin, id)), "AGENCY_NOT_FOUND");
  EXPECT_EQ(Get(admin_, id)->contact_phone(), kPhone);
  EXPECT_EQ(Get(coordinator_, id)->contact_phone(), kPhone);
  auth::Actor auditor = Officer();
  auditor.roles = {auth::Role::kAuditor};
  EXPECT_EQ(Get(auditor, id)->contact_phone(), "");
  v1::ListMembershipChangesRequest changes;
  changes.set_agency_id(id);
  EXPECT_EQ(Reason(SyncWait(Begin<v1::ListMembershipChangesResponse>(
                caseworker, "MembershipService/ListMembershipChanges", changes))),
            "AGENCY_NOT_FOUND");

  const auto names = [this](const auth::Actor& by, std::vector<v1::MembershipState> states) {
    v1::ListAgenciesRequest request;
    for (const auto state : states) request.add_memberships(state);
    const auto listed = Call<v1::ListAgenciesResponse>(by, "ListAgencies", request);
    Names found;
    if (!listed) return Names{listed.error().reason};
    for (const v1::Agency& agency : listed->agencies()) found.push_back(agency.name());
    return found;
  };
  EXPECT_EQ(names(caseworker, {}), (Names{"Clinic", "Harbor House", "Office", "Police"}));
  EXPECT_EQ(names(caseworker, {v1::MEMBERSHIP_STATE_APPLIED}), (Names{}));
  EXPECT_EQ(names(admin_, {v1::MEMBERSHIP_STATE_APPLIED}), (Names{"Hidden"}));
  EXPECT_EQ(names(admin_, {}).size(), 5U);
  EXPECT_EQ(names(police_admin, {}), (Names{"AGENCY_KIND_NOT_ALLOWED"}));
  // A member's number: never for those behind the wall, nor for caseworkers.
  ASSERT_EQ(Reason(Sponsor(harbor_admin_, id)), "");
  ASSERT_EQ(Reason(Sponsor(clinic_admin_, id)), "");
  ASSERT_EQ(Reason(Activate(id)), "");
  EXPECT_EQ(Get(police_admin, id)->contact_phone(), "");
  EXPECT_EQ(Get(caseworker, id)->contact_phone(), "");
}

TEST_P(MembershipServerTest, ServicesOfInactiveAgenciesAreNotFound) {
  ASSERT_EQ(Counts(Import(ThreeServices())), "4 0 0");
  ASSERT_EQ(Search({}).size(), 3U);
  v1::GetServiceRequest get;
  get.set_service_id(Uuid(1, '1'));
  ASSERT_EQ(Reason(Call<v1::GetServiceResponse>(admin_, "GetService", get)), "");
  ASSERT_EQ(Reason(Suspend(Suspension(agency_))), "");
  EXPECT_EQ(Search({}), (Names{}));
  EXPECT_EQ(Search({.need = "shelter_bed"}), (Names{}));
  EXPECT_EQ(Search({.text = "night"}), (Names{}));
  EXPECT_EQ(Reason(Call<v1::GetServiceResponse>(admin_, "GetService", get)), "SERVICE_NOT_FOUND");
  // Nothing is imported meanwhile.
  std::vector<Row> rows = ThreeServices();
  rows[0].description = "Helps more";
  ASSERT_EQ(Counts(Import(rows)), "AGENCY_NOT_ACTIVE");
  EXPECT_EQ(Search({}), (Names{}));
  ASSERT_EQ(Reason(Reinstate(agency_)), "");
  EXPECT_EQ(Search({}).size(), 3U);
  ASSERT_EQ(Reason(Depart(agency_, v1::MEMBERSHIP_REASON_CLOSED)), "");
  EXPECT_EQ(Search({}), (Names{}));
}

TEST_P(MembershipServerTest, ARepeatCompletesWhatWasCutShort) {
  const std::string id = Vetted("Cut Short");
  identity_down_ = true;
  const v1::SuspendAgencyRequest request = Suspension(id);
  const auto cut = Suspend(request);
  ASSERT_FALSE(cut.has_value());
  EXPECT_EQ(cut.error().code, Code::kUnavailable);
  EXPECT_EQ(cut.error().reason, "MEMBERSHIP_NOT_IN_FORCE_YET");
  EXPECT_EQ(cut.error().metadata.at("missing"), "access");
  EXPECT_EQ(offers_.size(), 1U) << "what can be closed is closed all the same";
  EXPECT_EQ(State(id), "SUSPENDED");
  v1::SuspendAgencyRequest other = request;
  other.set_reason(v1::MEMBERSHIP_REASON_OWN_WISH);
  EXPECT_EQ(Reason(Suspend(other)), "REQUEST_ID_REUSED");
  EXPECT_EQ(Reason(Suspend(Suspension(id))), "MEMBERSHIP_STATE_CONFLICT");
  identity_down_ = false;
  const auto completed = Suspend(request);
  ASSERT_TRUE(completed.has_value()) << ToString(completed.error());
  EXPECT_EQ(completed->sessions_ended(), 3);
  const size_t asked = access_.size();
  ASSERT_TRUE(Suspend(request).has_value());
  EXPECT_EQ(access_.size(), asked) << "answered before";
  EXPECT_EQ(Story(id).substr(Story(id).rfind(',')), ", ACTIVE>SUSPENDED") << "once";

  // Not when the agency has been reinstated since: that would undo it.
  const std::string again = Vetted("Again");
  identity_down_ = true;
  const v1::SuspendAgencyRequest first = Suspension(again);
  ASSERT_FALSE(Suspend(first).has_value());
  identity_down_ = false;
  ASSERT_EQ(Reason(Reinstate(again)), "");
  EXPECT_EQ(Reason(Suspend(first)), "MEMBERSHIP_STATE_CONFLICT");
  EXPECT_EQ(State(again), "ACTIVE");
}

TEST_P(MembershipServerTest, EtagsHold) {
  const std::string id = Apply("Etag");
  auto request = For<v1::SponsorAgencyRequest>(id);
  request.set_etag("7");
  EXPECT_EQ(Reason(SyncWait(Begin<v1::SponsorAgencyResponse>(
                harbor_admin_, "MembershipService/SponsorAgency", request))),
            "ETAG_MISMATCH");
  v1::SuspendAgencyRequest suspend = Suspension(clinic_);
  suspend.set_etag("2");
  EXPECT_EQ(Reason(Suspend(suspend)), "ETAG_MISMATCH");
  EXPECT_TRUE(access_.empty());
}

TEST_P(MembershipServerTest, WhoVettedItIsKeptAndTheRestIsBound) {
  const std::string id = Vetted("Often");
  for (int i = 0; i < kMaxOtherChanges / 2 + 3; ++i) {
    ASSERT_EQ(Reason(Suspend(Suspension(id))), "");
    ASSERT_EQ(Reason(Reinstate(id)), "");
  }
  const std::string story = Story(id, 100);
  EXPECT_EQ(std::ranges::count(story, '>'), kMaxOtherChanges + 3);
  EXPECT_TRUE(
      story.starts_with("APPLIED>APPLIED vouched, APPLIED>SPONSORED vouched, SPONSORED>ACTIVE, "))
      << story.substr(0, 200);
}

INSTANTIATE_TEST_SUITE_P(Engines, MembershipServerTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& instance) {
                           return instance.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::directory
