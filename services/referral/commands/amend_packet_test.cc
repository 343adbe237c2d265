// The next version of a packet: what is left of the one before (nothing), who may put it there, and
// which version each side has.
#include "services/referral/commands/amend_packet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "services/common/base/ids.h"
#include "services/referral/commands/cancel_referral.h"
#include "services/referral/commands/after_restore.h"
#include "services/referral/commands/mark_opened.h"
#include "services/referral/commands/reseal_packet.h"
#include "services/referral/domain/packet_version.h"
#include "services/referral/store/note_store.h"
#include "services/referral/testing/commands_fixture.h"

namespace fairlead::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;
using ::testing::UnorderedElementsAreArray;

constexpr char kAmend[] = "PacketVersionService/AmendPacket";
constexpr char kOpen[] = "ReferralService/OpenPacket";

TEST(NextPacketIdTest, IsAUuidOfItsOwnForEachPacketAndRelease) {
  Referral referral;
  referral.case_handle = "case";
  referral.packet_id = "first";
  const std::string next = NextPacketId(referral, "release");
  EXPECT_TRUE(IsUuid(next)) << next;
  EXPECT_EQ(next[14], '8') << "version 8, of no other making";
  EXPECT_EQ(next, NextPacketId(referral, "release")) << "a repeat is the same packet's";
  EXPECT_NE(next, NextPacketId(referral, "another release"));
  referral.packet_id = next;
  EXPECT_NE(next, NextPacketId(referral, "release"));
  referral.packet_id = "first";
  referral.case_handle = "another case";
  EXPECT_NE(next, NextPacketId(referral, "release")) << "who does not know the case cannot tell";
}

constexpr char kFirstRelease[] = "018bcfe5-6800-7000-8000-00000000000c";
constexpr char kNextRelease[] = "018bcfe5-6800-7000-8000-00000000000d";

class AmendPacketTest : public CommandsTest {
 protected:
  void SetUp() override {
    CommandsTest::SetUp();
    for (const std::string& agency : {from_, to_}) {
      Do<bool>([&](Unit& unit) -> Result<bool> {
        FAIRLEAD_RETURN_IF_ERROR(unit.store.PutAgency(
            {.id = agency, .membership = "active", .kind = "health_provider", .version = 1}));
        FAIRLEAD_RETURN_IF_ERROR(unit.store.PutAgencyKey(
            {.agency_id = agency, .epoch = 1, .epoch_kid = "e-" + agency, .signing_kid = "s"}));
        return true;
      });
    }
  }

  // With a first packet, under the referral's own id.
  std::string WithPacket(ReferralState state = ReferralState::kMatched,
                         OfferState offer_state = OfferState::kAccepted) {
    const std::string id = Add(from_, to_, state, offer_state);
    Do<bool>([&](Unit& unit) -> Result<bool> {
      FAIRLEAD_ASSIGN(auto referral, unit.store.Find(id));
      referral->packet_id = id;
      referral->packet_version = 1;
      referral->release_id = kFirstRelease;
      FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(*referral));
      StoredPacket packet;
      packet.referral_id = id;
      packet.ciphertext = "first";
      FAIRLEAD_RETURN_IF_ERROR(unit.store.InsertPacket(packet));
      return true;
    });
    return id;
  }

  // As consent has approved it.
  Amending Next(const std::string& id, int64_t replaces, const std::string& text = "next") {
    Amending amending;
    amending.referral_id = id;
    amending.replaces_version = replaces;
    SealedPacket& sealed = amending.sealed;
    sealed.release_id = kNextRelease;
    sealed.categories = {"needs"};
    sealed.sender_kid = "s";
    sealed.packet.referral_id = id;
    sealed.packet.ciphertext = text;
    for (const std::string& agency : {from_, to_}) {
      seal::Recipient share;
      share.kid = "e-" + agency;
      share.encrypted_key = std::string(40, 'k');
      sealed.sealed_to.push_back(share);
      sealed.custody_keys[agency] = std::string(32, 'c');
    }
    return amending;
  }

  std::string Amend(const Amending& amending, const std::string& by) {
    return As<Referral>(by, kAmend, [&](Unit& unit) { return AmendPacket(unit, amending); });
  }
  std::string Amend(const Amending& amending) { return Amend(amending, from_); }
  std::string Open(const std::string& id, int64_t version, const std::string& by) {
    return As<Referral>(by, kOpen, [&](Unit& unit) { return MarkOpened(unit, id, version); });
  }

  Referral Find(const std::string& id) {
    return Do<Referral>([&](Unit& unit) -> Result<Referral> {
      FAIRLEAD_ASSIGN(auto referral, unit.store.Find(id));
      return std::move(*referral);
    });
  }
  std::string Bytes(const std::string& id) {
    return Do<std::string>([&](Unit& unit) -> Result<std::string> {
      FAIRLEAD_ASSIGN(const auto packet, unit.store.FindPacket(id));
      return packet ? packet->ciphertext : std::string("none");
    });
  }
  std::vector<std::string> KeysToDestroy() {
    return Do<std::vector<std::string>>(
        [](Unit& unit) { return unit.store.CustodyToDestroy(100); });
  }

  const std::string from_ = ids_.New();
  const std::string to_ = ids_.New();
};

