// P-256: keys, ECDH, ES256.
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "services/common/base/openssl_handles.h"
#include "services/common/seal/crypto.h"

namespace fairlead::seal::internal {
namespace {

using openssl::BigNumber;
using openssl::Bytes;
using openssl::EcdsaSignature;
using openssl::ErrorQueueMark;
using openssl::EvpDigestContext;
using openssl::EvpKey;
using openssl::EvpKeyContext;
using openssl::Freer;
using openssl::MutableBytes;
using openssl::OpensslBytes;

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

using MontgomeryContext = std::unique_ptr<BN_MONT_CTX, Freer<BN_MONT_CTX_free>>;
using BigNumberContext = std::unique_ptr<BN_CTX, Freer<BN_CTX_free>>;

// P-256 as y^2 = (x^2 - 3) x + b (mod p) (SEC 2, section 2.4.2), made once. Only public points go
// through it: nothing here needs constant time.
class Curve {
 public:
  static const Curve& Get() {
    static const Curve curve;
    return curve;
  }

  bool Holds(std::string_view x_bytes, std::string_view y_bytes) const {
    // One context a thread: temporaries are taken from it and given back.
    thread_local const BigNumberContext context(BN_CTX_new());
    if (!ready_ || !context) return false;
    BN_CTX* const temporaries = context.get();
    BN_CTX_start(temporaries);
    const bool holds = Check(x_bytes, y_bytes, temporaries);
    BN_CTX_end(temporaries);
    return holds;
  }

 private:
  Curve() : p_(BN_new()), three_(BN_new()), b_(BN_new()), montgomery_(BN_MONT_CTX_new()) {
    const BigNumberContext context(BN_CTX_new());
    BIGNUM* p = p_.get();
    BIGNUM* b = b_.get();
    ready_ = p != nullptr && b != nullptr && three_ && montgomery_ && context &&
             BN_hex2bn(&p, "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF") &&
             BN_hex2bn(&b, "5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B") &&
             BN_set_word(three_.get(), 3) == 1 &&
             BN_MONT_CTX_set(montgomery_.get(), p, context.get()) == 1 &&
             BN_to_montgomery(b, b, montgomery_.get(), context.get()) == 1 &&
             BN_to_montgomery(three_.get(), three_.get(), montgomery_.get(), context.get()) == 1;
  }

  bool Check(std::string_view x_bytes, std::string_view y_bytes, BN_CTX* temporaries) const {
    BIGNUM* const x = BN_CTX_get(temporaries);
    BIGNUM* const y = BN_CTX_get(temporaries);
    BIGNUM* const right = BN_CTX_get(temporaries);
    BN_MONT_CTX* const mont = montgomery_.get();
    if (right == nullptr ||
        BN_bin2bn(Bytes(x_bytes), static_cast<int>(x_bytes.size()), x) == nullptr ||
        BN_bin2bn(Bytes(y_bytes), static_cast<int>(y_bytes.size()), y) == nullptr ||
        BN_cmp(x, p_.get()) >= 0 || BN_cmp(y, p_.get()) >= 0) {
      return false;
    }
    return BN_to_montgomery(x, x, mont, temporaries) == 1 &&
           BN_to_montgomery(y, y, mont, temporaries) == 1 &&
           BN_mod_mul_montgomery(right, x, x, mont, temporaries) == 1 &&
           BN_mod_sub_quick(right, right, three_.get(), p_.get()) == 1 &&
           BN_mod_mul_montgomery(right, right, x, mont, temporaries) == 1 &&
           BN_mod_add_quick(right, right, b_.get(), p_.get()) == 1 &&
           BN_mod_mul_montgomery(y, y, y, mont, temporaries) == 1 && BN_cmp(y, right) == 0;
  }

  const BigNumber p_;
  const BigNumber three_;
  const BigNumber b_;
  const MontgomeryContext montgomery_;
  bool ready_ = false;
};

}  // namespace

// Without making a key of it: that takes OpenSSL 3.0 twenty times as long, and every packet that
// comes in brings two points. Cofactor 1 and affine coordinates: on the curve is all there is.
bool IsOnCurve(std::string_view x, std::string_view y) {
  if (x.size() != kCoordinateBytes || y.size() != kCoordinateBytes) return false;
  const ErrorQueueMark mark;
  return Curve::Get().Holds(x, y);
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
