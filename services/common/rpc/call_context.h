// What a method knows of its call: who asks, how long there is, which trace it belongs to. Apart
// from method.h, so that commands can pass it on without seeing the rest of rpc.
#ifndef SERVICES_COMMON_RPC_CALL_CONTEXT_H_
#define SERVICES_COMMON_RPC_CALL_CONTEXT_H_

#include <cstdint>
#include <string>

#include "services/common/auth/actor.h"

namespace fairlead::rpc {

// Copied freely.
struct CallContext {
  auth::Actor actor;
  std::string method;              // "/package.Service/Method"
  int64_t deadline_steady_ms = 0;  // Clock::SteadyMs() by which the caller has given up
  std::string traceparent;         // W3C; always set by the pipeline
  std::string calling_service;     // the service of ours that it comes through: proven, or empty
};

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_CALL_CONTEXT_H_
