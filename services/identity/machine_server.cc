#include "services/identity/machine_server.h"

#include <vector>

#include "services/common/rpc/mutate.h"
#include "services/common/rpc/proto_time.h"
#include "services/identity/commands/check_machine.h"
#include "services/identity/commands/find_agency.h"
#include "services/identity/commands/manage_machines.h"

namespace fairlead::identity {
namespace {

v1::MachineClient ToProto(const MachineClient& client) {
  v1::MachineClient proto;
  proto.set_id(client.id);
  proto.set_agency_id(client.agency_id);
  proto.set_label(client.label);
  proto.set_signing_jwk(client.signing_jwk);
  proto.set_certificate_sha256(client.certificate_sha256);
  proto.set_creator_staff_id(client.creator_staff_id);
  rpc::SetTime(client.create_ms, [&] { return proto.mutable_create_time(); });
  rpc::SetTime(client.disable_ms, [&] { return proto.mutable_disable_time(); });
  return proto;
}

template <class Request, class Response>
void AddMethod(rpc::Registry& registry, MachineServer* server, const char* name,
               Task<Result<Response>> (MachineServer::*method)(rpc::CallContext, const Request&)) {
  rpc::Add<Request, Response>(registry, std::string("/fairlead.identity.v1.MachineService/") + name,
                              [server, method](rpc::CallContext context, const Request& request) {
                                return (server->*method)(std::move(context), request);
                              });
}

}  // namespace

void MachineServer::Register(rpc::Registry& registry) {
  AddMethod(registry, this, "CreateMachineClient", &MachineServer::CreateMachineClient);
  AddMethod(registry, this, "ListMachineClients", &MachineServer::ListMachineClients);
  AddMethod(registry, this, "DisableMachineClient", &MachineServer::DisableMachineClient);
  AddMethod(registry, this, "CheckMachineClient", &MachineServer::CheckMachineClient);
}

Task<Result<v1::CreateMachineClientResponse>> MachineServer::CreateMachineClient(
    rpc::CallContext context, const v1::CreateMachineClientRequest& request) {
  // So that the copy is there when the transaction looks.
  Task<Result<Agency>> finding = FindAgency(deps_.base, context, context.actor.agency_id);
  Result<Agency> agency = co_await std::move(finding);
  if (!agency) co_return Fail(std::move(agency.error()));
  const CreateMachineInput input{.label = request.label(),
                                 .signing_jwk = request.signing_jwk(),
                                 .certificate_sha256 = request.certificate_sha256()};
  std::function<Result<v1::CreateMachineClientResponse>(storage::Transaction&)> create =
      [&](storage::Transaction& tx) -> Result<v1::CreateMachineClientResponse> {
    FAIRLEAD_ASSIGN(const MachineClient client, CreateMachine(deps_, tx, context, input, *agency));
    v1::CreateMachineClientResponse response;
    *response.mutable_machine_client() = ToProto(client);
    return response;
  };
  Task<Result<v1::CreateMachineClientResponse>> creating =
      rpc::Mutate<v1::CreateMachineClientResponse>(deps_.base.database, context, request,
                                                   deps_.base.clock.NowMs(), create);
  co_return co_await std::move(creating);
}

Task<Result<v1::ListMachineClientsResponse>> MachineServer::ListMachineClients(
    rpc::CallContext context, const v1::ListMachineClientsRequest& request) {
  const std::string query = "ListMachineClients\n" + context.actor.agency_id;
  std::string after_id;
  if (!request.page_token().empty()) {
    Result<std::vector<std::string>> position = page_tokens_.Decode(query, request.page_token());
    if (!position) co_return Fail(std::move(position.error()));
    if (!position->empty()) after_id = position->front();
  }
  const int size = rpc::PageSize(request.page_size());
  std::function<Result<std::vector<MachineClient>>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) {
        return deps_.machines.List(tx, context.actor.agency_id, after_id, size + 1);
      };
  Task<Result<std::vector<MachineClient>>> reading =
      deps_.base.database.Read<std::vector<MachineClient>>(read);
  Result<std::vector<MachineClient>> found = co_await std::move(reading);
  if (!found) co_return Fail(std::move(found.error()));
  v1::ListMachineClientsResponse response;
  const bool more = found->size() > static_cast<size_t>(size);
  if (more) found->pop_back();
  for (const MachineClient& each : *found) *response.add_machine_clients() = ToProto(each);
  if (more) response.set_next_page_token(page_tokens_.Encode(query, {found->back().id}));
  co_return response;
}

Task<Result<v1::DisableMachineClientResponse>> MachineServer::DisableMachineClient(
    rpc::CallContext context, const v1::DisableMachineClientRequest& request) {
  std::function<Result<v1::DisableMachineClientResponse>(storage::Transaction&)> disable =
      [&](storage::Transaction& tx) -> Result<v1::DisableMachineClientResponse> {
    FAIRLEAD_ASSIGN(const MachineClient client,
                    DisableMachine(deps_, tx, context, request.machine_client_id()));
    v1::DisableMachineClientResponse response;
    *response.mutable_machine_client() = ToProto(client);
    return response;
  };
  Task<Result<v1::DisableMachineClientResponse>> disabling =
      rpc::Mutate<v1::DisableMachineClientResponse>(deps_.base.database, context, request,
                                                    deps_.base.clock.NowMs(), disable);
  co_return co_await std::move(disabling);
}

Task<Result<v1::CheckMachineClientResponse>> MachineServer::CheckMachineClient(
    rpc::CallContext context, const v1::CheckMachineClientRequest& request) {
  if (request.has_signature() == !request.certificate_sha256().empty()) {
    co_return Fail(Code::kInvalidArgument, "CREDENTIAL_NEEDED", "A signature or a certificate.");
  }
  const v1::MachineSignature& signature = request.signature();
  MachineEvidence evidence{.key_id = signature.key_id(),
                           .base = signature.base(),
                           .signature = signature.value(),
                           .created_s = signature.created_s(),
                           .expires_s = signature.expires_s(),
                           .nonce = signature.nonce(),
                           .certificate_sha256 = request.certificate_sha256()};
  Task<Result<MachineCaller>> checking =
      CheckMachine(deps_, std::move(context), std::move(evidence));
  Result<MachineCaller> caller = co_await std::move(checking);
  if (!caller) co_return Fail(std::move(caller.error()));
  v1::CheckMachineClientResponse response;
  response.set_machine_client_id(caller->client.id);
  response.set_agency_id(caller->client.agency_id);
  response.set_agency_kind(caller->agency.kind);
  response.set_membership(caller->agency.membership);
  co_return response;
}

}  // namespace fairlead::identity
