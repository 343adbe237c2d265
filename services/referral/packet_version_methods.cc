// The next version of a packet: consent is asked as for a first one.
#include <optional>
#include <utility>

#include "services/referral/in_unit.h"
#include "services/referral/referral_server.h"
#include "services/referral/translate.h"

namespace fairlead::referral {

Task<Result<Amending>> ReferralServer::ApproveAmendment(rpc::CallContext context,
                                                        const v1::AmendPacketRequest& request) {
  const std::string& agency_id = context.actor.agency_id;
  Result<Amending> amending = ToAmending(request, agency_id, clock_.NowMs());
  if (!amending) co_return amending;
  std::string packet_id;
  std::string recipient_agency_id;
  std::function<Result<Referral>(ReferralReader&)> check =
      [&](ReferralReader& reader) -> Result<Referral> {
    FAIRLEAD_ASSIGN(Amendable amendable, CheckAmending(reader, agency_id, *amending));
    packet_id = amendable.packet_id;
    recipient_agency_id = amendable.offer().recipient_agency_id;
    return std::move(amendable.referral);
  };
  Task<Result<Referral>> checking = CheckAfresh(context, check);
  Result<Referral> referral = co_await std::move(checking);
  if (!referral) co_return Fail(std::move(referral.error()));
  const auto issue = ToIssueRequest(amending->sealed, *referral, packet_id, recipient_agency_id);
  Task<Result<SealedPacket>> asking = AskConsent(context, issue, std::move(amending->sealed));
  Result<SealedPacket> approved = co_await std::move(asking);
  if (!approved) co_return Fail(std::move(approved.error()));
  amending->sealed = std::move(*approved);
  amending->packet_id = std::move(packet_id);
  co_return amending;
}

Task<Result<v1::AmendPacketResponse>> ReferralServer::AmendPacket(
    rpc::CallContext context, const v1::AmendPacketRequest& request) {
  Task<Result<Amending>> approving = ApproveAmendment(context, request);
  Result<Amending> amending = co_await std::move(approving);
  std::function<Result<Referral>(Unit&)> command = [&amending](Unit& unit) {
    return referral::AmendPacket(unit, *amending);
  };
  Task<Result<v1::AmendPacketResponse>> answering =
      amending ? Change<v1::AmendPacketResponse>(context, request, command)
               : FirstAnswerOr<v1::AmendPacketResponse>(context, request, amending.error());
  Result<v1::AmendPacketResponse> answer = co_await std::move(answering);
  Task<Result<v1::AmendPacketResponse>> recording =
      RecordIfListed(context, request.referral_id(), "", audit::Action::kReferralPacketAmended,
                     std::move(answer));
  co_return co_await std::move(recording);
}

}  // namespace fairlead::referral
