// Every field of a chunk changed, and chunks left out, repeated, moved and taken from elsewhere:
// each is refused under its own name.
#include "services/common/seal/attachment.h"

#include <gtest/gtest.h>

#include <functional>
#include <utility>
#include <vector>

#include "services/common/base/encoding.h"
#include "services/common/base/random.h"

namespace fairlead::seal {
namespace {

constexpr char kReferral[] = "01890a5d-ac96-774b-bcce-b302099a8001";
constexpr char kOtherReferral[] = "01890a5d-ac96-774b-bcce-b302099a8002";
constexpr char kAttachment[] = "01890a5d-ac96-774b-bcce-b302099a8003";
constexpr char kOtherAttachment[] = "01890a5d-ac96-774b-bcce-b302099a8004";

using Chunks = std::vector<std::string>;

struct Sealed {
  AttachmentPlace place = {kReferral, kAttachment};
  std::string key;
  std::string plain;
  Chunks chunks;
  std::string sha256;
};

Sealed SealedOf(size_t bytes, AttachmentPlace place = {kReferral, kAttachment}) {
  static SeededRandom random(7);
  Sealed sealed{.place = std::move(place),
                .key = random.Bytes(kAttachmentKeyBytes),
                .plain = random.Bytes(bytes),
                .chunks = {},
                .sha256 = ""};
  if (bytes > 0) sealed.plain.back() = 'z';  // no zero, which could pass for padding
  AttachmentSealer sealer(sealed.place, sealed.key);
  size_t at = 0;
  do {
    const std::string piece = sealed.plain.substr(at, kAttachmentPlainBytes);
    at += piece.size();
    auto chunk = sealer.Next(piece, at == sealed.plain.size());
    EXPECT_TRUE(chunk) << ToString(chunk.error());
    sealed.chunks.push_back(chunk.value_or(""));
  } while (at < sealed.plain.size());
  sealed.sha256 = sealer.Sha256();
  EXPECT_EQ(sealed.sha256, Sha256(sealed.plain));
  EXPECT_EQ(sealer.bytes(), static_cast<int64_t>(bytes));
  return sealed;
}

// "ok", or the first refusal.
std::string HowItOpens(const Sealed& sealed, const Chunks& chunks, std::string* plain = nullptr) {
  AttachmentOpener opener(sealed.place, sealed.key, static_cast<int64_t>(sealed.plain.size()),
                          sealed.sha256);
  for (const std::string& chunk : chunks) {
    const Result<std::string> piece = opener.Next(chunk);
    if (!piece) return piece.error().reason;
    if (plain != nullptr) *plain += *piece;
  }
  const Result<void> finished = opener.Finish();
  return finished ? "ok" : finished.error().reason;
}

std::string Flipped(std::string chunk, size_t at) {
  chunk[at] = static_cast<char>(chunk[at] ^ 1);
  return chunk;
}

TEST(AttachmentTest, OpensAsItWasSealedAtEverySizeAroundAChunk) {
  for (const size_t bytes : {size_t{0}, size_t{1}, kAttachmentPlainBytes - 1, kAttachmentPlainBytes,
                             kAttachmentPlainBytes + 1, 3 * kAttachmentPlainBytes}) {
    const Sealed sealed = SealedOf(bytes);
    EXPECT_EQ(std::ssize(sealed.chunks), AttachmentChunks(static_cast<int64_t>(bytes)));
    for (const std::string& chunk : sealed.chunks) {
      EXPECT_EQ(chunk.size(), kAttachmentChunkBytes) << "nothing of the size shows";
    }
    std::string plain;
    EXPECT_EQ(HowItOpens(sealed, sealed.chunks, &plain), "ok") << bytes;
    EXPECT_EQ(plain, sealed.plain);
  }
}

TEST(AttachmentTest, TwentyFiveMebibytesAndNotAByteMore) {
  AttachmentSealer sealer({kReferral, kAttachment}, std::string(kAttachmentKeyBytes, 'k'));
  const std::string piece(kAttachmentPlainBytes, 'x');
  for (int64_t i = 1; i < kMaxAttachmentChunks; ++i) ASSERT_TRUE(sealer.Next(piece, false)) << i;
  ASSERT_TRUE(sealer.Next(piece, false)) << "exactly 25 MiB";
  EXPECT_EQ(sealer.bytes(), kMaxAttachmentBytes);
  const auto more = sealer.Next("y", true);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().reason, "ATTACHMENT_TOO_LARGE");
  EXPECT_EQ(AttachmentChunks(kMaxAttachmentBytes), kMaxAttachmentChunks);
  EXPECT_EQ(AttachmentChunks(kMaxAttachmentBytes + 1), kMaxAttachmentChunks + 1);
  AttachmentOpener opener({kReferral, kAttachment}, std::string(kAttachmentKeyBytes, 'k'),
                          kMaxAttachmentBytes + 1, std::string(32, 'h'));
  const auto too_large = opener.Next(std::string(kAttachmentChunkBytes, 'x'));
  ASSERT_FALSE(too_large);
  EXPECT_EQ(too_large.error().reason, "INVALID_ATTACHMENT");
}

TEST(AttachmentTest, EveryFieldOfAChunkIsAuthenticated) {
  const Sealed sealed = SealedOf(2 * kAttachmentPlainBytes + 9);
  struct Field {
    const char* name;
    size_t at;
    const char* reason;  // of the second of three chunks
  };
  const std::vector<Field> fields = {
      {"mark", 0, "ATTACHMENT_CHUNK_MALFORMED"},
      {"attachment", 4, "ATTACHMENT_SPLICED"},
      {"attachment's end", 19, "ATTACHMENT_SPLICED"},
      {"number's high byte", 20, "ATTACHMENT_CHUNK_OUT_OF_ORDER"},
      {"number", 23, "ATTACHMENT_CHUNK_REPEATED"},  // 1 becomes 0
      {"last", 24, "ATTACHMENT_CUT_SHORT"},
      {"first byte", 25, "ATTACHMENT_CHUNK_ALTERED"},
      {"last byte", 25 + kAttachmentPlainBytes - 1, "ATTACHMENT_CHUNK_ALTERED"},
      {"tag", 25 + kAttachmentPlainBytes, "ATTACHMENT_CHUNK_ALTERED"},
      {"tag's end", kAttachmentChunkBytes - 1, "ATTACHMENT_CHUNK_ALTERED"}};
  for (const Field& field : fields) {
    Chunks chunks = sealed.chunks;
    chunks[1] = Flipped(chunks[1], field.at);
    EXPECT_EQ(HowItOpens(sealed, chunks), field.reason) << field.name;
  }
  Chunks chunks = sealed.chunks;
  chunks[1][24] = '\x02';
  EXPECT_EQ(HowItOpens(sealed, chunks), "ATTACHMENT_CHUNK_MALFORMED") << "no third kind";
  for (const size_t size : {size_t{0}, kAttachmentChunkBytes - 1, kAttachmentChunkBytes + 1}) {
    chunks = sealed.chunks;
    chunks[1].resize(size);
    EXPECT_EQ(HowItOpens(sealed, chunks), "ATTACHMENT_CHUNK_MALFORMED") << size;
  }
}

TEST(AttachmentTest, ChunksLeftOutRepeatedAndMovedAreRefused) {
  const Sealed sealed = SealedOf(3 * kAttachmentPlainBytes);
  const Chunks& c = sealed.chunks;
  EXPECT_EQ(HowItOpens(sealed, {}), "ATTACHMENT_CUT_SHORT");
  EXPECT_EQ(HowItOpens(sealed, {c[0], c[1]}), "ATTACHMENT_CUT_SHORT");
  EXPECT_EQ(HowItOpens(sealed, {c[0], c[2]}), "ATTACHMENT_CHUNK_OUT_OF_ORDER");
  EXPECT_EQ(HowItOpens(sealed, {c[1], c[0], c[2]}), "ATTACHMENT_CHUNK_OUT_OF_ORDER");
  EXPECT_EQ(HowItOpens(sealed, {c[0], c[0], c[1], c[2]}), "ATTACHMENT_CHUNK_REPEATED");
  EXPECT_EQ(HowItOpens(sealed, {c[0], c[1], c[2], c[2]}), "ATTACHMENT_CHUNK_REPEATED");
}

// What it says of itself is made to fit, too: then the ciphertext does not.
TEST(AttachmentTest, AChunkThatLiesAboutItsPlaceDoesNotOpen) {
  const Sealed sealed = SealedOf(3 * kAttachmentPlainBytes);
  const Sealed other = SealedOf(3 * kAttachmentPlainBytes, {kReferral, kOtherAttachment});
  const auto as = [](const std::string& head_of, const std::string& body_of) {
    return head_of.substr(0, kAttachmentHeadBytes) + body_of.substr(kAttachmentHeadBytes);
  };
  const Chunks& c = sealed.chunks;
  EXPECT_EQ(HowItOpens(sealed, {c[0], as(c[1], c[0]), c[2]}), "ATTACHMENT_CHUNK_ALTERED");
  EXPECT_EQ(HowItOpens(sealed, {c[0], as(c[1], c[2]), c[2]}), "ATTACHMENT_CHUNK_ALTERED");
  EXPECT_EQ(HowItOpens(sealed, {c[0], c[1], as(c[2], c[1])}), "ATTACHMENT_CHUNK_ALTERED");
  EXPECT_EQ(HowItOpens(sealed, {other.chunks[0], c[1], c[2]}), "ATTACHMENT_SPLICED");
  EXPECT_EQ(HowItOpens(sealed, {as(c[0], other.chunks[0]), c[1], c[2]}),
            "ATTACHMENT_CHUNK_ALTERED");
  // A sender, or a hub with the sender, that ends it early and says so in the packet only.
  Sealed shortened = sealed;
  shortened.plain.resize(2 * kAttachmentPlainBytes);
  EXPECT_EQ(HowItOpens(shortened, {c[0], c[1]}), "ATTACHMENT_TOO_LONG") << "its last is no end";
  EXPECT_EQ(HowItOpens(shortened, c), "ATTACHMENT_TOO_LONG");
  Sealed lengthened = sealed;
  lengthened.plain += "x";
  EXPECT_EQ(HowItOpens(lengthened, c), "ATTACHMENT_CUT_SHORT");
}

TEST(AttachmentTest, BoundToItsReferralItsKeyItsSizeAndItsHash) {
  const Sealed sealed = SealedOf(100);
  Sealed elsewhere = sealed;
  elsewhere.place.referral_id = kOtherReferral;
  EXPECT_EQ(HowItOpens(elsewhere, sealed.chunks), "ATTACHMENT_CHUNK_ALTERED");
  Sealed other_key = sealed;
  other_key.key[31] = static_cast<char>(other_key.key[31] ^ 1);
  EXPECT_EQ(HowItOpens(other_key, sealed.chunks), "ATTACHMENT_CHUNK_ALTERED");
  Sealed smaller = sealed;
  smaller.plain.resize(99);
  EXPECT_EQ(HowItOpens(smaller, sealed.chunks), "ATTACHMENT_PADDING");
  Sealed larger = sealed;
  larger.plain += '\0';
  EXPECT_EQ(HowItOpens(larger, sealed.chunks), "ATTACHMENT_HASH_MISMATCH");
  Sealed other_hash = sealed;
  other_hash.sha256[0] = static_cast<char>(other_hash.sha256[0] ^ 1);
  EXPECT_EQ(HowItOpens(other_hash, sealed.chunks), "ATTACHMENT_HASH_MISMATCH");
}

TEST(AttachmentTest, NoNonceIsUsedTwiceAndASecondSealingGivesTheSameBytes) {
  const Sealed sealed = SealedOf(2 * kAttachmentPlainBytes);
  AttachmentSealer again(sealed.place, sealed.key);
  EXPECT_EQ(again.Next(sealed.plain.substr(0, kAttachmentPlainBytes), false).value_or(""),
            sealed.chunks[0])
      << "so an upload that was interrupted goes on where it was";
  // Equal plaintexts in different places differ.
  AttachmentSealer zeros(sealed.place, std::string(kAttachmentKeyBytes, 'z'));
  const std::string zero(kAttachmentPlainBytes, '\0');
  const std::string first = zeros.Next(zero, false).value_or("");
  const std::string second = zeros.Next(zero, true).value_or("");
  EXPECT_NE(first.substr(kAttachmentHeadBytes), second.substr(kAttachmentHeadBytes));
}

TEST(AttachmentTest, PiecesOfAnotherSizeAndPlacesThatAreNoneAreRefused) {
  const std::string key(kAttachmentKeyBytes, 'k');
  const std::string piece(kAttachmentPlainBytes, 'x');
  const auto detail = [](const Result<std::string>& refused) {
    return refused ? std::string("ok") : refused.error().metadata.at("detail");
  };
  AttachmentSealer sealer({kReferral, kAttachment}, key);
  EXPECT_EQ(detail(sealer.Next("short", false)), "piece");
  EXPECT_EQ(detail(sealer.Next(piece + "x", true)), "piece");
  EXPECT_EQ(detail(sealer.Next(piece, false)), "ok");
  EXPECT_EQ(detail(sealer.Next("", true)), "piece") << "the last holds something";
  EXPECT_EQ(detail(sealer.Next("x", true)), "ok");
  EXPECT_EQ(detail(sealer.Next("x", true)), "ended");
  AttachmentSealer nowhere({"somewhere", kAttachment}, key);
  EXPECT_EQ(detail(nowhere.Next("x", true)), "place");
  AttachmentSealer keyless({kReferral, kAttachment}, "short");
  EXPECT_EQ(detail(keyless.Next("x", true)), "key");
}

}  // namespace
}  // namespace fairlead::seal
