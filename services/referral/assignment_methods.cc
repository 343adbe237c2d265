// Who at an agency has a referral in hand.
#include <utility>

#include "fairlead/identity/v1/identity.pb.h"
#include "services/referral/commands/assign_referral.h"
#include "services/referral/in_unit.h"
#include "services/referral/referral_server.h"
#include "services/referral/translate.h"

namespace fairlead::referral {

Task<Result<bool>> ReferralServer::CheckColleague(rpc::CallContext context, std::string staff_id) {
  // Of a person who calls it has just been proven: the verb is open to nobody else.
  if (context.actor.kind == auth::ActorKind::kStaff && context.actor.staff_id == staff_id) {
    co_return true;
  }
  fairlead::identity::v1::FindColleagueRequest request;
  request.set_staff_id(staff_id);
  auto options = rpc::Onward(context, kServiceName);
  auto found = co_await rpc::Call<fairlead::identity::v1::FindColleagueResponse>(
      services_, "/fairlead.identity.v1.IdentityService/FindColleague", request, options);
  if (!found) co_return Fail(std::move(found.error()));
  co_return true;
}

Task<Result<v1::AssignReferralResponse>> ReferralServer::AssignReferral(
    rpc::CallContext context, const v1::AssignReferralRequest& request) {
  if (!request.staff_id().empty()) {
    Task<Result<bool>> checking = CheckColleague(context, request.staff_id());
    Result<bool> checked = co_await std::move(checking);
    if (!checked) {
      Task<Result<v1::AssignReferralResponse>> answering =
          FirstAnswerOr<v1::AssignReferralResponse>(context, request, std::move(checked.error()));
      co_return co_await std::move(answering);
    }
  }
  const Assigning assigning{.referral_id = request.referral_id(),
                            .staff_id = request.staff_id(),
                            .from_staff_id = request.from_staff_id(),
                            .etag = request.etag()};
  std::function<Result<v1::AssignReferralResponse>(Unit&)> command =
      [&assigning](Unit& unit) -> Result<v1::AssignReferralResponse> {
    FAIRLEAD_ASSIGN(const Assignment assignment, referral::AssignReferral(unit, assigning));
    v1::AssignReferralResponse response;
    *response.mutable_assignment() = ToProto(assignment);
    return response;
  };
  auto job = InUnit(context, std::move(command));
  co_return co_await rpc::Mutate<v1::AssignReferralResponse>(database_, context, request,
                                                             clock_.NowMs(), job);
}

}  // namespace fairlead::referral
