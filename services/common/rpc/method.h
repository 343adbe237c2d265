// How a service offers its methods, and the one way every call goes, whatever brought it:
// authenticate → authorise → validate → admit → the service's method.
//
//   void ReferralServer::Register(rpc::Registry& registry) {
//     rpc::Add<GetReferralRequest, GetReferralResponse>(
//         registry, "/fairlead.referral.v1.ReferralService/GetReferral",
//         [this](rpc::CallContext context, const GetReferralRequest& request) {
//           return GetReferral(std::move(context), request);
//         });
//   }
//
// Services never see gRPC: server.h carries calls from sockets to the registry, channel.h from
// one service to another, in the same process or over a socket, through the same checks.
#ifndef SERVICES_COMMON_RPC_METHOD_H_
#define SERVICES_COMMON_RPC_METHOD_H_

#include <google/protobuf/message.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "services/common/auth/actor.h"
#include "services/common/base/result.h"
#include "services/common/base/task.h"
#include "services/common/rpc/call_context.h"

namespace fairlead::rpc {

using google::protobuf::Message;
using Reply = Result<std::unique_ptr<Message>>;
// The request outlives the Task.
using Handler = std::function<Task<Reply>(CallContext, const Message&)>;

struct Method {
  std::string name;  // "/package.Service/Method"
  const Message* request_prototype = nullptr;
  const Message* response_prototype = nullptr;
  Handler handler;
};

// All methods of one process. Filled before serving, then read-only.
class Registry {
 public:
  void Add(Method method);                          // a name added twice is a defect: stops
  const Method* Find(std::string_view name) const;  // nullptr: no such method here
  const std::map<std::string, Method, std::less<>>& methods() const { return methods_; }

 private:
  std::map<std::string, Method, std::less<>> methods_;
};

// Adds a typed method: `function` is (CallContext, const Request&) → Task<Result<Response>>.
template <class Request, class Response, class Function>
void Add(Registry& registry, std::string name, Function function) {
  Method method;
  method.name = std::move(name);
  method.request_prototype = &Request::default_instance();
  method.response_prototype = &Response::default_instance();
  method.handler = [function = std::move(function)](CallContext context,
                                                    const Message& request) -> Task<Reply> {
    Task<Result<Response>> task =
        function(std::move(context), static_cast<const Request&>(request));
    Result<Response> response = co_await std::move(task);
    if (!response) co_return Fail(std::move(response.error()));
    co_return std::make_unique<Response>(std::move(*response));
  };
  registry.Add(std::move(method));
}

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_METHOD_H_
