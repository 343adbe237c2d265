// Checks a request against the contract's field rules (proto/fairlead/api/v1/options.proto), by
// descriptor: no code per message. Everything has an upper bound, also where no rule says so.
#ifndef SERVICES_COMMON_RPC_VALIDATE_H_
#define SERVICES_COMMON_RPC_VALIDATE_H_

#include <google/protobuf/message.h>

#include "services/common/base/result.h"

namespace fairlead::rpc {

// The first fault found, INVALID_ARGUMENT with metadata {"field": "facets.county"} and one of:
// FIELD_REQUIRED, FIELD_TOO_LONG, TOO_MANY_ITEMS, OUT_OF_RANGE, UNKNOWN_ENUM_VALUE, UNKNOWN_FIELD,
// INVALID_UTF8, INVALID_TIME, INVALID_ID, INVALID_PHONE, INVALID_CODE, INVALID_COUNTY,
// INVALID_LANGUAGE, INVALID_HASH, INVALID_SIGN_IN_NAME.
Result<void> Validate(const google::protobuf::Message& request);

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_VALIDATE_H_
