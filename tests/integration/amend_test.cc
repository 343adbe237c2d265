// Packets amended, through all services, on both engines: what opens, what does not any more, and
// what a release for once allows.
#include <gmock/gmock.h>

#include "fairlead/referral/v1/packet_version.pb.h"
#include "tests/integration/blind_fixture.h"

namespace fairlead::testing {
namespace {

using ::testing::ElementsAre;

constexpr char kSecond[] = R"({"needs":{"summary":"and a third child"}})";
constexpr char kPacketVersions[] = "/fairlead.referral.v1.PacketVersionService/";

class AmendTest : public BlindTest {
 protected:
  // Sent to one_, directly.
  v1::Referral Sent(const consent_v1::Release& release) {
    const auto packet = coalition_->Packet(from_, one_, release, kPacket);
    EXPECT_TRUE(packet) << ToString(packet.error());
    const auto sent = coalition_->Send(*packet, from_);
    EXPECT_TRUE(sent) << ToString(sent.error());
    return sent ? *sent : v1::Referral();
  }
  consent_v1::Release Release(const std::string& case_handle = "",
                              consent_v1::ReleaseAction action =
                                  consent_v1::RELEASE_ACTION_ONGOING) {
    v1::Referral of_case;
    of_case.set_case_handle(case_handle);
    return ReleaseTo(one_, of_case, action);
  }

  v1::AmendPacketRequest Amendment(const v1::Referral& referral,
                                   const consent_v1::Release& release, int32_t replaces,
                                   const std::string& plaintext = kSecond) {
    v1::AmendPacketRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_referral_id(referral.id());
    request.set_release_id(release.id());
    request.set_replaces_version(replaces);
    const auto packet =
        coalition_->SealedPacket(from_, one_, release, referral.id(), plaintext);
    EXPECT_TRUE(packet) << ToString(packet.error());
    if (packet) request.set_packet(*packet);
    return request;
  }
  Result<v1::AmendPacketResponse> Amend(const v1::AmendPacketRequest& request,
                                        const auth::Actor& by) {
    return coalition_->Call<v1::AmendPacketResponse>(
        by, std::string(kPacketVersions) + "AmendPacket", request);
  }
  Result<v1::AmendPacketResponse> Amend(const v1::AmendPacketRequest& request) {
    return Amend(request, from_.caseworker);
  }

