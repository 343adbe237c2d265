#include "services/common/seal/attachment.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "services/common/base/aes_gcm.h"
#include "services/common/base/check.h"
#include "services/common/base/encoding.h"
#include "services/common/base/ids.h"

namespace fairlead::seal {
namespace {

constexpr std::string_view kChunkMark = "fla1";
constexpr size_t kIdBytes = 16;
constexpr size_t kPrefixBytes = 7;

tl::unexpected<Error> RefuseAttachment(const char* reason, std::string message) {
  return Fail(Code::kInvalidArgument, reason, std::move(message));
}

tl::unexpected<Error> InvalidAttachment(const char* detail) {
  return Fail(Code::kInvalidArgument, "INVALID_ATTACHMENT", "The attachment cannot be sealed so.",
              {{"detail", detail}});
}

// "018f…-…": its 16 bytes.
std::string IdBytes(const std::string& uuid) {
  std::string hex = uuid;
  std::erase(hex, '-');
  return HexDecode(hex).value_or("");
}

std::string IdText(std::string_view bytes) {
  std::string text = HexEncode(bytes);
  for (const size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
  return text;
}

// Where a chunk stands: its number and whether it is the last, as the nonce and the head have it.
std::string PlaceBytes(int64_t number, bool is_last) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>((number >> shift) & 0xFF);
  bytes += is_last ? '\x01' : '\x00';
  return bytes;
}

std::string HeadOf(const AttachmentPlace& place, int64_t number, bool is_last) {
  return std::string(kChunkMark) + IdBytes(place.attachment_id) + PlaceBytes(number, is_last);
}

std::string NonceOf(const AttachmentPlace& place, int64_t number, bool is_last) {
  const std::string seed = "fairlead-attachment-1" + place.referral_id + place.attachment_id;
  return Sha256(seed).substr(0, kPrefixBytes) + PlaceBytes(number, is_last);
}

const char* FaultOf(const AttachmentPlace& place, const std::string& key) {
  if (!IsUuid(place.referral_id) || !IsUuid(place.attachment_id)) return "place";
  return key.size() == kAttachmentKeyBytes ? nullptr : "key";
}

}  // namespace

int64_t AttachmentChunks(int64_t bytes) {
  constexpr int64_t kPlain = kAttachmentPlainBytes;
  return std::max<int64_t>(1, (bytes + kPlain - 1) / kPlain);
}

Result<ChunkHead> ReadChunkHead(std::string_view chunk) {
  if (chunk.size() != kAttachmentChunkBytes || !chunk.starts_with(kChunkMark)) {
    return RefuseAttachment("ATTACHMENT_CHUNK_MALFORMED", "That is no chunk of an attachment.");
  }
  const std::string_view place = chunk.substr(kChunkMark.size() + kIdBytes);
  ChunkHead head;
  head.attachment_id = IdText(chunk.substr(kChunkMark.size(), kIdBytes));
  for (size_t i = 0; i < 4; ++i) {
    head.number = head.number * 256 + static_cast<unsigned char>(place[i]);
  }
  if (place[4] != '\x00' && place[4] != '\x01') {
    return RefuseAttachment("ATTACHMENT_CHUNK_MALFORMED", "That is no chunk of an attachment.");
  }
  head.is_last = place[4] == '\x01';
  return head;
}

RunningHash::RunningHash() : context_(EVP_MD_CTX_new()) {
  FAIRLEAD_CHECK(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
}

void RunningHash::Add(std::string_view bytes) {
  FAIRLEAD_CHECK(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

std::string RunningHash::Digest() const {
  const openssl::EvpDigestContext copy(EVP_MD_CTX_new());
  std::string digest(32, '\0');
  FAIRLEAD_CHECK(copy && EVP_MD_CTX_copy_ex(copy.get(), context_.get()) == 1);
  FAIRLEAD_CHECK(EVP_DigestFinal_ex(copy.get(), openssl::MutableBytes(digest), nullptr) == 1);
  return digest;
}

AttachmentSealer::AttachmentSealer(AttachmentPlace place, std::string key)
    : place_(std::move(place)), key_(std::move(key)) {}

AttachmentSealer::~AttachmentSealer() { OPENSSL_cleanse(key_.data(), key_.size()); }

Result<std::string> AttachmentSealer::Next(std::string_view plain, bool is_last) {
  if (const char* fault = FaultOf(place_, key_)) return InvalidAttachment(fault);
  if (ended_) return InvalidAttachment("ended");
  if (bytes_ + static_cast<int64_t>(plain.size()) > kMaxAttachmentBytes) {
    return RefuseAttachment("ATTACHMENT_TOO_LARGE", "An attachment has at most 25 MiB.");
  }
  const bool is_piece = plain.size() == kAttachmentPlainBytes ||
                        (is_last && plain.size() < kAttachmentPlainBytes &&
                         (!plain.empty() || number_ == 0));
  if (!is_piece) return InvalidAttachment("piece");
  std::string padded(plain);
  padded.resize(kAttachmentPlainBytes, '\0');
  std::string chunk = HeadOf(place_, number_, is_last);
  chunk += AesGcmSeal(key_, NonceOf(place_, number_, is_last), chunk + place_.referral_id, padded);
  OPENSSL_cleanse(padded.data(), padded.size());
  hash_.Add(plain);
  bytes_ += static_cast<int64_t>(plain.size());
  number_ += 1;
  ended_ = is_last;
  return chunk;
}

AttachmentOpener::AttachmentOpener(AttachmentPlace place, std::string key, int64_t bytes,
                                   std::string sha256)
    : place_(std::move(place)), key_(std::move(key)), bytes_(bytes), sha256_(std::move(sha256)) {}

AttachmentOpener::~AttachmentOpener() { OPENSSL_cleanse(key_.data(), key_.size()); }

Result<std::string> AttachmentOpener::Next(std::string_view chunk) {
  if (const char* fault = FaultOf(place_, key_)) return InvalidAttachment(fault);
  if (bytes_ < 0 || bytes_ > kMaxAttachmentBytes) return InvalidAttachment("size");
  FAIRLEAD_ASSIGN(const ChunkHead head, ReadChunkHead(chunk));
  // What it says of itself first, so that the refusal has a name; a chunk that lies about it does
  // not open.
  if (head.attachment_id != place_.attachment_id) {
    return RefuseAttachment("ATTACHMENT_SPLICED", "The chunk is of another attachment.");
  }
  if (head.number < number_) {
    return RefuseAttachment("ATTACHMENT_CHUNK_REPEATED", "The chunk has come before.");
  }
  const bool is_last = number_ + 1 == chunks();
  if (number_ >= chunks() || (is_last && !head.is_last)) {
    return RefuseAttachment("ATTACHMENT_TOO_LONG", "There are more chunks than there may be.");
  }
  if (head.number > number_) {
    return RefuseAttachment("ATTACHMENT_CHUNK_OUT_OF_ORDER", "A chunk before this one is missing.");
  }
  if (!is_last && head.is_last) {
    return RefuseAttachment("ATTACHMENT_CUT_SHORT", "It ends before its end.");
  }
  const std::string context =
      std::string(chunk.substr(0, kAttachmentHeadBytes)) + place_.referral_id;
  std::optional<std::string> plain = AesGcmOpen(key_, NonceOf(place_, number_, is_last), context,
                                                chunk.substr(kAttachmentHeadBytes));
  if (!plain) {
    return RefuseAttachment("ATTACHMENT_CHUNK_ALTERED",
                            "The chunk is not what was sealed for this place.");
  }
  constexpr int64_t kPlain = kAttachmentPlainBytes;
  const auto held = static_cast<size_t>(std::min(kPlain, bytes_ - number_ * kPlain));
  if (plain->find_first_not_of('\0', held) != std::string::npos) {
    OPENSSL_cleanse(plain->data(), plain->size());
    return RefuseAttachment("ATTACHMENT_PADDING", "It holds more than the packet says.");
  }
  plain->resize(held);
  hash_.Add(*plain);
  number_ += 1;
  return std::move(*plain);
}

Result<void> AttachmentOpener::Finish() const {
  if (number_ < chunks()) {
    return RefuseAttachment("ATTACHMENT_CUT_SHORT", "It ends before its end.");
  }
  if (ConstantTimeEquals(hash_.Digest(), sha256_)) return {};
  return RefuseAttachment("ATTACHMENT_HASH_MISMATCH",
                          "It is not the file that the packet speaks of.");
}

}  // namespace fairlead::seal
