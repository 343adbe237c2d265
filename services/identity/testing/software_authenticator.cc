#include "services/identity/testing/software_authenticator.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "services/common/base/check.h"
#include "services/common/base/encoding.h"
#include "services/common/base/random.h"

namespace fairlead::identity {
namespace {

namespace json = boost::json;

constexpr uint8_t kUserPresent = 0x01;
constexpr uint8_t kUserVerified = 0x04;
constexpr uint8_t kBackupEligible = 0x08;
constexpr uint8_t kBackedUp = 0x10;
constexpr uint8_t kAttested = 0x40;

std::string BigEndian(uint64_t value, size_t bytes) {
  std::string text;
  for (size_t i = bytes; i-- > 0;) text += static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}

// CBOR (RFC 8949, section 3), as much as authenticators write.
std::string Head(uint8_t major, uint64_t argument) {
  const auto first = [major](uint64_t low) { return static_cast<char>(major << 5 | low); };
  if (argument < 24) return {first(argument)};
  if (argument < 256) return first(24) + BigEndian(argument, 1);
  return first(25) + BigEndian(argument, 2);
}
std::string Int(int64_t value) {
  return value >= 0 ? Head(0, static_cast<uint64_t>(value))
                    : Head(1, static_cast<uint64_t>(-1 - value));
}
std::string ByteString(std::string_view bytes) {
  return Head(2, bytes.size()) + std::string(bytes);
}
std::string TextString(std::string_view text) { return Head(3, text.size()) + std::string(text); }

std::string Number(EVP_PKEY* key, const char* name, size_t bytes) {
  BIGNUM* number = nullptr;
  FAIRLEAD_CHECK(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  std::string text(bytes, '\0');
  FAIRLEAD_CHECK(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(text.data()),
                              static_cast<int>(bytes)) == static_cast<int>(bytes));
  BN_free(number);
  return text;
}

// COSE_Key (RFC 9053, sections 7.1 and 7.2; RFC 8230, section 4).
std::string CoseKey(EVP_PKEY* key, PasskeyAlgorithm algorithm, bool off_curve) {
  const std::string alg = Int(3) + Int(static_cast<int>(algorithm));
  if (algorithm == PasskeyAlgorithm::kEs256) {
    std::string y = Number(key, OSSL_PKEY_PARAM_EC_PUB_Y, 32);
    if (off_curve) y[31] = static_cast<char>(y[31] ^ 1);
    return Head(5, 5) + Int(1) + Int(2) + alg + Int(-1) + Int(1) + Int(-2) +
           ByteString(Number(key, OSSL_PKEY_PARAM_EC_PUB_X, 32)) + Int(-3) + ByteString(y);
  }
  if (algorithm == PasskeyAlgorithm::kEdDsa) {
    std::string x(32, '\0');
    size_t size = x.size();
    FAIRLEAD_CHECK(
        EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(x.data()), &size) == 1);
    return Head(5, 4) + Int(1) + Int(1) + alg + Int(-1) + Int(6) + Int(-2) + ByteString(x);
  }
  return Head(5, 4) + Int(1) + Int(3) + alg + Int(-1) +
         ByteString(Number(key, OSSL_PKEY_PARAM_RSA_N, 256)) + Int(-2) +
         ByteString(Number(key, OSSL_PKEY_PARAM_RSA_E, 3));
}

EVP_PKEY* NewKey(PasskeyAlgorithm algorithm) {
  switch (algorithm) {
    case PasskeyAlgorithm::kEs256:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
    case PasskeyAlgorithm::kEdDsa:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    case PasskeyAlgorithm::kRs256:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_t{2048});
  }
  return nullptr;
}

std::string Sign(EVP_PKEY* key, PasskeyAlgorithm algorithm, const std::string& message) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const EVP_MD* digest = algorithm == PasskeyAlgorithm::kEdDsa ? nullptr : EVP_sha256();
  const auto* data = reinterpret_cast<const unsigned char*>(message.data());
  std::string signature(512, '\0');
  size_t size = signature.size();
  FAIRLEAD_CHECK(EVP_DigestSignInit(context, nullptr, digest, nullptr, key) == 1);
  FAIRLEAD_CHECK(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                                data, message.size()) == 1);
  EVP_MD_CTX_free(context);
  signature.resize(size);
  return signature;
}

}  // namespace

struct SoftwareAuthenticator::Key {
  EVP_PKEY* pkey = nullptr;
  Key() = default;
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  ~Key() { EVP_PKEY_free(pkey); }
};

