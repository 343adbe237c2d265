#include "services/common/keys/jws.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "services/common/base/encoding.h"
#include "services/common/base/ids.h"
#include "services/common/keys/statements.h"
#include "services/common/seal/profile.h"

namespace fairlead::keys::internal {
namespace {

namespace json = boost::json;
namespace profile = seal::internal;

constexpr size_t kPayloadDepth = 4;  // list, devices, device, JWK

}  // namespace

tl::unexpected<Error> RefuseStatement(std::string_view check) {
  return Fail(Code::kInvalidArgument, std::string(kStatementInvalid),
              "The statement about keys is not acceptable.", {{"check", std::string(check)}});
}

Error WithCheck(Error error) {
  if (const auto detail = error.metadata.extract("detail")) {
    error.message = "The statement about keys is not acceptable.";
    error.metadata["check"] = detail.mapped();
  }
  return error;
}

Result<std::string> Sign(std::string_view type, const json::object& payload,
                         const seal::PrivateKey& signer, size_t max_bytes) {
  if (!profile::CheckPrivateKey(signer, seal::KeyUse::kSigning)) return RefuseStatement("signer");
  json::object header;
  header["alg"] = profile::kSignatureAlgorithm;
  header["typ"] = type;
  header["kid"] = signer.public_key.kid;
  const auto jws = profile::MakeJws(json::serialize(header), json::serialize(payload), signer);
  if (!jws) return Fail(Code::kInternal, "CRYPTO_FAILED", "The statement could not be signed.");
  if (jws->size() > max_bytes) return RefuseStatement("too_large");
  return std::string(jws->view());
}

Result<Statement> Take(std::string_view jws, std::string_view type, size_t max_bytes,
                       std::initializer_list<std::string_view> members) {
  if (jws.size() > max_bytes) return RefuseStatement("too_large");
  FAIRLEAD_ASSIGN(profile::SignedParts parts, profile::SplitJws(kStatementInvalid, jws));
  FAIRLEAD_RETURN_IF_ERROR(
      profile::CheckMembers(kStatementInvalid, parts.header, {"alg", "typ", "kid"}));
  FAIRLEAD_RETURN_IF_ERROR(
      profile::ExpectText(kStatementInvalid, parts.header, "alg", profile::kSignatureAlgorithm));
  FAIRLEAD_RETURN_IF_ERROR(profile::ExpectText(kStatementInvalid, parts.header, "typ", type));
  Statement statement;
  FAIRLEAD_ASSIGN(statement.kid, profile::TextOf(kStatementInvalid, parts.header, "kid"));
  const std::optional<std::string> payload = Base64UrlDecode(parts.payload_b64);
  if (!payload) return RefuseStatement("shape");
  FAIRLEAD_ASSIGN(statement.payload,
                  profile::ParseObject(kStatementInvalid, *payload, max_bytes, kPayloadDepth));
  FAIRLEAD_RETURN_IF_ERROR(profile::CheckMembers(kStatementInvalid, statement.payload, members));
  FAIRLEAD_ASSIGN(const int64_t version,
                  profile::IntegerOf(kStatementInvalid, statement.payload, "v"));
  if (version != profile::kVersion) return RefuseStatement("v");
  statement.signing_input = parts.signing_input;
  statement.signature = std::move(parts.signature);
  return statement;
}

Result<void> CheckSignature(const Statement& statement, const seal::PublicKey& signer) {
  if (signer.use != seal::KeyUse::kSigning || statement.kid != signer.kid) {
    return RefuseStatement("kid");
  }
  if (!profile::VerifyEs256({signer.x, signer.y}, statement.signing_input, statement.signature)) {
    return RefuseStatement("signature");
  }
  return {};
}

Result<seal::PublicKey> KeyOf(const json::object& payload, std::string_view name,
                              seal::KeyUse use) {
  const json::value* value = payload.if_contains(name);
  if (value == nullptr || !value->is_object()) return RefuseStatement(name);
  Result<seal::PublicKey> key = seal::ParseJwk(json::serialize(*value));
  if (!key || key->use != use) return RefuseStatement(name);
  return key;
}

json::object KeyObject(const seal::PublicKey& key) {
  return json::parse(seal::ToJwk(key)).as_object();
}

Result<std::string> UuidOf(const json::object& payload, std::string_view name) {
  FAIRLEAD_ASSIGN(std::string id, profile::TextOf(kStatementInvalid, payload, name));
  if (!IsUuid(id)) return RefuseStatement(name);
  return id;
}

Result<std::string> NameOf(const json::object& payload, std::string_view name) {
  FAIRLEAD_ASSIGN(std::string text, profile::TextOf(kStatementInvalid, payload, name));
  const bool control = std::any_of(text.begin(), text.end(), [](unsigned char c) {
    constexpr unsigned char kDelete = 0x7f;
    return c < ' ' || c == kDelete;
  });
  if (text.empty() || text.size() > kMaxNameBytes || control) return RefuseStatement(name);
  return text;
}

Result<int64_t> NumberOf(const json::object& payload, std::string_view name, int64_t low) {
  FAIRLEAD_ASSIGN(const int64_t number, profile::IntegerOf(kStatementInvalid, payload, name));
  if (number < low || number > kMaxNumber) return RefuseStatement(name);
  return number;
}

Result<int64_t> IssuedOf(const json::object& payload, int64_t now_s) {
  FAIRLEAD_ASSIGN(const int64_t issued_s, profile::IntegerOf(kStatementInvalid, payload, "iat"));
  if (issued_s < 1 || issued_s > now_s + kSkewS) return RefuseStatement("iat");
  return issued_s;
}

Result<int64_t> ExpiresOf(const json::object& payload, int64_t issued_s) {
  FAIRLEAD_ASSIGN(const int64_t expires_s, profile::IntegerOf(kStatementInvalid, payload, "exp"));
  if (expires_s <= issued_s || expires_s - issued_s > kMaxLifeS) return RefuseStatement("exp");
  return expires_s;
}

}  // namespace fairlead::keys::internal
