// Attachments: what may be put where and by whom, an upload that is taken up again, and that
// nothing of them outlives their packet.
#include "services/referral/commands/attach.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "services/referral/commands/close_referral.h"
#include "services/referral/commands/reopen_referral.h"
#include "services/referral/commands/shred_packets.h"
#include "services/referral/store/routing_store.h"
#include "services/referral/testing/commands_fixture.h"

namespace fairlead::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kStartVerb[] = "AttachmentService/StartAttachment";
constexpr char kPutVerb[] = "AttachmentService/PutAttachmentChunk";
constexpr char kReadVerb[] = "AttachmentService/OpenAttachmentChunk";
constexpr int64_t kHourMs = 3'600'000;

constexpr char kReleaseId[] = "018bcfe5-6800-7000-8000-00000000000a";

class AttachTest : public CommandsTest {
 protected:
  std::string WithPacket(ReferralState state = ReferralState::kMatched,
                         OfferState offer_state = OfferState::kAccepted,
                         const std::string& category = "documents") {
    const std::string id = Add(from_, to_, state, offer_state);
    Do<bool>([&](Unit& unit) -> Result<bool> {
      FAIRLEAD_ASSIGN(auto referral, unit.store.Find(id));
      referral->packet_id = id;
      referral->packet_version = 1;
      referral->release_id = kReleaseId;
      referral->categories = {category};
      FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(*referral));
      StoredPacket packet;
      packet.referral_id = id;
      FAIRLEAD_RETURN_IF_ERROR(unit.store.InsertPacket(packet));
      return true;
    });
    return id;
  }

  // Another referral, for rows that are somebody's.
  std::string WithoutPacket(Unit& unit) {
    Referral referral;
    referral.id = ids_.New();
    referral.sender_agency_id = from_;
    EXPECT_TRUE(unit.store.Insert(referral));
    return referral.id;
  }

  std::string Start(const std::string& id, const std::string& attachment, int64_t chunks,
                    const std::string& by, int64_t version = 1) {
    return As<StoredAttachment>(by, kStartVerb, [&](Unit& unit) {
      return StartAttachment(unit, {id, attachment, chunks, version});
    });
  }
  std::string Start(const std::string& id, const std::string& attachment, int64_t chunks) {
    return Start(id, attachment, chunks, from_);
  }

  // Sealed for that place of an attachment of so many chunks.
  std::string Chunk(const std::string& id, const std::string& attachment, int64_t number,
                    int64_t chunks, char fill = 'x') {
    seal::AttachmentSealer sealer({id, attachment}, std::string(32, 'k'));
    std::string chunk;
    for (int64_t i = 0; i <= number; ++i) {
      chunk = sealer.Next(std::string(seal::kAttachmentPlainBytes, fill), i + 1 == chunks)
                  .value_or("");
    }
    return chunk;
  }
  std::string Put(const std::string& id, const std::string& attachment, int64_t number,
                  const std::string& bytes, const std::string& by) {
    return As<StoredAttachment>(by, kPutVerb, [&](Unit& unit) {
      return PutAttachmentChunk(unit, {id, attachment, number, bytes});
    });
  }
  std::string Put(const std::string& id, const std::string& attachment, int64_t number,
                  const std::string& bytes) {
    return Put(id, attachment, number, bytes, from_);
  }
  std::string MarkRead(const std::string& id, const std::string& attachment,
                       const std::string& by) {
    return As<Referral>(by, kReadVerb, [&](Unit& unit) {
      unit.staff_id = "somebody at " + by;
      return MarkAttachmentOpened(unit, id, attachment);
    });
  }

  std::vector<int64_t> Missing(const std::string& id, const std::string& attachment) {
    return Do<std::vector<int64_t>>([&](Unit& unit) -> Result<std::vector<int64_t>> {
      FAIRLEAD_ASSIGN(const auto found, FindAttachment(unit.tx, id, attachment));
      if (!found) return std::vector<int64_t>{-1};
      return MissingAttachmentChunks(unit.tx, *found);
    });
  }
  // Rows of the three tables.
  std::string Rows() {
    return Do<std::string>([](Unit& unit) -> Result<std::string> {
      std::string text;
      for (const char* sql : {"SELECT 1 FROM attachment", "SELECT 1 FROM attachment_chunk",
                              "SELECT 1 FROM attachment_reader"}) {
        FAIRLEAD_ASSIGN(const auto rows, unit.tx.Query(sql));
        text += (text.empty() ? "" : " ") + std::to_string(rows.size());
      }
      return text;
    });
  }
  // A whole one of one chunk, which the recipient has read.
  std::string Attached(const std::string& id) {
    std::string attachment = ids_.New();
    EXPECT_EQ(Start(id, attachment, 1), "ok");
    EXPECT_EQ(Put(id, attachment, 0, Chunk(id, attachment, 0, 1)), "ok");
    EXPECT_EQ(MarkRead(id, attachment, to_), "ok");
    return attachment;
  }

  const std::string from_ = ids_.New();
  const std::string to_ = ids_.New();
};

