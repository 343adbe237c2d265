// After an agency has new keys: its share of a packet is sealed anew, by those who may open it and
// nobody else, to the current key and no other; and the old wrapping and its custody key are gone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairlead/referral/v1/packet_version.pb.h"
#include "tests/support/hub_test.h"

namespace fairlead::testing {
namespace {

namespace referral_v1 = fairlead::referral::v1;
using Engine = storage::Transaction::Engine;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kPacket = R"({"needs":{"summary":"a bed tonight"}})";
constexpr const char* kReferral = "/fairlead.referral.v1.ReferralService/";

class ResealTest : public HubTest {
 protected:
  void SetUp() override {
    HubTest::SetUp();
    if (HasFatalFailure()) return;
    from_ = Add("Harbor", auth::AgencyKind::kVictimServiceProvider);
    to_ = Add("Clinic", auth::AgencyKind::kHealthProvider);
    third_ = Add("Legal Aid", auth::AgencyKind::kLegalServices);
    release_ = *coalition_->SignedRelease(from_, to_);
    auto packet = coalition_->Packet(from_, to_, release_, kPacket);
    auto sent = coalition_->Send(*packet, from_);
    ASSERT_TRUE(sent) << ToString(sent.error());
    sent_ = *sent;
    before_ = to_;
  }

  // A new epoch of the clinic's; `before_` keeps the keys of the first.
  void Rotate() {
    const Result<void> turned = coalition_->BeginEpoch(to_);
    ASSERT_TRUE(turned) << ToString(turned.error());
  }
  seal::Expected Expect(const std::string& sealed_to_kid = "") const {
    return {.referral_id = sent_.id(),
            .release_hash = release_.release_hash(),
            .sender_agency_id = from_.id,
            .sender_signing_key = from_.signing.public_key,
            .now_s = SystemClock().NowMs() / 1000,
            .sealed_to_kid = sealed_to_kid};
  }
  Result<referral_v1::OpenPacketResponse> Fetch(const auth::Actor& by, bool to_reseal = true) {
    referral_v1::OpenPacketRequest request;
    request.set_referral_id(sent_.id());
    request.set_to_reseal(to_reseal);
    return coalition_->Call<referral_v1::OpenPacketResponse>(
        by, std::string(kReferral) + "OpenPacket", request);
  }
  // The clinic's share, sealed anew to `next`.
  std::string Share(const seal::PublicKey& next) {
    const auto fetched = Fetch(to_.caseworker);
    EXPECT_TRUE(fetched) << ToString(fetched.error());
    if (!fetched) return "";
    const auto share = seal::Reseal(fetched->packet(), before_.epoch, Expect(), next);
    EXPECT_TRUE(share) << ToString(share.error());
    return share ? seal::ShareToJson(*share) : "";
  }
  template <class T>
  static std::string ReasonOf(const Result<T>& result) {
    return result ? "ok" : result.error().reason;
  }
  // "ok", or the reason.
  std::string Reseal(const auth::Actor& by, const std::string& share,
                     int32_t packet_version = 0) {
    referral_v1::ResealPacketRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_referral_id(sent_.id());
    request.set_share(share);
    request.set_packet_version(packet_version);
    const auto done = coalition_->Call<referral_v1::ResealPacketResponse>(
        by, std::string(kReferral) + "ResealPacket", request);
    return done ? "ok" : done.error().reason;
  }
  // What opens with the present key; else the reason.
  std::string Opened() {
    const auto fetched = Fetch(to_.caseworker, false);
    if (!fetched) return fetched.error().reason;
    EXPECT_EQ(fetched->resealed_to_kid(), to_.epoch.public_key.kid);
    const auto opened =
        seal::Open(fetched->packet(), to_.epoch, Expect(before_.epoch.public_key.kid));
    return opened ? opened->plaintext : opened.error().reason;
  }
  std::vector<std::string> ToDo(const auth::Actor& by, referral_v1::Box box,
                                const std::string& current_kid) {
    referral_v1::ListReferralsRequest request;
    request.set_box(box);
    request.set_not_sealed_to_kid(current_kid);
    const auto listed = coalition_->Call<referral_v1::ListReferralsResponse>(
        by, std::string(kReferral) + "ListReferrals", request);
    if (!listed) return {listed.error().reason};
    std::vector<std::string> ids;
    for (const auto& referral : listed->referrals()) ids.push_back(referral.id());
    return ids;
  }
  std::vector<std::string> Story() {
    referral_v1::GetTimelineRequest request;
    request.set_referral_id(sent_.id());
    const auto timeline = coalition_->Call<referral_v1::GetTimelineResponse>(
        from_.caseworker, std::string(kReferral) + "GetTimeline", request);
    std::vector<std::string> events;
    if (!timeline) return {timeline.error().reason};
    for (const auto& entry : timeline->entries()) events.push_back(entry.event());
    return events;
  }

