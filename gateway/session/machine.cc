#include "gateway/session/machine.h"

#include "fairlead/identity/v1/machines.pb.h"
#include "gateway/session/agency_words.h"
#include "gateway/signature/http_signature.h"
#include "services/common/auth/policy.h"

namespace fairlead::gateway {
namespace {

namespace identity = fairlead::identity::v1;

constexpr const char* kCheckMachineClient =
    "/fairlead.identity.v1.MachineService/CheckMachineClient";

bool IsSigned(const Request& request) {
  return !request.Header("signature-input").empty() || !request.Header("signature").empty();
}
bool HasSession(const Request& request) {
  return !request.Header("authorization").empty() || !request.Header("cookie").empty();
}

Result<identity::MachineSignature> ReadSignature(const Request& request,
                                                 const std::string& authority) {
  FAIRLEAD_ASSIGN(
      HttpSignature read,
      ParseHttpSignature(request.Header("signature-input"), request.Header("signature")));
  const std::string_view digest = request.Header("content-digest");
  FAIRLEAD_RETURN_IF_ERROR(CheckContentDigest(digest, request.body));
  const SignedParts parts{request.method, authority, request.path, request.query};
  identity::MachineSignature signature;
  signature.set_base(SignatureBase(parts, digest, read));
  signature.set_key_id(std::move(read.key_id));
  signature.set_value(std::move(read.value));
  signature.set_created_s(read.created_s);
  signature.set_expires_s(read.expires_s);
  signature.set_nonce(std::move(read.nonce));
  return signature;
}

auth::Actor ToActor(const identity::CheckMachineClientResponse& response) {
  auth::Actor actor;
  actor.kind = auth::ActorKind::kMachine;
  actor.staff_id = response.machine_client_id();
  actor.agency_id = response.agency_id();
  actor.agency_kind = KindFromText(response.agency_kind());
  actor.membership = MembershipFromText(response.membership());
  actor.roles = {auth::Role::kIntegration};
  actor.assurance = auth::kSignedIn;  // never more: nobody sits there who could prove it again
  return actor;
}

}  // namespace

bool MachineGate::IsMachine(const Request& request) {
  return IsSigned(request) || (!request.client_certificate_sha256.empty() && !HasSession(request));
}

// What the client called: where the hub is known by one name, that one, whatever a front proxy made
// of Host.
std::string MachineGate::AuthorityOf(const Request& request) const {
  const std::string& origin = options_.public_origin;
  const size_t host = origin.find("://");
  if (host == std::string::npos) return NormalAuthority(request.Header("host"), request.tls);
  return NormalAuthority(std::string_view(origin).substr(host + 3), origin.starts_with("https://"));
}

Task<Result<auth::Actor>> MachineGate::Authenticate(std::shared_ptr<const Request> request) const {
  identity::CheckMachineClientRequest check;
  if (IsSigned(*request)) {
    if (HasSession(*request)) {
      co_return Fail(Code::kInvalidArgument, "TWO_CREDENTIALS",
                     "A request has a signature or a session, not both.");
    }
    Result<identity::MachineSignature> signature = ReadSignature(*request, AuthorityOf(*request));
    if (!signature) co_return Fail(std::move(signature.error()));
    *check.mutable_signature() = std::move(*signature);
  } else {
    check.set_certificate_sha256(request->client_certificate_sha256);
  }
  rpc::CallOptions options;
  options.actor = auth::ServiceActor("gateway");
  options.on_behalf_of_service = "gateway";
  options.deadline_steady_ms = request->deadline_steady_ms;
  Task<Result<identity::CheckMachineClientResponse>> call =
      rpc::Call<identity::CheckMachineClientResponse>(services_, kCheckMachineClient, check,
                                                      std::move(options));
  Result<identity::CheckMachineClientResponse> response = co_await std::move(call);
  if (!response) co_return Fail(std::move(response.error()));
  co_return ToActor(*response);
}

}  // namespace fairlead::gateway
