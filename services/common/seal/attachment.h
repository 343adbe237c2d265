// Attachments of a packet: too large to be in it, so sealed in chunks under a content key of their
// own, which travels inside the packet. Whoever cannot open the packet has no key.
//
// The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption
// and its Nonce-Reuse Misuse-Resistance, CRYPTO 2015): AES-256-GCM over each chunk, its nonce made
// of a prefix, the chunk's number and whether it is the last. So a chunk opens in its own place and
// in no other, and an end that was cut off is no end.
//
//   AttachmentSealer sealer(place, random.Bytes(kAttachmentKeyBytes));
//   chunk = sealer.Next(plain, is_last);        // 64 KiB each, of the last what is left
//   AttachmentOpener opener(place, key, size, sha256);
//   plain = opener.Next(chunk);                 // in order
//   opener.Finish();                            // only then is it what was attached
//
// A chunk: "fla1", the attachment's id (16 bytes), its number (4, big-endian), 1 in the last and 0
// in every other: 25 bytes in clear. Then 64 KiB of ciphertext, the last one's padded with zeros
// so that the hub learns of a size only how many chunks it takes; then the tag (16). Authenticated
// with it: the 25 bytes and the referral's id. The nonce: the first 7 bytes of
// SHA-256("fairlead-attachment-1" || referral id || attachment id), the number, the last byte.
//
// A key seals one attachment once: sealing other bytes under it would use nonces twice.
#ifndef SERVICES_COMMON_SEAL_ATTACHMENT_H_
#define SERVICES_COMMON_SEAL_ATTACHMENT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "services/common/base/openssl_handles.h"
#include "services/common/base/result.h"

namespace fairlead::seal {

inline constexpr size_t kAttachmentKeyBytes = 32;
inline constexpr size_t kAttachmentPlainBytes = 64 * 1024;  // of a chunk
inline constexpr size_t kAttachmentHeadBytes = 25;
inline constexpr size_t kAttachmentChunkBytes = kAttachmentHeadBytes + kAttachmentPlainBytes + 16;
inline constexpr int64_t kMaxAttachmentBytes = 25LL * 1024 * 1024;
inline constexpr int64_t kMaxAttachmentChunks = kMaxAttachmentBytes / kAttachmentPlainBytes;  // 400

// What an attachment is bound to. Both are UUIDs.
struct AttachmentPlace {
  std::string referral_id;
  std::string attachment_id;
};

// How many chunks so many bytes take: at least one.
int64_t AttachmentChunks(int64_t bytes);

// What stands in clear on a chunk. Errors: ATTACHMENT_CHUNK_MALFORMED (its length, or its first
// four bytes).
struct ChunkHead {
  std::string attachment_id;
  int64_t number = 0;
  bool is_last = false;
};
Result<ChunkHead> ReadChunkHead(std::string_view chunk);

// SHA-256 of what comes piece by piece.
class RunningHash {
 public:
  RunningHash();
  void Add(std::string_view bytes);
  std::string Digest() const;  // 32 bytes: of all so far

 private:
  openssl::EvpDigestContext context_;
};

class AttachmentSealer {
 public:
  AttachmentSealer(AttachmentPlace place, std::string key);
  ~AttachmentSealer();
  AttachmentSealer(const AttachmentSealer&) = delete;
  AttachmentSealer& operator=(const AttachmentSealer&) = delete;

  // The next chunk. Errors: ATTACHMENT_TOO_LARGE (more than 25 MiB); INVALID_ATTACHMENT with
  // metadata detail: place, key, piece (not 64 KiB and not the last, or more), ended.
  Result<std::string> Next(std::string_view plain, bool is_last);
  int64_t bytes() const { return bytes_; }  // of plaintext, so far
  std::string Sha256() const { return hash_.Digest(); }

 private:
  const AttachmentPlace place_;
  std::string key_;
  RunningHash hash_;
  int64_t bytes_ = 0;
  int64_t number_ = 0;
  bool ended_ = false;
};

class AttachmentOpener {
 public:
  // Size and hash are the packet's word.
  AttachmentOpener(AttachmentPlace place, std::string key, int64_t bytes, std::string sha256);
  ~AttachmentOpener();
  AttachmentOpener(const AttachmentOpener&) = delete;
  AttachmentOpener& operator=(const AttachmentOpener&) = delete;

  // What the next chunk holds, without padding. Errors, of chunks that are not the one that is due:
  // ATTACHMENT_CHUNK_MALFORMED, ATTACHMENT_SPLICED (of another attachment),
  // ATTACHMENT_CHUNK_REPEATED, ATTACHMENT_CHUNK_OUT_OF_ORDER, ATTACHMENT_CUT_SHORT (it says that it
  // is the last, and is not), ATTACHMENT_TOO_LONG (there are more than there may be); of one that
  // says it is: ATTACHMENT_CHUNK_ALTERED (or sealed under another key, or for another referral, or
  // what it says of itself is not so), ATTACHMENT_PADDING. INVALID_ATTACHMENT with metadata detail:
  // place, key, size.
  Result<std::string> Next(std::string_view chunk);
  // Errors: ATTACHMENT_CUT_SHORT, ATTACHMENT_HASH_MISMATCH.
  Result<void> Finish() const;
  int64_t chunks() const { return AttachmentChunks(bytes_); }

 private:
  const AttachmentPlace place_;
  std::string key_;
  const int64_t bytes_;
  const std::string sha256_;
  RunningHash hash_;
  int64_t number_ = 0;  // of the chunk that is due
};

}  // namespace fairlead::seal

#endif  // SERVICES_COMMON_SEAL_ATTACHMENT_H_
