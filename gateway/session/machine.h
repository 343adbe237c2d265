// Which machine client a request is from: one that is signed (gateway/signature), or that came over
// a TLS connection with a client certificate. A header that only names somebody is not read.
//
//   if (MachineGate::IsMachine(*request)) {
//     Result<auth::Actor> who = co_await gate.Authenticate(request);
//   }
#ifndef GATEWAY_SESSION_MACHINE_H_
#define GATEWAY_SESSION_MACHINE_H_

#include <memory>
#include <string>

#include "gateway/http/message.h"
#include "gateway/session/session.h"
#include "services/common/auth/actor.h"
#include "services/common/base/result.h"
#include "services/common/base/task.h"
#include "services/common/rpc/channel.h"

namespace fairlead::gateway {

class MachineGate {
 public:
  // `services` outlives the gate.
  MachineGate(rpc::Channel& services, SessionOptions options)
      : services_(services), options_(std::move(options)) {}

  // It is signed; or it has a client certificate and no session, for a person's browser may have a
  // certificate too.
  static bool IsMachine(const Request& request);

  // Checks the digest of the body, which has been read, and asks the identity service, each time.
  // Errors: INVALID_ARGUMENT TWO_CREDENTIALS (signed, and with a session); UNAUTHENTICATED
  // SIGNATURE_INVALID with metadata check; what identity and the call may fail with.
  Task<Result<auth::Actor>> Authenticate(std::shared_ptr<const Request> request) const;

 private:
  std::string AuthorityOf(const Request& request) const;

  rpc::Channel& services_;
  const SessionOptions options_;
};

}  // namespace fairlead::gateway

#endif  // GATEWAY_SESSION_MACHINE_H_
