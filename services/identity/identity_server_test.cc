// Set-up, sessions, agencies' keys and the copy of agencies, on both engines.
#include "services/identity/identity_server.h"

#include <sys/stat.h>

#include <fstream>

#include "services/common/seal/seal.h"
#include "services/identity/commands/agency_keys.h"
#include "services/identity/commands/set_up.h"
#include "services/identity/consumers/agency_changed.h"
#include "services/identity/testing/identity_fixture.h"

namespace fairlead::identity {
namespace {

class SetUpTest : public IdentityServerTest {
 protected:
  std::string CodeFile() const {
    std::ifstream in(folder_.File("setup-code"));
    std::string code;
    std::getline(in, code);
    return code;
  }
  v1::SetUpRequest Request(const std::string& code) {
    v1::SetUpRequest request;
    request.set_request_id(ids_.New());
    request.set_set_up_code(code);
    request.set_agency_name("Harbor Coalition");
    for (const char* name : {"Rosa Alvarez", "Sam Ito"}) {
      v1::FirstCoordinator* person = request.add_coordinators();
      person->set_display_name(name);
      person->set_invitation_code_sha256(HashOf(CodeOf(name)));
    }
    return request;
  }
  std::string Try(const v1::SetUpRequest& request) {
    return Reason(Call<v1::SetUpResponse>(auth::Actor(), "SetUp", request));
  }
};

TEST_P(SetUpTest, WorksOnceWithTheCodeOfTheFile) {
  ASSERT_TRUE(OfferSetUp(*deps_, code_, folder_.path()));
  const std::string code = CodeFile();
  ASSERT_EQ(code.size(), 43U);
  struct stat info = {};
  ASSERT_EQ(stat(folder_.File("setup-code").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);

  v1::SetUpRequest request = Request("x" + code.substr(1, 41) + "x");
  EXPECT_EQ(Try(request), "SET_UP_CODE_INVALID");
  request.set_set_up_code(code);
  request.mutable_coordinators()->RemoveLast();
  EXPECT_EQ(Try(request), "TWO_COORDINATORS_NEEDED");
  *request.add_coordinators() = request.coordinators(0);
  EXPECT_EQ(Try(request), "SAME_CODE");
  EXPECT_EQ(directory_.creates, 0) << "nothing happens before all is right";

  // The program is started again before the set-up: the same code is good.
  SetUpCode again;
  ASSERT_TRUE(OfferSetUp(*deps_, again, folder_.path()));
  EXPECT_TRUE(again.Matches(code));

  request = Request(code);
  const auto made = Call<v1::SetUpResponse>(auth::Actor(), "SetUp", request);
  ASSERT_TRUE(made.has_value()) << ToString(made.error());
  ASSERT_EQ(made->invitations_size(), 2);
  EXPECT_EQ(made->invitations(1).display_name(), "Sam Ito");
  EXPECT_EQ(CodeFile(), "");
  const auto repeat = Call<v1::SetUpResponse>(auth::Actor(), "SetUp", request);
  ASSERT_TRUE(repeat.has_value()) << ToString(repeat.error());
  EXPECT_EQ(repeat->invitations(0).id(), made->invitations(0).id());
  EXPECT_EQ(Try(Request(code)), "ALREADY_SET_UP");
  ASSERT_TRUE(OfferSetUp(*deps_, again, folder_.path()));
  EXPECT_FALSE(again.Matches(code)) << "a later start offers no set-up";

  for (const char* name : {"Rosa Alvarez", "Sam Ito"}) {
    const std::string sign_in_name = name[0] == 'R' ? "rosa" : "sam";
    const auto accepted = Accept(AcceptRequest(CodeOf(name), sign_in_name));
    ASSERT_TRUE(accepted.has_value()) << ToString(accepted.error());
    EXPECT_EQ(accepted->staff().display_name(), name);
    EXPECT_EQ(accepted->staff().roles_size(), 2);
    const auto session = SignIn(sign_in_name, kGood);
    ASSERT_TRUE(session.has_value()) << ToString(session.error());
    EXPECT_EQ(session->agency_name(), "Harbor Coalition");
    EXPECT_EQ(Check(session->session_token())->agency_kind(), "coalition_office");
  }
}

TEST_P(SetUpTest, WhereThereIsAnybodyNobodySetsUp) {
  ASSERT_TRUE(OfferSetUp(*deps_, code_, folder_.path()));
  const std::string code = CodeFile();
  ASSERT_TRUE(MakeStaff(AddAgency("other"), "first").has_value());
  EXPECT_EQ(CodeFile(), "");
  EXPECT_EQ(Try(Request(code)), "ALREADY_SET_UP");
  EXPECT_EQ(directory_.creates, 0);
}

TEST_P(SetUpTest, IsOfferedAgainWhenNobodyCame) {
  ASSERT_TRUE(OfferSetUp(*deps_, code_, folder_.path()));
  const auto made = Call<v1::SetUpResponse>(auth::Actor(), "SetUp", Request(CodeFile()));
  ASSERT_TRUE(made.has_value());
  clock_.Advance(72 * 60 * kMinuteMs);
  EXPECT_EQ(Reason(Accept(AcceptRequest(CodeOf("Sam Ito"), "sam"))), "INVITATION_INVALID");
  ASSERT_TRUE(OfferSetUp(*deps_, code_, folder_.path()));
  v1::SetUpRequest request = Request(CodeFile());
  for (int i = 0; i < 2; ++i) {
    request.mutable_coordinators(i)->set_invitation_code_sha256(
        HashOf(CodeOf("again" + std::to_string(i))));
  }
  const auto again = Call<v1::SetUpResponse>(auth::Actor(), "SetUp", request);
  ASSERT_TRUE(again.has_value()) << ToString(again.error());
  EXPECT_EQ(again->agency_id(), made->agency_id()) << "one office, whatever happened before";
  EXPECT_TRUE(Accept(AcceptRequest(CodeOf("again0"), "sam")).has_value());
}

TEST_P(IdentityServerTest, ASessionLivesIsUsedAndEnds) {
  const std::string agency = AddAgency("health_provider");
  ASSERT_TRUE(MakeStaff(agency, "nurse.one").has_value());
  const auto session = SignInWith("Nurse.One", kGood, NextCode("nurse.one"));
  ASSERT_TRUE(session.has_value()) << ToString(session.error());
  const std::string token = session->session_token();
  EXPECT_EQ(Base64UrlDecode(token)->size(), 32U);

  auto checked = Check(token);
  ASSERT_TRUE(checked.has_value()) << ToString(checked.error());
  EXPECT_EQ(checked->staff().sign_in_name(), "nurse.one");
  EXPECT_EQ(checked->agency_kind(), "health_provider");
  EXPECT_EQ(checked->membership(), "active");
  EXPECT_EQ(Reason(Check(token + "A")), "SESSION_INVALID");
  EXPECT_EQ(Reason(Check("nonsense")), "SESSION_INVALID");

  // Each use moves the idle end; after 15 minutes without one it is over.
  clock_.Advance(14 * kMinuteMs);
  checked = Check(token);
  ASSERT_TRUE(checked.has_value());
  EXPECT_EQ(checked->session().idle_expire_time().seconds(),
            (clock_.NowMs() + 15 * kMinuteMs) / 1000);
  clock_.Advance(14 * kMinuteMs);
  ASSERT_TRUE(Check(token).has_value());
  clock_.Advance(15 * kMinuteMs);
  EXPECT_EQ(Reason(Check(token)), "SESSION_INVALID");

  // Used all the time, it still ends after 12 hours.
  const auto second = SignIn("nurse.one", kGood);
  ASSERT_TRUE(second.has_value());
  for (int minutes = 0; minutes < 12 * 60 - 10; minutes += 10) {
    ASSERT_TRUE(Check(second->session_token()).has_value()) << minutes;
    clock_.Advance(10 * kMinuteMs);
  }
  clock_.Advance(10 * kMinuteMs);
  EXPECT_EQ(Reason(Check(second->session_token())), "SESSION_INVALID");

  const auto third = SignIn("nurse.one", kGood);
  ASSERT_TRUE(third.has_value());
  const auth::Actor me = Person(*third);
  const auto who = Call<v1::GetMeResponse>(me, "GetMe", v1::GetMeRequest());
  ASSERT_TRUE(who.has_value()) << ToString(who.error());
  EXPECT_EQ(who->agency_name(), "Agency health_provider");
  EXPECT_TRUE(Call<v1::SignOutResponse>(me, "SignOut", v1::SignOutRequest()).has_value());
  EXPECT_TRUE(Call<v1::SignOutResponse>(me, "SignOut", v1::SignOutRequest()).has_value());
  EXPECT_EQ(Reason(Check(third->session_token())), "SESSION_INVALID");
  EXPECT_EQ(Reason(Call<v1::GetMeResponse>(me, "GetMe", v1::GetMeRequest())), "SESSION_INVALID");
}

TEST_P(IdentityServerTest, StaffAreListedPageByPage) {
  const std::string agency = AddAgency("government");
  const auth::Actor admin = Person(agency, {auth::Role::kAgencyAdmin});
  for (const char* name : {"one", "two", "three"}) ASSERT_TRUE(MakeStaff(agency, name));
  v1::ListStaffRequest request;
  request.set_agency_id(agency);
  request.set_page_size(2);
  const auto page = Call<v1::ListStaffResponse>(admin, "ListStaff", request);
  ASSERT_TRUE(page.has_value()) << ToString(page.error());
  EXPECT_EQ(page->staff_size(), 2);
  request.set_page_token(page->next_page_token());
  const auto rest = Call<v1::ListStaffResponse>(admin, "ListStaff", request);
  ASSERT_TRUE(rest.has_value()) << ToString(rest.error());
  ASSERT_EQ(rest->staff_size(), 1);
  EXPECT_EQ(rest->staff(0).sign_in_name(), "three");
  EXPECT_EQ(rest->next_page_token(), "");
  request.set_agency_id(AddAgency("other"));
  EXPECT_EQ(Reason(Call<v1::ListStaffResponse>(admin, "ListStaff", request)), "NOT_YOUR_AGENCY");
}

TEST_P(IdentityServerTest, AColleagueIsFoundAtOnesOwnAgencyOnly) {
  const std::string agency = AddAgency("victim_service_provider");
  const std::string elsewhere = AddAgency("health_provider");
  const std::string office = AddAgency("coalition_office");
  const auto ana = MakeStaff(agency, "ana");
  const auto ben = MakeStaff(elsewhere, "ben");
  const auto auditor = MakeStaff(office, "auditor", {v1::ROLE_AUDITOR});
  ASSERT_TRUE(ana && ben && auditor);
  const auto find = [&](const std::string& by_agency, const std::string& id,
                        const std::string& name) -> std::string {
    v1::FindColleagueRequest request;
    request.set_staff_id(id);
    request.set_sign_in_name(name);
    const auto found = Call<v1::FindColleagueResponse>(
        Person(by_agency, {auth::Role::kCaseworker}), "FindColleague", request);
    if (!found) return found.error().reason;
    return found->colleague().staff_id() + " " + found->colleague().display_name();
  };
  EXPECT_EQ(find(agency, ana->id(), ""), ana->id() + " Somebody New");
  EXPECT_EQ(find(agency, "", "ana"), ana->id() + " Somebody New");
  EXPECT_EQ(find(agency, ben->id(), ""), "COLLEAGUE_NOT_FOUND");
  EXPECT_EQ(find(agency, "", "ben"), "COLLEAGUE_NOT_FOUND");
  EXPECT_EQ(find(agency, ids_.New(), ""), "COLLEAGUE_NOT_FOUND");
  EXPECT_EQ(find(office, auditor->id(), ""), "COLLEAGUE_NOT_FOUND") << "works on no cases";
  EXPECT_EQ(find(agency, "", ""), "STAFF_ID_OR_NAME");
  EXPECT_EQ(find(agency, ana->id(), "ana"), "STAFF_ID_OR_NAME");
  v1::DisableStaffRequest leave;
  leave.set_request_id(ids_.New());
  leave.set_staff_id(ana->id());
  auth::Actor admin = Person(agency, {auth::Role::kAgencyAdmin});
  admin.assurance = auth::kProvenLately;
  ASSERT_EQ(Reason(Call<v1::DisableStaffResponse>(admin, "DisableStaff", leave)), "");
  EXPECT_EQ(find(agency, ana->id(), ""), "COLLEAGUE_NOT_FOUND");
  EXPECT_EQ(find(agency, "", "ana"), "COLLEAGUE_NOT_FOUND");
}

TEST_P(IdentityServerTest, KeysComeInEpochs) {
  const std::string agency = AddAgency("victim_service_provider");
  const auth::Actor admin = Person(agency, {auth::Role::kAgencyAdmin});
  const auto epoch_1 = seal::GenerateKey(seal::KeyUse::kEpoch);
  const auto epoch_2 = seal::GenerateKey(seal::KeyUse::kEpoch);
  const auto signing = seal::GenerateKey(seal::KeyUse::kSigning);
  v1::GetAgencyKeysRequest get;
  get.set_agency_id(agency);
  const auto find = [&] { return Call<v1::GetAgencyKeysResponse>(admin, "GetAgencyKeys", get); };
  EXPECT_EQ(Reason(find()), "AGENCY_HAS_NO_KEYS");

  // As a key list that names them does it.
  const auto publish = [&](const auth::Actor& by, const seal::PublicKey& epoch) {
    rpc::CallContext context;
    context.actor = by;
    const AgencyKeys keys{.agency_id = by.agency_id,
                          .epoch = 0,
                          .epoch_jwk = seal::ToJwk(epoch),
                          .signing_jwk = seal::ToJwk(signing->public_key),
                          .epoch_kid = epoch.kid,
                          .signing_kid = signing->public_key.kid,
                          .create_ms = clock_.NowMs()};
    std::function<Result<AgencyKeys>(storage::Transaction&)> write =
        [&](storage::Transaction& tx) { return PublishKeys(*deps_, tx, context, keys); };
    return SyncWait(database_->Write<AgencyKeys>(write));
  };
  const std::string jwk_1 = seal::ToJwk(epoch_1->public_key);
  const std::string jwk_2 = seal::ToJwk(epoch_2->public_key);
  ASSERT_EQ(Reason(publish(admin, epoch_1->public_key)), "");
  EXPECT_EQ(Reason(publish(admin, epoch_1->public_key)), "KEY_ALREADY_PUBLISHED");
  const auto second = publish(admin, epoch_2->public_key);
  ASSERT_TRUE(second.has_value()) << ToString(second.error());
  EXPECT_EQ(second->epoch, 2);

  EXPECT_EQ(find()->keys().epoch_jwk(), jwk_2);
  get.set_epoch(1);
  EXPECT_EQ(find()->keys().epoch_jwk(), jwk_1);
  get.set_epoch(3);
  EXPECT_EQ(Reason(find()), "KEYS_NOT_FOUND");
  get.set_epoch(0);
  get.set_kid(epoch_1->public_key.kid);
  EXPECT_EQ(find()->keys().epoch(), 1);
  get.set_kid(signing->public_key.kid);
  EXPECT_EQ(find()->keys().epoch(), 2) << "the latest with this key";

  // A signing key belongs to one agency.
  const auto other_epoch = seal::GenerateKey(seal::KeyUse::kEpoch);
  EXPECT_EQ(Reason(publish(Person(AddAgency("other"), {auth::Role::kAgencyAdmin}),
                           other_epoch->public_key)),
            "KEY_ALREADY_PUBLISHED");

  const std::function<Result<std::string>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) -> Result<std::string> {
    FAIRLEAD_ASSIGN(const auto rows,
                    tx.Query("SELECT record_id FROM audit_record WHERE staff_id = $1 AND action = "
                             "'agency_keys_published' ORDER BY id",
                             {admin.staff_id}));
    std::string kids;
    for (const auto& row : rows) kids += row.Text(0) + " ";
    return kids;
  };
  EXPECT_EQ(SyncWait(database_->Read<std::string>(read)).value_or("none"),
            epoch_1->public_key.kid + " " + epoch_2->public_key.kid + " ");
}

TEST_P(IdentityServerTest, AgencyEventsReplaceTheCopyAndTheDirectoryIsAskedOnce) {
  const std::string agency = AddAgency("legal_services");
  ASSERT_TRUE(MakeStaff(agency, "counsel").has_value());
  ASSERT_TRUE(MakeStaff(agency, "counsel.two").has_value());
  EXPECT_EQ(directory_.gets, 1) << "the answer is kept";
  const auto session = SignIn("counsel", kGood);
  ASSERT_TRUE(session.has_value());

  events::v1::AgencyChanged changed;
  changed.set_agency_id(agency);
  changed.set_name("Renamed");
  changed.set_kind("legal_services");
  changed.set_membership("suspended");
  events::v1::EventEnvelope event;
  event.set_data_schema("fairlead.events.v1.AgencyChanged");
  event.set_data(changed.SerializeAsString());
  std::function<Result<bool>(storage::Transaction&)> apply =
      [&](storage::Transaction& tx) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(ApplyDirectoryEvent(*deps_, tx, event));
    return true;
  };
  ASSERT_TRUE(SyncWait(database_->Write<bool>(apply)).has_value());
  EXPECT_EQ(Check(session->session_token())->membership(), "suspended");
  event.set_data("\xFF");
  EXPECT_EQ(Reason(SyncWait(database_->Write<bool>(apply))), "INVALID_EVENT");
}

INSTANTIATE_TEST_SUITE_P(Engines, IdentityServerTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres), EngineName);
INSTANTIATE_TEST_SUITE_P(Engines, SetUpTest, ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         EngineName);

}  // namespace
}  // namespace fairlead::identity
