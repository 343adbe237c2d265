#include "services/identity/passkey_server.h"

#include <optional>
#include <vector>

#include "services/common/rpc/mutate.h"
#include "services/common/rpc/proto_time.h"
#include "services/identity/commands/manage_passkeys.h"
#include "services/identity/commands/passkey_assertion.h"
#include "services/identity/commands/passkey_registration.h"
#include "services/identity/commands/passkey_sign_in.h"
#include "services/identity/translate.h"

namespace fairlead::identity {
namespace {

v1::Passkey ToProto(const Passkey& passkey) {
  v1::Passkey proto;
  proto.set_id(passkey.id);
  proto.set_aaguid(AaguidText(passkey.aaguid));
  proto.set_backed_up(passkey.backed_up);
  rpc::SetTime(passkey.create_ms, [&] { return proto.mutable_create_time(); });
  rpc::SetTime(passkey.last_use_ms, [&] { return proto.mutable_last_use_time(); });
  rpc::SetTime(passkey.stop_ms, [&] { return proto.mutable_stop_time(); });
  return proto;
}

template <class Request, class Response>
void AddMethod(rpc::Registry& registry, PasskeyServer* server, const char* name,
               Task<Result<Response>> (PasskeyServer::*method)(rpc::CallContext, const Request&)) {
  rpc::Add<Request, Response>(registry, std::string("/fairlead.identity.v1.PasskeyService/") + name,
                              [server, method](rpc::CallContext context, const Request& request) {
                                return (server->*method)(std::move(context), request);
                              });
}

}  // namespace

void PasskeyServer::Register(rpc::Registry& registry) {
  AddMethod(registry, this, "BeginPasskeyRegistration", &PasskeyServer::BeginPasskeyRegistration);
  AddMethod(registry, this, "BeginInvitedPasskey", &PasskeyServer::BeginInvitedPasskey);
  AddMethod(registry, this, "AddPasskey", &PasskeyServer::AddPasskey);
  AddMethod(registry, this, "BeginPasskeySignIn", &PasskeyServer::BeginPasskeySignIn);
  AddMethod(registry, this, "SignInWithPasskey", &PasskeyServer::SignInWithPasskey);
  AddMethod(registry, this, "ListPasskeys", &PasskeyServer::ListPasskeys);
  AddMethod(registry, this, "RemovePasskey", &PasskeyServer::RemovePasskey);
}

Task<Result<v1::BeginPasskeyRegistrationResponse>> PasskeyServer::BeginPasskeyRegistration(
    rpc::CallContext context, const v1::BeginPasskeyRegistrationRequest& request) {
  std::function<Result<v1::BeginPasskeyRegistrationResponse>(storage::Transaction&)> begin =
      [this, context](storage::Transaction& tx) -> Result<v1::BeginPasskeyRegistrationResponse> {
    FAIRLEAD_ASSIGN(std::string options, BeginPasskey(deps_, tx, context));
    v1::BeginPasskeyRegistrationResponse response;
    response.set_options_json(std::move(options));
    return response;
  };
  Task<Result<v1::BeginPasskeyRegistrationResponse>> beginning =
      rpc::Mutate<v1::BeginPasskeyRegistrationResponse>(deps_.database, context, request,
                                                        deps_.clock.NowMs(), begin);
  co_return co_await std::move(beginning);
}

Task<Result<v1::BeginInvitedPasskeyResponse>> PasskeyServer::BeginInvitedPasskey(
    rpc::CallContext, const v1::BeginInvitedPasskeyRequest& request) {
  Task<Result<std::string>> beginning =
      identity::BeginInvitedPasskey(deps_, request.invitation_code());
  Result<std::string> options = co_await std::move(beginning);
  if (!options) co_return Fail(std::move(options.error()));
  v1::BeginInvitedPasskeyResponse response;
  response.set_options_json(std::move(*options));
  co_return response;
}

Task<Result<v1::AddPasskeyResponse>> PasskeyServer::AddPasskey(
    rpc::CallContext context, const v1::AddPasskeyRequest& request) {
  // A repeat is answered before its challenge, which is used up, is looked for.
  Task<Result<std::optional<v1::AddPasskeyResponse>>> replaying =
      rpc::Replay<v1::AddPasskeyResponse>(deps_.database, context, request);
  Result<std::optional<v1::AddPasskeyResponse>> before = co_await std::move(replaying);
  if (!before) co_return Fail(std::move(before.error()));
  if (before->has_value()) co_return std::move(**before);
  Task<Result<CheckedPasskey>> checking = CheckPasskey(
      deps_, ChallengePurpose::kAdd, context.actor.staff_id, request.registration_json());
  Result<CheckedPasskey> checked = co_await std::move(checking);
  if (!checked) co_return Fail(std::move(checked.error()));
  std::function<Result<v1::AddPasskeyResponse>(storage::Transaction&)> keep =
      [this, &context, &checked](storage::Transaction& tx) -> Result<v1::AddPasskeyResponse> {
    const Staff me{.id = context.actor.staff_id,
                   .agency_id = context.actor.agency_id,
                   .sign_in_name = {},
                   .display_name = {},
                   .roles = {}};
    FAIRLEAD_ASSIGN(const Passkey passkey, KeepPasskey(deps_, tx, context, *checked, me));
    v1::AddPasskeyResponse response;
    *response.mutable_passkey() = ToProto(passkey);
    return response;
  };
  Task<Result<v1::AddPasskeyResponse>> keeping = rpc::Mutate<v1::AddPasskeyResponse>(
      deps_.database, context, request, deps_.clock.NowMs(), keep);
  co_return co_await std::move(keeping);
}

Task<Result<v1::BeginPasskeySignInResponse>> PasskeyServer::BeginPasskeySignIn(
    rpc::CallContext, const v1::BeginPasskeySignInRequest&) {
  Task<Result<std::string>> beginning = BeginAssertion(deps_);
  Result<std::string> options = co_await std::move(beginning);
  if (!options) co_return Fail(std::move(options.error()));
  v1::BeginPasskeySignInResponse response;
  response.set_options_json(std::move(*options));
  co_return response;
}

Task<Result<v1::SignInWithPasskeyResponse>> PasskeyServer::SignInWithPasskey(
    rpc::CallContext context, const v1::SignInWithPasskeyRequest& request) {
  Task<Result<NewSession>> signing_in =
      identity::SignInWithPasskey(deps_, std::move(context), request.assertion_json());
  Result<NewSession> made = co_await std::move(signing_in);
  if (!made) co_return Fail(std::move(made.error()));
  v1::SignInWithPasskeyResponse response;
  v1::SignInResponse& sign_in = *response.mutable_sign_in();
  sign_in.set_session_token(made->token);
  *sign_in.mutable_session() = identity::ToProto(made->signed_in.session);
  *sign_in.mutable_staff() = identity::ToProto(made->signed_in.staff);
  sign_in.set_agency_name(made->signed_in.agency->name);
  co_return response;
}

Task<Result<v1::ListPasskeysResponse>> PasskeyServer::ListPasskeys(
    rpc::CallContext context, const v1::ListPasskeysRequest& request) {
  const std::string query = "ListPasskeys\n" + context.actor.staff_id;
  std::string after_id;
  if (!request.page_token().empty()) {
    Result<std::vector<std::string>> position = page_tokens_.Decode(query, request.page_token());
    if (!position) co_return Fail(std::move(position.error()));
    if (!position->empty()) after_id = position->front();
  }
  const int size = rpc::PageSize(request.page_size());
  Task<Result<std::vector<Passkey>>> reading =
      identity::ListPasskeys(deps_, std::move(context), after_id, size + 1);
  Result<std::vector<Passkey>> passkeys = co_await std::move(reading);
  if (!passkeys) co_return Fail(std::move(passkeys.error()));
  v1::ListPasskeysResponse response;
  const bool more = passkeys->size() > static_cast<size_t>(size);
  if (more) passkeys->pop_back();
  for (const Passkey& passkey : *passkeys) *response.add_passkeys() = ToProto(passkey);
  if (more) response.set_next_page_token(page_tokens_.Encode(query, {passkeys->back().id}));
  co_return response;
}

Task<Result<v1::RemovePasskeyResponse>> PasskeyServer::RemovePasskey(
    rpc::CallContext context, const v1::RemovePasskeyRequest& request) {
  std::function<Result<v1::RemovePasskeyResponse>(storage::Transaction&)> remove =
      [this, context, &request](storage::Transaction& tx) -> Result<v1::RemovePasskeyResponse> {
    FAIRLEAD_RETURN_IF_ERROR(identity::RemovePasskey(deps_, tx, context, request.passkey_id()));
    return v1::RemovePasskeyResponse();
  };
  Task<Result<v1::RemovePasskeyResponse>> removing = rpc::Mutate<v1::RemovePasskeyResponse>(
      deps_.database, context, request, deps_.clock.NowMs(), remove);
  co_return co_await std::move(removing);
}

}  // namespace fairlead::identity
