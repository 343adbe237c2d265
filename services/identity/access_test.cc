// Sessions looked at and ended, roles, leavers, and agencies whose access is closed, on both
// engines.
#include "services/identity/consumers/agency_changed.h"
#include "services/identity/testing/identity_fixture.h"

namespace fairlead::identity {
namespace {

class AccessTest : public IdentityServerTest {
 protected:
  void SetUp() override {
    IdentityServerTest::SetUp();
    agency_ = AddAgency("victim_service_provider");
    other_ = AddAgency("health_provider");
  }
  v1::SignInResponse Enter(const std::string& name) {
    auto session = SignIn(name, kGood);
    EXPECT_TRUE(session.has_value()) << name << ": " << ToString(session.error());
    return session.value_or(v1::SignInResponse());
  }
  Result<v1::ListSessionsResponse> List(const auth::Actor& actor, const std::string& staff_id) {
    v1::ListSessionsRequest request;
    request.set_staff_id(staff_id);
    return Call<v1::ListSessionsResponse>(actor, "ListSessions", request);
  }
  Result<v1::EndSessionsResponse> End(const auth::Actor& actor, const std::string& session_id,
                                      const std::string& staff_id) {
    v1::EndSessionsRequest request;
    request.set_request_id(ids_.New());
    request.set_session_id(session_id);
    request.set_staff_id(staff_id);
    return Call<v1::EndSessionsResponse>(actor, "EndSessions", request);
  }
  Result<v1::SetStaffRolesResponse> SetRoles(const auth::Actor& actor, const std::string& staff_id,
                                             std::set<v1::Role> roles,
                                             const std::string& etag = "") {
    v1::SetStaffRolesRequest request;
    request.set_request_id(ids_.New());
    request.set_staff_id(staff_id);
    for (const v1::Role role : roles) request.add_roles(role);
    request.set_etag(etag);
    return Call<v1::SetStaffRolesResponse>(actor, "SetStaffRoles", request);
  }
  Result<v1::DisableStaffResponse> Disable(const auth::Actor& actor, const std::string& staff_id) {
    v1::DisableStaffRequest request;
    request.set_request_id(ids_.New());
    request.set_staff_id(staff_id);
    return Call<v1::DisableStaffResponse>(actor, "DisableStaff", request);
  }
  Result<v1::CloseAgencyAccessResponse> Close(const std::string& agency_id,
                                              const std::string& membership, int64_t version,
                                              const std::string& service = "directory") {
    v1::CloseAgencyAccessRequest request;
    request.set_agency_id(agency_id);
    request.set_membership(membership);
    request.set_version(version);
    return Call<v1::CloseAgencyAccessResponse>(auth::ServiceActor(service), "CloseAgencyAccess",
                                               request, service);
  }
  auth::Actor Admin(const std::string& agency_id) {
    return Person(agency_id, {auth::Role::kAgencyAdmin});
  }
  std::string agency_;
  std::string other_;
};

TEST_P(AccessTest, SessionsAreSeenAndEndedByTheirOwnerAndTheAdministrator) {
  ASSERT_TRUE(MakeStaff(agency_, "ana").has_value());
  ASSERT_TRUE(MakeStaff(agency_, "ben").has_value());
  const v1::SignInResponse first = Enter("ana");
  clock_.Advance(1000);
  const v1::SignInResponse second = Enter("ana");
  const v1::SignInResponse bens = Enter("ben");
  const auth::Actor ana = Person(first);
  const std::string ana_id = first.staff().id();

  const auto mine = List(ana, "");
  ASSERT_TRUE(mine.has_value()) << ToString(mine.error());
  ASSERT_EQ(mine->sessions_size(), 2);
  EXPECT_EQ(mine->sessions(0).id(), second.session().id()) << "the latest first";
  EXPECT_EQ(List(Admin(agency_), ana_id)->sessions_size(), 2);
  EXPECT_EQ(Reason(List(Person(bens), ana_id)), "STAFF_NOT_FOUND");
  EXPECT_EQ(Reason(List(Admin(other_), ana_id)), "STAFF_NOT_FOUND");
  EXPECT_EQ(Reason(List(Admin(agency_), ids_.New())), "STAFF_NOT_FOUND");
  EXPECT_EQ(Reason(List(auth::Actor(), "")), "SIGN_IN_REQUIRED");
  EXPECT_EQ(Reason(List(Person(agency_, {auth::Role::kIntegration}), "")), "ROLE_NOT_ALLOWED");

  EXPECT_EQ(Reason(End(Person(bens), first.session().id(), "")), "SESSION_NOT_FOUND");
  EXPECT_EQ(Reason(End(Admin(other_), first.session().id(), "")), "SESSION_NOT_FOUND");
  EXPECT_EQ(Reason(End(Admin(other_), "", ana_id)), "STAFF_NOT_FOUND");
  EXPECT_EQ(Reason(End(ana, "", "")), "SESSION_OR_STAFF_NEEDED");
  EXPECT_EQ(Reason(End(ana, first.session().id(), ana_id)), "SESSION_OR_STAFF_NEEDED");
  EXPECT_TRUE(Check(first.session_token()).has_value());

  ASSERT_EQ(Reason(End(ana, second.session().id(), "")), "");
  EXPECT_EQ(Reason(Check(second.session_token())), "SESSION_INVALID");
  EXPECT_TRUE(Check(first.session_token()).has_value());
  EXPECT_EQ(Reason(End(ana, second.session().id(), "")), "SESSION_NOT_FOUND");
  const auto all = End(Admin(agency_), "", ana_id);
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(all->ended(), 1);
  EXPECT_EQ(Reason(Check(first.session_token())), "SESSION_INVALID");
  EXPECT_TRUE(Check(bens.session_token()).has_value()) << "a colleague's goes on";

  const v1::SignInResponse idle = Enter("ana");
  clock_.Advance(15 * kMinuteMs);
  EXPECT_EQ(List(Person(idle), "")->sessions_size(), 0) << "those that are over are not listed";
}

TEST_P(AccessTest, RolesChangeAndTheSessionsEnd) {
  ASSERT_TRUE(MakeStaff(agency_, "boss", {v1::ROLE_AGENCY_ADMIN}).has_value());
  ASSERT_TRUE(MakeStaff(agency_, "ana").has_value());
  const v1::SignInResponse session = Enter("ana");
  const std::string ana = session.staff().id();
  const auth::Actor admin = Admin(agency_);
  EXPECT_EQ(Reason(SetRoles(Admin(other_), ana, {v1::ROLE_CASEWORKER})), "STAFF_NOT_FOUND");
  EXPECT_EQ(Reason(SetRoles(admin, ids_.New(), {v1::ROLE_CASEWORKER})), "STAFF_NOT_FOUND");
  EXPECT_EQ(Reason(SetRoles(Person(session), ana, {v1::ROLE_AGENCY_ADMIN})), "ROLE_NOT_ALLOWED");
  auth::Actor not_lately = admin;
  not_lately.assurance = auth::kSignedIn;
  EXPECT_EQ(Reason(SetRoles(not_lately, ana, {v1::ROLE_CASEWORKER})), "STEP_UP_REQUIRED");
  EXPECT_EQ(Reason(SetRoles(admin, ana, {v1::ROLE_COORDINATOR})), "ROLE_NOT_GRANTABLE");
  EXPECT_EQ(Reason(SetRoles(admin, ana, {v1::ROLE_HOTLINE_OPERATOR})), "ROLE_NEEDS_HOTLINE_AGENCY");
  EXPECT_EQ(Reason(SetRoles(admin, ana, {v1::ROLE_CASEWORKER}, "9")), "ETAG_MISMATCH");
  EXPECT_TRUE(Check(session.session_token()).has_value()) << "nothing changed";

  const auto changed = SetRoles(admin, ana, {v1::ROLE_AGENCY_ADMIN}, session.staff().etag());
  ASSERT_TRUE(changed.has_value()) << ToString(changed.error());
  EXPECT_NE(changed->staff().etag(), session.staff().etag());
  EXPECT_EQ(Reason(Check(session.session_token())), "SESSION_INVALID");
  EXPECT_EQ(Enter("ana").staff().roles(0), v1::ROLE_AGENCY_ADMIN);
}

TEST_P(AccessTest, AnAgencyKeepsOneAdministrator) {
  const auto boss = MakeStaff(agency_, "boss", {v1::ROLE_AGENCY_ADMIN});
  const auto deputy = MakeStaff(agency_, "deputy", {v1::ROLE_AGENCY_ADMIN});
  ASSERT_TRUE(boss.has_value() && deputy.has_value());
  ASSERT_TRUE(MakeStaff(other_, "elsewhere", {v1::ROLE_AGENCY_ADMIN}).has_value());
  const auth::Actor admin = Admin(agency_);
  EXPECT_EQ(Reason(Disable(admin, boss->id())), "");
  EXPECT_EQ(Reason(Disable(admin, deputy->id())), "LAST_ADMIN")
      << "another agency's does not count";
  EXPECT_EQ(Reason(SetRoles(admin, deputy->id(), {v1::ROLE_CASEWORKER})), "LAST_ADMIN");
  EXPECT_EQ(Reason(SetRoles(admin, deputy->id(), {v1::ROLE_AGENCY_ADMIN, v1::ROLE_CASEWORKER})),
            "");
}

// Else one administrator of the office could send away everybody who watches over them.
TEST_P(AccessTest, OnlyACoordinatorChangesCoordinatorsAndAuditors) {
  const std::string office = AddAgency("coalition_office");
  const auto first = MakeStaff(office, "first", {v1::ROLE_COORDINATOR});
  const auto second = MakeStaff(office, "second", {v1::ROLE_COORDINATOR});
  const auto third = MakeStaff(office, "third", {v1::ROLE_COORDINATOR});
  const auto auditor = MakeStaff(office, "auditor", {v1::ROLE_AUDITOR});
  ASSERT_TRUE(first.has_value() && second.has_value() && third.has_value() && auditor.has_value());
  const auth::Actor admin = Admin(office);
  for (const std::string& id : {first->id(), auditor->id()}) {
    EXPECT_EQ(Reason(Disable(admin, id)), "ROLE_NOT_GRANTABLE");
    EXPECT_EQ(Reason(SetRoles(admin, id, {v1::ROLE_CASEWORKER})), "ROLE_NOT_GRANTABLE");
  }
  const auth::Actor both = Person(office, {auth::Role::kAgencyAdmin, auth::Role::kCoordinator});
  EXPECT_EQ(Reason(Disable(both, auditor->id())), "");
  EXPECT_EQ(Reason(SetRoles(both, third->id(), {v1::ROLE_CASEWORKER})), "");
  // Two stay: some steps need the words of two.
  EXPECT_EQ(Reason(Disable(both, first->id())), "LAST_COORDINATOR");
  EXPECT_EQ(Reason(SetRoles(both, second->id(), {v1::ROLE_CASEWORKER})), "LAST_COORDINATOR");
  EXPECT_EQ(Reason(SetRoles(both, second->id(), {v1::ROLE_COORDINATOR, v1::ROLE_CASEWORKER})), "");
  EXPECT_EQ(Reason(SetRoles(both, third->id(), {v1::ROLE_COORDINATOR})), "");
  EXPECT_EQ(Reason(Disable(both, first->id())), "");
  EXPECT_EQ(Reason(Disable(admin, second->id())), "ROLE_NOT_GRANTABLE");
}

TEST_P(AccessTest, WhoLeavesIsOutAtOnce) {
  ASSERT_TRUE(MakeStaff(agency_, "boss", {v1::ROLE_AGENCY_ADMIN}).has_value());
  ASSERT_TRUE(MakeStaff(agency_, "leaver", {v1::ROLE_AGENCY_ADMIN}).has_value());
  const v1::SignInResponse session = Enter("leaver");
  const std::string id = session.staff().id();
  // What they planted for later goes with them.
  ASSERT_EQ(Reason(Invite(Person(session), agency_, CodeOf("planted"), {v1::ROLE_AGENCY_ADMIN})),
            "");
  EXPECT_EQ(Reason(Disable(Admin(other_), id)), "STAFF_NOT_FOUND");
  EXPECT_EQ(Reason(Disable(Person(agency_, {auth::Role::kCaseworker}), id)), "ROLE_NOT_ALLOWED");
  EXPECT_TRUE(Check(session.session_token()).has_value());

  const auto disabled = Disable(Admin(agency_), id);
  ASSERT_TRUE(disabled.has_value()) << ToString(disabled.error());
  EXPECT_EQ(disabled->sessions_ended(), 1);
  EXPECT_TRUE(disabled->staff().has_disable_time());
  EXPECT_EQ(Reason(Check(session.session_token())), "SESSION_INVALID");
  EXPECT_EQ(Reason(SignIn("leaver", kGood)), "SIGN_IN_FAILED");
  EXPECT_EQ(Reason(SignInWith("leaver", kGood, "", authenticators_["leaver"].recovery_codes[0])),
            "SIGN_IN_FAILED");
  EXPECT_EQ(Reason(Accept(AcceptRequest(CodeOf("planted"), "planted"))), "INVITATION_INVALID");
  EXPECT_EQ(Reason(Disable(Admin(agency_), id)), "ALREADY_DISABLED");
  EXPECT_EQ(Reason(SetRoles(Admin(agency_), id, {v1::ROLE_CASEWORKER})), "ALREADY_DISABLED");
}

TEST_P(AccessTest, ASignInUnderWayDoesNotSurviveTheLeaving) {
  ASSERT_TRUE(MakeStaff(agency_, "boss", {v1::ROLE_AGENCY_ADMIN}).has_value());
  ASSERT_TRUE(MakeStaff(agency_, "leaver").has_value());
  const std::string id = Stored("SELECT id FROM staff WHERE sign_in_name = 'leaver'");
  v1::SignInRequest request;
  request.set_sign_in_name("leaver");
  request.set_passphrase(kGood);
  request.set_totp_code(NextCode("leaver"));
  rpc::CallOptions options;
  options.deadline_steady_ms = clock_.SteadyMs() + 30'000;
  std::mutex mutex;
  std::condition_variable done;
  std::optional<Result<v1::SignInResponse>> answer;
  Start(rpc::Call<v1::SignInResponse>(*channel_, "/fairlead.identity.v1.IdentityService/SignIn",
                                      request, options),
        [&](Result<v1::SignInResponse> given) {
          const std::lock_guard lock(mutex);
          answer = std::move(given);
          done.notify_one();
        });
  ASSERT_EQ(Reason(Disable(Admin(agency_), id)), "");
  std::unique_lock lock(mutex);
  done.wait(lock, [&] { return answer.has_value(); });
  // Whichever came first, nothing of it lives on.
  if (answer->has_value()) {
    EXPECT_EQ(Reason(Check((*answer)->session_token())), "SESSION_INVALID");
  } else {
    EXPECT_EQ(Reason(*answer), "SIGN_IN_FAILED");
  }
  EXPECT_EQ(Stored("SELECT CAST(COUNT(*) AS TEXT) FROM session"), "0");
}

TEST_P(AccessTest, AClosedAgencyIsOutBeforeTheAnswer) {
  ASSERT_TRUE(MakeStaff(agency_, "boss", {v1::ROLE_AGENCY_ADMIN}).has_value());
  ASSERT_TRUE(MakeStaff(other_, "elsewhere").has_value());
  const v1::SignInResponse theirs = Enter("boss");
  const v1::SignInResponse others = Enter("elsewhere");
  ASSERT_EQ(Reason(Invite(Person(theirs), agency_, CodeOf("open"), {v1::ROLE_CASEWORKER})), "");
  EXPECT_EQ(Reason(Close(agency_, "suspended", 3, "referral")), "SERVICES_ONLY");
  EXPECT_EQ(Reason(Close(agency_, "active", 3)), "MEMBERSHIP_NOT_CLOSED");
  EXPECT_EQ(Reason(Close(ids_.New(), "suspended", 3)), "AGENCY_NOT_FOUND");
  EXPECT_TRUE(Check(theirs.session_token()).has_value());

  const auto closed = Close(agency_, "suspended", 3);
  ASSERT_TRUE(closed.has_value()) << ToString(closed.error());
  EXPECT_EQ(closed->sessions_ended(), 1);
  EXPECT_EQ(Reason(Check(theirs.session_token())), "SESSION_INVALID");
  EXPECT_TRUE(Check(others.session_token()).has_value());
  EXPECT_EQ(Reason(Accept(AcceptRequest(CodeOf("open"), "late"))), "INVITATION_INVALID");
  const v1::SignInResponse after = Enter("boss");
  EXPECT_EQ(Check(after.session_token())->membership(), "suspended");
}

// The event of directory.
class AgencyEventTest : public AccessTest {
 protected:
  void Tell(const std::string& membership, int64_t version) {
    events::v1::AgencyChanged changed;
    changed.set_agency_id(agency_);
    changed.set_name("Renamed");
    changed.set_kind("victim_service_provider");
    changed.set_membership(membership);
    changed.set_version(version);
    events::v1::EventEnvelope event;
    event.set_data_schema("fairlead.events.v1.AgencyChanged");
    event.set_data(changed.SerializeAsString());
    std::function<Result<bool>(storage::Transaction&)> apply =
        [&](storage::Transaction& tx) -> Result<bool> {
      FAIRLEAD_RETURN_IF_ERROR(ApplyDirectoryEvent(*deps_, tx, event));
      return true;
    };
    EXPECT_TRUE(SyncWait(database_->Write<bool>(apply)).has_value());
  }
};

// Directory was cut off before it could ask: its event ends what the call would have.
TEST_P(AgencyEventTest, ASuspensionEndsSessionsByItself) {
  ASSERT_TRUE(MakeStaff(agency_, "boss", {v1::ROLE_AGENCY_ADMIN}).has_value());
  const v1::SignInResponse session = Enter("boss");
  Tell("suspended", 5);
  EXPECT_FALSE(Check(session.session_token()).has_value());
  Tell("active", 6);
  EXPECT_FALSE(Check(session.session_token()).has_value()) << "what ended stays so";
  const v1::SignInResponse again = Enter("boss");
  Tell("suspended", 5);  // once more, late
  EXPECT_TRUE(Check(again.session_token()).has_value());
}

// The call failed, and the event of the suspension was given up on: the next one tells.
TEST_P(AgencyEventTest, AChangeThatWasMissedIsTakenForAClosing) {
  ASSERT_TRUE(MakeStaff(agency_, "boss", {v1::ROLE_AGENCY_ADMIN}).has_value());
  Tell("active", 2);
  const v1::SignInResponse session = Enter("boss");
  Tell("active", 3);
  EXPECT_TRUE(Check(session.session_token()).has_value()) << "nothing was missed";
  Tell("active", 5);
  EXPECT_FALSE(Check(session.session_token()).has_value());
  const v1::SignInResponse again = Enter("boss");
  EXPECT_EQ(Check(again.session_token())->membership(), "active");
  // So the repeat of the call that failed may say that it is done, and leaves the new ones alone.
  const auto repeated = Close(agency_, "suspended", 4);
  ASSERT_TRUE(repeated.has_value());
  EXPECT_EQ(repeated->sessions_ended(), 0);
  EXPECT_TRUE(Check(again.session_token()).has_value());
}

// Directory's own answer is what is known first: there was nobody here before it, and a call that
// was held up closes nothing that has been opened again since.
TEST_P(AgencyEventTest, OfAnAgencyFirstHeardOfLaterNobodyIsLeft) {
  directory_.agencies[agency_].version = 6;
  const auto closed = Close(agency_, "suspended", 5);
  ASSERT_TRUE(closed.has_value()) << ToString(closed.error());
  EXPECT_EQ(closed->sessions_ended(), 0);
  ASSERT_TRUE(MakeStaff(agency_, "boss", {v1::ROLE_AGENCY_ADMIN}).has_value());
  EXPECT_EQ(Check(Enter("boss").session_token())->membership(), "active");
}

TEST_P(AgencyEventTest, WhatComesLateUndoesNothing) {
  ASSERT_TRUE(MakeStaff(agency_, "boss", {v1::ROLE_AGENCY_ADMIN}).has_value());
  const v1::SignInResponse session = Enter("boss");
  ASSERT_EQ(Reason(Close(agency_, "suspended", 5)), "");
  Tell("active", 4);  // an event of before the suspension
  EXPECT_EQ(Check(Enter("boss").session_token())->membership(), "suspended");
  Tell("active", 6);  // reinstated
  const v1::SignInResponse again = Enter("boss");
  EXPECT_EQ(Check(again.session_token())->membership(), "active");
  const auto late = Close(agency_, "suspended", 5);  // a repeat that was held up
  ASSERT_TRUE(late.has_value());
  EXPECT_EQ(late->sessions_ended(), 0);
  EXPECT_TRUE(Check(again.session_token()).has_value());
}

INSTANTIATE_TEST_SUITE_P(Engines, AccessTest, ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         EngineName);
INSTANTIATE_TEST_SUITE_P(Engines, AgencyEventTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres), EngineName);

}  // namespace
}  // namespace fairlead::identity
