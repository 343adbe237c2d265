// P-256: keys, ECDH, ES256.
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "services/common/seal/crypto.h"
#include "services/common/seal/openssl_handles.h"

namespace fairlead::seal::internal {
namespace {

constexpr char kGroup[] = "prime256v1";

std::string Uncompressed(std::string_view x, std::string_view y) {
  std::string point(1, '\x04');  // SEC 1, section 2.3.3
  point.append(x).append(y);
  return point;
}

// OpenSSL checks on import that the point is on the curve; P-256 has cofactor 1, so that is all
// there is to check. An empty `d` makes a public key.
EvpKey Import(std::string_view x, std::string_view y, std::string_view d) {
  if (x.size() != kCoordinateBytes || y.size() != kCoordinateBytes) return nullptr;
  if (!d.empty() && d.size() != kCoordinateBytes) return nullptr;
  std::string group(kGroup);
  std::string point = Uncompressed(x, y);
  Secret native(kCoordinateBytes);  // OSSL_PARAM wants the machine's byte order
  OSSL_PARAM params[4];
  size_t count = 0;
  params[count++] =
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size());
  params[count++] =
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  if (!d.empty()) {
    const BigNumber number(BN_bin2bn(Bytes(d), static_cast<int>(d.size()), nullptr));
    if (!number || BN_bn2nativepad(number.get(), native.data(), kCoordinateBytes) < 0) {
      return nullptr;
    }
    params[count++] =
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, native.data(), kCoordinateBytes);
  }
  params[count] = OSSL_PARAM_construct_end();
  const EvpKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
  const int selection = d.empty() ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR;
  if (EVP_PKEY_fromdata(context.get(), &key, selection, params) != 1) return nullptr;
  return EvpKey(key);
}

}  // namespace

bool IsOnCurve(std::string_view x, std::string_view y) {
  const ErrorQueueMark mark;
  return Import(x, y, {}) != nullptr;
}

bool IsKeyPair(std::string_view x, std::string_view y, std::string_view d) {
  const ErrorQueueMark mark;
  if (d.size() != kCoordinateBytes) return false;
  const EvpKey key = Import(x, y, d);
  if (!key) return false;
  const EvpKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  return context && EVP_PKEY_private_check(context.get()) == 1 &&
         EVP_PKEY_pairwise_check(context.get()) == 1;
}

std::optional<KeyPair> GenerateKeyPair() {
  const ErrorQueueMark mark;
  const EvpKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kGroup));
  if (!key) return std::nullopt;
  KeyPair pair;
  const auto number = [&key](const char* name, unsigned char* out) {
    BIGNUM* raw = nullptr;
    if (EVP_PKEY_get_bn_param(key.get(), name, &raw) != 1) return false;
    const BigNumber owned(raw);
    return BN_bn2binpad(owned.get(), out, kCoordinateBytes) == kCoordinateBytes;
  };
  pair.point.x.resize(kCoordinateBytes);
  pair.point.y.resize(kCoordinateBytes);
  if (!number(OSSL_PKEY_PARAM_EC_PUB_X, MutableBytes(pair.point.x)) ||
      !number(OSSL_PKEY_PARAM_EC_PUB_Y, MutableBytes(pair.point.y)) ||
      !number(OSSL_PKEY_PARAM_PRIV_KEY, pair.d.data())) {
    return std::nullopt;
  }
  return pair;
}

std::optional<Secret> Ecdh(const Point& own, std::string_view d, const Point& peer) {
  const ErrorQueueMark mark;
  if (d.size() != kCoordinateBytes) return std::nullopt;
  const EvpKey key = Import(own.x, own.y, d);
  const EvpKey other = Import(peer.x, peer.y, {});
  if (!key || !other) return std::nullopt;
  const EvpKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  Secret z(kCoordinateBytes);
  size_t size = z.size();
  if (!context || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), other.get()) != 1 ||
      EVP_PKEY_derive(context.get(), z.data(), &size) != 1 || size != kCoordinateBytes) {
    return std::nullopt;
  }
  return z;
}

std::optional<std::string> SignEs256(const Point& own, std::string_view d,
                                     std::string_view message) {
  const ErrorQueueMark mark;
  if (d.size() != kCoordinateBytes) return std::nullopt;
  const EvpKey key = Import(own.x, own.y, d);
  const EvpDigestContext context(EVP_MD_CTX_new());
  std::string der(80, '\0');  // two integers of 33 bytes and their headers: 72 at most
  size_t size = der.size();
  if (!key || !context ||
      EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, key.get(),
                            nullptr) != 1 ||
      EVP_DigestSign(context.get(), MutableBytes(der), &size, Bytes(message), message.size()) !=
          1) {
    return std::nullopt;
  }
  const unsigned char* cursor = Bytes(der);
  const EcdsaSignature parsed(d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(size)));
  std::string raw(kSignatureBytes, '\0');
  constexpr int kHalf = kSignatureBytes / 2;
  if (!parsed || BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), MutableBytes(raw), kHalf) != kHalf ||
      BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), MutableBytes(raw) + kHalf, kHalf) != kHalf) {
    return std::nullopt;
  }
  return raw;
}

bool VerifyEs256(const Point& signer, std::string_view message, std::string_view signature) {
  const ErrorQueueMark mark;
  if (signature.size() != kSignatureBytes) return false;
  const EvpKey key = Import(signer.x, signer.y, {});
  const EcdsaSignature parsed(ECDSA_SIG_new());
  if (!key || !parsed) return false;
  constexpr int kHalf = kSignatureBytes / 2;
  BigNumber r(BN_bin2bn(Bytes(signature), kHalf, nullptr));
  BigNumber s(BN_bin2bn(Bytes(signature) + kHalf, kHalf, nullptr));
  if (!r || !s || ECDSA_SIG_set0(parsed.get(), r.get(), s.get()) != 1) return false;
  r.release();  // both now belong to `parsed`
  s.release();
  unsigned char* raw = nullptr;
  const int size = i2d_ECDSA_SIG(parsed.get(), &raw);
  const OpensslBytes der(raw);
  const EvpDigestContext context(EVP_MD_CTX_new());
  return size > 0 && context &&
         EVP_DigestVerifyInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, key.get(),
                                 nullptr) == 1 &&
         EVP_DigestVerify(context.get(), der.get(), static_cast<size_t>(size), Bytes(message),
                          message.size()) == 1;
}

}  // namespace fairlead::seal::internal