TEST_P(AmendPacketTest, TheNewOneTakesThePlaceOfTheOldOfWhichNothingIsLeft) {
  const std::string id = WithPacket();
  ASSERT_EQ(Amend(Next(id, 1, "second")), "ok");
  EXPECT_EQ(Bytes(id), "second");
  EXPECT_THAT(KeysToDestroy(), ElementsAre(id)) << "the old one's keys follow";
  const Referral second = Find(id);
  EXPECT_EQ(second.packet_version, 2);
  EXPECT_NE(second.packet_id, id) << "its keys must stay when those of the old one go";
  EXPECT_EQ(second.release_id, kNextRelease);
  ASSERT_EQ(Amend(Next(id, 2, "third")), "ok");
  EXPECT_EQ(Bytes(id), "third");
  EXPECT_THAT(KeysToDestroy(), UnorderedElementsAre(id, second.packet_id));
  EXPECT_EQ(Find(id).packet_version, 3);
  EXPECT_EQ(Read(id), "matched/accepted : packet_amended packet_amended");
}

TEST_P(AmendPacketTest, WhoNamesAnotherVersionThanTheOneThatLiesThereChangesNothing) {
  const std::string id = WithPacket();
  EXPECT_EQ(Amend(Next(id, 2)), "PACKET_VERSION_MISMATCH");
  ASSERT_EQ(Amend(Next(id, 1, "mine")), "ok");
  EXPECT_EQ(Amend(Next(id, 1, "a colleague's")), "PACKET_VERSION_MISMATCH");
  EXPECT_EQ(Bytes(id), "mine");
  const auto told = Do<std::string>([&](Unit& unit) -> Result<std::string> {
    const auto refused = CheckAmending(unit.store, from_, Next(id, 1));
    return refused ? std::string("nothing") : refused.error().metadata.at("current_version");
  });
  EXPECT_EQ(told, "2");
  Amending stale = Next(id, 2);
  stale.etag = "v1";
  EXPECT_EQ(Amend(stale), "ETAG_MISMATCH");
  // Consent was asked about a packet that has been replaced since, by somebody of the same mind.
  Amending overtaken = Next(id, 2);
  overtaken.packet_id = ids_.New();
  EXPECT_EQ(Amend(overtaken), "PACKET_REPLACED");
}

TEST_P(AmendPacketTest, OnlyWhileSomebodyHasItOrMayOpenIt) {
  using R = ReferralState;
  using O = OfferState;
  for (const auto& [state, offer_state] : {std::pair{R::kOpen, O::kSent},
                                           std::pair{R::kOpen, O::kQuestion},
                                           std::pair{R::kInService, O::kAccepted}}) {
    EXPECT_EQ(Amend(Next(WithPacket(state, offer_state), 1)), "ok") << StateName(offer_state);
  }
  for (const auto& [state, offer_state] : {std::pair{R::kCompleted, O::kAccepted},
                                           std::pair{R::kCancelled, O::kWithdrawn},
                                           std::pair{R::kClosed, O::kDeclined},
                                           std::pair{R::kEnteredInError, O::kFellThrough}}) {
    const std::string ended = WithPacket(state, offer_state);
    EXPECT_EQ(Amend(Next(ended, 1)), "REFERRAL_ENDED") << StateName(state);
    EXPECT_EQ(Bytes(ended), "first");
  }
  EXPECT_EQ(Amend(Next(Add(from_, to_, R::kMatched, O::kAccepted), 1)), "PACKET_NOT_SENT");
  EXPECT_EQ(Amend(Next(Add(from_, to_, R::kDraft, O::kSent), 1)), "PACKET_NOT_SENT");
}