SoftwareAuthenticator::SoftwareAuthenticator(std::string rp_id, std::string origin,
                                             PasskeyAlgorithm algorithm)
    : rp_id_(std::move(rp_id)), origin_(std::move(origin)), algorithm_(algorithm) {}
SoftwareAuthenticator::~SoftwareAuthenticator() = default;

std::string SoftwareAuthenticator::ClientData(std::string_view type, std::string_view options_json,
                                              const Lie& lie) {
  const json::value options = json::parse({options_json.data(), options_json.size()});
  json::object data{
      {"type", lie.type.value_or(std::string(type))},
      {"challenge", lie.challenge ? json::string(Base64UrlEncode(*lie.challenge))
                                  : options.at("challenge").as_string()},
      {"origin", lie.origin.value_or(origin_)},
      {"crossOrigin", lie.cross_origin.value_or(false)},
      {"other_keys_can_be_added_here", "do not compare clientDataJSON against a template"},
  };
  if (lie.top_origin) data["topOrigin"] = "https://elsewhere.example";
  return json::serialize(data);
}

std::string SoftwareAuthenticator::AuthenticatorData(uint8_t more_flags, const Lie& lie) {
  uint8_t flags = more_flags;
  if (!lie.no_user_presence) flags |= kUserPresent;
  if (!lie.no_user_verification) flags |= kUserVerified;
  if (backed_up) flags |= kBackupEligible | kBackedUp;
  const int64_t counter = lie.counter.value_or(counts ? counter_ : 0);
  return Sha256(lie.rp_id.value_or(rp_id_)) + static_cast<char>(flags) +
         BigEndian(static_cast<uint64_t>(counter), 4);
}

std::string SoftwareAuthenticator::Register(std::string_view options_json, const Lie& lie) {
  const json::value options = json::parse({options_json.data(), options_json.size()});
  key_ = std::make_unique<Key>();
  key_->pkey = NewKey(algorithm_);
  FAIRLEAD_CHECK(key_->pkey != nullptr);
  credential_id_ = lie.credential_id.value_or(SystemRandom().Bytes(32));
  user_handle_ = *Base64UrlDecode(std::string_view(options.at("user").at("id").as_string()));
  const std::string authenticator_data = AuthenticatorData(kAttested, lie) +
                                         std::string(16, '\x0a') +
                                         BigEndian(credential_id_.size(), 2) + credential_id_ +
                                         CoseKey(key_->pkey, algorithm_, lie.key_off_curve);
  std::string object = Head(5, 3) + TextString("fmt") + TextString("none") + TextString("attStmt") +
                       Head(5, 0) + TextString("authData") + ByteString(authenticator_data);
  object.resize(object.size() - lie.cut_attestation_bytes);
  const std::string id = Base64UrlEncode(lie.outer_credential_id.value_or(credential_id_));
  const json::object answer{
      {"id", id},
      {"rawId", id},
      {"type", "public-key"},
      {"authenticatorAttachment", "platform"},
      {"clientExtensionResults", json::object()},
      {"response", json::object{{"clientDataJSON",
                                 Base64UrlEncode(ClientData("webauthn.create", options_json, lie))},
                                {"attestationObject", Base64UrlEncode(object)},
                                {"transports", json::array{"internal"}}}},
  };
  return json::serialize(answer);
}

std::string SoftwareAuthenticator::SignIn(std::string_view options_json, const Lie& lie) {
  FAIRLEAD_CHECK(key_ != nullptr);
  ++counter_;
  const std::string data = AuthenticatorData(0, lie);
  const std::string client_data = ClientData("webauthn.get", options_json, lie);
  std::string signature = Sign(key_->pkey, algorithm_, data + Sha256(client_data));
  if (lie.wrong_signature) {
    signature = Sign(key_->pkey, algorithm_, data + Sha256(client_data + " "));
  }
  const std::string id =
      Base64UrlEncode(lie.outer_credential_id.value_or(lie.credential_id.value_or(credential_id_)));
  const json::object answer{
      {"id", id},
      {"rawId", id},
      {"type", "public-key"},
      {"clientExtensionResults", json::object()},
      {"response",
       json::object{{"clientDataJSON", Base64UrlEncode(client_data)},
                    {"authenticatorData", Base64UrlEncode(data)},
                    {"signature", Base64UrlEncode(signature)},
                    {"userHandle", Base64UrlEncode(lie.user_handle.value_or(user_handle_))}}},
  };
  return json::serialize(answer);
}

}  // namespace fairlead::identity
