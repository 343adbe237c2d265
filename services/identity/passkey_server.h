// The methods of fairlead.identity.v1.PasskeyService: translate, call a command, translate back.
#ifndef SERVICES_IDENTITY_PASSKEY_SERVER_H_
#define SERVICES_IDENTITY_PASSKEY_SERVER_H_

#include <string>

#include "fairlead/identity/v1/passkeys.pb.h"
#include "services/common/base/task.h"
#include "services/common/rpc/method.h"
#include "services/common/rpc/page_token.h"
#include "services/identity/commands/deps.h"

namespace fairlead::identity {

class PasskeyServer {
 public:
  // `deps` outlives the server, and has passkeys. `page_token_key`: 32 random bytes.
  PasskeyServer(const Deps& deps, std::string page_token_key)
      : deps_(deps), page_tokens_(std::move(page_token_key)) {}

  void Register(rpc::Registry& registry);

  Task<Result<v1::BeginPasskeyRegistrationResponse>> BeginPasskeyRegistration(
      rpc::CallContext context, const v1::BeginPasskeyRegistrationRequest& request);
  Task<Result<v1::BeginInvitedPasskeyResponse>> BeginInvitedPasskey(
      rpc::CallContext context, const v1::BeginInvitedPasskeyRequest& request);
  Task<Result<v1::AddPasskeyResponse>> AddPasskey(rpc::CallContext context,
                                                  const v1::AddPasskeyRequest& request);
  Task<Result<v1::BeginPasskeySignInResponse>> BeginPasskeySignIn(
      rpc::CallContext context, const v1::BeginPasskeySignInRequest& request);
  Task<Result<v1::SignInWithPasskeyResponse>> SignInWithPasskey(
      rpc::CallContext context, const v1::SignInWithPasskeyRequest& request);
  Task<Result<v1::ListPasskeysResponse>> ListPasskeys(rpc::CallContext context,
                                                      const v1::ListPasskeysRequest& request);
  Task<Result<v1::RemovePasskeyResponse>> RemovePasskey(rpc::CallContext context,
                                                        const v1::RemovePasskeyRequest& request);

 private:
  const Deps& deps_;
  const rpc::PageTokens page_tokens_;
};

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_PASSKEY_SERVER_H_
