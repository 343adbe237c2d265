// Keys on the command line: made here, pinned at first use, and a change stops everything.
#include <gmock/gmock.h>

#include <fstream>

#include "fairlead/consent/v1/consent.pb.h"
#include "fairlead/referral/v1/forward.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/release_check.h"
#include "gateway/cli/testing/fake_key_service.h"
#include "services/common/seal/seal.h"

namespace fairlead::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kReleaseId[] = "01890a5d-ac96-774b-bcce-b302099a8003";
constexpr char kCase[] = "01890a5d-ac96-774b-bcce-b302099a8004";

class KeysTest : public CliTest {
 protected:
  void SetUp() override {
    SignIn();
    hub_.OnCall(kSendReferral, [this](const FakeRequest& request) {
      sent_.ParseFromString(request.body);
      referral::v1::SendReferralResponse response;
      response.mutable_referral()->set_id(sent_.referral_id());
      response.mutable_referral()->set_sender_agency_id(kOwnAgency);
      return Protobuf(response);
    });
    consent::v1::GetReleaseResponse release;
    release.mutable_release()->set_id(kReleaseId);
    release.mutable_release()->set_state(consent::v1::RELEASE_STATE_ACTIVE);
    release.mutable_release()->set_case_handle(kCase);
    release.mutable_release()->add_recipient_agency_ids(kOtherAgency);
    release.mutable_release()->add_categories("needs");
    release.mutable_release()->add_purposes("referral");
    release.mutable_release()->mutable_expire_time()->set_seconds(4'000'000'000);
    release_hash_ = *ComputeReleaseHash(release.release());
    release.mutable_release()->set_release_hash(release_hash_);
    hub_.Answer(kGetRelease, release);
  }

  void PublishOther(const keys::Publisher& other) { keys_.lists[kOtherAgency] = other.jws; }

  int Send(const std::string& packet, const std::vector<std::string>& more = {}) {
    std::ofstream(folder_.File("packet.json")) << packet;
    sent_.Clear();
    std::vector<std::string> words = {
        "referral",   "send",     "--packet",  folder_.File("packet.json"),
        "--release",  kReleaseId, "--to",      kOtherAgency,
        "--need",     "shelter",  "--urgency", "urgent",
        "--first-use"};
    words.insert(words.end(), more.begin(), more.end());
    return Cli(words);
  }

  FakeKeyService keys_{hub_, kCase};
  referral::v1::SendReferralRequest sent_;
  std::string release_hash_;
};

TEST_F(KeysTest, InitPublishesPublicHalvesOnlyAndOnce) {
  EXPECT_EQ(Cli({"key", "init"}), kExitOk) << err;
  EXPECT_EQ(keys_.ListOf(kOwnAgency).version, 1);
  EXPECT_EQ(keys_.ListOf(kOwnAgency).devices.size(), 1U);
  for (const FakeRequest& request : hub_.requests()) {
    EXPECT_THAT(request.body, Not(HasSubstr("\"d\":"))) << "a private half left the machine";
  }
  EXPECT_EQ(Cli({"key", "init"}), kExitConflict);
  EXPECT_THAT(err, HasSubstr("KEYS_EXIST"));
  EXPECT_EQ(Cli({"key", "show"}), kExitOk);
  EXPECT_THAT(out, HasSubstr("private keys present"));
}

TEST_F(KeysTest, SendSealsForTheRecipientAndNobodyElse) {
  const keys::Publisher theirs = Published(kOtherAgency);
  PublishOther(theirs);
  EXPECT_EQ(Send(R"({"needs":{"secret":"canary"}})"), kExitConflict);
  EXPECT_THAT(err, HasSubstr("KEY_MISSING"));
  ASSERT_EQ(Cli({"key", "init"}), kExitOk);
  EXPECT_EQ(Send(R"({"needs":{"secret":"canary"}})"), kExitOk) << err;
  EXPECT_EQ(sent_.case_handle(), kCase);
  EXPECT_EQ(sent_.facets().urgency(), referral::v1::URGENCY_URGENT);
  for (const FakeRequest& request : hub_.requests()) {
    EXPECT_THAT(request.body, Not(HasSubstr("canary")));
  }
  const seal::PublicKey signing = keys_.ListOf(kOwnAgency).signing_key;
  const auto opened = seal::Open(sent_.packet(), theirs.current.epoch_key,
                                 {.referral_id = sent_.referral_id(),
                                  .release_hash = release_hash_,
                                  .sender_agency_id = kOwnAgency,
                                  .sender_signing_key = signing,
                                  .now_s = 1'900'000'000});
  ASSERT_TRUE(opened) << ToString(opened.error());
  EXPECT_EQ(opened->plaintext, R"({"needs":{"secret":"canary"}})");
}

// What was received is named; all else is as in send.
TEST_F(KeysTest, ForwardSealsAsSendDoesAndNamesWhatWasReceived) {
  constexpr char kReceived[] = "01890a5d-ac96-774b-bcce-b302099a8005";
  const keys::Publisher theirs = Published(kOtherAgency);
  PublishOther(theirs);
  ASSERT_EQ(Cli({"key", "init"}), kExitOk);
  referral::v1::ForwardReferralRequest forwarded;
  hub_.OnCall(kForwardReferral, [&](const FakeRequest& request) {
    forwarded.ParseFromString(request.body);
    referral::v1::ForwardReferralResponse response;
    response.mutable_referral()->set_id(forwarded.referral_id());
    response.mutable_referral()->set_mode(referral::v1::REFERRAL_MODE_FORWARD);
    response.mutable_referral()->set_forwarded_from_referral_id(kReceived);
    return Protobuf(response);
  });
  std::ofstream(folder_.File("packet.json")) << R"({"needs":{"secret":"canary"}})";
  const std::vector<std::string> words = {
      "referral",  "forward",    kReceived,   "--packet",     folder_.File("packet.json"),
      "--release", kReleaseId,   "--to",      kOtherAgency,   "--need",
      "shelter",   "--urgency",  "urgent",    "--first-use",  "--etag",
      "v7",        "--age",      "25-59"};
  EXPECT_EQ(Cli(words), kExitOk) << err;
  EXPECT_EQ(forwarded.forwarded_from_referral_id(), kReceived);
  EXPECT_EQ(forwarded.forwarded_from_etag(), "v7");
  EXPECT_NE(forwarded.referral_id(), kReceived);
  EXPECT_EQ(forwarded.case_handle(), kCase) << "that of the release";
  EXPECT_EQ(forwarded.release_id(), kReleaseId);
  EXPECT_EQ(forwarded.recipient_agency_id(), kOtherAgency);
  EXPECT_EQ(forwarded.facets().age_band(), "25-59");
  EXPECT_TRUE(seal::Open(forwarded.packet(), theirs.current.epoch_key,
                         {.referral_id = forwarded.referral_id(),
                          .release_hash = release_hash_,
                          .sender_agency_id = kOwnAgency,
                          .sender_signing_key = keys_.ListOf(kOwnAgency).signing_key,
                          .now_s = 1'900'000'000}));
  EXPECT_THAT(out, HasSubstr("handed on"));
  EXPECT_THAT(out, HasSubstr(kReceived));

  hub_.OnCall(kForwardReferral, [](const FakeRequest&) {
    return Refusal(403, {Code::kPermissionDenied, "FORWARD_NEEDS_OWN_RELEASE", "No.", {}});
  });
  EXPECT_EQ(Cli(words), kExitNotAllowed);
  EXPECT_THAT(err, HasSubstr("release create --to AGENCY"));
}

TEST_F(KeysTest, SendRefusesBeforeSealing) {
  PublishOther(Published(kOtherAgency));
  ASSERT_EQ(Cli({"key", "init"}), kExitOk);
  EXPECT_EQ(Send(R"({"needs":1,"health":2})"), kExitNotAllowed);
  EXPECT_THAT(err, HasSubstr("PACKET_CATEGORY_OUTSIDE_RELEASE"));
  EXPECT_TRUE(sent_.packet().empty());
  EXPECT_EQ(Send(R"({"needs":1,"health":2})", {"--no-client-check"}), kExitOk)
      << "the hub decides then";
  EXPECT_FALSE(sent_.packet().empty());
}

TEST_F(KeysTest, AChangedKeyStopsEverythingUntilAPersonAccepts) {
  ASSERT_EQ(Cli({"key", "init"}), kExitOk);
  const keys::Publisher first = Published(kOtherAgency);
  PublishOther(first);
  ASSERT_EQ(Send(R"({"needs":1})"), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("First use"));
  PublishOther(Replaced(first));
  EXPECT_EQ(Send(R"({"needs":1})"), kExitConflict);
  EXPECT_THAT(err, HasSubstr("AGENCY_KEY_CHANGED"));
  EXPECT_TRUE(sent_.packet().empty());
  EXPECT_EQ(Send(R"({"needs":1})", {"--no-client-check"}), kExitConflict)
      << "that flag is not about keys";
  EXPECT_EQ(Cli({"key", "show", kOtherAgency}), kExitOk);
  EXPECT_THAT(out, HasSubstr("CHANGED"));
  EXPECT_EQ(Cli({"key", "accept", kOtherAgency}), kExitUsage) << "not without a person";
  EXPECT_EQ(Cli({"key", "accept", kOtherAgency, "--yes"}), kExitOk) << err;
  EXPECT_EQ(Send(R"({"needs":1})"), kExitOk) << err;
}

TEST_F(KeysTest, ANewEpochThatTheAgencySignedIsTakenAndTold) {
  ASSERT_EQ(Cli({"key", "init"}), kExitOk);
  keys::Publisher other = Published(kOtherAgency);
  PublishOther(other);
  ASSERT_EQ(Send(R"({"needs":1})"), kExitOk) << err;
  const std::string before = other.jws;
  other.Rotate();
  PublishOther(other);
  ASSERT_EQ(Send(R"({"needs":1})"), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("epoch 2"));
  EXPECT_TRUE(seal::Open(sent_.packet(), other.current.epoch_key,
                         {.referral_id = sent_.referral_id(),
                          .release_hash = release_hash_,
                          .sender_agency_id = kOwnAgency,
                          .sender_signing_key = keys_.ListOf(kOwnAgency).signing_key,
                          .now_s = 1'900'000'000}));
  keys_.lists[kOtherAgency] = before;
  EXPECT_EQ(Send(R"({"needs":1})"), kExitConflict);
  EXPECT_THAT(err, HasSubstr("KEY_LIST_ROLLBACK"));
  EXPECT_TRUE(sent_.packet().empty());
}

TEST_F(KeysTest, OpenTrustsThePinAndNotTheHub) {
  const keys::Publisher theirs = Published(kOtherAgency);
  PublishOther(theirs);
  ASSERT_EQ(Cli({"key", "init"}), kExitOk);
  ASSERT_EQ(Cli({"key", "accept", kOtherAgency, "--yes"}), kExitOk);
  const seal::PublicKey own = keys_.ListOf(kOwnAgency).epoch_key;
  const auto packet = [&](const keys::Publisher& sender) {
    seal::SealRequest request;
    request.header = {.referral_id = kCase,
                      .sender_agency_id = kOtherAgency,
                      .sender_kid = {},
                      .release_hash = std::string(43, 'A'),
                      .purpose = "referral",
                      .categories = {"needs"},
                      .expires_s = 4'000'000'000,
                      .recips = {}};
    request.plaintext = "{\"needs\":{}}\n";
    request.recipients = {own, sender.current.epoch_key.public_key};
    referral::v1::OpenPacketResponse response;
    response.set_packet(*seal::Seal(request, sender.current.signing_key, SystemRandom()));
    response.mutable_referral()->set_id(kCase);
    response.mutable_referral()->set_sender_agency_id(kOtherAgency);
    response.mutable_referral()->set_release_hash(std::string(43, 'A'));
    response.set_redisclosure_statement("42 CFR part 2 prohibits unauthorized use.");
    return response;
  };
  hub_.Answer(kOpenPacket, packet(theirs));
  EXPECT_EQ(Cli({"referral", "open", kCase}), kExitOk) << err;
  EXPECT_EQ(out, "{\"needs\":{}}\n") << "byte for byte";
  EXPECT_THAT(err, HasSubstr("42 CFR part 2"));
  const std::string file = folder_.File("out.json");
  EXPECT_EQ(Cli({"referral", "open", kCase, "--out", file}), kExitOk) << err;
  EXPECT_EQ(out, "");
  EXPECT_EQ(Cli({"referral", "open", kCase, "--out", file}), kExitConflict);
  EXPECT_EQ(Cli({"referral", "open", kCase, "--json"}), kExitOk);
  EXPECT_THAT(out, HasSubstr(R"("packet":{"needs":{}})"));

  // A hub that puts its own key in the place of the sender's, and seals with it.
  const keys::Publisher impostor = Published(kOtherAgency);
  PublishOther(impostor);
  hub_.Answer(kOpenPacket, packet(impostor));
  EXPECT_EQ(Cli({"referral", "open", kCase}), kExitConflict);
  EXPECT_THAT(err, HasSubstr("AGENCY_KEY_CHANGED"));
  EXPECT_EQ(out, "");
}

}  // namespace
}  // namespace fairlead::cli
