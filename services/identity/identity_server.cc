#include "services/identity/identity_server.h"

#include <array>
#include <optional>

#include "services/common/rpc/mutate.h"
#include "services/common/rpc/proto_time.h"
#include "services/identity/commands/agency_keys.h"
#include "services/identity/commands/create_staff.h"
#include "services/identity/commands/session.h"
#include "services/identity/commands/set_up.h"
#include "services/identity/commands/sign_in.h"

namespace fairlead::identity {
namespace {

static_assert(static_cast<int>(Role::kIntegration) == v1::ROLE_INTEGRATION);
static_assert(static_cast<int>(Role::kCaseworker) == v1::ROLE_CASEWORKER);
static_assert(static_cast<int>(Role::kIntegration) == static_cast<int>(auth::Role::kIntegration));
static_assert(static_cast<int>(Role::kCoordinator) == static_cast<int>(auth::Role::kCoordinator));

v1::Staff ToProto(const Staff& staff) {
  v1::Staff proto;
  proto.set_id(staff.id);
  proto.set_agency_id(staff.agency_id);
  proto.set_sign_in_name(staff.sign_in_name);
  proto.set_display_name(staff.display_name);
  for (const Role role : staff.roles) proto.add_roles(static_cast<v1::Role>(role));
  rpc::SetTime(staff.create_ms, [&] { return proto.mutable_create_time(); });
  return proto;
}

v1::Session ToProto(const Session& session) {
  v1::Session proto;
  proto.set_id(session.id);
  rpc::SetTime(session.create_ms, [&] { return proto.mutable_create_time(); });
  rpc::SetTime(IdleExpireMs(session), [&] { return proto.mutable_idle_expire_time(); });
  rpc::SetTime(ExpireMs(session), [&] { return proto.mutable_expire_time(); });
  return proto;
}

v1::AgencyKeys ToProto(const AgencyKeys& keys) {
  v1::AgencyKeys proto;
  proto.set_agency_id(keys.agency_id);
  proto.set_epoch(keys.epoch);
  proto.set_epoch_jwk(keys.epoch_jwk);
  proto.set_signing_jwk(keys.signing_jwk);
  rpc::SetTime(keys.create_ms, [&] { return proto.mutable_create_time(); });
  return proto;
}

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
  AddMethod(registry, this, "CreateStaff", &IdentityServer::CreateStaff);
  AddMethod(registry, this, "ListStaff", &IdentityServer::ListStaff);
  AddMethod(registry, this, "PublishAgencyKeys", &IdentityServer::PublishAgencyKeys);
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
                   .sign_in_name = request.sign_in_name(),
                   .display_name = request.display_name(),
                   .passphrase = request.passphrase()};
  Result<PreparedSetUp> prepared =
      co_await PrepareSetUp(deps_, set_up_code_, context, std::move(input));
  if (!prepared) co_return Fail(std::move(prepared.error()));
  std::function<Result<v1::SetUpResponse>(storage::Transaction&)> finish =
      [this, &prepared](storage::Transaction& tx) -> Result<v1::SetUpResponse> {
    FAIRLEAD_ASSIGN(const Staff staff, FinishSetUp(deps_, tx, *prepared));
    v1::SetUpResponse response;
    *response.mutable_staff() = ToProto(staff);
    return response;
  };
  Result<v1::SetUpResponse> response = co_await rpc::Mutate<v1::SetUpResponse>(
      deps_.database, std::move(context), request, deps_.clock.NowMs(), finish);
  if (response) set_up_code_.Spend();
  co_return response;
}

Task<Result<v1::SignInResponse>> IdentityServer::SignIn(rpc::CallContext context,
                                                        const v1::SignInRequest& request) {
  Result<NewSession> made = co_await identity::SignIn(deps_, std::move(context),
                                                      request.sign_in_name(), request.passphrase());
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
  co_return response;
}

