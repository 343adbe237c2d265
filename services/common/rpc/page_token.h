// Opaque page tokens (AIP-158): where the last page ended, sealed so that nobody can write their
// own or use one with another query.
//
//   std::string token = tokens.Encode(query_key, {last_time_ms, last_id});
#ifndef SERVICES_COMMON_RPC_PAGE_TOKEN_H_
#define SERVICES_COMMON_RPC_PAGE_TOKEN_H_

#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"

namespace fairlead::rpc {

class PageTokens {
 public:
  // key: 32 random bytes, made at start-up of the service; tokens of an earlier run are refused.
  explicit PageTokens(std::string key) : key_(std::move(key)) {}
  // `query` binds the token to the caller and filters (anything deterministic: agency id, filter
  // fields). `position` are the sort keys of the last row.
  std::string Encode(std::string_view query, const std::vector<std::string>& position) const;
  // Error: INVALID_PAGE_TOKEN.
  Result<std::vector<std::string>> Decode(std::string_view query, std::string_view token) const;

 private:
  std::string key_;
};

// 0 → 25; more than 100 was refused by the validator.
int PageSize(int requested);

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_PAGE_TOKEN_H_
