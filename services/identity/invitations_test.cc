// Who may invite whom, and what becomes of an invitation, on both engines.
#include "services/identity/testing/identity_fixture.h"

namespace fairlead::identity {
namespace {

using auth::Role;

class InvitationsTest : public IdentityServerTest {
 protected:
  std::string TryInvite(const auth::Actor& actor, const std::string& agency,
                        std::set<v1::Role> roles) {
    return Reason(Invite(actor, agency, CodeOf(ids_.New()), std::move(roles)));
  }
  std::string Revoke(const auth::Actor& actor, const std::string& id) {
    v1::RevokeInvitationRequest request;
    request.set_request_id(ids_.New());
    request.set_invitation_id(id);
    return Reason(Call<v1::RevokeInvitationResponse>(actor, "RevokeInvitation", request));
  }
  Result<v1::ListInvitationsResponse> List(const auth::Actor& actor, const std::string& agency,
                                           int size = 0, const std::string& token = "") {
    v1::ListInvitationsRequest request;
    request.set_agency_id(agency);
    request.set_page_size(size);
    request.set_page_token(token);
    return Call<v1::ListInvitationsResponse>(actor, "ListInvitations", request);
  }
};

TEST_P(InvitationsTest, AdministratorsInviteAtHome) {
  const std::string shelter = AddAgency("victim_service_provider");
  const std::string clinic = AddAgency("health_provider");
  const auth::Actor admin = Person(shelter, {Role::kAgencyAdmin});
  EXPECT_EQ(TryInvite(admin, shelter, {v1::ROLE_CASEWORKER}), "");
  EXPECT_EQ(TryInvite(admin, shelter, {v1::ROLE_AGENCY_ADMIN, v1::ROLE_CASEWORKER}), "");
  EXPECT_EQ(TryInvite(admin, clinic, {v1::ROLE_CASEWORKER}), "NOT_YOUR_AGENCY");
  EXPECT_EQ(TryInvite(admin, ids_.New(), {v1::ROLE_CASEWORKER}), "NOT_YOUR_AGENCY")
      << "permission before existence";
  EXPECT_EQ(TryInvite(admin, shelter, {v1::ROLE_COORDINATOR}), "ROLE_NOT_GRANTABLE");
  EXPECT_EQ(TryInvite(admin, shelter, {v1::ROLE_HOTLINE_OPERATOR}), "ROLE_NEEDS_HOTLINE_AGENCY");
  const std::string hotline = AddAgency("hotline");
  EXPECT_EQ(TryInvite(Person(hotline, {Role::kAgencyAdmin}), hotline, {v1::ROLE_HOTLINE_OPERATOR}),
            "");
  EXPECT_EQ(TryInvite(Person(shelter, {Role::kCaseworker}), shelter, {v1::ROLE_CASEWORKER}),
            "ROLE_NOT_ALLOWED");
  EXPECT_EQ(TryInvite(auth::Actor(), shelter, {v1::ROLE_CASEWORKER}), "SIGN_IN_REQUIRED");
  auth::Actor not_lately = admin;
  not_lately.assurance = auth::kSignedIn;
  EXPECT_EQ(TryInvite(not_lately, shelter, {v1::ROLE_CASEWORKER}), "STEP_UP_REQUIRED");
  const std::string applied = AddAgency("other", "applied");
  EXPECT_EQ(TryInvite(Person(applied, {Role::kAgencyAdmin}), applied, {v1::ROLE_CASEWORKER}),
            "AGENCY_NOT_ACTIVE");
}

TEST_P(InvitationsTest, CoordinatorsStartAnAgencyAndNoMore) {
  const std::string office = AddAgency("coalition_office");
  const std::string clinic = AddAgency("health_provider");
  const auth::Actor coordinator = Person(office, {Role::kCoordinator});
  EXPECT_EQ(TryInvite(coordinator, clinic, {v1::ROLE_CASEWORKER}), "FIRST_STAFF_IS_ADMIN");
  EXPECT_EQ(TryInvite(coordinator, clinic, {v1::ROLE_AGENCY_ADMIN, v1::ROLE_AUDITOR}),
            "ROLE_NEEDS_COALITION_OFFICE");
  EXPECT_EQ(TryInvite(coordinator, office, {v1::ROLE_AUDITOR}), "NOT_YOUR_AGENCY")
      << "the office's own administrator does that";
  EXPECT_EQ(TryInvite(coordinator, ids_.New(), {v1::ROLE_AGENCY_ADMIN}), "AGENCY_NOT_FOUND");
  const auth::Actor both = Person(office, {Role::kCoordinator, Role::kAgencyAdmin});
  EXPECT_EQ(TryInvite(both, office, {v1::ROLE_AUDITOR}), "");
  EXPECT_EQ(TryInvite(both, office, {v1::ROLE_AUDITOR, v1::ROLE_COORDINATOR}), "ROLES_CONFLICT");

  // Two links to an agency that has nobody: the first that is opened is the last.
  ASSERT_EQ(Reason(Invite(coordinator, clinic, CodeOf("one"), {v1::ROLE_AGENCY_ADMIN})), "");
  const auto second = Invite(coordinator, clinic, CodeOf("two"), {v1::ROLE_AGENCY_ADMIN});
  ASSERT_TRUE(second.has_value());
  ASSERT_EQ(Reason(Accept(AcceptRequest(CodeOf("one"), "clinic.admin"))), "");
  EXPECT_EQ(Reason(Accept(AcceptRequest(CodeOf("two"), "planted.admin"))), "INVITATION_INVALID");
  EXPECT_EQ(TryInvite(coordinator, clinic, {v1::ROLE_AGENCY_ADMIN}), "AGENCY_HAS_STAFF");
  EXPECT_EQ(Revoke(coordinator, second->invitation().id()), "");
  // What the agency's own people do is none of theirs.
  const auth::Actor admin = Person(clinic, {Role::kAgencyAdmin});
  const auto own = Invite(admin, clinic, CodeOf("three"), {v1::ROLE_CASEWORKER});
  ASSERT_TRUE(own.has_value());
  EXPECT_EQ(Revoke(coordinator, own->invitation().id()), "INVITATION_NOT_FOUND");
  EXPECT_EQ(Revoke(Person(office, {Role::kAgencyAdmin}), own->invitation().id()),
            "INVITATION_NOT_FOUND");
  EXPECT_EQ(Revoke(admin, own->invitation().id()), "");
  EXPECT_EQ(Revoke(admin, own->invitation().id()), "INVITATION_NOT_FOUND");
}

TEST_P(InvitationsTest, OneAnswerForEveryLinkThatIsNoGood) {
  const std::string shelter = AddAgency("victim_service_provider");
  const auth::Actor admin = Person(shelter, {Role::kAgencyAdmin});
  for (const char* seed : {"used", "revoked", "expired"}) {
    ASSERT_EQ(Reason(Invite(admin, shelter, CodeOf(seed), {v1::ROLE_CASEWORKER})), "");
  }
  ASSERT_TRUE(Accept(AcceptRequest(CodeOf("used"), "used")).has_value());
  const auto open = List(admin, shelter);
  ASSERT_EQ(open->invitations_size(), 2);
  ASSERT_EQ(Revoke(admin, open->invitations(0).id()), "");
  clock_.Advance(72 * 60 * kMinuteMs);
  EXPECT_EQ(List(admin, shelter)->invitations_size(), 0);
  std::set<std::string> answers;
  for (const char* seed : {"used", "revoked", "expired", "never"}) {
    const auto answer = Accept(AcceptRequest(CodeOf(seed), "late.comer"));
    ASSERT_FALSE(answer.has_value()) << seed;
    answers.insert(ToString(answer.error()) + answer.error().message);
  }
  EXPECT_EQ(answers.size(), 1U);
  EXPECT_NE(answers.begin()->find("INVITATION_INVALID"), std::string::npos);
  EXPECT_EQ(Stored("SELECT CAST(COUNT(*) AS TEXT) FROM staff"), "1") << "nothing changed";
}

TEST_P(InvitationsTest, AcceptingMakesACompleteAccountOrNone) {
  const std::string shelter = AddAgency("victim_service_provider");
  ASSERT_TRUE(MakeStaff(shelter, "taken").has_value());
  const auth::Actor admin = Person(shelter, {Role::kAgencyAdmin});
  const std::string code = CodeOf("new");
  ASSERT_EQ(Reason(Invite(admin, shelter, code, {v1::ROLE_CASEWORKER})), "");
  const auto with = [&](const std::function<void(v1::AcceptInvitationRequest&)>& change) {
    v1::AcceptInvitationRequest request = AcceptRequest(code, "newcomer");
    change(request);
    return Reason(Accept(request));
  };
  using Request = v1::AcceptInvitationRequest;
  EXPECT_EQ(with([](Request& r) { r.clear_passphrase(); }), "CREDENTIAL_NEEDED");
  EXPECT_EQ(with([](Request& r) { r.set_passkey_registration_json("{}"); }), "CREDENTIAL_NEEDED");
  EXPECT_EQ(with([](Request& r) { r.mutable_passphrase()->set_passphrase("short"); }),
            "PASSPHRASE_TOO_SHORT");
  EXPECT_EQ(with([](Request& r) { r.mutable_passphrase()->set_passphrase("passwordpassword"); }),
            "PASSPHRASE_TOO_COMMON");
  EXPECT_EQ(with([](Request& r) { r.mutable_passphrase()->set_totp_code("000000"); }),
            "TOTP_CODE_INVALID");
  EXPECT_EQ(with([](Request& r) { r.mutable_passphrase()->set_totp_secret("too short"); }),
            "TOTP_SECRET_INVALID");
  EXPECT_EQ(with([](Request& r) {
              r.mutable_passphrase()->mutable_recovery_code_sha256s()->RemoveLast();
            }),
            "RECOVERY_CODES_NEEDED");
  EXPECT_EQ(with([](Request& r) {
              auto* codes = r.mutable_passphrase()->mutable_recovery_code_sha256s();
              *codes->Mutable(9) = codes->Get(0);
            }),
            "RECOVERY_CODES_NEEDED");
  EXPECT_EQ(with([](Request& r) { r.set_sign_in_name("Not A Name"); }), "INVALID_SIGN_IN_NAME");
  EXPECT_EQ(with([](Request& r) { r.set_sign_in_name("taken"); }), "SIGN_IN_NAME_TAKEN");
  EXPECT_EQ(with([](Request&) {}), "") << "no refusal used the link up";
  EXPECT_EQ(with([](Request&) {}), "INVITATION_INVALID");
}

TEST_P(InvitationsTest, ACoordinatorsOrAuditorsIsTakenBackByACoordinator) {
  const std::string office = AddAgency("coalition_office");
  const auth::Actor both = Person(office, {Role::kCoordinator, Role::kAgencyAdmin});
  const auth::Actor admin = Person(office, {Role::kAgencyAdmin});
  for (const v1::Role role : {v1::ROLE_COORDINATOR, v1::ROLE_AUDITOR}) {
    const auto invited = Invite(both, office, CodeOf(ids_.New()), {role});
    ASSERT_TRUE(invited.has_value());
    EXPECT_EQ(Revoke(admin, invited->invitation().id()), "ROLE_NOT_GRANTABLE");
    EXPECT_EQ(Revoke(both, invited->invitation().id()), "");
  }
}

TEST_P(InvitationsTest, ALinkIsTriedAFewTimesAnHour) {
  const std::string shelter = AddAgency("victim_service_provider");
  ASSERT_TRUE(MakeStaff(shelter, "taken").has_value());
  const auth::Actor admin = Person(shelter, {Role::kAgencyAdmin});
  for (const char* seed : {"tried", "other"}) {
    ASSERT_EQ(Reason(Invite(admin, shelter, CodeOf(seed), {v1::ROLE_CASEWORKER})), "");
  }
  v1::AcceptInvitationRequest slip = AcceptRequest(CodeOf("tried"), "newcomer");
  slip.mutable_passphrase()->set_passphrase("short");
  for (int i = 0; i < 3 * kAttemptsPerWindow; ++i) {
    ASSERT_EQ(Reason(Accept(slip)), "PASSPHRASE_TOO_SHORT") << "slips do not count";
  }
  for (int i = 0; i < kAttemptsPerWindow; ++i) {
    ASSERT_EQ(Reason(Accept(AcceptRequest(CodeOf("tried"), "taken"))), "SIGN_IN_NAME_TAKEN") << i;
  }
  const auto waits = Accept(AcceptRequest(CodeOf("tried"), "newcomer"));
  EXPECT_EQ(Reason(waits), "TOO_MANY_ATTEMPTS");
  EXPECT_EQ(waits.error().metadata.at("retry_after_s"), "3600");
  EXPECT_EQ(Reason(Accept(AcceptRequest(CodeOf("other"), "other"))), "") << "another link";
  clock_.Advance(kThrottleWindowMs);
  EXPECT_EQ(Reason(Accept(AcceptRequest(CodeOf("tried"), "newcomer"))), "");
}

TEST_P(InvitationsTest, NothingIsHashedForANameThatIsTaken) {
  const std::string shelter = AddAgency("victim_service_provider");
  ASSERT_TRUE(MakeStaff(shelter, "taken").has_value());
  const auth::Actor admin = Person(shelter, {Role::kAgencyAdmin});
  ASSERT_EQ(Reason(Invite(admin, shelter, CodeOf("new"), {v1::ROLE_CASEWORKER})), "");
  hashes_.Stop();
  EXPECT_EQ(Reason(Accept(AcceptRequest(CodeOf("new"), "taken"))), "SIGN_IN_NAME_TAKEN");
  EXPECT_EQ(Reason(Accept(AcceptRequest(CodeOf("new"), "free"))), "SHUTTING_DOWN");
}

TEST_P(InvitationsTest, ARequestIdInvitesOnceAndACodeOpensOneDoor) {
  const std::string shelter = AddAgency("victim_service_provider");
  const auth::Actor admin = Person(shelter, {Role::kAgencyAdmin});
  v1::InviteStaffRequest request = InviteRequest(shelter, CodeOf("a"), {v1::ROLE_CASEWORKER});
  const auto first = Call<v1::InviteStaffResponse>(admin, "InviteStaff", request);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->invitation().inviter_staff_id(), admin.staff_id);
  EXPECT_EQ(
      first->invitation().expire_time().seconds() - first->invitation().create_time().seconds(),
      72 * 3600);
  const auto repeat = Call<v1::InviteStaffResponse>(admin, "InviteStaff", request);
  ASSERT_TRUE(repeat.has_value());
  EXPECT_EQ(repeat->invitation().id(), first->invitation().id());
  request.set_display_name("Somebody else");
  EXPECT_EQ(Reason(Call<v1::InviteStaffResponse>(admin, "InviteStaff", request)),
            "REQUEST_ID_REUSED");
  request.set_request_id(ids_.New());
  EXPECT_EQ(Reason(Call<v1::InviteStaffResponse>(admin, "InviteStaff", request)), "SAME_CODE");
}

TEST_P(InvitationsTest, AreListedPageByPageAndBounded) {
  const std::string shelter = AddAgency("victim_service_provider");
  const auth::Actor admin = Person(shelter, {Role::kAgencyAdmin});
  for (int i = 0; i < kMaxOpenInvitations; ++i) {
    ASSERT_EQ(TryInvite(admin, shelter, {v1::ROLE_CASEWORKER}), "") << i;
  }
  EXPECT_EQ(TryInvite(admin, shelter, {v1::ROLE_CASEWORKER}), "TOO_MANY_INVITATIONS");
  const auto page = List(admin, shelter, 60);
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->invitations_size(), 60);
  const auto rest = List(admin, shelter, 60, page->next_page_token());
  ASSERT_TRUE(rest.has_value());
  EXPECT_EQ(rest->invitations_size(), 40);
  EXPECT_EQ(rest->next_page_token(), "");
  EXPECT_EQ(Reason(List(Person(AddAgency("other"), {Role::kAgencyAdmin}), shelter)),
            "NOT_YOUR_AGENCY");
  EXPECT_EQ(Reason(List(Person(shelter, {Role::kCaseworker}), shelter)), "ROLE_NOT_ALLOWED");
  clock_.Advance(72 * 60 * kMinuteMs);
  EXPECT_EQ(TryInvite(admin, shelter, {v1::ROLE_CASEWORKER}), "") << "expired ones do not count";
}

INSTANTIATE_TEST_SUITE_P(Engines, InvitationsTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres), EngineName);

}  // namespace
}  // namespace fairlead::identity