TEST_P(AttachTest, AnUploadIsTakenUpWhereItWasAndIsToldOnceItIsWhole) {
  const std::string id = WithPacket();
  const std::string a = ids_.New();
  ASSERT_EQ(Start(id, a, 3), "ok");
  EXPECT_THAT(Missing(id, a), ElementsAre(0, 1, 2));
  ASSERT_EQ(Put(id, a, 2, Chunk(id, a, 2, 3)), "ok") << "in any order";
  EXPECT_EQ(Start(id, a, 3), "ok") << "begun again by who was interrupted";
  EXPECT_THAT(Missing(id, a), ElementsAre(0, 1));
  ASSERT_EQ(Put(id, a, 0, Chunk(id, a, 0, 3)), "ok");
  ASSERT_EQ(Put(id, a, 0, Chunk(id, a, 0, 3)), "ok") << "the same once more";
  EXPECT_EQ(Read(id), "matched/accepted :");
  ASSERT_EQ(Put(id, a, 1, Chunk(id, a, 1, 3)), "ok");
  EXPECT_THAT(Missing(id, a), IsEmpty());
  ASSERT_EQ(Put(id, a, 1, Chunk(id, a, 1, 3)), "ok");
  EXPECT_EQ(Read(id), "matched/accepted : attachment_added") << "once";
  EXPECT_EQ(Rows(), "1 3 0");
}

TEST_P(AttachTest, AChunkHasOneContentAndOnePlace) {
  const std::string id = WithPacket();
  const std::string a = ids_.New();
  ASSERT_EQ(Start(id, a, 2), "ok");
  const std::string first = Chunk(id, a, 0, 2);
  ASSERT_EQ(Put(id, a, 0, first), "ok");
  EXPECT_EQ(Put(id, a, 0, Chunk(id, a, 0, 2, 'y')), "ATTACHMENT_CHUNK_DIFFERS");
  EXPECT_EQ(Put(id, a, 1, first), "ATTACHMENT_CHUNK_MISPLACED") << "of another number";
  EXPECT_EQ(Put(id, a, 1, Chunk(id, a, 1, 3)), "ATTACHMENT_CHUNK_MISPLACED") << "it is the last";
  EXPECT_EQ(Put(id, a, 0, Chunk(id, a, 0, 1)), "ATTACHMENT_CHUNK_MISPLACED") << "it is not";
  EXPECT_EQ(Put(id, a, 2, Chunk(id, a, 2, 3)), "ATTACHMENT_CHUNK_MISPLACED") << "there is none";
  EXPECT_EQ(Put(id, a, 1, Chunk(id, ids_.New(), 1, 2)), "ATTACHMENT_CHUNK_MISPLACED");
  EXPECT_EQ(Put(id, a, 1, first.substr(1)), "ATTACHMENT_CHUNK_MALFORMED");
  EXPECT_EQ(Put(id, a, 1, first + "x"), "ATTACHMENT_CHUNK_MALFORMED");
  EXPECT_EQ(Put(id, ids_.New(), 0, first), "ATTACHMENT_NOT_FOUND");
  EXPECT_THAT(Missing(id, a), ElementsAre(1));
}

