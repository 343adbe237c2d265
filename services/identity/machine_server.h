// The methods of fairlead.identity.v1.MachineService: translate, call a command, translate back.
#ifndef SERVICES_IDENTITY_MACHINE_SERVER_H_
#define SERVICES_IDENTITY_MACHINE_SERVER_H_

#include <string>

#include "fairlead/identity/v1/machines.pb.h"
#include "services/common/base/task.h"
#include "services/common/rpc/method.h"
#include "services/common/rpc/page_token.h"
#include "services/identity/commands/machine_deps.h"

namespace fairlead::identity {

class MachineServer {
 public:
  // What is referenced outlives the server. `page_token_key`: 32 random bytes.
  MachineServer(const MachineDeps& deps, std::string page_token_key)
      : deps_(deps), page_tokens_(std::move(page_token_key)) {}

  void Register(rpc::Registry& registry);

  Task<Result<v1::CreateMachineClientResponse>> CreateMachineClient(
      rpc::CallContext context, const v1::CreateMachineClientRequest& request);
  Task<Result<v1::ListMachineClientsResponse>> ListMachineClients(
      rpc::CallContext context, const v1::ListMachineClientsRequest& request);
  Task<Result<v1::DisableMachineClientResponse>> DisableMachineClient(
      rpc::CallContext context, const v1::DisableMachineClientRequest& request);
  Task<Result<v1::CheckMachineClientResponse>> CheckMachineClient(
      rpc::CallContext context, const v1::CheckMachineClientRequest& request);

 private:
  const MachineDeps& deps_;
  const rpc::PageTokens page_tokens_;
};

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_MACHINE_SERVER_H_