TEST_P(AmendPacketTest, OnlyBySenderAndOnlyWithConsentsKeys) {
  const std::string id = WithPacket();
  EXPECT_EQ(Amend(Next(id, 1), to_), "REFERRAL_NOT_FOUND") << "not the recipient";
  EXPECT_EQ(Amend(Next(id, 1), ids_.New()), "REFERRAL_NOT_FOUND");
  Amending without = Next(id, 1);
  without.sealed.custody_keys.clear();
  EXPECT_EQ(Amend(without), "REFERRAL_NOT_FOUND");
  Amending to_another = Next(id, 1);
  to_another.sealed.sealed_to[1].kid = "e-of-somebody-else";
  EXPECT_EQ(Amend(to_another), "PACKET_RECIPIENT_MISMATCH");
  Do<bool>([](Unit& unit) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(unit.store.PutRevokedRelease(kNextRelease, unit.now_ms));
    return true;
  });
  EXPECT_EQ(Amend(Next(id, 1)), "RELEASE_REVOKED");
  EXPECT_EQ(Bytes(id), "first");
  EXPECT_TRUE(KeysToDestroy().empty()) << "a refused amendment destroys nothing";
}

TEST_P(AmendPacketTest, FiftyVersionsAndNoMore) {
  const std::string id = WithPacket();
  for (int64_t version = 1; version < kMostPacketVersions; ++version) {
    ASSERT_EQ(Amend(Next(id, version)), "ok") << version;
  }
  EXPECT_EQ(Amend(Next(id, kMostPacketVersions)), "TOO_MANY_VERSIONS");
  EXPECT_EQ(Find(id).packet_version, kMostPacketVersions);
}

TEST_P(AmendPacketTest, ThatItsReleaseHadEndedIsOverWithTheNewOne) {
  const std::string id = WithPacket();
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(EndWithRelease(unit, id, "release_revoked"));
    return true;
  });
  EXPECT_EQ(Find(id).reason_code, "release_revoked");
  ASSERT_EQ(Amend(Next(id, 1)), "ok");
  EXPECT_EQ(Find(id).reason_code, "");
}

