#include "services/identity/key_server.h"

#include <charconv>

#include "services/common/rpc/mutate.h"
#include "services/common/rpc/proto_time.h"
#include "services/identity/commands/coalition_root.h"
#include "services/identity/commands/devices.h"
#include "services/identity/commands/publish_key_list.h"
#include "services/identity/commands/read_key_list.h"
#include "services/identity/translate.h"

namespace fairlead::identity {
namespace {

v1::Device ToProto(const Device& device) {
  v1::Device proto;
  proto.set_id(device.id);
  proto.set_staff_id(device.staff_id);
  proto.set_device_jwk(device.device_jwk);
  rpc::SetTime(device.create_ms, [&] { return proto.mutable_create_time(); });
  if (device.confirm_ms) {
    rpc::SetTime(*device.confirm_ms, [&] { return proto.mutable_confirm_time(); });
  }
  if (device.remove_ms) {
    rpc::SetTime(*device.remove_ms, [&] { return proto.mutable_remove_time(); });
  }
  return proto;
}

template <class Request, class Response>
void AddMethod(rpc::Registry& registry, KeyServer* server, const char* name,
               Task<Result<Response>> (KeyServer::*method)(rpc::CallContext, const Request&)) {
  rpc::Add<Request, Response>(registry, std::string("/fairlead.identity.v1.KeyService/") + name,
                              [server, method](rpc::CallContext context, const Request& request) {
                                return (server->*method)(std::move(context), request);
                              });
}

int64_t NumberOf(const std::string& text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

void KeyServer::Register(rpc::Registry& registry) {
  AddMethod(registry, this, "GetCoalitionRoot", &KeyServer::GetCoalitionRoot);
  AddMethod(registry, this, "PublishCoalitionRoot", &KeyServer::PublishCoalitionRoot);
  AddMethod(registry, this, "PublishAgencyCertificate", &KeyServer::PublishAgencyCertificate);
  AddMethod(registry, this, "RegisterDevice", &KeyServer::RegisterDevice);
  AddMethod(registry, this, "ListDevices", &KeyServer::ListDevices);
  AddMethod(registry, this, "RemoveDevice", &KeyServer::RemoveDevice);
  AddMethod(registry, this, "PublishKeyList", &KeyServer::PublishKeyList);
  AddMethod(registry, this, "GetKeyList", &KeyServer::GetKeyList);
  AddMethod(registry, this, "ListKeyWraps", &KeyServer::ListKeyWraps);
}

Task<Result<v1::GetCoalitionRootResponse>> KeyServer::GetCoalitionRoot(
    rpc::CallContext, const v1::GetCoalitionRootRequest&) {
  std::function<Result<std::vector<std::string>>(storage::ReadTransaction&)> read =
      [this](storage::ReadTransaction& tx) { return FindRoots(deps_, tx); };
  Result<std::vector<std::string>> roots =
      co_await deps_.base.database.Read<std::vector<std::string>>(read);
  if (!roots) co_return Fail(std::move(roots.error()));
  v1::GetCoalitionRootResponse response;
  for (std::string& statement : *roots) response.add_statements(std::move(statement));
  co_return response;
}

Task<Result<v1::PublishCoalitionRootResponse>> KeyServer::PublishCoalitionRoot(
    rpc::CallContext context, const v1::PublishCoalitionRootRequest& request) {
  const int64_t now_ms = deps_.base.clock.NowMs();
  std::function<Result<v1::PublishCoalitionRootResponse>(storage::Transaction&)> publish =
      [this, &context, &request,
       now_ms](storage::Transaction& tx) -> Result<v1::PublishCoalitionRootResponse> {
    FAIRLEAD_RETURN_IF_ERROR(PublishRoot(deps_, tx, context, request.statement(), now_ms));
    return v1::PublishCoalitionRootResponse();
  };
  co_return co_await rpc::Mutate<v1::PublishCoalitionRootResponse>(deps_.base.database, context,
                                                                   request, now_ms, publish);
}

Task<Result<v1::PublishAgencyCertificateResponse>> KeyServer::PublishAgencyCertificate(
    rpc::CallContext context, const v1::PublishAgencyCertificateRequest& request) {
  const int64_t now_ms = deps_.base.clock.NowMs();
  std::function<Result<v1::PublishAgencyCertificateResponse>(storage::Transaction&)> publish =
      [this, &context, &request,
       now_ms](storage::Transaction& tx) -> Result<v1::PublishAgencyCertificateResponse> {
    FAIRLEAD_RETURN_IF_ERROR(PublishCertificate(deps_, tx, context, request.certificate(), now_ms));
    return v1::PublishAgencyCertificateResponse();
  };
  co_return co_await rpc::Mutate<v1::PublishAgencyCertificateResponse>(deps_.base.database, context,
                                                                       request, now_ms, publish);
}

Task<Result<v1::RegisterDeviceResponse>> KeyServer::RegisterDevice(
    rpc::CallContext context, const v1::RegisterDeviceRequest& request) {
  std::function<Result<v1::RegisterDeviceResponse>(storage::Transaction&)> insert =
      [this, &context, &request](storage::Transaction& tx) -> Result<v1::RegisterDeviceResponse> {
    FAIRLEAD_ASSIGN(const Device device,
                    identity::RegisterDevice(deps_, tx, context, request.device_jwk()));
    v1::RegisterDeviceResponse response;
    *response.mutable_device() = ToProto(device);
    return response;
  };
  co_return co_await rpc::Mutate<v1::RegisterDeviceResponse>(deps_.base.database, context, request,
                                                             deps_.base.clock.NowMs(), insert);
}

Task<Result<v1::ListDevicesResponse>> KeyServer::ListDevices(
    rpc::CallContext context, const v1::ListDevicesRequest& request) {
  const std::string query = "ListDevices\n" + context.actor.agency_id;
  std::string after_id;
  if (!request.page_token().empty()) {
    Result<std::vector<std::string>> position = page_tokens_.Decode(query, request.page_token());
    if (!position) co_return Fail(std::move(position.error()));
    if (!position->empty()) after_id = position->front();
  }
  const int size = rpc::PageSize(request.page_size());
  Result<DevicePage> page =
      co_await FindDevices(deps_, context.actor.agency_id, std::move(after_id), size + 1);
  if (!page) co_return Fail(std::move(page.error()));
  v1::ListDevicesResponse response;
  response.set_key_change_due(page->key_change_due);
  const bool more = page->devices.size() > static_cast<size_t>(size);
  if (more) page->devices.pop_back();
  for (const Device& device : page->devices) *response.add_devices() = ToProto(device);
  if (more) response.set_next_page_token(page_tokens_.Encode(query, {page->devices.back().id}));
  co_return response;
}

Task<Result<v1::RemoveDeviceResponse>> KeyServer::RemoveDevice(
    rpc::CallContext context, const v1::RemoveDeviceRequest& request) {
  std::function<Result<v1::RemoveDeviceResponse>(storage::Transaction&)> remove =
      [this, &context, &request](storage::Transaction& tx) -> Result<v1::RemoveDeviceResponse> {
    FAIRLEAD_ASSIGN(const Device device,
                    identity::RemoveDevice(deps_, tx, context, request.device_id()));
    v1::RemoveDeviceResponse response;
    *response.mutable_device() = ToProto(device);
    return response;
  };
  co_return co_await rpc::Mutate<v1::RemoveDeviceResponse>(deps_.base.database, context, request,
                                                           deps_.base.clock.NowMs(), remove);
}

Task<Result<v1::PublishKeyListResponse>> KeyServer::PublishKeyList(
    rpc::CallContext context, const v1::PublishKeyListRequest& request) {
  const int64_t now_ms = deps_.base.clock.NowMs();
  Result<NewKeyList> next = ReadKeyList(context.actor.agency_id, request.key_list(),
                                        WrapsFromProto(request.wraps()), now_ms / 1000);
  if (!next) co_return Fail(std::move(next.error()));
  std::function<Result<v1::PublishKeyListResponse>(storage::Transaction&)> publish =
      [this, &context, &next](storage::Transaction& tx) -> Result<v1::PublishKeyListResponse> {
    FAIRLEAD_RETURN_IF_ERROR(identity::PublishKeyList(deps_, tx, context, *next));
    v1::PublishKeyListResponse response;
    response.set_version(next->list.version);
    response.set_epoch(next->list.epoch);
    return response;
  };
  co_return co_await rpc::Mutate<v1::PublishKeyListResponse>(deps_.base.database, context, request,
                                                             now_ms, publish);
}

Task<Result<v1::GetKeyListResponse>> KeyServer::GetKeyList(rpc::CallContext context,
                                                           const v1::GetKeyListRequest& request) {
  Task<Result<ShownKeyList>> finding =
      FindKeyList(deps_, context.actor, request.agency_id(), request.version());
  Result<ShownKeyList> shown = co_await std::move(finding);
  if (!shown) co_return Fail(std::move(shown.error()));
  v1::GetKeyListResponse response;
  response.set_key_list(std::move(shown->key_list));
  response.set_certificate(std::move(shown->certificate));
  response.set_key_change_due(shown->key_change_due);
  co_return response;
}

Task<Result<v1::ListKeyWrapsResponse>> KeyServer::ListKeyWraps(
    rpc::CallContext context, const v1::ListKeyWrapsRequest& request) {
  const std::string query = "ListKeyWraps\n" + context.actor.staff_id + "\n" + request.device_id();
  int64_t before_epoch = 0;
  if (!request.page_token().empty()) {
    Result<std::vector<std::string>> position = page_tokens_.Decode(query, request.page_token());
    if (!position) co_return Fail(std::move(position.error()));
    if (!position->empty()) before_epoch = NumberOf(position->front());
  }
  const int size = rpc::PageSize(request.page_size());
  Result<std::vector<StoredWrap>> wraps =
      co_await FindWraps(deps_, context, request.device_id(), before_epoch, size + 1);
  if (!wraps) co_return Fail(std::move(wraps.error()));
  v1::ListKeyWrapsResponse response;
  const bool more = wraps->size() > static_cast<size_t>(size);
  if (more) wraps->pop_back();
  for (StoredWrap& wrap : *wraps) {
    v1::KeyWrap& proto = *response.add_wraps();
    proto.set_device_id(wrap.device_id);
    proto.set_epoch(wrap.epoch);
    proto.set_jwe(std::move(wrap.jwe));
  }
  if (more) {
    response.set_next_page_token(page_tokens_.Encode(query, {std::to_string(wraps->back().epoch)}));
  }
  co_return response;
}

}  // namespace fairlead::identity
