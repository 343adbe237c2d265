// breakglass request|approve|list|review, against a hub that answers what the test says.
#include <gmock/gmock.h>

#include "fairlead/consent/v1/break_glass.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "gateway/cli/attachment_manifest.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/testing/cli_fixture.h"
#include "gateway/cli/testing/fake_key_service.h"
#include "services/common/base/clock.h"
#include "services/common/base/random.h"
#include "services/common/seal/seal.h"

namespace fairlead::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace v1 = consent::v1;

constexpr const char* kReferral = "0190f000-0000-7000-8000-0000000000e1";
constexpr const char* kGlass = "0190f000-0000-7000-8000-0000000000b1";

class BreakGlassVerbsTest : public CliTest {
 protected:
  void SetUp() override { SignIn(); }
};

TEST_F(BreakGlassVerbsTest, OneAsksAndTheLineForTheColleagueIsThere) {
  v1::RequestBreakGlassResponse asked;
  asked.mutable_break_glass()->set_id(kGlass);
  hub_.Answer(kRequestBreakGlass, asked);
  ASSERT_EQ(Cli({"breakglass", "request", kReferral, "--reason", "missing_at_risk"}), kExitOk)
      << err;
  const auto sent = Sent<v1::RequestBreakGlassRequest>(kRequestBreakGlass);
  EXPECT_EQ(sent.referral_id(), kReferral);
  EXPECT_EQ(sent.reason_code(), "missing_at_risk");
  EXPECT_THAT(err, HasSubstr("breakglass approve " + std::string(kGlass)));
  EXPECT_EQ(Cli({"breakglass", "request", kReferral}), kExitUsage) << "without a reason";
  ASSERT_EQ(Cli({"breakglass", "request", kReferral, "--reason", "missing_at_risk", "--url",
                 hub_.url()}),
            kExitOk)
      << err;
  EXPECT_THAT(err, HasSubstr("Next: fairlead breakglass approve")) << "another person's flags";
  hub_.OnCall(kApproveBreakGlass, [](const FakeRequest&) {
    return Refusal(400, {Code::kFailedPrecondition, "SECOND_PERSON_NEEDED", "Not you.", {}});
  });
  EXPECT_EQ(Cli({"breakglass", "approve", kGlass, "--yes"}), kExitConflict);
  EXPECT_THAT(err, HasSubstr("A colleague signs in and runs: fairlead breakglass approve"));
}

TEST_F(BreakGlassVerbsTest, TheSecondPersonIsAskedAndOpens) {
  v1::ApproveBreakGlassResponse approved;
  approved.mutable_break_glass()->set_id(kGlass);
  approved.mutable_break_glass()->set_referral_id(kReferral);
  hub_.Answer(kApproveBreakGlass, approved);
  EXPECT_NE(Cli({"breakglass", "approve", kGlass}), kExitOk) << "nobody said yes";
  EXPECT_EQ(Calls(kApproveBreakGlass), 0U);
  ASSERT_EQ(Cli({"breakglass", "approve", kGlass, "--yes"}), kExitOk) << err;
  EXPECT_EQ(Sent<v1::ApproveBreakGlassRequest>(kApproveBreakGlass).break_glass_id(), kGlass);
  EXPECT_THAT(err, HasSubstr("referral open " + std::string(kReferral)));
}