TEST_P(AmendPacketTest, TheNewestVersionThatWasOpenedIsKept) {
  const std::string id = WithPacket(ReferralState::kOpen, OfferState::kSent);
  ASSERT_EQ(Amend(Next(id, 1)), "ok");
  EXPECT_EQ(Find(id).offers[0].opened_version, 0);
  const auto opened = [&] {
    const Offer offer = Find(id).offers[0];
    return std::pair{offer.open_ms, offer.opened_version};
  };
  ASSERT_EQ(Open(id, 1, to_), "ok");  // it was on its way when the second came
  const int64_t first_ms = clock_.NowMs();
  EXPECT_EQ(opened(), std::pair(first_ms, int64_t{1}));
  clock_.Advance(1'000);
  ASSERT_EQ(Open(id, 2, to_), "ok");
  EXPECT_EQ(opened(), std::pair(first_ms, int64_t{2})) << "the first opening's time stays";
  ASSERT_EQ(Open(id, 1, to_), "ok");
  ASSERT_EQ(Open(id, 2, from_), "ok");
  EXPECT_EQ(opened(), std::pair(first_ms, int64_t{2})) << "an older one, or the sender's: no news";
}

TEST_P(AmendPacketTest, AShareOfTheVersionBeforeTakesNoPlaceInTheNext) {
  const std::string id = WithPacket();
  ASSERT_EQ(Amend(Next(id, 1)), "ok");
  const auto reseal = [&](const std::string& packet_id) {
    Resealing resealing;
    resealing.referral_id = id;
    resealing.packet_id = packet_id;
    resealing.share.kid = "e-" + to_;
    return As<Referral>(to_, "ReferralService/ResealPacket",
                        [&](Unit& unit) { return ResealPacket(unit, resealing); });
  };
  EXPECT_EQ(reseal(id), "PACKET_REPLACED");
  EXPECT_EQ(reseal(Find(id).packet_id), "ok");
}

TEST_P(AmendPacketTest, WhatARestoreForgetsHasItsKeysDestroyed) {
  const std::string stays = WithPacket();
  const std::string amended = WithPacket();
  const auto carried_of = [&] {
    return Do<CarriedOver>([](Unit& unit) { return ReadCarriedOver(unit.tx); });
  };
  // What was replaced has the second version and a referral of later; what is put back, neither.
  ASSERT_EQ(Amend(Next(amended, 1)), "ok");
  const std::string second = Find(amended).packet_id;
  const std::string later = WithPacket();
  const CarriedOver carried = carried_of();
  EXPECT_THAT(carried.ids_in_custody, UnorderedElementsAre(stays, second, later));
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(unit.tx.Execute("DELETE FROM custody_to_destroy"));
    for (const auto& [id, packet_id] :
         {std::pair{amended, amended}, std::pair{later, std::string()}}) {
      FAIRLEAD_ASSIGN(auto referral, unit.store.Find(id));
      referral->packet_id = packet_id;
      FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(*referral));
    }
    return true;
  });
  Do<int>([&](Unit& unit) { return CarryOver(unit, carried); });
  EXPECT_THAT(KeysToDestroy(), UnorderedElementsAre(amended, second, later))
      << "the first was destroyed, the others are not here; what stays keeps its keys";
}

// What is put back may have it open: the key must not be there to read it with.
TEST_P(AmendPacketTest, WhatHadEndedIsNotReadAfterARestore) {
  using R = ReferralState;
  using O = OfferState;
  const auto with_note = [&](R state, O offer_state) {
    const std::string id = WithPacket(state, offer_state);
    const std::string note_id = Do<std::string>([&](Unit& unit) -> Result<std::string> {
      SealedNote note{.id = ids_.New(),
                      .referral_id = id,
                      .offer_id = ids_.New(),
                      .kind = NoteKind::kQuestion,
                      .from_agency_id = to_,
                      .to_agency_id = from_,
                      .about_note_id = ""};
      note.content.recipients = {
          {.agency_id = to_, .kid = "k", .epk_x = "x", .epk_y = "y", .custody_wrapped = "w"}};
      FAIRLEAD_RETURN_IF_ERROR(PutNote(unit.tx, note));
      return note.id;
    });
    return std::pair{id, note_id};
  };
  std::vector<std::string> ended;
  std::vector<std::string> referrals;
  for (const auto& [state, offer_state] : {std::pair{R::kCompleted, O::kAccepted},
                                           std::pair{R::kCancelled, O::kWithdrawn},
                                           std::pair{R::kClosed, O::kDeclined},
                                           std::pair{R::kEnteredInError, O::kFellThrough}}) {
    const auto [id, note_id] = with_note(state, offer_state);
    referrals.push_back(id);
    ended.insert(ended.end(), {id, note_id});
  }
  for (const R state : {R::kOpen, R::kMatched, R::kInService}) with_note(state, O::kAccepted);
  const auto carried =
      Do<CarriedOver>([](Unit& unit) { return ReadCarriedOver(unit.tx); });
  EXPECT_THAT(carried.packet_ids, UnorderedElementsAreArray(ended));
  for (const std::string& id : referrals) {
    Do<bool>([&](Unit& unit) -> Result<bool> {
      FAIRLEAD_ASSIGN(auto referral, unit.store.Find(id));
      referral->state = R::kOpen;
      FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(*referral));
      return true;
    });
  }
  Do<int>([&](Unit& unit) { return CarryOver(unit, carried); });
  EXPECT_THAT(KeysToDestroy(), UnorderedElementsAreArray(ended));
}

FAIRLEAD_ON_BOTH_ENGINES(AmendPacketTest);

}  // namespace
}  // namespace fairlead::referral
