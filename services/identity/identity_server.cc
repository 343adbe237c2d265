#include "services/identity/identity_server.h"

#include <optional>

#include "services/common/base/encoding.h"
#include "services/common/rpc/mutate.h"
#include "services/identity/commands/agency_keys.h"
#include "services/identity/commands/end_sessions.h"
#include "services/identity/commands/session.h"
#include "services/identity/commands/set_up.h"
#include "services/identity/commands/sign_in.h"
#include "services/identity/translate.h"

namespace fairlead::identity {
namespace {

// Adds a method of the server under its name in the contract.
template <class Request, class Response>
void AddMethod(rpc::Registry& registry, IdentityServer* server, const char* name,
               Task<Result<Response>> (IdentityServer::*method)(rpc::CallContext, const Request&)) {
  rpc::Add<Request, Response>(registry,
                              std::string("/fairlead.identity.v1.IdentityService/") + name,
                              [server, method](rpc::CallContext context, const Request& request) {
                                return (server->*method)(std::move(context), request);
                              });
}

}  // namespace

void IdentityServer::Register(rpc::Registry& registry) {
  AddMethod(registry, this, "SetUp", &IdentityServer::SetUp);
  AddMethod(registry, this, "SignIn", &IdentityServer::SignIn);
  AddMethod(registry, this, "SignOut", &IdentityServer::SignOut);
  AddMethod(registry, this, "GetMe", &IdentityServer::GetMe);
  AddMethod(registry, this, "CheckSession", &IdentityServer::CheckSession);
  AddMethod(registry, this, "StepUp", &IdentityServer::StepUp);
  AddMethod(registry, this, "ListSessions", &IdentityServer::ListSessions);
  AddMethod(registry, this, "EndSessions", &IdentityServer::EndSessions);
  AddMethod(registry, this, "SetStaffRoles", &IdentityServer::SetStaffRoles);
  AddMethod(registry, this, "DisableStaff", &IdentityServer::DisableStaff);
  AddMethod(registry, this, "CloseAgencyAccess", &IdentityServer::CloseAgencyAccess);
  AddMethod(registry, this, "InviteStaff", &IdentityServer::InviteStaff);
  AddMethod(registry, this, "ListInvitations", &IdentityServer::ListInvitations);
  AddMethod(registry, this, "RevokeInvitation", &IdentityServer::RevokeInvitation);
  AddMethod(registry, this, "AcceptInvitation", &IdentityServer::AcceptInvitation);
  AddMethod(registry, this, "SetPassphrase", &IdentityServer::SetPassphrase);
  AddMethod(registry, this, "ListStaff", &IdentityServer::ListStaff);
  AddMethod(registry, this, "FindColleague", &IdentityServer::FindColleague);
  AddMethod(registry, this, "GetAgencyKeys", &IdentityServer::GetAgencyKeys);
}

Task<Result<v1::SetUpResponse>> IdentityServer::SetUp(rpc::CallContext context,
                                                      const v1::SetUpRequest& request) {
  Result<std::optional<v1::SetUpResponse>> before =
      co_await rpc::Replay<v1::SetUpResponse>(deps_.database, context, request);
  if (!before) co_return Fail(std::move(before.error()));
  if (before->has_value()) co_return std::move(**before);
  SetUpInput input{.set_up_code = request.set_up_code(),
                   .agency_name = request.agency_name(),
                   .coordinators = {}};
  for (const v1::FirstCoordinator& person : request.coordinators()) {
    input.coordinators.push_back(
        {.display_name = person.display_name(),
         .code_sha256 = Base64UrlDecode(person.invitation_code_sha256()).value_or("")});
  }
  const std::vector<FirstCoordinator> coordinators = input.coordinators;
  Task<Result<Agency>> preparing = PrepareSetUp(deps_, set_up_code_, context, std::move(input));
  Result<Agency> office = co_await std::move(preparing);
  if (!office) co_return Fail(std::move(office.error()));
  std::function<Result<v1::SetUpResponse>(storage::Transaction&)> finish =
      [&](storage::Transaction& tx) -> Result<v1::SetUpResponse> {
    FAIRLEAD_ASSIGN(const std::vector<Invitation> made,
                    FinishSetUp(deps_, tx, context, *office, coordinators));
    v1::SetUpResponse response;
    response.set_agency_id(office->id);
    for (const Invitation& each : made) *response.add_invitations() = ToProto(each);
    return response;
  };
  Result<v1::SetUpResponse> response = co_await rpc::Mutate<v1::SetUpResponse>(
      deps_.database, context, request, deps_.clock.NowMs(), finish);
  if (response) set_up_code_.Spend();
  co_return response;
}

Task<Result<v1::SignInResponse>> IdentityServer::SignIn(rpc::CallContext context,
                                                        const v1::SignInRequest& request) {
  Proof proof{.sign_in_name = request.sign_in_name(),
              .passphrase = request.passphrase(),
              .totp_code = request.totp_code(),
              .recovery_code = request.recovery_code()};
  Task<Result<NewSession>> signing_in =
      identity::SignIn(deps_, std::move(context), std::move(proof));
  Result<NewSession> made = co_await std::move(signing_in);
  if (!made) co_return Fail(std::move(made.error()));
  v1::SignInResponse response;
  response.set_session_token(made->token);
  *response.mutable_session() = ToProto(made->signed_in.session);
  *response.mutable_staff() = ToProto(made->signed_in.staff);
  response.set_agency_name(made->signed_in.agency->name);
  co_return response;
}

Task<Result<v1::SignOutResponse>> IdentityServer::SignOut(rpc::CallContext context,
                                                          const v1::SignOutRequest&) {
  Result<bool> ended = co_await identity::SignOut(deps_, std::move(context));
  if (!ended) co_return Fail(std::move(ended.error()));
  co_return v1::SignOutResponse();
}

Task<Result<v1::StepUpResponse>> IdentityServer::StepUp(rpc::CallContext context,
                                                        const v1::StepUpRequest& request) {
  StepUpInput input{.passphrase = request.passphrase(),
                    .totp_code = request.totp_code(),
                    .passkey_assertion_json = request.passkey_assertion_json()};
  Task<Result<Session>> stepping = identity::StepUp(deps_, std::move(context), std::move(input));
  Result<Session> session = co_await std::move(stepping);
  if (!session) co_return Fail(std::move(session.error()));
  v1::StepUpResponse response;
  *response.mutable_session() = ToProto(*session);
  co_return response;
}

Task<Result<v1::ListSessionsResponse>> IdentityServer::ListSessions(
    rpc::CallContext context, const v1::ListSessionsRequest& request) {
  std::function<Result<std::vector<Session>>(storage::ReadTransaction&)> list =
      [&](storage::ReadTransaction& tx) {
        return identity::ListSessions(deps_, tx, context, request.staff_id());
      };
  Task<Result<std::vector<Session>>> listing = deps_.database.Read<std::vector<Session>>(list);
  Result<std::vector<Session>> sessions = co_await std::move(listing);
  if (!sessions) co_return Fail(std::move(sessions.error()));
  v1::ListSessionsResponse response;
  for (const Session& session : *sessions) *response.add_sessions() = ToProto(session);
  co_return response;
}

Task<Result<v1::EndSessionsResponse>> IdentityServer::EndSessions(
    rpc::CallContext context, const v1::EndSessionsRequest& request) {
  std::function<Result<v1::EndSessionsResponse>(storage::Transaction&)> end =
      [&](storage::Transaction& tx) -> Result<v1::EndSessionsResponse> {
    FAIRLEAD_ASSIGN(const int64_t ended, identity::EndSessions(deps_, tx, context,
                                                               request.session_id(),
                                                               request.staff_id()));
    v1::EndSessionsResponse response;
    response.set_ended(static_cast<int32_t>(ended));
    return response;
  };
  Task<Result<v1::EndSessionsResponse>> ending = rpc::Mutate<v1::EndSessionsResponse>(
      deps_.database, context, request, deps_.clock.NowMs(), end);
  co_return co_await std::move(ending);
}

Task<Result<v1::GetMeResponse>> IdentityServer::GetMe(rpc::CallContext context,
                                                      const v1::GetMeRequest&) {
  Result<SignedIn> me = co_await identity::GetMe(deps_, std::move(context));
  if (!me) co_return Fail(std::move(me.error()));
  v1::GetMeResponse response;
  *response.mutable_staff() = ToProto(me->staff);
  *response.mutable_session() = ToProto(me->session);
  response.set_agency_name(me->agency->name);
  co_return response;
}

Task<Result<v1::CheckSessionResponse>> IdentityServer::CheckSession(
    rpc::CallContext context, const v1::CheckSessionRequest& request) {
  Result<SignedIn> found = co_await identity::CheckSession(
      deps_, std::move(context), request.session_token(), request.passive());
  if (!found) co_return Fail(std::move(found.error()));
  v1::CheckSessionResponse response;
  *response.mutable_staff() = ToProto(found->staff);
  *response.mutable_session() = ToProto(found->session);
  response.set_agency_kind(found->agency->kind);
  response.set_membership(found->agency->membership);
  response.set_assurance(AssuranceOf(found->session, deps_.clock.NowMs()));
  co_return response;
}

Task<Result<v1::GetAgencyKeysResponse>> IdentityServer::GetAgencyKeys(
    rpc::CallContext, const v1::GetAgencyKeysRequest& request) {
  Result<AgencyKeys> keys =
      co_await FindKeys(deps_, request.agency_id(), request.epoch(), request.kid());
  if (!keys) co_return Fail(std::move(keys.error()));
  v1::GetAgencyKeysResponse response;
  *response.mutable_keys() = ToProto(*keys);
  co_return response;
}

}  // namespace fairlead::identity
