// Checks a request against the contract's field rules (proto/fairlead/api/v1/options.proto), by
// descriptor: no code per message. Everything has an upper bound, also where no rule says so.
//
//   Result<void> valid = Validate(request);   // INVALID_COUNTY, {"field": "facets.county"}
#ifndef SERVICES_COMMON_RPC_VALIDATE_H_
#define SERVICES_COMMON_RPC_VALIDATE_H_

#include <google/protobuf/message.h>

#include "services/common/base/result.h"

namespace fairlead::rpc {

// Messages within messages beyond this are refused (TOO_DEEP).
inline constexpr int kMaxMessageDepth = 16;

// The first fault found, INVALID_ARGUMENT with metadata {"field": "facets.county"} (items of a
// list: "files[2].name") and one of: FIELD_REQUIRED, FIELD_TOO_LONG, TOO_MANY_ITEMS,
// OUT_OF_RANGE, UNKNOWN_ENUM_VALUE, UNKNOWN_FIELD, INVALID_UTF8, INVALID_CHARACTER (U+0000, which
// PostgreSQL cannot hold), INVALID_TIME, INVALID_ID, INVALID_PHONE, INVALID_CODE, INVALID_COUNTY,
// INVALID_LANGUAGE, INVALID_HASH, INVALID_SIGN_IN_NAME, TOO_DEEP.
// Thread-safe. What the descriptors say is read once per message type and kept.
Result<void> Validate(const google::protobuf::Message& request);

// Whether messages of this type, or ones inside them, have a field marked `secret`.
bool HasSecretField(const google::protobuf::Descriptor& descriptor);
// Empties every field marked `secret`, at any depth.
void ClearSecrets(google::protobuf::Message& message);

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_VALIDATE_H_
