// referral amend before a hub of a few lines: what it asks for, and what it shows of versions.
// Sealing itself is tested where it is done (tests/integration/amend_test.cc).
#include <gmock/gmock.h>

#include "fairlead/referral/v1/packet_version.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/testing/cli_fixture.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kAmended[] = "01890a5d-ac96-774b-bcce-b302099a8013";

class AmendVerbTest : public CliTest {
 protected:
  static v1::GetReferralResponse With(int32_t packet_version, int32_t opened_version,
                                      v1::OfferState state) {
    v1::GetReferralResponse response;
    v1::Referral* referral = response.mutable_referral();
    referral->set_id(kAmended);
    referral->set_sender_agency_id(kOwnAgency);
    referral->set_has_packet(packet_version > 0);
    referral->set_packet_version(packet_version);
    v1::Offer* offer = referral->add_offers();
    offer->set_recipient_agency_id(kOtherAgency);
    offer->set_state(state);
    offer->set_opened_version(opened_version);
    if (opened_version > 0) offer->mutable_open_time()->set_seconds(1'700'000'000);
    return response;
  }
};

TEST_F(AmendVerbTest, WithoutAPacketOrAHolderNothingIsSealed) {
  SignIn();
  const std::vector<std::string> amend = {"referral", "amend",     kAmended, "--packet",
                                          "none",     "--release", kAmended};
  hub_.Answer(kGetReferral, With(0, 0, v1::OFFER_STATE_ACCEPTED));
  EXPECT_NE(Cli(amend), kExitOk);
  EXPECT_THAT(err, HasSubstr("PACKET_NOT_SENT"));
  hub_.Answer(kGetReferral, With(1, 0, v1::OFFER_STATE_DECLINED));
  EXPECT_NE(Cli(amend), kExitOk);
  EXPECT_THAT(err, HasSubstr("REFERRAL_ENDED"));
  for (const FakeRequest& request : hub_.requests()) {
    EXPECT_NE(request.path, "/" + std::string(kAmendPacket));
  }
}

TEST_F(AmendVerbTest, AColleaguesCorrectionIsReplacedByItsNumberAlone) {
  SignIn();
  hub_.Answer(kGetReferral, With(2, 0, v1::OFFER_STATE_ACCEPTED));
  const std::vector<std::string> amend = {"referral", "amend",     kAmended, "--packet",
                                          "none",     "--release", kAmended};
  EXPECT_EQ(Cli(amend), kExitUsage);
  EXPECT_THAT(err, HasSubstr("--replaces 2"));
  std::vector<std::string> named = amend;
  named.insert(named.end(), {"--replaces", "2"});
  EXPECT_NE(Cli(named), kExitUsage) << "goes on, to the release";
}

TEST_F(AmendVerbTest, TheSenderSeesWhichVersionWasOpened) {
  SignIn();
  hub_.Answer(kGetReferral, With(3, 1, v1::OFFER_STATE_ACCEPTED));
  EXPECT_EQ(Cli({"referral", "show", kAmended}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("version 3"));
  EXPECT_THAT(out, HasSubstr("(version 1)"));
  hub_.Answer(kGetReferral, With(1, 1, v1::OFFER_STATE_ACCEPTED));
  EXPECT_EQ(Cli({"referral", "show", kAmended}), kExitOk) << err;
  EXPECT_THAT(out, Not(HasSubstr("version 1")));
}

}  // namespace
}  // namespace fairlead::cli