TEST_F(BreakGlassVerbsTest, ThePacketOpensAndWhatIsAttachedStaysClosed) {
  FakeKeyService key_service(hub_, "0190f000-0000-7000-8000-0000000000a1");
  const keys::Publisher theirs = Published(kOtherAgency);
  key_service.lists[kOtherAgency] = theirs.jws;
  ASSERT_EQ(Cli({"key", "init"}), kExitOk) << err;
  ASSERT_EQ(Cli({"key", "accept", kOtherAgency, "--yes"}), kExitOk) << err;
  seal::SealRequest request;
  request.header.referral_id = kReferral;
  request.header.sender_agency_id = kOtherAgency;
  request.header.release_hash = std::string(43, 'A');
  request.header.purpose = "referral";
  request.header.categories = {"documents", "needs"};
  request.header.expires_s = 4'000'000'000;
  AttachmentEntry scan;
  scan.id = kGlass;
  scan.name = "scan.pdf";
  scan.bytes = 1;
  scan.sha256 = std::string(32, 'h');
  scan.key = std::string(32, 'k');
  request.plaintext = WithManifest(R"({"needs":{"summary":"canary"}})", {scan}).value();
  request.recipients = {key_service.ListOf(kOwnAgency).epoch_key,
                        theirs.current.epoch_key.public_key};
  referral::v1::OpenPacketResponse opened;
  opened.set_packet(seal::Seal(request, theirs.current.signing_key, SystemRandom()).value());
  opened.mutable_referral()->set_id(kReferral);
  opened.mutable_referral()->set_state(referral::v1::REFERRAL_STATE_OPEN);
  opened.mutable_referral()->set_has_packet(true);
  opened.mutable_referral()->add_offers()->set_recipient_agency_id(kOwnAgency);
  opened.mutable_referral()->set_sender_agency_id(kOtherAgency);
  opened.mutable_referral()->set_release_hash(request.header.release_hash);
  hub_.Answer(kOpenPacket, opened);
  ASSERT_EQ(Cli({"referral", "open", kReferral}), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("--attachments FOLDER"));
  EXPECT_THAT(err, HasSubstr("referral accept"));

  opened.set_by_break_glass(true);
  hub_.Answer(kOpenPacket, opened);
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{}, {"--attachments", folder_.File("got")}}) {
    std::vector<std::string> words = {"referral", "open", kReferral};
    words.insert(words.end(), more.begin(), more.end());
    ASSERT_EQ(Cli(words), kExitOk) << err;
    EXPECT_THAT(out, HasSubstr("canary"));
    EXPECT_THAT(err, HasSubstr("1 attached, which stay closed"));
    EXPECT_THAT(err, Not(HasSubstr("--attachments")));
    EXPECT_THAT(err, Not(HasSubstr("referral accept"))) << "it is past that";
  }
  for (const FakeRequest& each : hub_.requests()) {
    EXPECT_NE(each.path, "/" + std::string(kOpenAttachmentChunk));
  }
}

TEST_F(BreakGlassVerbsTest, WhatIsDueIsListedAndReviewed) {
  v1::ListBreakGlassResponse listed;
  v1::BreakGlass* glass = listed.add_break_glass();
  glass->set_id(kGlass);
  glass->set_referral_id(kReferral);
  glass->set_agency_id(kOwnAgency);
  glass->set_discloser_agency_id(kOwnAgency);
  glass->set_state(v1::BREAK_GLASS_STATE_ENDED);
  glass->set_reason_code("medical_emergency");
  glass->mutable_review_due_time()->set_seconds(SystemClock().NowMs() / 1000 - 180);
  hub_.Answer(kListBreakGlass, listed);
  ASSERT_EQ(Cli({"breakglass", "list", "--overdue"}), kExitOk) << err;
  EXPECT_TRUE(Sent<v1::ListBreakGlassRequest>(kListBreakGlass).overdue_only());
  EXPECT_THAT(out, HasSubstr("ended"));
  EXPECT_THAT(out, HasSubstr("due 3 min ago"));
  EXPECT_THAT(out, HasSubstr(kGlass));
  v1::ReviewBreakGlassResponse reviewed;
  reviewed.mutable_break_glass()->set_outcome(v1::BREAK_GLASS_OUTCOME_NOT_JUSTIFIED);
  hub_.Answer(kReviewBreakGlass, reviewed);
  ASSERT_EQ(Cli({"breakglass", "review", kGlass, "--outcome", "not_justified"}), kExitOk) << err;
  const auto sent = Sent<v1::ReviewBreakGlassRequest>(kReviewBreakGlass);
  EXPECT_EQ(sent.break_glass_id(), kGlass);
  EXPECT_EQ(sent.outcome(), v1::BREAK_GLASS_OUTCOME_NOT_JUSTIFIED);
  EXPECT_THAT(err, HasSubstr("not_justified"));
  EXPECT_EQ(Cli({"breakglass", "review", kGlass, "--outcome", "fine"}), kExitUsage);
}

}  // namespace
}  // namespace fairlead::cli
