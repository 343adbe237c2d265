// A hub that lies: about who an agency is, about what a client released, and about ids. Whatever it
// answers, nothing is sealed that a person did not mean.
#include <gmock/gmock.h>

#include <fstream>

#include "fairlead/consent/v1/consent.pb.h"
#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/release_check.h"
#include "gateway/cli/release_form.h"
#include "gateway/cli/testing/fake_key_service.h"
#include "services/common/base/encoding.h"
#include "services/common/seal/seal.h"

namespace fairlead::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kImpostor[] = "01890a5d-ac96-774b-bcce-b302099a8009";
constexpr char kReleaseId[] = "01890a5d-ac96-774b-bcce-b302099a8003";
constexpr char kCase[] = "01890a5d-ac96-774b-bcce-b302099a8004";
constexpr char kName[] = "Northside Clinic";

consent::v1::Release MakeRelease() {
  consent::v1::Release release;
  release.set_id(kReleaseId);
  release.set_state(consent::v1::RELEASE_STATE_ACTIVE);
  release.set_case_handle(kCase);
  release.set_discloser_agency_id(kOwnAgency);
  release.add_recipient_agency_ids(kOtherAgency);
  release.add_recipient_agency_ids(kImpostor);
  release.add_categories("needs");
  release.add_purposes("referral");
  release.mutable_expire_time()->set_seconds(4'000'000'000);
  release.set_release_hash(*ComputeReleaseHash(release));
  return release;
}

class TrustTest : public CliTest {
 protected:
  void SetUp() override {
    SignIn();
    Publish(kOtherAgency, theirs_);
    Publish(kImpostor, impostor_);
    hub_.OnCall(kGetAgency, [this](const FakeRequest& request) {
      directory::v1::GetAgencyRequest asked;
      asked.ParseFromString(request.body);
      directory::v1::GetAgencyResponse response;
      response.mutable_agency()->set_id(asked.agency_id());
      response.mutable_agency()->set_name(names_[asked.agency_id()]);
      return Protobuf(response);
    });
    hub_.OnCall(kListAgencies, [this](const FakeRequest&) {
      directory::v1::ListAgenciesResponse response;
      for (const auto& [id, name] : names_) {
        response.add_agencies()->set_id(id);
        response.mutable_agencies()->rbegin()->set_name(name);
      }
      return Protobuf(response);
    });
    hub_.OnCall(kSendReferral, [this](const FakeRequest& request) {
      sent_.ParseFromString(request.body);
      referral::v1::SendReferralResponse response;
      response.mutable_referral()->set_id(sent_.referral_id());
      return Protobuf(response);
    });
    Show(MakeRelease());
    ASSERT_EQ(Cli({"key", "init"}), kExitOk) << err;
    names_ = {{kOtherAgency, kName}};
  }

  void Publish(const std::string& agency_id, const keys::Publisher& agency) {
    keys_.lists[agency_id] = agency.jws;
  }

  void Show(const consent::v1::Release& release) {
    consent::v1::GetReleaseResponse response;
    *response.mutable_release() = release;
    hub_.Answer(kGetRelease, response);
  }

  int Send(const std::string& to, const std::vector<std::string>& more = {},
           const std::string& input = "") {
    std::ofstream(folder_.File("packet.json")) << R"({"needs":{"secret":"canary"}})";
    sent_.Clear();
    std::vector<std::string> words = {
        "referral",  "send",     "--packet",  folder_.File("packet.json"),
        "--release", kReleaseId, "--to",      to,
        "--need",    "shelter",  "--urgency", "urgent"};
    words.insert(words.end(), more.begin(), more.end());
    return Cli(words, input);
  }
  // The packet that was sent opens with this pair, and so it was sealed to it.
  bool SealedTo(const keys::Publisher& agency) {
    return seal::Open(sent_.packet(), agency.current.epoch_key,
                      {.referral_id = sent_.referral_id(),
                       .release_hash = MakeRelease().release_hash(),
                       .sender_agency_id = kOwnAgency,
                       .sender_signing_key = keys_.ListOf(kOwnAgency).signing_key,
                       .now_s = 1'900'000'000})
        .has_value();
  }

  FakeKeyService keys_{hub_, kCase};
  keys::Publisher theirs_ = Published(kOtherAgency);
  keys::Publisher impostor_ = Published(kImpostor);
  std::map<std::string, std::string> names_;
  referral::v1::SendReferralRequest sent_;
};

TEST_F(TrustTest, NothingIsSealedToANewAgencyWithoutAPerson) {
  EXPECT_EQ(Send(kName), kExitConflict);
  EXPECT_THAT(err, HasSubstr("FIRST_USE_UNCONFIRMED"));
  EXPECT_TRUE(sent_.packet().empty());
  in_is_terminal_ = true;
  EXPECT_EQ(Send(kName, {}, "n\n"), kExitFailed);
  EXPECT_THAT(err, HasSubstr("NOT_CONFIRMED"));
  EXPECT_TRUE(sent_.packet().empty());
  EXPECT_EQ(Send(kName, {}, "y\n"), kExitOk) << err;
  EXPECT_TRUE(SealedTo(theirs_));
  in_is_terminal_ = false;
  EXPECT_EQ(Send(kName), kExitOk) << "pinned from then on: " << err;
}

TEST_F(TrustTest, APinnedNameStaysWithItsIdUntilAPersonAccepts) {
  ASSERT_EQ(Send(kName, {"--first-use"}), kExitOk) << err;
  names_ = {{kImpostor, kName}};  // the hub now says that the clinic is another agency
  for (const std::string to : {kName, kImpostor}) {
    EXPECT_EQ(Send(to, {"--first-use"}), kExitConflict) << to;
    EXPECT_THAT(err, HasSubstr("AGENCY_ID_CHANGED")) << to;
    EXPECT_TRUE(sent_.packet().empty());
  }
  names_ = {{kOtherAgency, kName}, {kImpostor, kName}};
  EXPECT_EQ(Send(kName), kExitConflict) << "two of the name, one of them known";
  names_.clear();
  EXPECT_EQ(Send(kName), kExitOk) << "the pin alone says who it is: " << err;
  EXPECT_TRUE(SealedTo(theirs_));

  names_ = {{kImpostor, kName}};
  EXPECT_EQ(Cli({"key", "show", kName}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("CHANGED"));
  EXPECT_EQ(Cli({"key", "accept", kName}), kExitUsage);
  EXPECT_EQ(Cli({"key", "accept", kName, "--yes"}), kExitOk) << err;
  EXPECT_EQ(Send(kName), kExitOk) << err;
  EXPECT_TRUE(SealedTo(impostor_)) << "because a person said so";
}

TEST_F(TrustTest, AnIdStaysWithItsName) {
  ASSERT_EQ(Send(kName, {"--first-use"}), kExitOk) << err;
  names_ = {{kOtherAgency, "Eastside Mission"}};
  EXPECT_EQ(Send("Eastside Mission"), kExitConflict)
      << "the hub gives another's name to the clinic";
  EXPECT_THAT(err, HasSubstr("AGENCY_NAME_MISMATCH"));
  EXPECT_TRUE(sent_.packet().empty());
  EXPECT_EQ(Cli({"release", "create", "--to", "Eastside Mission", "--category", "needs",
                 "--safe-contact", "--state", "TX"}),
            kExitConflict);
  EXPECT_THAT(err, HasSubstr("AGENCY_NAME_MISMATCH"));
  EXPECT_EQ(Send(kOtherAgency), kExitOk) << "meant by its id: " << err;
  ASSERT_EQ(Cli({"key", "accept", kOtherAgency, "--yes"}), kExitOk) << err;
  EXPECT_EQ(Send("Eastside Mission"), kExitOk) << "because a person said so: " << err;
}

TEST_F(TrustTest, AnAgencyThatLostItsNameIsAskedAboutAgain) {
  ASSERT_EQ(Send(kName, {"--first-use"}), kExitOk) << err;
  names_ = {{kImpostor, kName}};
  ASSERT_EQ(Cli({"key", "accept", kName, "--yes"}), kExitOk) << err;
  names_ = {{kImpostor, kName}, {kOtherAgency, "Eastside Mission"}};
  EXPECT_EQ(Send("Eastside Mission"), kExitConflict);
  EXPECT_THAT(err, HasSubstr("FIRST_USE_UNCONFIRMED"));
  EXPECT_TRUE(sent_.packet().empty());
}

TEST_F(TrustTest, ReadingFromAnAgencyDoesNotMakeItOneToSealTo) {
  const seal::PublicKey own = keys_.ListOf(kOwnAgency).epoch_key;
  seal::SealRequest request;
  request.header = {.referral_id = kCase,
                    .sender_agency_id = kImpostor,
                    .sender_kid = {},
                    .release_hash = std::string(43, 'A'),
                    .purpose = "referral",
                    .categories = {"needs"},
                    .expires_s = 4'000'000'000,
                    .recips = {}};
  request.plaintext = "{}";
  request.recipients = {own, impostor_.current.epoch_key.public_key};
  referral::v1::OpenPacketResponse response;
  response.set_packet(*seal::Seal(request, impostor_.current.signing_key, SystemRandom()));
  response.mutable_referral()->set_id(kCase);
  response.mutable_referral()->set_sender_agency_id(kImpostor);
  response.mutable_referral()->set_release_hash(std::string(43, 'A'));
  hub_.Answer(kOpenPacket, response);
  names_ = {{kImpostor, kName}};
  ASSERT_EQ(Cli({"referral", "open", kCase}), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr(std::string("From ") + kName + ", as the hub names it (" + kImpostor));
  EXPECT_EQ(Send(kName), kExitConflict);
  EXPECT_THAT(err, HasSubstr("FIRST_USE_UNCONFIRMED"));
  EXPECT_TRUE(sent_.packet().empty());
  ASSERT_EQ(Cli({"key", "accept", kName, "--yes"}), kExitOk) << err;
  names_ = {{kImpostor, "Harbor House"}};
  ASSERT_EQ(Cli({"referral", "open", kCase}), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr(std::string("From ") + kName + ", signature verified"))
      << "a name once confirmed is the one that is shown";
  EXPECT_THAT(err, Not(HasSubstr("Harbor House")));
  response.mutable_referral()->set_sender_agency_id("../../x");
  hub_.Answer(kOpenPacket, response);
  EXPECT_EQ(Cli({"referral", "open", kCase}), kExitFailed);
  EXPECT_THAT(err, HasSubstr("INVALID_ANSWER"));
}

TEST_F(TrustTest, AReleaseMustBeWhatItsHashStandsFor) {
  using Change = std::function<void(consent::v1::Release&)>;
  const std::vector<Change> changes = {
      [](auto& r) { r.add_categories("health"); },
      [](auto& r) { r.add_recipient_agency_ids(kOwnAgency); },
      [](auto& r) { r.add_excluded_categories("needs"); },
      [](auto& r) { r.add_purposes("benefits"); },
      [](auto& r) { r.set_form_version("2\nform_hash="); },
      [](auto& r) { r.set_two_way(true); },
      [](auto& r) { r.set_action(consent::v1::RELEASE_ACTION_ONGOING); },
      [](auto& r) { r.mutable_expire_time()->set_seconds(4'000'000'001); },
      [](auto& r) { r.mutable_expire_time()->set_seconds(INT64_MAX); },
      [](auto& r) { r.mutable_expire_time()->set_nanos(1); },
      [](auto& r) { r.set_release_hash(std::string(43, 'A')); }};
  for (size_t i = 0; i < changes.size(); ++i) {
    consent::v1::Release release = MakeRelease();
    changes[i](release);
    Show(release);
    EXPECT_EQ(Send(kName, {"--first-use"}), kExitFailed) << i;
    EXPECT_THAT(err, HasSubstr("RELEASE_HASH_MISMATCH")) << i;
    EXPECT_TRUE(sent_.packet().empty()) << i;
  }
  consent::v1::Release other = MakeRelease();
  other.set_id(kCase);
  other.set_release_hash(*ComputeReleaseHash(other));
  Show(other);
  EXPECT_EQ(Send(kName, {"--first-use"}), kExitFailed);
  EXPECT_THAT(err, HasSubstr("INVALID_ANSWER"));
}

TEST_F(TrustTest, AReleaseSignedHereStaysAsItWas) {
  consent::v1::SignReleaseResponse signed_response;
  *signed_response.mutable_release() = MakeRelease();
  hub_.Answer(kSignRelease, signed_response);
  const std::vector<std::string> sign = {"release", "sign",        kReleaseId, "--capacity",
                                         "self",    "--method",    "written",  "--language",
                                         "es",      "--statement", "all", "--yes"};
  ASSERT_EQ(Cli(sign), kExitOk) << err;
  consent::v1::Release wider = MakeRelease();
  wider.add_categories("health");
  wider.set_release_hash(*ComputeReleaseHash(wider));  // consistent in itself
  Show(wider);
  EXPECT_EQ(Send(kName, {"--first-use"}), kExitFailed);
  EXPECT_THAT(err, HasSubstr("RELEASE_CHANGED"));
  EXPECT_TRUE(sent_.packet().empty());
  EXPECT_EQ(Cli(sign), kExitFailed) << "nor is another one signed under its id";
  Show(MakeRelease());
  EXPECT_EQ(Send(kName, {"--first-use"}), kExitOk) << err;
}

TEST_F(TrustTest, ASignatureIsRecordedOnlyWhenAllOfItIsSo) {
  consent::v1::Release spanish = MakeRelease();
  spanish.set_form_version("fairlead-es-1");
  spanish.set_form_hash(Base64UrlEncode(Sha256(FindReleaseForm("es")->text)));
  spanish.set_release_hash(*ComputeReleaseHash(spanish));
  Show(spanish);
  consent::v1::SignReleaseResponse response;
  *response.mutable_release() = spanish;
  int signatures = 0;
  hub_.OnCall(kSignRelease, [&](const FakeRequest&) {
    ++signatures;
    return Protobuf(response);
  });
  const auto sign = [this](const std::vector<std::string>& more) {
    std::vector<std::string> words = {"release", "sign", kReleaseId, "--capacity", "self"};
    words.insert(words.end(), more.begin(), more.end());
    return Cli(words);
  };
  const size_t before = hub_.requests().size();
  EXPECT_EQ(sign({"--method", "oral", "--language", "es", "--statement", "all", "--yes"}),
            kExitUsage);
  EXPECT_THAT(err, HasSubstr("written or esigned"));
  EXPECT_EQ(hub_.requests().size(), before) << "before anything else is said or asked";
  std::vector<std::string> english = {"--method",    "written", "--language", "en",
                                      "--statement", "all",     "--yes"};
  EXPECT_EQ(sign(english), kExitConflict) << "another form was read than the one it was made with";
  EXPECT_THAT(err, HasSubstr("FORM_LANGUAGE_MISMATCH"));
  EXPECT_EQ(sign({"--method", "written", "--language", "es", "--statement", "all"}), kExitUsage)
      << "nobody to ask, and nobody said yes";
  EXPECT_THAT(err, HasSubstr("--yes"));
  EXPECT_EQ(sign({"--method", "written", "--language", "es", "--statement",
                  "plain_language,risks,refusing,redisclosure,copy", "--yes"}),
            kExitConflict);
  EXPECT_THAT(err, HasSubstr("--statement lacks not_a_condition, revoking."));
  EXPECT_EQ(signatures, 0);
  EXPECT_EQ(sign({"--method", "written", "--language", "es-MX", "--statement", "all", "--yes"}),
            kExitOk)
      << err;
  english.emplace_back("--interpreter");
  EXPECT_EQ(sign(english), kExitOk) << err;
  EXPECT_EQ(signatures, 2);
}

TEST_F(TrustTest, AReleaseIsRecordedAsAskedOrRefused) {
  bool widen = false;
  hub_.OnCall(kCreateRelease, [&widen](const FakeRequest& request) {
    consent::v1::CreateReleaseRequest asked;
    asked.ParseFromString(request.body);
    consent::v1::CreateReleaseResponse response;
    consent::v1::Release& release = *response.mutable_release();
    release.set_id(widen ? kCase : kReleaseId);
    release.set_discloser_agency_id(kOwnAgency);
    release.set_form_version(asked.form_version());
    release.set_form_hash(asked.form_hash());
    release.set_jurisdiction(asked.jurisdiction());
    release.set_case_handle(asked.case_handle());
    *release.mutable_recipient_agency_ids() = asked.recipient_agency_ids();
    *release.mutable_categories() = asked.categories();
    *release.mutable_purposes() = asked.purposes();
    release.set_action(asked.action());
    release.set_hub_named_as_intermediary(true);
    release.mutable_effective_time()->set_seconds(1'900'000'000);
    release.mutable_expire_time()->set_seconds(1'910'000'000);
    if (widen) release.add_recipient_agency_ids(kImpostor);
    release.set_release_hash(*ComputeReleaseHash(release));
    return Protobuf(response);
  });
  const std::vector<std::string> create = {
      "release", "create", "--to", kName, "--category", "needs", "--safe-contact", "--state", "TX"};
  EXPECT_EQ(Cli(create), kExitOk) << err;
  EXPECT_TRUE(std::filesystem::exists(folder_.File("home") + "/profiles/default/releases/" +
                                      kReleaseId + ".json"));
  widen = true;
  EXPECT_EQ(Cli(create), kExitFailed);
  EXPECT_THAT(err, HasSubstr("RELEASE_CHANGED"));
}

TEST_F(TrustTest, AnIdFromTheHubIsNoPath) {
  identity::v1::SignInResponse response;
  response.set_session_token("token");
  response.mutable_staff()->set_agency_id("../../../../outside");
  hub_.Answer(kSignIn, response);
  EXPECT_EQ(Cli({"login", "ana", "--passphrase-stdin", "--totp-stdin", "--profile", "b"},
                "plain words here\n287082\n"),
            kExitFailed);
  EXPECT_THAT(err, HasSubstr("INVALID_ANSWER"));
  EXPECT_FALSE(std::filesystem::exists(folder_.File("home") + "/profiles/b"));
  names_ = {{"../../outside", kName}};
  EXPECT_EQ(Send(kName, {"--first-use"}), kExitFailed);
  EXPECT_THAT(err, HasSubstr("INVALID_ANSWER"));
}

TEST_F(TrustTest, TheDemoKnowsItsAgenciesWithoutTheHub) {
  const std::string data = folder_.File("data");
  std::filesystem::create_directories(data + "/demo/keys");
  std::ofstream(data + "/demo/sign-ins.json")
      << R"({"passphrase":"p","people":[{"sign_in_name":"ana",)"
      << R"("totp_uri":"otpauth://totp/x?secret=MZXW6","agency_id":")" << kOwnAgency
      << R"("},{"sign_in_name":"bo","agency_name":")" << kName << R"(","agency_id":")"
      << kOtherAgency << R"("},{"sign_in_name":"eve","agency_id":"../x"}]})";
  const std::string stem = data + "/demo/keys/" + kOtherAgency;
  std::ofstream(stem + ".epoch.jwk") << seal::ToPrivateJwk(theirs_.current.epoch_key);
  std::ofstream(stem + ".agency.jwk") << seal::ToPrivateJwk(theirs_.agency);
  std::ofstream(stem + ".signing.jwk") << seal::ToPrivateJwk(theirs_.current.signing_key);
  environment_["FAIRLEAD_DATA_DIR"] = data;
  ASSERT_EQ(Cli({"demo", "use", "ana"}), kExitOk) << err;
  EXPECT_EQ(Send(kName), kExitOk) << err;
  EXPECT_TRUE(SealedTo(theirs_));
  Publish(kOtherAgency, Published(kOtherAgency));
  EXPECT_EQ(Send(kName), kExitConflict) << "known from the files, so another key is a change";
  EXPECT_THAT(err, HasSubstr("AGENCY_KEY_CHANGED"));
}

TEST_F(TrustTest, ANameCannotSteerTheTerminal) {
  names_ = {{kOtherAgency, "Clinic\u202Ecilnic\u202C\u009B2J"}};
  EXPECT_EQ(Send(kOtherAgency, {"--first-use"}), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("Clinic?cilnic??2J"));
  EXPECT_THAT(err, Not(HasSubstr("\u202E")));
}

}  // namespace
}  // namespace fairlead::cli
