// The methods of fairlead.identity.v1.KeyService: translate, call a command, translate back.
#ifndef SERVICES_IDENTITY_KEY_SERVER_H_
#define SERVICES_IDENTITY_KEY_SERVER_H_

#include <string>

#include "fairlead/identity/v1/keys.pb.h"
#include "services/common/base/task.h"
#include "services/common/rpc/method.h"
#include "services/common/rpc/page_token.h"
#include "services/identity/commands/key_deps.h"

namespace fairlead::identity {

class KeyServer {
 public:
  // What is referenced outlives the server. `page_token_key`: 32 random bytes.
  KeyServer(const KeyDeps& deps, std::string page_token_key)
      : deps_(deps), page_tokens_(std::move(page_token_key)) {}

  void Register(rpc::Registry& registry);

  Task<Result<v1::GetCoalitionRootResponse>> GetCoalitionRoot(
      rpc::CallContext context, const v1::GetCoalitionRootRequest& request);
  Task<Result<v1::PublishCoalitionRootResponse>> PublishCoalitionRoot(
      rpc::CallContext context, const v1::PublishCoalitionRootRequest& request);
  Task<Result<v1::PublishAgencyCertificateResponse>> PublishAgencyCertificate(
      rpc::CallContext context, const v1::PublishAgencyCertificateRequest& request);
  Task<Result<v1::RegisterDeviceResponse>> RegisterDevice(rpc::CallContext context,
                                                          const v1::RegisterDeviceRequest& request);
  Task<Result<v1::ListDevicesResponse>> ListDevices(rpc::CallContext context,
                                                    const v1::ListDevicesRequest& request);
  Task<Result<v1::RemoveDeviceResponse>> RemoveDevice(rpc::CallContext context,
                                                      const v1::RemoveDeviceRequest& request);
  Task<Result<v1::PublishKeyListResponse>> PublishKeyList(rpc::CallContext context,
                                                          const v1::PublishKeyListRequest& request);
  Task<Result<v1::GetKeyListResponse>> GetKeyList(rpc::CallContext context,
                                                  const v1::GetKeyListRequest& request);
  Task<Result<v1::ListKeyWrapsResponse>> ListKeyWraps(rpc::CallContext context,
                                                      const v1::ListKeyWrapsRequest& request);

 private:
  const KeyDeps& deps_;
  const rpc::PageTokens page_tokens_;
};

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_KEY_SERVER_H_
