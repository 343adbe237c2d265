// The primitives of fairlead-seal on OpenSSL 3.0 EVP, each in the one size that the profile uses.
// Private to services/common/seal, services/common/keys and their tests; everyone else uses seal.h
// and keys.
//
// nullopt means "refused": a wrong length, a point off the curve, a failed authentication.
// OpenSSL's error queue is left as it was found.
#ifndef SERVICES_COMMON_SEAL_CRYPTO_H_
#define SERVICES_COMMON_SEAL_CRYPTO_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace fairlead::seal::internal {

inline constexpr size_t kCoordinateBytes = 32;  // P-256
inline constexpr size_t kKeyBytes = 32;         // A256KW, A256GCM
inline constexpr size_t kIvBytes = 12;
inline constexpr size_t kTagBytes = 16;
inline constexpr size_t kWrappedKeyBytes = 40;  // RFC 3394: 8 more than the key
inline constexpr size_t kSignatureBytes = 64;   // RFC 7518, section 3.4: r || s

// Bytes that are wiped when they go away. Sized once, so that no copy is left by growing.
class Secret {
 public:
  explicit Secret(size_t size) : bytes_(size, '\0') {}
  explicit Secret(std::string bytes) : bytes_(std::move(bytes)) {}
  ~Secret();
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  std::string_view view() const { return bytes_; }
  unsigned char* data() { return reinterpret_cast<unsigned char*>(bytes_.data()); }
  size_t size() const { return bytes_.size(); }
  void Truncate(size_t size);  // wipes what it cuts off

 private:
  std::string bytes_;
};

// A point of P-256 as two 32-byte big-endian coordinates. The point at infinity has no such form.
struct Point {
  std::string x;
  std::string y;
};

bool IsOnCurve(std::string_view x, std::string_view y);
// 1 <= d < n and d * G = (x, y).
bool IsKeyPair(std::string_view x, std::string_view y, std::string_view d);

struct KeyPair {
  Point point;
  Secret d{kCoordinateBytes};
};
std::optional<KeyPair> GenerateKeyPair();

// The x coordinate of d * peer (NIST SP 800-56A, section 5.7.1.2). `own` is d's point.
std::optional<Secret> Ecdh(const Point& own, std::string_view d, const Point& peer);

// RFC 7518, section 4.6.2: SHA-256 over counter, Z and AlgorithmID || PartyUInfo || PartyVInfo ||
// SuppPubInfo. The profile uses "ECDH-ES+A256KW", no party infos and 32 bytes.
std::optional<Secret> ConcatKdf(std::string_view z, std::string_view algorithm_id,
                                std::string_view party_u, std::string_view party_v,
                                size_t key_bytes);

// RFC 3394 with a 256-bit key encryption key. `plain` is a multiple of 8 bytes, 16 to 512.
std::optional<std::string> AesKeyWrap(std::string_view kek, std::string_view plain);
std::optional<Secret> AesKeyUnwrap(std::string_view kek, std::string_view wrapped);

struct GcmOutput {
  std::string ciphertext;
  std::string tag;
};
std::optional<GcmOutput> AesGcmEncrypt(std::string_view key, std::string_view iv,
                                       std::string_view aad, std::string_view plain);
std::optional<Secret> AesGcmDecrypt(std::string_view key, std::string_view iv, std::string_view aad,
                                    std::string_view ciphertext, std::string_view tag);

// ECDSA on P-256 with SHA-256, signature as r || s (RFC 7518, section 3.4).
std::optional<std::string> SignEs256(const Point& own, std::string_view d,
                                     std::string_view message);
bool VerifyEs256(const Point& signer, std::string_view message, std::string_view signature);

}  // namespace fairlead::seal::internal

#endif  // SERVICES_COMMON_SEAL_CRYPTO_H_
