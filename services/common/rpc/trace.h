// W3C Trace Context, level 1: the header `traceparent`, "00-<32 hex>-<16 hex>-<2 hex>".
#ifndef SERVICES_COMMON_RPC_TRACE_H_
#define SERVICES_COMMON_RPC_TRACE_H_

#include <string>
#include <string_view>

#include "services/common/base/random.h"

namespace fairlead::rpc {

// Version 00, lower-case hex, neither id all zero (section 3.2.2).
bool IsTraceparent(std::string_view text);

// A new trace, not sampled.
std::string NewTraceparent(Random& random);

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_TRACE_H_
