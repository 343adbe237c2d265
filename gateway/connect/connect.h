// The Connect protocol, unary (https://connectrpc.com/docs/protocol/): POST with JSON or protobuf,
// GET for methods without side effects, for every public method of the contract. Stock Connect
// clients work unchanged.
//
//   curl -H 'content-type: application/json' -H "authorization: Bearer $TOKEN"
//        -d '{"needCode":"shelter"}'
//        http://127.0.0.1:7420/fairlead.directory.v1.DirectoryService/SearchServices
#ifndef GATEWAY_CONNECT_CONNECT_H_
#define GATEWAY_CONNECT_CONNECT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/connect/method_table.h"
#include "gateway/http/message.h"
#include "gateway/limits/call_limits.h"
#include "gateway/session/machine.h"
#include "gateway/session/session.h"
#include "services/common/base/clock.h"
#include "services/common/rpc/channel.h"

namespace fairlead::gateway {

inline constexpr int64_t kDefaultTimeoutMs = 10'000;
inline constexpr int64_t kMaxTimeoutMs = 60'000;

class ConnectHandler {
 public:
  // All outlive the handler. `on_signed_out` is told the id of a session that has just ended.
  ConnectHandler(const MethodTable& methods, rpc::Channel& services, const SessionGate& sessions,
                 const MachineGate& machines, CallLimits& limits,
                 std::function<void(const std::string&)> on_signed_out)
      : methods_(methods),
        services_(services),
        sessions_(sessions),
        machines_(machines),
        limits_(limits),
        on_signed_out_(std::move(on_signed_out)) {}

  // Whether the address is one of this protocol's: "/package.Service/Method".
  static bool IsRpcPath(std::string_view path);

  // Everything that can be said before the body is read: 429, 404, 405, 415, 501 for a compressed
  // body, a version or time-out that is not acceptable, 401 for somebody who claims to be nobody
  // where a session is needed. The time limit is connect-timeout-ms, 10 s when absent, 60 s at
  // most.
  Admission Admit(const Request& head) const;
  // Before a large body is read: does the session stand? nullopt: it does, or none was needed.
  Task<std::optional<Response>> RefuseUpload(std::shared_ptr<const Request> head) const;
  Task<Response> Handle(std::shared_ptr<const Request> request) const;

 private:
  // Of a session, or of a machine client.
  Task<Result<SignedIn>> Authenticate(std::shared_ptr<const Request> request) const;
  // What a session begins with, for the limits and for a browser: the Set-Cookie value, or "".
  std::string BeginSession(const Request& request, std::string_view path,
                           google::protobuf::Message& answer) const;

  Response RefuseSession(const Request& request, const Error& why) const;

  const MethodTable& methods_;
  rpc::Channel& services_;
  const SessionGate& sessions_;
  const MachineGate& machines_;
  CallLimits& limits_;
  const std::function<void(const std::string&)> on_signed_out_;
};

}  // namespace fairlead::gateway

#endif  // GATEWAY_CONNECT_CONNECT_H_