  int SentLines(const consent_v1::Release& release) {
    consent_v1::ListDisclosuresRequest list;
    list.set_release_id(release.id());
    const auto all = coalition_->Call<consent_v1::ListDisclosuresResponse>(
        from_.caseworker, "/fairlead.consent.v1.ConsentService/ListDisclosures", list);
    EXPECT_TRUE(all) << ToString(all.error());
    int lines = 0;
    for (const auto& each : all->disclosures()) lines += each.kind() == "sent" ? 1 : 0;
    return lines;
  }
};

TEST_P(AmendTest, TheRecipientOpensTheNewOneAndTheSenderSeesWhichItHas) {
  const consent_v1::Release release = Release();
  const v1::Referral sent = Sent(release);
  EXPECT_EQ(sent.packet_version(), 1);
  ASSERT_EQ(coalition_->Open(one_, from_, sent.id()).value_or(""), kPacket);

  const v1::AmendPacketRequest amendment = Amendment(sent, release, 1);
  const auto amended = Amend(amendment);
  ASSERT_TRUE(amended) << ToString(amended.error());
  EXPECT_EQ(amended->referral().packet_version(), 2);
  EXPECT_EQ(amended->referral().offers(0).opened_version(), 1);
  EXPECT_EQ(SentLines(release), 2) << "each version is a disclosure of its own";
  const auto repeated = Amend(amendment);
  ASSERT_TRUE(repeated) << ToString(repeated.error());
  EXPECT_EQ(repeated->SerializeAsString(), amended->SerializeAsString());
  EXPECT_EQ(SentLines(release), 2);

  for (const Agency& reader : {one_, from_}) {
    EXPECT_EQ(coalition_->Open(reader, from_, sent.id()).value_or(""), kSecond);
  }
  v1::OpenPacketRequest open;
  open.set_referral_id(sent.id());
  const auto opened = Call<v1::OpenPacketResponse>(one_, "OpenPacket", open);
  ASSERT_TRUE(opened) << ToString(opened.error());
  EXPECT_EQ(opened->packet_version(), 2);
  EXPECT_EQ(Seen(from_, sent.id()).offers(0).opened_version(), 2);
  EXPECT_THAT(Story(one_, sent.id()),
              ElementsAre("sent", "opened", "packet_amended", "opened", "opened"));

  // The keys of the first go; those of the second stay.
  ASSERT_TRUE(coalition_->Accept(one_, sent.offers(0).id()));
  EXPECT_EQ(ReasonOf(Amend(Amendment(sent, release, 2, kPacket))), "ok");
  EXPECT_EQ(coalition_->Open(one_, from_, sent.id()).value_or(""), kPacket);
  ASSERT_TRUE(coalition_->Revoke(from_, release.id()));
  EXPECT_EQ(ReasonOf(coalition_->Open(one_, from_, sent.id())), "RELEASE_REVOKED");
  EXPECT_EQ(ReasonOf(Amend(Amendment(sent, release, 3))), "RELEASE_REVOKED");
}

TEST_P(AmendTest, WrongVersionAndWhoMayNot) {
  const consent_v1::Release release = Release();
  const v1::Referral sent = Sent(release);
  const auto wrong = Amend(Amendment(sent, release, 2));
  EXPECT_EQ(ReasonOf(wrong), "PACKET_VERSION_MISMATCH");
  EXPECT_EQ(wrong.error().metadata.at("current_version"), "1");
  EXPECT_EQ(SentLines(release), 1) << "consent is not asked about what will not be sent";
  v1::AmendPacketRequest amendment = Amendment(sent, release, 1);
  for (const auth::Actor& other : {one_.caseworker, two_.caseworker}) {
    // Its header names another agency than theirs: looked at before anything is looked up.
    EXPECT_EQ(ReasonOf(Amend(amendment, other)), "PACKET_SENDER_AGENCY_MISMATCH");
  }
  const auth::Actor coordinator = coalition_->MakeCoordinator();
  EXPECT_EQ(ReasonOf(Amend(amendment, coordinator)), "ROLE_NOT_ALLOWED");
  amendment.clear_replaces_version();
  EXPECT_EQ(ReasonOf(Amend(amendment)), "FIELD_REQUIRED");
  EXPECT_EQ(ReasonOf(Amend(Amendment(sent, Release(), 1))), "RELEASE_SUBJECT_MISMATCH");
  EXPECT_EQ(coalition_->Open(one_, from_, sent.id()).value_or(""), kPacket);
}

TEST_P(AmendTest, AReleaseForOnceIsForOneVersion) {
  const consent_v1::Release once = Release("", consent_v1::RELEASE_ACTION_ONCE);
  const v1::Referral sent = Sent(once);
  EXPECT_EQ(ReasonOf(Amend(Amendment(sent, once, 1))), "RELEASE_ALREADY_USED");
  EXPECT_EQ(coalition_->Open(one_, from_, sent.id()).value_or(""), kPacket) << "the first stays";
  const consent_v1::Release again =
      Release(once.case_handle(), consent_v1::RELEASE_ACTION_ONCE);
  ASSERT_EQ(ReasonOf(Amend(Amendment(sent, again, 1))), "ok");
  EXPECT_EQ(coalition_->Open(one_, from_, sent.id()).value_or(""), kSecond);
  EXPECT_EQ(ReasonOf(Amend(Amendment(sent, again, 2))), "RELEASE_ALREADY_USED");
  // What the first was sent under is over with it.
  ASSERT_TRUE(coalition_->Revoke(from_, once.id()));
  EXPECT_EQ(coalition_->Open(one_, from_, sent.id()).value_or(""), kSecond);
}

TEST_P(AmendTest, APacketThatFollowedAMatchIsAmendedToo) {
  const v1::Referral asked = Asked({one_, two_});
  const consent_v1::Release release = ReleaseTo(one_, asked);
  EXPECT_EQ(ReasonOf(Amend(Amendment(asked, release, 1))), "PACKET_NOT_SENT");
  ASSERT_TRUE(coalition_->Accept(one_, OfferTo(asked, one_)));
  ASSERT_EQ(ReasonOf(SendPacket(one_, asked, release)), "ok");
  ASSERT_EQ(ReasonOf(Amend(Amendment(asked, release, 1))), "ok");
  EXPECT_EQ(coalition_->Open(one_, from_, asked.id()).value_or(""), kSecond);
  EXPECT_EQ(Seen(two_, asked.id()).packet_version(), 0) << "no word of it to who is out of it";
  ASSERT_EQ(ReasonOf(Reopen(from_, asked.id())), "ok");
  EXPECT_EQ(Seen(from_, asked.id()).packet_version(), 0);
  EXPECT_EQ(ReasonOf(Amend(Amendment(asked, release, 2))), "PACKET_NOT_SENT");
}

FAIRLEAD_BLIND_ON_BOTH_ENGINES(AmendTest);

}  // namespace
}  // namespace fairlead::testing
