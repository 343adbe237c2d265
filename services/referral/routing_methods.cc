// Where a case may not go, for the agency whose case it is; and where it might go next, by a
// coordinator.
#include <algorithm>
#include <utility>

#include "services/common/rpc/proto_time.h"
#include "services/referral/commands/do_not_route.h"
#include "services/referral/commands/suggest_candidate.h"
#include "services/referral/in_unit.h"
#include "services/referral/referral_server.h"
#include "services/referral/store/routing_store.h"
#include "services/referral/translate.h"

namespace fairlead::referral {
namespace {

constexpr size_t kMostNamed = 100;  // referrals in an answer

DoNotRouteChange ToChange(const v1::SetDoNotRouteRequest& request) {
  DoNotRouteChange change{
      .case_handle = request.case_handle(), .entries = {}, .etag = request.etag()};
  for (const v1::NotToBeAsked& entry : request.entries()) {
    change.entries.push_back({.agency_id = entry.agency_id(), .reason_code = entry.reason_code()});
  }
  return change;
}

void SetList(const DoNotRoute& list, v1::DoNotRoute* out) {
  out->set_case_handle(list.case_handle);
  for (const NotToBeAsked& each : list.entries) {
    v1::NotToBeAsked* entry = out->add_entries();
    entry->set_agency_id(each.agency_id);
    entry->set_reason_code(each.reason_code);
  }
  out->set_etag(Etag(list));
}

void SetNamed(std::vector<std::string> ids, google::protobuf::RepeatedPtrField<std::string>* out) {
  ids.resize(std::min(ids.size(), kMostNamed));
  rpc::SetRepeated(ids, out);
}

}  // namespace

Task<Result<v1::SetDoNotRouteResponse>> ReferralServer::SetDoNotRoute(
    rpc::CallContext context, const v1::SetDoNotRouteRequest& request) {
  std::function<Result<v1::SetDoNotRouteResponse>(Unit&)> command =
      [change = ToChange(request)](Unit& unit) -> Result<v1::SetDoNotRouteResponse> {
    FAIRLEAD_ASSIGN(const DoNotRouteSet set, referral::SetDoNotRoute(unit, change));
    v1::SetDoNotRouteResponse response;
    SetList(set.list, response.mutable_do_not_route());
    SetNamed(set.withdrawn, response.mutable_withdrawn_referral_ids());
    SetNamed(set.agreed, response.mutable_agreed_referral_ids());
    return response;
  };
  auto job = InUnit(context, std::move(command));
  co_return co_await rpc::Mutate<v1::SetDoNotRouteResponse>(database_, context, request,
                                                            clock_.NowMs(), job);
}

Task<Result<v1::GetDoNotRouteResponse>> ReferralServer::GetDoNotRoute(
    rpc::CallContext context, const v1::GetDoNotRouteRequest& request) {
  std::function<Result<v1::GetDoNotRouteResponse>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<v1::GetDoNotRouteResponse> {
    FAIRLEAD_ASSIGN(const DoNotRoute list,
                    FindDoNotRoute(tx, context.actor.agency_id, request.case_handle()));
    v1::GetDoNotRouteResponse response;
    SetList(list, response.mutable_do_not_route());
    return response;
  };
  co_return co_await database_.Read<v1::GetDoNotRouteResponse>(job);
}

// A refusal is on record with the sender's agency: whoever tries one agency after the other, to
// find those on its list, is seen.
Task<Result<v1::SuggestCandidateResponse>> ReferralServer::SuggestCandidate(
    rpc::CallContext context, const v1::SuggestCandidateRequest& request) {
  std::function<Result<v1::SuggestCandidateResponse>(Unit&)> command =
      [&request](Unit& unit) -> Result<v1::SuggestCandidateResponse> {
    FAIRLEAD_RETURN_IF_ERROR(
        referral::SuggestCandidate(unit, request.referral_id(), request.agency_id()));
    return v1::SuggestCandidateResponse();
  };
  auto job = InUnit(context, std::move(command));
  Task<Result<v1::SuggestCandidateResponse>> suggesting =
      rpc::Mutate<v1::SuggestCandidateResponse>(database_, context, request, clock_.NowMs(), job);
  Result<v1::SuggestCandidateResponse> suggested = co_await std::move(suggesting);
  if (suggested || suggested.error().reason != kNotPossible) co_return suggested;
  Task<Error> refusal = RecordRefusal(context, request.referral_id(),
                                      audit::Action::kReferralSuggested, suggested.error());
  Error refused = co_await std::move(refusal);
  co_return Fail(std::move(refused));
}

}  // namespace fairlead::referral
