// What fairlead-seal, version 1, fixes: names, sizes, the protected header, the padding. Private to
// services/common/seal, to services/common/keys, which uses the same JOSE building blocks, and to
// their tests. docs/decisions/0003-sealing.md tells the whole form.
#ifndef SERVICES_COMMON_SEAL_PROFILE_H_
#define SERVICES_COMMON_SEAL_PROFILE_H_

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/seal/crypto.h"
#include "services/common/seal/seal.h"

namespace fairlead::seal::internal {

inline constexpr std::string_view kEnvelopeType = "fairlead-seal+jwe";
inline constexpr std::string_view kSignedType = "fairlead-seal+jws";
inline constexpr std::string_view kEnvelopeContent = "JOSE";  // a compact JWS is inside
inline constexpr int64_t kVersion = 1;
inline constexpr std::string_view kKeyAlgorithm = "ECDH-ES+A256KW";
inline constexpr std::string_view kContentAlgorithm = "A256GCM";
inline constexpr std::string_view kSignatureAlgorithm = "ES256";

inline constexpr std::array<size_t, 4> kPaddedBytes = {1024, 4096, 16384, 65536};
inline constexpr size_t kLengthPrefixBytes = 4;
inline constexpr size_t kMaxContentTypeChars = 127;
inline constexpr size_t kMaxCodeChars = 64;
inline constexpr size_t kMaxCategories = 32;
inline constexpr size_t kHashChars = 43;               // base64url of 32 bytes
inline constexpr int64_t kMaxTimeS = 253'402'300'799;  // the end of the year 9999

// ---- strict JSON objects. `reason` is the error's reason, `detail` its stable detail.

tl::unexpected<Error> Refuse(std::string_view reason, std::string_view detail);
Result<boost::json::object> ParseObject(std::string_view reason, std::string_view text,
                                        size_t max_bytes, size_t max_depth);
// Exactly these members: forbidden_member (a JOSE header that could move keys or algorithms),
// unknown_member or missing_member otherwise.
Result<void> CheckMembers(std::string_view reason, const boost::json::object& object,
                          std::initializer_list<std::string_view> required,
                          std::initializer_list<std::string_view> optional = {});
// A member that must be a string; refused with `name` as detail. The member must exist.
Result<std::string> TextOf(std::string_view reason, const boost::json::object& object,
                           std::string_view name);
// A member that must be base64url of exactly `size` bytes (0: any number but none).
Result<std::string> BytesOf(std::string_view reason, const boost::json::object& object,
                            std::string_view name, size_t size);
// A member that must be this very string.
Result<void> ExpectText(std::string_view reason, const boost::json::object& object,
                        std::string_view name, std::string_view value);

// A member that must be an integer of 64 bits.
Result<int64_t> IntegerOf(std::string_view reason, const boost::json::object& object,
                          std::string_view name);

// ---- keys

// RFC 7638 with SHA-256, base64url.
std::string Thumbprint(std::string_view x, std::string_view y);
// INVALID_KEY unless the use, the lengths, the point and the kid hold together.
Result<void> CheckPublicKey(const PublicKey& key, KeyUse use);
Result<void> CheckPrivateKey(const PrivateKey& key, KeyUse use);

// ---- the envelope

bool IsHash(std::string_view text);  // base64url of 32 bytes
bool IsContentType(std::string_view text);
// What is wrong with the header's fields (the name of the member), or nullptr.
const char* HeaderFault(const Header& header);
// kids must be sorted.
std::string RecipsHash(const std::vector<std::string>& kids);
// The protected header in its JSON and base64url form: the additional authenticated data.
std::string EncodeProtected(const Header& header);
// What the JWS says of the envelope that it belongs in ("pth").
std::string ProtectedHash(std::string_view protected_b64);

// ---- one recipient (RFC 7516, section 7.2.1; ECDH-ES+A256KW, RFC 7518, section 4.6)

// Strictly: exactly {"header": {"alg", "kid", "epk"}, "encrypted_key"}.
Result<Recipient> RecipientOf(std::string_view reason, const boost::json::value& value, Form form);
boost::json::object ToObject(const Recipient& recipient);
// The key that wraps the content key.
std::optional<Secret> WrappingKey(const Point& own, std::string_view d, const Point& peer);
// Wraps the content key, with an ephemeral key pair of its own. Error: CRYPTO_FAILED.
Result<Recipient> WrapFor(const PublicKey& key, std::string_view content_key);
// nullopt: not wrapped for this key, or changed.
std::optional<Secret> UnwrapBy(const PrivateKey& key, const Recipient& recipient);

// ---- padding: 4 bytes big-endian length, the plaintext, zeros up to the next of kPaddedBytes.

Secret Pad(std::string_view plaintext);  // at most kMaxPlaintextBytes
std::optional<std::string_view> Unpad(std::string_view padded);
// Whether a JWS of one of the padded sizes can be this long.
bool IsPaddedSize(size_t ciphertext_bytes);

// ---- the compact JWS (RFC 7515, section 3.1)

std::optional<Secret> MakeJws(std::string_view header_json, std::string_view payload,
                              const PrivateKey& key);
// Taken apart and nothing checked: views into `jws`. Refused with detail "shape" or what
// ParseObject says of the header.
struct SignedParts {
  boost::json::object header;
  std::string_view signing_input;
  std::string_view payload_b64;
  std::string signature;
};
Result<SignedParts> SplitJws(std::string_view reason, std::string_view jws);

}  // namespace fairlead::seal::internal

#endif  // SERVICES_COMMON_SEAL_PROFILE_H_