Task<Result<v1::CreateStaffResponse>> IdentityServer::CreateStaff(
    rpc::CallContext context, const v1::CreateStaffRequest& request) {
  // A repeat is answered before the costly hash.
  Result<std::optional<v1::CreateStaffResponse>> before =
      co_await rpc::Replay<v1::CreateStaffResponse>(deps_.database, context, request);
  if (!before) co_return Fail(std::move(before.error()));
  if (before->has_value()) co_return std::move(**before);
  CreateStaffInput input{.agency_id = request.agency_id(),
                         .sign_in_name = request.sign_in_name(),
                         .display_name = request.display_name(),
                         .roles = {},
                         .passphrase = request.passphrase()};
  for (const int role : request.roles()) input.roles.insert(static_cast<Role>(role));
  Result<Account> account = co_await PrepareStaff(deps_, context, std::move(input));
  if (!account) co_return Fail(std::move(account.error()));
  std::function<Result<v1::CreateStaffResponse>(storage::Transaction&)> insert =
      [this, &account](storage::Transaction& tx) -> Result<v1::CreateStaffResponse> {
    FAIRLEAD_ASSIGN(const Staff staff, InsertStaff(deps_, tx, *account));
    v1::CreateStaffResponse response;
    *response.mutable_staff() = ToProto(staff);
    return response;
  };
  Result<v1::CreateStaffResponse> response = co_await rpc::Mutate<v1::CreateStaffResponse>(
      deps_.database, std::move(context), request, deps_.clock.NowMs(), insert);
  // Once there is anybody, a set-up is over (the demonstration makes people without one).
  if (response) set_up_code_.Spend();
  co_return response;
}

Task<Result<v1::ListStaffResponse>> IdentityServer::ListStaff(rpc::CallContext context,
                                                              const v1::ListStaffRequest& request) {
  Result<void> allowed = CheckMayListStaff(AskerOf(context.actor), request.agency_id());
  if (!allowed) co_return Fail(std::move(allowed.error()));
  const std::string query = "ListStaff\n" + request.agency_id();
  std::string after_id;
  if (!request.page_token().empty()) {
    Result<std::vector<std::string>> position = page_tokens_.Decode(query, request.page_token());
    if (!position) co_return Fail(std::move(position.error()));
    if (!position->empty()) after_id = position->front();
  }
  const int size = rpc::PageSize(request.page_size());
  std::function<Result<std::vector<Staff>>(storage::ReadTransaction&)> read =
      [this, &request, &after_id, size](storage::ReadTransaction& tx) {
        return deps_.store.ListStaff(tx, request.agency_id(), after_id, size + 1);
      };
  Result<std::vector<Staff>> staff = co_await deps_.database.Read<std::vector<Staff>>(read);
  if (!staff) co_return Fail(std::move(staff.error()));
  v1::ListStaffResponse response;
  const bool more = staff->size() > static_cast<size_t>(size);
  if (more) staff->pop_back();
  for (const Staff& person : *staff) *response.add_staff() = ToProto(person);
  if (more) response.set_next_page_token(page_tokens_.Encode(query, {staff->back().id}));
  co_return response;
}

Task<Result<v1::PublishAgencyKeysResponse>> IdentityServer::PublishAgencyKeys(
    rpc::CallContext context, const v1::PublishAgencyKeysRequest& request) {
  const int64_t now_ms = deps_.clock.NowMs();
  Result<AgencyKeys> keys =
      ParseKeys(context.actor.agency_id, request.epoch_jwk(), request.signing_jwk(), now_ms);
  if (!keys) co_return Fail(std::move(keys.error()));
  std::function<Result<v1::PublishAgencyKeysResponse>(storage::Transaction&)> publish =
      [this, &context, &keys](storage::Transaction& tx) -> Result<v1::PublishAgencyKeysResponse> {
    FAIRLEAD_ASSIGN(const AgencyKeys stored, PublishKeys(deps_, tx, context, *keys));
    v1::PublishAgencyKeysResponse response;
    *response.mutable_keys() = ToProto(stored);
    return response;
  };
  co_return co_await rpc::Mutate<v1::PublishAgencyKeysResponse>(deps_.database, context, request,
                                                                now_ms, publish);
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
