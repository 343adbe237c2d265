// The compact JWS that every statement is, and the members that they share. Private to this folder.
#ifndef SERVICES_COMMON_KEYS_JWS_H_
#define SERVICES_COMMON_KEYS_JWS_H_

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "services/common/base/result.h"
#include "services/common/seal/seal.h"

namespace fairlead::keys::internal {

inline constexpr std::string_view kStatementInvalid = "STATEMENT_INVALID";

tl::unexpected<Error> RefuseStatement(std::string_view check);
// The sealing profile's refusals say "detail"; here they say "check".
Error WithCheck(Error error);
template <class T>
Result<T> Checked(Result<T> result) {
  if (!result) return Fail(WithCheck(std::move(result.error())));
  return result;
}

Result<std::string> Sign(std::string_view type, const boost::json::object& payload,
                         const seal::PrivateKey& signer, size_t max_bytes);

struct Statement {
  std::string kid;  // of the key that is said to have signed
  boost::json::object payload;
  std::string signing_input;
  std::string signature;
};
// Header and payload strictly, with exactly these members and "v": 1. The signature is not checked.
Result<Statement> Take(std::string_view jws, std::string_view type, size_t max_bytes,
                       std::initializer_list<std::string_view> members);
Result<void> CheckSignature(const Statement& statement, const seal::PublicKey& signer);

Result<seal::PublicKey> KeyOf(const boost::json::object& payload, std::string_view name,
                              seal::KeyUse use);
boost::json::object KeyObject(const seal::PublicKey& key);
Result<std::string> UuidOf(const boost::json::object& payload, std::string_view name);
Result<std::string> NameOf(const boost::json::object& payload, std::string_view name);
// `low` to kMaxNumber.
Result<int64_t> NumberOf(const boost::json::object& payload, std::string_view name, int64_t low);
// Positive, at most kSkewS ahead of now.
Result<int64_t> IssuedOf(const boost::json::object& payload, int64_t now_s);
// After `issued_s`, by at most kMaxLifeS.
Result<int64_t> ExpiresOf(const boost::json::object& payload, int64_t issued_s);

}  // namespace fairlead::keys::internal

#endif  // SERVICES_COMMON_KEYS_JWS_H_