TEST_P(AttachTest, TenOfThemAndTwentyFiveMebibytesInAll) {
  const std::string id = WithPacket();
  EXPECT_EQ(Start(id, ids_.New(), kMostAttachmentChunks + 1), "ATTACHMENTS_TOO_LARGE");
  const std::string first = ids_.New();
  ASSERT_EQ(Start(id, first, kMostAttachmentChunks - 1), "ok");
  EXPECT_EQ(Start(id, ids_.New(), 2), "ATTACHMENTS_TOO_LARGE") << "what has not come counts";
  EXPECT_EQ(Start(id, first, 1), "ATTACHMENT_EXISTS");
  ASSERT_EQ(Start(id, ids_.New(), 1), "ok") << "exactly 25 MiB";
  EXPECT_EQ(Start(id, ids_.New(), 1), "ATTACHMENTS_TOO_LARGE");

  const std::string many = WithPacket();
  for (int64_t i = 0; i < kMostAttachments; ++i) ASSERT_EQ(Start(many, ids_.New(), 1), "ok") << i;
  EXPECT_EQ(Start(many, ids_.New(), 1), "TOO_MANY_ATTACHMENTS");
}

TEST_P(AttachTest, AnAgencyHasTwoGibibytesOfThemAtMost) {
  const std::string id = WithPacket();
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(InsertAttachment(unit.tx, {.referral_id = WithoutPacket(unit),
                                                        .id = ids_.New(),
                                                        .agency_id = from_,
                                                        .chunk_count = kMostChunksOfAgency - 1,
                                                        .have_count = kMostChunksOfAgency - 1}));
    return true;
  });
  EXPECT_EQ(Start(id, ids_.New(), 2), "ATTACHMENTS_FULL");
  const std::string first = ids_.New();
  const std::string second = ids_.New();
  EXPECT_EQ(Start(id, first, 1), "ok");
  EXPECT_EQ(Start(id, second, 1), "ok") << "what was only announced keeps nobody out";
  EXPECT_EQ(Put(id, first, 0, Chunk(id, first, 0, 1)), "ok");
  EXPECT_EQ(Put(id, second, 0, Chunk(id, second, 0, 1)), "ATTACHMENTS_FULL");
  EXPECT_EQ(Put(id, first, 0, Chunk(id, first, 0, 1)), "ok") << "what is there is there";
  EXPECT_EQ(Start(id, ids_.New(), 1), "ATTACHMENTS_FULL");
}

TEST_P(AttachTest, OnlyToThePacketThatSpeaksOfItAndOnlyBySender) {
  const std::string id = WithPacket();
  const std::string a = ids_.New();
  EXPECT_EQ(Start(id, a, 1, to_), "REFERRAL_NOT_FOUND") << "not the recipient";
  EXPECT_EQ(Start(id, a, 1, ids_.New()), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(Start(id, a, 1, from_, 2), "PACKET_VERSION_MISMATCH");
  const std::string needs = WithPacket(ReferralState::kOpen, OfferState::kSent, "needs");
  EXPECT_EQ(Start(needs, a, 1), "PACKET_WITHOUT_DOCUMENTS");
  const std::string without = Add(from_, to_, ReferralState::kMatched, OfferState::kAccepted);
  EXPECT_EQ(Start(without, a, 1), "PACKET_NOT_SENT");
  for (const auto& [state, offer_state] :
       {std::pair{ReferralState::kCompleted, OfferState::kAccepted},
        std::pair{ReferralState::kCancelled, OfferState::kWithdrawn}}) {
    EXPECT_EQ(Start(WithPacket(state, offer_state), a, 1), "REFERRAL_ENDED");
  }
  ASSERT_EQ(Start(id, a, 1), "ok");
  for (const std::string& other : {to_, ids_.New()}) {
    EXPECT_EQ(Put(id, a, 0, Chunk(id, a, 0, 1), other), "REFERRAL_NOT_FOUND");
    EXPECT_THAT(Missing(id, a), ElementsAre(0));
  }
  // An id counts within its referral: that another has it tells nothing.
  const std::string elsewhere = WithPacket();
  EXPECT_EQ(Put(elsewhere, a, 0, Chunk(elsewhere, a, 0, 1)), "ATTACHMENT_NOT_FOUND");
  const std::string kept_back = WithPacket();
  const std::string late = ids_.New();
  ASSERT_EQ(Start(kept_back, late, 1), "ok");
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_ASSIGN(const auto referral, unit.store.Find(kept_back));
    DoNotRoute list;
    list.agency_id = from_;
    list.case_handle = referral->case_handle;
    list.entries = {{to_, "past_harm"}};
    FAIRLEAD_RETURN_IF_ERROR(PutDoNotRoute(unit.tx, list, unit.now_ms));
    return true;
  });
  EXPECT_EQ(Put(kept_back, late, 0, Chunk(kept_back, late, 0, 1)), "AGENCY_NOT_TO_BE_ASKED");
  EXPECT_EQ(MarkRead(id, a, ids_.New()), "REFERRAL_NOT_FOUND");
  Do<bool>([](Unit& unit) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(unit.store.PutRevokedRelease(kReleaseId, unit.now_ms));
    return true;
  });
  EXPECT_EQ(Start(id, ids_.New(), 1), "RELEASE_REVOKED");
}

