#include "services/directory/membership_server.h"

#include <functional>
#include <optional>
#include <vector>

#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "services/common/rpc/mutate.h"
#include "services/directory/commands/apply_for_membership.h"
#include "services/directory/commands/sponsor_agency.h"
#include "services/directory/commands/tell_agency.h"
#include "services/directory/translate.h"

namespace fairlead::directory {
namespace {

template <class Request>
ChangeInput ToInput(const Request& request, Membership to) {
  ChangeInput input;
  input.request_id = request.request_id();
  input.agency_id = request.agency_id();
  input.etag = request.etag();
  input.to = to;
  return input;
}

template <class Request>
ChangeInput ToInputWithReason(const Request& request, Membership to) {
  ChangeInput input = ToInput(request, to);
  input.reason = static_cast<MembershipReason>(request.reason());
  return input;
}

}  // namespace

void MembershipServer::Register(rpc::Registry& registry) {
  const auto add = [&]<class Request, class Response>(
                       const char* name, Task<Result<Response>> (MembershipServer::*method)(
                                             rpc::CallContext, const Request&)) {
    rpc::Add<Request, Response>(registry,
                                std::string("/fairlead.directory.v1.MembershipService/") + name,
                                [this, method](rpc::CallContext context, const Request& request) {
                                  return (this->*method)(std::move(context), request);
                                });
  };
  add("ApplyForMembership", &MembershipServer::ApplyForMembership);
  add("SponsorAgency", &MembershipServer::SponsorAgency);
  add("ActivateAgency", &MembershipServer::ActivateAgency);
  add("SuspendAgency", &MembershipServer::SuspendAgency);
  add("ReinstateAgency", &MembershipServer::ReinstateAgency);
  add("DepartAgency", &MembershipServer::DepartAgency);
  add("ListMembershipChanges", &MembershipServer::ListMembershipChanges);
}

Task<Result<v1::ApplyForMembershipResponse>> MembershipServer::ApplyForMembership(
    rpc::CallContext context, const v1::ApplyForMembershipRequest& request) {
  const ApplyInput input{.request_id = request.request_id(),
                         .name = request.name(),
                         .kind = static_cast<AgencyKind>(request.kind()),
                         .contact_phone = request.contact_phone()};
  std::function<Result<v1::ApplyForMembershipResponse>(storage::Transaction&)> apply =
      [this, &context, &input](storage::Transaction& tx) -> Result<v1::ApplyForMembershipResponse> {
    FAIRLEAD_ASSIGN(const Agency agency, directory::ApplyForMembership(deps_, tx, context, input));
    v1::ApplyForMembershipResponse response;
    *response.mutable_agency() = ToProto(agency, context.actor);
    return response;
  };
  co_return co_await rpc::Mutate<v1::ApplyForMembershipResponse>(deps_.database, context, request,
                                                                 deps_.clock.NowMs(), apply);
}

Task<Result<v1::SponsorAgencyResponse>> MembershipServer::SponsorAgency(
    rpc::CallContext context, const v1::SponsorAgencyRequest& request) {
  std::function<Result<v1::SponsorAgencyResponse>(storage::Transaction&)> sponsor =
      [this, &context, &request](storage::Transaction& tx) -> Result<v1::SponsorAgencyResponse> {
    FAIRLEAD_ASSIGN(const Sponsored sponsored,
                    directory::SponsorAgency(deps_, tx, context, request.request_id(),
                                             request.agency_id(), request.etag()));
    v1::SponsorAgencyResponse response;
    *response.mutable_agency() = ToProto(sponsored.agency, context.actor);
    response.set_sponsors_missing(sponsored.missing);
    return response;
  };
  co_return co_await rpc::Mutate<v1::SponsorAgencyResponse>(deps_.database, context, request,
                                                            deps_.clock.NowMs(), sponsor);
}

template <class Response>
Task<Result<Response>> MembershipServer::Change(rpc::CallContext context,
                                                const rpc::Message& request, ChangeInput input) {
  std::function<Result<Response>(storage::Transaction&)> change =
      [this, &context, &input](storage::Transaction& tx) -> Result<Response> {
    FAIRLEAD_ASSIGN(const Agency agency, ChangeMembership(deps_, tx, context, input));
    Response response;
    *response.mutable_agency() = ToProto(agency, context.actor);
    return response;
  };
  co_return co_await rpc::Mutate<Response>(deps_.database, context, request, deps_.clock.NowMs(),
                                           change);
}

template <class Response>
Task<Result<Response>> MembershipServer::End(rpc::CallContext context, const rpc::Message& request,
                                             ChangeInput input) {
  Result<std::optional<Response>> answered =
      co_await rpc::Replay<Response>(deps_.database, context, request);
  if (!answered) co_return Fail(std::move(answered.error()));
  if (*answered) co_return std::move(**answered);
  // The state is committed by itself, with its event: whatever happens to this process now, the
  // others hear of it. The answer is recorded when they have done their part.
  std::function<Result<Agency>(storage::Transaction&)> change = [this, &context,
                                                                 &input](storage::Transaction& tx) {
    return ChangeMembership(deps_, tx, context, input);
  };
  Result<Agency> agency = co_await deps_.database.Write<Agency>(change);
  if (!agency) co_return Fail(std::move(agency.error()));
  Result<Closed> closed = co_await CarryOut(context, *agency);
  if (!closed) co_return Fail(std::move(closed.error()));
  std::function<Result<Response>(storage::Transaction&)> answer =
      [&agency, &closed, &context](storage::Transaction&) -> Result<Response> {
    Response response;
    *response.mutable_agency() = ToProto(*agency, context.actor);
    response.set_sessions_ended(closed->sessions_ended);
    response.set_offers_closed(closed->offers_closed);
    return response;
  };
  co_return co_await rpc::Mutate<Response>(deps_.database, context, request, deps_.clock.NowMs(),
                                           answer);
}

Task<Result<MembershipServer::Closed>> MembershipServer::CarryOut(rpc::CallContext context,
                                                                  Agency agency) {
  const std::string membership(CodeOf(agency.membership));
  identity::v1::CloseAgencyAccessRequest access;
  access.set_agency_id(agency.id);
  access.set_membership(membership);
  access.set_version(agency.version);
  referral::v1::CloseAgencyOffersRequest offers;
  offers.set_agency_id(agency.id);
  offers.set_membership(membership);
  offers.set_version(agency.version);
  rpc::CallOptions options = rpc::Onward(context, "directory");
  // Both are tried whatever the first one says: each that holds is one less that does not.
  Result<identity::v1::CloseAgencyAccessResponse> sessions =
      co_await rpc::Call<identity::v1::CloseAgencyAccessResponse>(
          services_, "/fairlead.identity.v1.IdentityService/CloseAgencyAccess", access, options);
  Result<referral::v1::CloseAgencyOffersResponse> closed =
      co_await rpc::Call<referral::v1::CloseAgencyOffersResponse>(
          services_, "/fairlead.referral.v1.ReferralService/CloseAgencyOffers", offers, options);
  if (!sessions || !closed) {
    co_return Fail(Code::kUnavailable, "MEMBERSHIP_NOT_IN_FORCE_YET",
                   "The agency is " + membership +
                       "; not every part of the hub has followed yet. Repeat the request.",
                   {{"state", membership}, {"missing", sessions ? "offers" : "access"}});
  }
  co_return Closed{sessions->sessions_ended(), closed->offers_closed()};
}

Task<Result<v1::ActivateAgencyResponse>> MembershipServer::ActivateAgency(
    rpc::CallContext context, const v1::ActivateAgencyRequest& request) {
  ChangeInput input = ToInput(request, Membership::kActive);
  input.only_from = Membership::kSponsored;
  input.reason = MembershipReason::kVetted;
  co_return co_await Change<v1::ActivateAgencyResponse>(context, request, input);
}

Task<Result<v1::SuspendAgencyResponse>> MembershipServer::SuspendAgency(
    rpc::CallContext context, const v1::SuspendAgencyRequest& request) {
  ChangeInput input = ToInputWithReason(request, Membership::kSuspended);
  co_return co_await End<v1::SuspendAgencyResponse>(context, request, input);
}

Task<Result<v1::ReinstateAgencyResponse>> MembershipServer::ReinstateAgency(
    rpc::CallContext context, const v1::ReinstateAgencyRequest& request) {
  ChangeInput input = ToInputWithReason(request, Membership::kActive);
  input.only_from = Membership::kSuspended;
  co_return co_await Change<v1::ReinstateAgencyResponse>(context, request, input);
}

Task<Result<v1::DepartAgencyResponse>> MembershipServer::DepartAgency(
    rpc::CallContext context, const v1::DepartAgencyRequest& request) {
  ChangeInput input = ToInputWithReason(request, Membership::kDeparted);
  co_return co_await End<v1::DepartAgencyResponse>(context, request, input);
}

Task<Result<v1::ListMembershipChangesResponse>> MembershipServer::ListMembershipChanges(
    rpc::CallContext context, const v1::ListMembershipChangesRequest& request) {
  const std::string query = "ListMembershipChanges\n" + request.agency_id();
  Result<Position> after = DecodePosition(page_tokens_, query, request.page_token());
  if (!after) co_return Fail(std::move(after.error()));
  const int size = rpc::PageSize(request.page_size());
  std::function<Result<std::vector<MembershipChange>>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) -> Result<std::vector<MembershipChange>> {
    FAIRLEAD_ASSIGN(const Agency agency, GetAgencyById(deps_, tx, request.agency_id()));
    if (!MaySee(agency, context.actor)) return AgencyNotFound();
    return deps_.memberships.Changes(tx, request.agency_id(), after->id, size + 1);
  };
  Result<std::vector<MembershipChange>> changes =
      co_await deps_.database.Read<std::vector<MembershipChange>>(read);
  if (!changes) co_return Fail(std::move(changes.error()));
  const bool more = changes->size() > static_cast<size_t>(size);
  if (more) changes->pop_back();
  v1::ListMembershipChangesResponse response;
  for (const MembershipChange& change : *changes) *response.add_changes() = ToProto(change);
  if (more) response.set_next_page_token(page_tokens_.Encode(query, {"", changes->back().id}));
  co_return response;
}

}  // namespace fairlead::directory
