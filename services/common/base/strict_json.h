// JSON (RFC 8259) taken strictly: what two parsers might read differently is refused.
//
//   Result<boost::json::value> value = ParseStrictJson(body, 64 * 1024, 16);
//   if (!value) return Fail(value.error());
//
// Boost.JSON alone keeps the last of two members with one name; a signature checker that keeps the
// first then sees another document (RFC 8259, section 4; RFC 7515, section 10.12). Here a repeated
// name is an error, at any depth and however it is escaped.
#ifndef SERVICES_COMMON_BASE_STRICT_JSON_H_
#define SERVICES_COMMON_BASE_STRICT_JSON_H_

#include <boost/json/value.hpp>
#include <cstddef>
#include <string_view>

#include "services/common/base/result.h"

namespace fairlead {

// One JSON value and nothing else but white space around it. `max_depth` counts nested objects and
// arrays: {"a":[1]} needs 2. No byte order mark, no comments, no trailing commas, no lone
// surrogates. Integers of 64 bits stay exact; larger ones become doubles.
// Error: INVALID_JSON with metadata {"detail": "too_large" | "not_utf8" | "too_deep" |
// "duplicate_member" | "syntax"}. The message never quotes the input.
Result<boost::json::value> ParseStrictJson(std::string_view text, size_t max_bytes,
                                           size_t max_depth);

}  // namespace fairlead

#endif  // SERVICES_COMMON_BASE_STRICT_JSON_H_
