// The methods of the blind modes: facets to several, their answers, the choice; and what follows a
// match: a hold on what the person comes for, or the need opened again.
#include <utility>

#include "fairlead/directory/v1/capacity.pb.h"
#include "services/referral/commands/accept_offer.h"
#include "services/referral/commands/choose_offer.h"
#include "services/referral/commands/offer_referral.h"
#include "services/referral/commands/reopen_referral.h"
#include "services/referral/in_unit.h"
#include "services/referral/referral_server.h"
#include "services/referral/translate.h"

namespace fairlead::referral {
namespace {

Result<void> CheckMode(const v1::OfferReferralRequest& request) {
  if (!IsToOne(static_cast<Mode>(request.mode()))) return {};
  return Fail(Code::kInvalidArgument, "MODE_NOT_BLIND",
              "To one agency with its packet: that is SendReferral or ForwardReferral.",
              {{"field", "mode"}});
}

// Whether the hold was refused, rather than could not be asked for.
bool IsRefused(const Error& error) {
  return error.code == Code::kFailedPrecondition || error.code == Code::kNotFound ||
         error.code == Code::kInvalidArgument || error.code == Code::kPermissionDenied ||
         error.reason == "TOO_MANY_HOLDS";
}

}  // namespace

Task<Result<v1::OfferReferralResponse>> ReferralServer::OfferReferral(
    rpc::CallContext context, const v1::OfferReferralRequest& request) {
  Result<void> mode = CheckMode(request);
  if (!mode) co_return Fail(std::move(mode.error()));
  const Offering offering = ToOffering(request);
  if (offering.draft.has_facets) {
    auto known = co_await need_codes_.Check(context, offering.draft.facets.need_code);
    if (!known) co_return Fail(std::move(known.error()));
  }
  std::function<Result<Referral>(ReferralReader&)> check =
      [&](ReferralReader& reader) -> Result<Referral> {
    FAIRLEAD_ASSIGN(Sendable sendable,
                    CheckOffering(reader, context.actor.agency_id, offering, clock_.NowMs()));
    return std::move(sendable.referral);
  };
  Task<Result<Referral>> checking = CheckAfresh(context, check);
  Result<Referral> referral = co_await std::move(checking);
  std::function<Result<Referral>(Unit&)> command = [&offering](Unit& unit) {
    return referral::OfferReferral(unit, offering);
  };
  Task<Result<v1::OfferReferralResponse>> answering =
      referral ? Change<v1::OfferReferralResponse>(context, request, command)
               : FirstAnswerOr<v1::OfferReferralResponse>(context, request, referral.error());
  Result<v1::OfferReferralResponse> answer = co_await std::move(answering);
  Task<Result<v1::OfferReferralResponse>> recording =
      RecordIfListed(context, request.referral_id(), request.case_handle(),
                     audit::Action::kReferralOffered, std::move(answer));
  co_return co_await std::move(recording);
}

Task<Result<v1::AnswerOfferResponse>> ReferralServer::AnswerOffer(
    rpc::CallContext context, const v1::AnswerOfferRequest& request) {
  std::function<Result<Referral>(Unit&)> command = [&request](Unit& unit) {
    return referral::AnswerOffer(unit, request.offer_id(), request.etag(),
                                 static_cast<Answer>(request.answer()));
  };
  co_return co_await Change<v1::AnswerOfferResponse>(context, request, command);
}

Task<Result<v1::ChooseOfferResponse>> ReferralServer::ChooseOffer(
    rpc::CallContext context, const v1::ChooseOfferRequest& request) {
  std::function<Result<Referral>(Unit&)> command = [&request](Unit& unit) {
    return referral::ChooseOffer(unit, request.offer_id(), request.etag());
  };
  co_return co_await Change<v1::ChooseOfferResponse>(context, request, command);
}

// The hold follows the match, so that of twenty who accept only one takes a bed. Its request_id is
// the call's own: whoever is interrupted in between repeats the call, and gets the same hold.
Task<Result<v1::AcceptOfferResponse>> ReferralServer::AcceptOffer(
    rpc::CallContext context, const v1::AcceptOfferRequest& request) {
  std::function<Result<Referral>(Unit&)> command = [&request](Unit& unit) {
    return referral::AcceptOffer(unit, request.offer_id(), request.etag());
  };
  Task<Result<v1::AcceptOfferResponse>> changing =
      Change<v1::AcceptOfferResponse>(context, request, command);
  Result<v1::AcceptOfferResponse> response = co_await std::move(changing);
  if (!response || !request.has_hold()) co_return response;
  fairlead::directory::v1::PlaceHoldRequest ask;
  ask.set_request_id(request.request_id());
  ask.set_service_id(request.hold().service_id());
  ask.set_unit(request.hold().unit());
  ask.set_quantity(request.hold().quantity());
  ask.set_reference_id(request.offer_id());
  auto options = rpc::Onward(context, kServiceName);
  auto held = co_await rpc::Call<fairlead::directory::v1::PlaceHoldResponse>(
      services_, "/fairlead.directory.v1.CapacityService/PlaceHold", ask, options);
  if (held) {
    response->set_hold_id(held->hold().id());
  } else if (IsRefused(held.error())) {
    response->set_hold_refused_reason(held.error().reason);
  } else {
    co_return Fail(std::move(held.error()));
  }
  co_return response;
}

Task<Result<v1::ReopenReferralResponse>> ReferralServer::ReopenReferral(
    rpc::CallContext context, const v1::ReopenReferralRequest& request) {
  std::function<Result<Referral>(Unit&)> command = [&request](Unit& unit) {
    return referral::ReopenReferral(unit, request.referral_id(), request.etag(),
                                    request.reason_code());
  };
  co_return co_await Change<v1::ReopenReferralResponse>(context, request, command);
}

}  // namespace fairlead::referral