  Agency from_;
  Agency to_;
  Agency before_;  // to_, with the keys of the first epoch
  Agency third_;
  consent::v1::Release release_;
  referral_v1::Referral sent_;
};

TEST_P(ResealTest, TheNewKeyOpensAndTheOldOneDoesNot) {
  const std::string first_kid = to_.epoch.public_key.kid;
  EXPECT_THAT(ToDo(to_.caseworker, referral_v1::BOX_INBOX, first_kid), IsEmpty());
  Rotate();
  const std::string kid = to_.epoch.public_key.kid;
  EXPECT_THAT(ToDo(to_.caseworker, referral_v1::BOX_INBOX, kid), ElementsAre(sent_.id()));
  ASSERT_EQ(Reseal(to_.caseworker, Share(to_.epoch.public_key)), "ok");
  EXPECT_THAT(ToDo(to_.caseworker, referral_v1::BOX_INBOX, kid), IsEmpty());
  EXPECT_THAT(Story(), ElementsAre("sent", "fetched", "resealed"))
      << "neither delivered nor opened: nobody has looked at it";
  EXPECT_EQ(Opened(), kPacket);
  const auto fetched = Fetch(to_.caseworker, false);
  ASSERT_TRUE(fetched);
  EXPECT_FALSE(seal::Open(fetched->packet(), before_.epoch, Expect()));
  // The sender's own share is as it was.
  const Result<std::string> reread = coalition_->Open(from_, from_, sent_.id());
  ASSERT_TRUE(reread) << ToString(reread.error());
  EXPECT_EQ(*reread, kPacket);
}

TEST_P(ResealTest, ItCanBeRepeatedAndAnotherEpochFollows) {
  Rotate();
  const std::string share = Share(to_.epoch.public_key);
  ASSERT_EQ(Reseal(to_.caseworker, share), "ok");
  ASSERT_EQ(Reseal(to_.admin, share), "ok") << "a colleague, or the same person again";
  EXPECT_THAT(Story(), ElementsAre("sent", "fetched", "resealed")) << "once";
  EXPECT_EQ(Opened(), kPacket);
  const Agency second = to_;
  Rotate();
  const auto fetched = Fetch(to_.caseworker);
  ASSERT_TRUE(fetched) << ToString(fetched.error());
  const auto again = seal::Reseal(fetched->packet(), second.epoch,
                                  Expect(before_.epoch.public_key.kid), to_.epoch.public_key);
  ASSERT_TRUE(again) << ToString(again.error());
  ASSERT_EQ(Reseal(to_.caseworker, seal::ShareToJson(*again)), "ok");
  EXPECT_EQ(Opened(), kPacket);
  EXPECT_EQ(Reseal(to_.caseworker, share), "RESEAL_KEY_NOT_CURRENT") << "the one before, replayed";
  EXPECT_EQ(Opened(), kPacket);
}

TEST_P(ResealTest, ToTheCurrentKeyOnly) {
  Rotate();
  const seal::PrivateKey stray = *seal::GenerateKey(seal::KeyUse::kEpoch);
  const std::vector<seal::PublicKey> others = {stray.public_key, before_.epoch.public_key,
                                               third_.epoch.public_key, from_.epoch.public_key};
  for (const seal::PublicKey& other : others) {
    EXPECT_EQ(Reseal(to_.caseworker, Share(other)), "RESEAL_KEY_NOT_CURRENT");
  }
  for (const std::string bad : {"{}", "x", R"({"header":{},"encrypted_key":"AA"})"}) {
    EXPECT_EQ(Reseal(to_.caseworker, bad), "INVALID_PACKET") << bad;
  }
  EXPECT_EQ(*coalition_->Open(before_, from_, sent_.id()), kPacket) << "nothing has changed";
}

TEST_P(ResealTest, NobodyElseMay) {
  Rotate();
  const std::string share = Share(to_.epoch.public_key);
  EXPECT_EQ(Reseal(third_.caseworker, share), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(Reseal(from_.caseworker, share), "RESEAL_KEY_NOT_CURRENT")
      << "the sender seals its own share, to its own key";
  for (const auth::Role role : {auth::Role::kIntegration, auth::Role::kAuditor}) {
    const auth::Actor actor =
        coalition_->MakeActor(to_.id, auth::AgencyKind::kHealthProvider, {role});
    EXPECT_EQ(Reseal(actor, share), "ROLE_NOT_ALLOWED");
  }
  EXPECT_THAT(ToDo(third_.caseworker, referral_v1::BOX_INBOX, third_.epoch.public_key.kid),
              IsEmpty());
  EXPECT_EQ(*coalition_->Open(before_, from_, sent_.id()), kPacket);
}

// The share of the first version has the first version's key in it: in the second, nobody could
// open with it, and the one that opens would be gone.
TEST_P(ResealTest, AShareOfAPacketThatWasAmendedMeanwhileTakesNoPlaceInTheNext) {
  constexpr const char* kCorrected = R"({"needs":{"summary":"two beds tonight"}})";
  const auto first = Fetch(to_.caseworker, false);
  ASSERT_TRUE(first) << ToString(first.error());
  referral_v1::AmendPacketRequest amend;
  amend.set_request_id(coalition_->ids().New());
  amend.set_referral_id(sent_.id());
  amend.set_release_id(release_.id());
  amend.set_replaces_version(1);
  const auto packet = coalition_->SealedPacket(from_, to_, release_, sent_.id(), kCorrected);
  ASSERT_TRUE(packet) << ToString(packet.error());
  amend.set_packet(*packet);
  const auto amended = coalition_->Call<referral_v1::AmendPacketResponse>(
      from_.caseworker, "/fairlead.referral.v1.PacketVersionService/AmendPacket", amend);
  ASSERT_TRUE(amended) << ToString(amended.error());
  Rotate();
  const auto stale =
      seal::Reseal(first->packet(), before_.epoch, Expect(), to_.epoch.public_key);
  ASSERT_TRUE(stale) << ToString(stale.error());
  const std::string share = seal::ShareToJson(*stale);
  EXPECT_EQ(Reseal(to_.caseworker, share), "PACKET_REPLACED");
  EXPECT_EQ(coalition_->Open(before_, from_, sent_.id()).value_or(""), kCorrected);
  ASSERT_EQ(Reseal(to_.caseworker, Share(to_.epoch.public_key), 2), "ok");
  EXPECT_EQ(Opened(), kCorrected);
}

// Whoever says that it is to be sealed anew, and reads it, would have it without `opened`.
TEST_P(ResealTest, WhatIsSealedToTheCurrentKeyIsNotFetchedToBeSealed) {
  EXPECT_EQ(ReasonOf(Fetch(to_.caseworker)), "RESEAL_NOT_NEEDED");
  EXPECT_EQ(ReasonOf(Fetch(third_.caseworker)), "REFERRAL_NOT_FOUND");
  EXPECT_THAT(Story(), ElementsAre("sent"));
  Rotate();
  const std::string share = Share(to_.epoch.public_key);
  ASSERT_EQ(Reseal(to_.caseworker, share), "ok");
  EXPECT_EQ(ReasonOf(Fetch(to_.caseworker)), "RESEAL_NOT_NEEDED");
  EXPECT_THAT(Story(), ElementsAre("sent", "fetched", "resealed"));
  EXPECT_EQ(Opened(), kPacket) << "and is there to be read";
  EXPECT_EQ(ReasonOf(Fetch(from_.caseworker)), "RESEAL_NOT_NEEDED") << "the sender's own neither";
}

TEST_P(ResealTest, WithoutTheReleaseNothingIsSealed) {
  Rotate();
  const std::string share = Share(to_.epoch.public_key);
  ASSERT_TRUE(coalition_->Revoke(from_, release_.id()));
  EXPECT_EQ(Reseal(to_.caseworker, share), "RELEASE_REVOKED");
  const auto fetched = Fetch(to_.caseworker);
  EXPECT_FALSE(fetched);
}

TEST_P(ResealTest, ARevocationTakesTheNewCustodyKeyToo) {
  Rotate();
  ASSERT_EQ(Reseal(to_.caseworker, Share(to_.epoch.public_key)), "ok");
  const auto revoked = coalition_->Revoke(from_, release_.id());
  ASSERT_TRUE(revoked) << ToString(revoked.error());
  EXPECT_EQ(revoked->keys_deleted(), 2) << "the sender's, and the clinic's new one; no old one";
  EXPECT_EQ(Opened(), "RELEASE_REVOKED");
}

INSTANTIATE_TEST_SUITE_P(Engines, ResealTest, ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& engine) {
                           return engine.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::testing
