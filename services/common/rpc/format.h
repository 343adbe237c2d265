// The shapes a string field may be asked to have (fairlead.api.v1.Format).
#ifndef SERVICES_COMMON_RPC_FORMAT_H_
#define SERVICES_COMMON_RPC_FORMAT_H_

#include <string_view>

#include "fairlead/api/v1/options.pb.h"
#include "services/common/base/result.h"

namespace fairlead::rpc {

// FORMAT_UNSPECIFIED: always.
bool HasFormat(std::string_view text, api::v1::Format format);
// The reason to give when it has not: "INVALID_COUNTY".
std::string_view FormatReason(api::v1::Format format);
// What such a field has to be, after its name and "must be": "five digits, a county's FIPS code".
std::string_view FormatRule(std::string_view reason);
// OK, or INVALID_ARGUMENT with that reason, that rule and metadata field.
Result<void> CheckFormat(std::string_view text, api::v1::Format format, std::string_view field);

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_FORMAT_H_
