#include "services/common/keys/statements.h"

#include "services/common/base/encoding.h"
#include "services/common/keys/jws.h"
#include "services/common/seal/profile.h"

namespace fairlead::keys {
namespace {

namespace json = boost::json;
namespace profile = seal::internal;
using internal::Checked;
using internal::kStatementInvalid;
using internal::RefuseStatement;
using seal::KeyUse;

constexpr std::string_view kRootType = "fairlead-root+jwt";
constexpr std::string_view kCertificateType = "fairlead-agency+jwt";

Result<internal::Statement> TakeRoot(std::string_view jws) {
  return internal::Take(jws, kRootType, kMaxShortStatementBytes,
                        {"v", "number", "root_jwk", "coalition", "previous", "iat"});
}

Result<RootStatement> ReadRoot(const json::object& payload, int64_t now_s) {
  RootStatement root;
  FAIRLEAD_ASSIGN(root.number, internal::NumberOf(payload, "number", 1));
  FAIRLEAD_ASSIGN(root.root, internal::KeyOf(payload, "root_jwk", KeyUse::kSigning));
  FAIRLEAD_ASSIGN(root.coalition, internal::NameOf(payload, "coalition"));
  FAIRLEAD_ASSIGN(root.previous, profile::TextOf(kStatementInvalid, payload, "previous"));
  FAIRLEAD_ASSIGN(root.issued_s, internal::IssuedOf(payload, now_s));
  if (root.number == 1 ? !root.previous.empty() : !profile::IsHash(root.previous)) {
    return RefuseStatement("previous");
  }
  return root;
}

Result<RootStatement> FirstRoot(std::string_view jws, int64_t now_s) {
  FAIRLEAD_ASSIGN(const internal::Statement statement, TakeRoot(jws));
  FAIRLEAD_ASSIGN(RootStatement root, ReadRoot(statement.payload, now_s));
  if (root.number != 1) return RefuseStatement("number");
  FAIRLEAD_RETURN_IF_ERROR(internal::CheckSignature(statement, root.root));
  return root;
}

Result<RootStatement> NextRoot(std::string_view jws, const seal::PublicKey& before, int64_t now_s) {
  FAIRLEAD_ASSIGN(const internal::Statement statement, TakeRoot(jws));
  FAIRLEAD_RETURN_IF_ERROR(internal::CheckSignature(statement, before));
  FAIRLEAD_ASSIGN(RootStatement root, ReadRoot(statement.payload, now_s));
  if (root.number == 1) return RefuseStatement("number");
  if (root.previous != before.kid) return RefuseStatement("previous");
  if (root.root.kid == before.kid) return RefuseStatement("root_jwk");
  return root;
}

Result<AgencyCertificate> ReadCertificate(std::string_view jws, const seal::PublicKey& root,
                                          int64_t now_s) {
  FAIRLEAD_ASSIGN(const internal::Statement statement,
                  internal::Take(jws, kCertificateType, kMaxShortStatementBytes,
                                 {"v", "agency_id", "name", "agency_jwk", "iat", "exp"}));
  FAIRLEAD_RETURN_IF_ERROR(internal::CheckSignature(statement, root));
  AgencyCertificate certificate;
  FAIRLEAD_ASSIGN(certificate.agency_id, internal::UuidOf(statement.payload, "agency_id"));
  FAIRLEAD_ASSIGN(certificate.name, internal::NameOf(statement.payload, "name"));
  FAIRLEAD_ASSIGN(certificate.agency_key,
                  internal::KeyOf(statement.payload, "agency_jwk", KeyUse::kSigning));
  FAIRLEAD_ASSIGN(certificate.issued_s, internal::IssuedOf(statement.payload, now_s));
  FAIRLEAD_ASSIGN(certificate.expires_s,
                  internal::ExpiresOf(statement.payload, certificate.issued_s));
  // The root says who an agency is; it is never one.
  if (certificate.agency_key.kid == root.kid) return RefuseStatement("agency_jwk");
  return certificate;
}

}  // namespace

Result<std::string> SignRoot(const RootStatement& statement, const seal::PrivateKey& signer) {
  json::object payload;
  payload["v"] = profile::kVersion;
  payload["number"] = statement.number;
  payload["root_jwk"] = internal::KeyObject(statement.root);
  payload["coalition"] = statement.coalition;
  payload["previous"] = statement.previous;
  payload["iat"] = statement.issued_s;
  FAIRLEAD_ASSIGN(std::string jws,
                  internal::Sign(kRootType, payload, signer, kMaxShortStatementBytes));
  const bool first = statement.number == 1;
  const auto read = first ? ParseFirstRoot(jws, statement.issued_s)
                          : ParseNextRoot(jws, signer.public_key, statement.issued_s);
  if (!read) return Fail(read.error());
  return jws;
}

Result<RootStatement> ParseFirstRoot(std::string_view jws, int64_t now_s) {
  return Checked(FirstRoot(jws, now_s));
}

Result<RootStatement> ParseNextRoot(std::string_view jws, const seal::PublicKey& before,
                                    int64_t now_s) {
  return Checked(NextRoot(jws, before, now_s));
}

Result<RootStatement> PeekRoot(std::string_view jws, int64_t now_s) {
  const auto statement = Checked(TakeRoot(jws));
  if (!statement) return Fail(statement.error());
  return Checked(ReadRoot(statement->payload, now_s));
}

Result<std::string> SignCertificate(const AgencyCertificate& certificate,
                                    const seal::PrivateKey& root) {
  json::object payload;
  payload["v"] = profile::kVersion;
  payload["agency_id"] = certificate.agency_id;
  payload["name"] = certificate.name;
  payload["agency_jwk"] = internal::KeyObject(certificate.agency_key);
  payload["iat"] = certificate.issued_s;
  payload["exp"] = certificate.expires_s;
  FAIRLEAD_ASSIGN(std::string jws,
                  internal::Sign(kCertificateType, payload, root, kMaxShortStatementBytes));
  const auto read = ParseCertificate(jws, root.public_key, certificate.issued_s);
  if (!read) return Fail(read.error());
  return jws;
}

Result<AgencyCertificate> ParseCertificate(std::string_view jws, const seal::PublicKey& root,
                                           int64_t now_s) {
  return Checked(ReadCertificate(jws, root, now_s));
}

bool IsExpired(int64_t expires_s, int64_t now_s) { return now_s >= expires_s + kSkewS; }

std::string Fingerprint(std::string_view kid) {
  constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  constexpr size_t kBits = 100;
  constexpr size_t kSymbolBits = 5;
  constexpr size_t kGroup = 4;
  constexpr size_t kByteBits = 8;
  if (!profile::IsHash(kid)) return "";
  const std::string hash = *Base64UrlDecode(kid);
  std::string text;
  for (size_t bit = 0; bit < kBits; bit += kSymbolBits) {
    unsigned symbol = 0;
    for (size_t at = bit; at < bit + kSymbolBits; ++at) {
      const auto byte = static_cast<unsigned char>(hash[at / kByteBits]);
      symbol = (symbol << 1) | ((byte >> (kByteBits - 1 - at % kByteBits)) & 1U);
    }
    if (bit != 0 && bit / kSymbolBits % kGroup == 0) text += '-';
    text += kCrockford[symbol];
  }
  return text;
}

}  // namespace fairlead::keys
