// fairlead-seal, version 1: how a packet is sealed so that the hub cannot read it.
//
// Outside a JWE in General JSON Serialization (RFC 7516, section 7.2.1): every recipient
// ECDH-ES+A256KW on P-256 (RFC 7518, section 4.6), content A256GCM (section 5.3). Inside it a JWS
// in compact form, ES256 (section 3.4), by the sending agency: signed, then encrypted. The
// plaintext is padded to 1, 4, 16 or 64 KiB, so that its size says little.
//
//   SealRequest request{.header = header, .plaintext = file, .recipients = {theirs, ours}};
//   Result<std::string> packet = Seal(request, our_signing_key, SystemRandom());
//   Result<Opened> opened = Open(*packet, their_epoch_key, Expected{...});
//
// Per-recipient headers of a General JWE are not authenticated; `recips` in the protected header
// binds them. The algorithms are compiled in: nothing a hub says can change them.
#ifndef SERVICES_COMMON_SEAL_SEAL_H_
#define SERVICES_COMMON_SEAL_SEAL_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/random.h"
#include "services/common/base/result.h"

namespace fairlead::seal {

enum class KeyUse { kEpoch, kSigning };  // JWK "alg": ECDH-ES+A256KW, ES256

// A P-256 public key. `kid` is its JWK thumbprint (RFC 7638, SHA-256, base64url).
struct PublicKey {
  KeyUse use = KeyUse::kEpoch;
  std::string kid;
  std::string x;  // 32 bytes
  std::string y;  // 32 bytes
  bool operator==(const PublicKey&) const = default;
};

// A P-256 key pair. The private half never leaves the agency; its bytes are wiped with the object.
struct PrivateKey {
  PublicKey public_key;
  std::string d;  // 32 bytes
  ~PrivateKey();
};

Result<PrivateKey> GenerateKey(KeyUse use);

// JWK (RFC 7517): {"kty":"EC","crv":"P-256","alg":…,"use":"enc"|"sig","kid":…,"x":…,"y":…[,"d":…]}.
// The point must be on the curve, kid (when given) must be the thumbprint, and d (for a private
// key) must belong to the point. Unknown members are refused, and so is `d` where a public key is
// expected. Error: INVALID_KEY with metadata {"detail": "<stable code>"}.
std::string ToJwk(const PublicKey& key);
std::string ToPrivateJwk(const PrivateKey& key);
Result<PublicKey> ParseJwk(std::string_view json);
Result<PrivateKey> ParsePrivateJwk(std::string_view json);

// A signature over bytes that stand elsewhere, as HTTP Message Signatures need it: ECDSA on P-256
// with SHA-256, r || s (RFC 9421, section 3.3.4). Error: INVALID_KEY (the pair does not fit, or is
// not for signing).
Result<std::string> SignBytes(const PrivateKey& key, std::string_view message);
bool VerifyBytes(const PublicKey& key, std::string_view message, std::string_view signature);

// What the protected header says in clear. Codes, ids and times only.
struct Header {
  std::string referral_id;
  std::string sender_agency_id;         // UUID; stays the sender's when a share is sealed anew
  std::string sender_kid;               // the signing key of the sending agency; Seal fills it
  std::string release_hash;             // base64url SHA-256 of the release's canonical form
  std::string purpose;                  // code: 1 to 64 of A-Z a-z 0-9 _ . -
  std::vector<std::string> categories;  // 1 to 32 codes, sorted, unique
  int64_t expires_s = 0;                // "exp": seconds since the Unix epoch, 1 to year 9999
  std::string recips;                   // set by Seal: base64url SHA-256 of the sorted kids,
                                        // joined with "\n"
  bool operator==(const Header&) const = default;
};

inline constexpr size_t kMaxPlaintextBytes = 64 * 1024 - 4;  // 64 KiB less the length prefix
inline constexpr size_t kMaxPacketBytes = 192 * 1024;
inline constexpr size_t kMinRecipients = 2;
inline constexpr size_t kMaxRecipients = 8;

struct SealRequest {
  Header header;
  std::string plaintext;                          // at most kMaxPlaintextBytes
  std::string content_type = "application/json";  // type/subtype, at most 127 characters
  std::vector<PublicKey> recipients;              // 2 to 8, epoch keys, the sender's own among them
};

// Errors: PACKET_TOO_LARGE, TOO_FEW_RECIPIENTS, TOO_MANY_RECIPIENTS, DUPLICATE_RECIPIENT,
// INVALID_KEY, INVALID_HEADER (metadata "detail" names the member), CRYPTO_FAILED (the library
// itself gave up). `random` gives the content key, IV and nothing else; OpenSSL makes the ephemeral
// keys.
Result<std::string> Seal(const SealRequest& request, const PrivateKey& signing_key, Random& random);

// One recipient of a sealed packet: its wrapped content key as it stands in the JWE.
struct Recipient {
  std::string kid;
  std::string epk_x;  // ephemeral public key, 32 bytes each
  std::string epk_y;
  std::string encrypted_key;  // 40 bytes: A256KW of the content key; empty: withheld (see Form)
};

// A packet taken apart without any key: what the hub may see and must check.
struct Envelope {
  Header header;
  std::string protected_b64;  // as received: it is the additional authenticated data
  std::vector<Recipient> recipients;
  std::string iv;  // 12 bytes
  std::string ciphertext;
  std::string tag;  // 16 bytes
};

// As the sender hands it in, every recipient has its encrypted key. As the hub hands it out, only
// the one who opens has: the others' keys stay under custody and their "encrypted_key" is absent.
//   Envelope out = *ParseEnvelope(stored);
//   for (Recipient& r : out.recipients) if (r.kid != kid) r.encrypted_key.clear();
//   return ToJson(out);   // a delivered packet; Open takes both forms
enum class Form { kSealed, kDelivered };

// Strict. Refuses: anything but exactly this profile's members, zip, crit, dir, jku, x5u, x5c, any
// other alg or enc, wrong lengths, points off the curve, unsorted or duplicate categories or kids,
// a missing or differing recips, a ciphertext of no padded size, duplicate JSON members, more than
// 192 KiB. Error: INVALID_PACKET with metadata {"detail": "<stable code>"}.
Result<Envelope> ParseEnvelope(std::string_view packet_json, Form form = Form::kSealed);
std::string ToJson(const Envelope& envelope);

// What the opener knows from elsewhere and the packet must agree with.
struct Expected {
  std::string referral_id;
  std::string release_hash;
  std::string sender_agency_id;  // the agency that the referral says sent it, the key's owner
  PublicKey sender_signing_key;  // pinned, never taken from the packet
  int64_t now_s = 0;
  // For a share that was sealed anew: the kid that its place in the packet has, of an earlier epoch
  // key of the opener's own agency by its signed list. Empty: the key that opens is the one there.
  std::string sealed_to_kid = {};
};

struct Opened {
  Header header;
  std::string content_type;
  std::string plaintext;
};

// Errors, in the order of the checks: INVALID_KEY (of the caller's own), INVALID_PACKET (as above),
// NOT_A_RECIPIENT, DECRYPTION_FAILED (any tampering: one answer for all), SENDER_MISMATCH,
// SIGNATURE_INVALID (also a JWS of another shape or bound to another envelope),
// SENDER_AGENCY_MISMATCH, REFERRAL_MISMATCH, RELEASE_MISMATCH, PACKET_EXPIRED (now >= exp).
Result<Opened> Open(std::string_view packet_json, const PrivateKey& epoch_key,
                    const Expected& expected);

// Seals the agency's share of a packet anew, to a later epoch key of its own: opens it first, with
// everything that Open checks, and wraps the same content key for `next`. The packet stays as
// it was signed. `next` comes from the agency's signed list, never from a hub. Errors: those of
// Open, INVALID_KEY, CRYPTO_FAILED.
Result<Recipient> Reseal(std::string_view packet_json, const PrivateKey& epoch_key,
                         const Expected& expected, const PublicKey& next);
// As handed in: {"header":{"alg","kid","epk"},"encrypted_key"}, as a recipient in a packet. Error:
// INVALID_PACKET with metadata {"detail": "<stable code>"}.
std::string ShareToJson(const Recipient& share);
Result<Recipient> ParseShare(std::string_view json);

// The custody layer (the second key of the two-key rule): a recipient's encrypted_key, wrapped
// once more (A256KW, RFC 3394) under the custody key of that (referral, recipient).
// 40 bytes in, 48 out. custody_key: 32 bytes. Errors: CUSTODY_KEY_MISMATCH (another key, or the
// wrapped bytes were changed), INVALID_KEY (wrong lengths).
Result<std::string> WrapUnderCustody(std::string_view custody_key, std::string_view encrypted_key);
Result<std::string> UnwrapFromCustody(std::string_view custody_key, std::string_view wrapped);

}  // namespace fairlead::seal

#endif  // SERVICES_COMMON_SEAL_SEAL_H_