TEST_P(AttachTest, EachReaderIsALineInTheStoryOnce) {
  const std::string id = WithPacket();
  const std::string a = Attached(id);
  EXPECT_EQ(MarkRead(id, a, to_), "ok");
  EXPECT_EQ(MarkRead(id, a, from_), "ok");
  EXPECT_EQ(Read(id), "matched/accepted : attachment_added attachment_opened attachment_opened");
  EXPECT_EQ(MarkRead(id, ids_.New(), to_), "ATTACHMENT_NOT_FOUND");
}

TEST_P(AttachTest, WhateverDestroysThePacketDestroysThemInTheSameCommit) {
  using End = std::function<Result<Referral>(Unit&, const std::string&)>;
  const std::map<std::string, End> ends = {
      {"ReferralService/ReopenReferral",
       [](Unit& unit, const std::string& id) { return ReopenReferral(unit, id, "", "no_show"); }},
      {"ReferralService/EnterReferralInError",
       [](Unit& unit, const std::string& id) { return EnterReferralInError(unit, id, ""); }}};
  for (const auto& [verb, end] : ends) {
    const std::string id = WithPacket();
    Attached(id);
    ASSERT_EQ(Rows(), "1 1 1");
    ASSERT_EQ(As<Referral>(from_, verb, [&](Unit& unit) { return end(unit, id); }), "ok") << verb;
    EXPECT_EQ(Rows(), "0 0 0") << verb;
  }
  // Retention, and one that was not even whole.
  const std::string id = WithPacket();
  Attached(id);
  ASSERT_EQ(Start(id, ids_.New(), 5), "ok");
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_ASSIGN(auto referral, unit.store.Find(id));
    referral->state = ReferralState::kCompleted;
    referral->update_ms = unit.now_ms;
    FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(*referral));
    return true;
  });
  EXPECT_EQ(Rows(), "2 1 1");
  clock_.Advance(kRetentionMs);
  Do<int64_t>([](Unit& unit) { return ShredOldPackets(unit); });
  EXPECT_EQ(Rows(), "0 0 0");
}

TEST_P(AttachTest, WhatIsUnfinishedAfterADayIsThrownAwayAndWhatIsWholeStays) {
  const std::string id = WithPacket();
  const std::string whole = Attached(id);
  const std::string half = ids_.New();
  ASSERT_EQ(Start(id, half, 2), "ok");
  ASSERT_EQ(Put(id, half, 0, Chunk(id, half, 0, 2)), "ok");
  clock_.Advance(24 * kHourMs - 1);
  const auto sweep = [&] { return Do<int64_t>([](Unit& unit) { return ShredOldPackets(unit); }); };
  EXPECT_EQ(sweep(), 0);
  EXPECT_THAT(Missing(id, half), ElementsAre(1));
  clock_.Advance(1);
  EXPECT_EQ(sweep(), 1);
  EXPECT_THAT(Missing(id, half), ElementsAre(-1));
  EXPECT_EQ(Put(id, half, 1, Chunk(id, half, 1, 2)), "ATTACHMENT_NOT_FOUND");
  EXPECT_THAT(Missing(id, whole), IsEmpty());
  EXPECT_EQ(Rows(), "1 1 1");
  EXPECT_EQ(Start(id, half, 2), "ok") << "and may be begun again";
  EXPECT_THAT(Missing(id, half), ElementsAre(0, 1));
}

FAIRLEAD_ON_BOTH_ENGINES(AttachTest);

}  // namespace
}  // namespace fairlead::referral
