// The HSDS 3.1 API at /hsds (https://docs.openreferral.org/en/3.1/hsds/api_reference.html): every
// endpoint of the standard, required or optional, over the directory's records.
//
//   curl 'http://127.0.0.1:7420/hsds/services?search=shelter&full=true'
//
// Without a session it answers what publishers have marked as public, to pages of every site
// (CORS); with one, or signed by a machine client, what its person or system may see. Answers carry
// an ETag over their bytes; If-None-Match is answered 304. Unknown parameters are refused: a
// misspelt filter must not answer everything.
#ifndef GATEWAY_HSDS_HSDS_H_
#define GATEWAY_HSDS_HSDS_H_

#include <memory>
#include <string>
#include <string_view>

#include "gateway/hsds/record_stream.h"
#include "gateway/http/message.h"
#include "gateway/limits/call_limits.h"
#include "gateway/session/machine.h"
#include "gateway/session/session.h"
#include "services/common/base/clock.h"
#include "services/common/rpc/channel.h"

namespace fairlead::gateway {

class HsdsHandler {
 public:
  // All outlive the handler. `public_origin`: "https://hub.example.org"; empty: what Host says.
  HsdsHandler(rpc::Channel& services, const SessionGate& sessions, const MachineGate& machines,
              CallLimits& limits, const Clock& clock, std::string public_origin)
      : services_(services),
        sessions_(sessions),
        machines_(machines),
        limits_(limits),
        clock_(clock),
        public_origin_(std::move(public_origin)) {}

  static bool IsHsdsPath(std::string_view path);
  // For metrics: one of a fixed set.
  static std::string_view RouteLabel(std::string_view path);

  // The handler outlives every stream it has answered with.
  Task<Response> Handle(std::shared_ptr<const Request> request) const;

 private:
  std::string Origin(const Request& request) const;
  Task<Result<auth::Actor>> Viewer(std::shared_ptr<const Request> request) const;
  Task<Response> List(std::shared_ptr<const Request> request, auth::Actor viewer,
                      std::string name) const;
  Task<Response> Get(std::shared_ptr<const Request> request, auth::Actor viewer, std::string name,
                     std::string id) const;

  rpc::Channel& services_;
  const SessionGate& sessions_;
  const MachineGate& machines_;
  CallLimits& limits_;
  const Clock& clock_;
  const std::string public_origin_;
  const std::shared_ptr<StreamSlots> slots_ = std::make_shared<StreamSlots>();
};

}  // namespace fairlead::gateway

#endif  // GATEWAY_HSDS_HSDS_H_
