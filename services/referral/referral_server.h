// The referral service's methods: translate, call a command, translate back.
#ifndef SERVICES_REFERRAL_REFERRAL_SERVER_H_
#define SERVICES_REFERRAL_REFERRAL_SERVER_H_

#include <functional>
#include <string>

#include "fairlead/consent/v1/consent.pb.h"
#include "fairlead/referral/v1/agency_load.pb.h"
#include "fairlead/referral/v1/assignment.pb.h"
#include "fairlead/referral/v1/attachment.pb.h"
#include "fairlead/referral/v1/follow_up.pb.h"
#include "fairlead/referral/v1/forward.pb.h"
#include "fairlead/referral/v1/hand_off.pb.h"
#include "fairlead/referral/v1/packet_version.pb.h"
#include "fairlead/referral/v1/question.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "fairlead/referral/v1/routing.pb.h"
#include "fairlead/referral/v1/sealed_note.pb.h"
#include "services/common/audit/denials.h"
#include "services/common/base/clock.h"
#include "services/common/base/ids.h"
#include "services/common/base/random.h"
#include "services/common/directory/need_codes.h"
#include "services/common/rpc/channel.h"
#include "services/common/rpc/method.h"
#include "services/common/rpc/page_token.h"
#include "services/common/storage/database.h"
#include "services/referral/commands/amend_packet.h"
#include "services/referral/commands/decide_appointment.h"
#include "services/referral/commands/reseal_packet.h"
#include "services/referral/commands/send_packet.h"
#include "services/referral/commands/send_referral.h"
#include "services/referral/commands/unit.h"
#include "services/referral/commands/write_note.h"
#include "services/referral/store/carry_over_store.h"

namespace fairlead::referral {

// As this service calls itself when it calls others.
inline constexpr const char* kServiceName = "referral";

class ReferralServer {
 public:
  // All outlive the server. `denials`: of the same database.
  ReferralServer(storage::Database& database, rpc::Channel& services, audit::DenialWriter& denials,
                 const Clock& clock, Random& random, IdGenerator& ids, ClockPolicy clock_policy);
  void Register(rpc::Registry& registry);

  Task<Result<v1::CreateReferralResponse>> CreateReferral(rpc::CallContext context,
                                                          const v1::CreateReferralRequest& request);
  Task<Result<v1::SendReferralResponse>> SendReferral(rpc::CallContext context,
                                                      const v1::SendReferralRequest& request);
  Task<Result<v1::GetReferralResponse>> GetReferral(rpc::CallContext context,
                                                    const v1::GetReferralRequest& request);
  Task<Result<v1::ListReferralsResponse>> ListReferrals(rpc::CallContext context,
                                                        const v1::ListReferralsRequest& request);
  Task<Result<v1::OpenPacketResponse>> OpenPacket(rpc::CallContext context,
                                                  const v1::OpenPacketRequest& request);
  Task<Result<v1::ResealPacketResponse>> ResealPacket(rpc::CallContext context,
                                                      const v1::ResealPacketRequest& request);
  Task<Result<v1::OfferReferralResponse>> OfferReferral(rpc::CallContext context,
                                                        const v1::OfferReferralRequest& request);
  Task<Result<v1::AnswerOfferResponse>> AnswerOffer(rpc::CallContext context,
                                                    const v1::AnswerOfferRequest& request);
  Task<Result<v1::ChooseOfferResponse>> ChooseOffer(rpc::CallContext context,
                                                    const v1::ChooseOfferRequest& request);
  Task<Result<v1::SendPacketResponse>> SendPacket(rpc::CallContext context,
                                                  const v1::SendPacketRequest& request);
  Task<Result<v1::AmendPacketResponse>> AmendPacket(rpc::CallContext context,
                                                    const v1::AmendPacketRequest& request);
  Task<Result<v1::StartAttachmentResponse>> StartAttachment(
      rpc::CallContext context, const v1::StartAttachmentRequest& request);
  Task<Result<v1::PutAttachmentChunkResponse>> PutAttachmentChunk(
      rpc::CallContext context, const v1::PutAttachmentChunkRequest& request);
  Task<Result<v1::GetAttachmentResponse>> GetAttachment(rpc::CallContext context,
                                                        const v1::GetAttachmentRequest& request);
  Task<Result<v1::OpenAttachmentChunkResponse>> OpenAttachmentChunk(
      rpc::CallContext context, const v1::OpenAttachmentChunkRequest& request);
  Task<Result<v1::ReopenReferralResponse>> ReopenReferral(rpc::CallContext context,
                                                          const v1::ReopenReferralRequest& request);
  Task<Result<v1::AcceptOfferResponse>> AcceptOffer(rpc::CallContext context,
                                                    const v1::AcceptOfferRequest& request);
  Task<Result<v1::DeclineOfferResponse>> DeclineOffer(rpc::CallContext context,
                                                      const v1::DeclineOfferRequest& request);
  Task<Result<v1::StartServiceResponse>> StartService(rpc::CallContext context,
                                                      const v1::StartServiceRequest& request);
  Task<Result<v1::CompleteReferralResponse>> CompleteReferral(
      rpc::CallContext context, const v1::CompleteReferralRequest& request);
  Task<Result<v1::CloseReferralResponse>> CloseReferral(rpc::CallContext context,
                                                        const v1::CloseReferralRequest& request);
  Task<Result<v1::EnterReferralInErrorResponse>> EnterReferralInError(
      rpc::CallContext context, const v1::EnterReferralInErrorRequest& request);
  Task<Result<v1::CancelReferralResponse>> CancelReferral(rpc::CallContext context,
                                                          const v1::CancelReferralRequest& request);
  Task<Result<v1::ListHandOffsResponse>> ListHandOffs(rpc::CallContext context,
                                                      const v1::ListHandOffsRequest& request);
  Task<Result<v1::NudgeOfferResponse>> NudgeOffer(rpc::CallContext context,
                                                  const v1::NudgeOfferRequest& request);
  Task<Result<v1::AssignReferralResponse>> AssignReferral(rpc::CallContext context,
                                                          const v1::AssignReferralRequest& request);
  Task<Result<v1::GetQuestionCodesResponse>> GetQuestionCodes(
      rpc::CallContext context, const v1::GetQuestionCodesRequest& request);
  Task<Result<v1::AskQuestionResponse>> AskQuestion(rpc::CallContext context,
                                                    const v1::AskQuestionRequest& request);
  Task<Result<v1::AnswerQuestionResponse>> AnswerQuestion(rpc::CallContext context,
                                                          const v1::AnswerQuestionRequest& request);
  Task<Result<v1::ListAgencyMediansResponse>> ListAgencyMedians(
      rpc::CallContext context, const v1::ListAgencyMediansRequest& request);
  Task<Result<v1::ListFollowUpsResponse>> ListFollowUps(rpc::CallContext context,
                                                        const v1::ListFollowUpsRequest& request);
  Task<Result<v1::RecordFollowUpResponse>> RecordFollowUp(rpc::CallContext context,
                                                          const v1::RecordFollowUpRequest& request);
  Task<Result<v1::SetDoNotRouteResponse>> SetDoNotRoute(rpc::CallContext context,
                                                        const v1::SetDoNotRouteRequest& request);
  Task<Result<v1::GetDoNotRouteResponse>> GetDoNotRoute(rpc::CallContext context,
                                                        const v1::GetDoNotRouteRequest& request);
  Task<Result<v1::SuggestCandidateResponse>> SuggestCandidate(
      rpc::CallContext context, const v1::SuggestCandidateRequest& request);
  Task<Result<v1::ProposeAppointmentResponse>> ProposeAppointment(
      rpc::CallContext context, const v1::ProposeAppointmentRequest& request);
  Task<Result<v1::ConfirmAppointmentResponse>> ConfirmAppointment(
      rpc::CallContext context, const v1::ConfirmAppointmentRequest& request);
  Task<Result<v1::DeclineAppointmentResponse>> DeclineAppointment(
      rpc::CallContext context, const v1::DeclineAppointmentRequest& request);
  Task<Result<v1::CancelAppointmentResponse>> CancelAppointment(
      rpc::CallContext context, const v1::CancelAppointmentRequest& request);
  Task<Result<v1::AskSealedQuestionResponse>> AskSealedQuestion(
      rpc::CallContext context, const v1::AskSealedQuestionRequest& request);
  Task<Result<v1::AnswerSealedQuestionResponse>> AnswerSealedQuestion(
      rpc::CallContext context, const v1::AnswerSealedQuestionRequest& request);
  Task<Result<v1::GetNotesResponse>> GetNotes(rpc::CallContext context,
                                                const v1::GetNotesRequest& request);
  Task<Result<v1::OpenNoteResponse>> OpenNote(rpc::CallContext context,
                                              const v1::OpenNoteRequest& request);
  Task<Result<v1::ForwardReferralResponse>> ForwardReferral(
      rpc::CallContext context, const v1::ForwardReferralRequest& request);
  Task<Result<v1::GetTimelineResponse>> GetTimeline(rpc::CallContext context,
                                                    const v1::GetTimelineRequest& request);
  Task<Result<v1::CloseAgencyOffersResponse>> CloseAgencyOffers(
      rpc::CallContext context, const v1::CloseAgencyOffersRequest& request);
  Task<Result<v1::GetAgencyLoadsResponse>> GetAgencyLoads(
      rpc::CallContext context, const v1::GetAgencyLoadsRequest& request);

  // All are the hub's own work, block, and say how many they handled; 0: nothing is left to do.
  // Reads only, as long as no clock of an offer is due.
  Result<int> RunClocks();
  // The same of follow-ups.
  Result<int> RunFollowUps();
  // And the custody keys of packets that are gone.
  Result<int64_t> ShredPackets();
  // The keys of packets that are gone, at consent; also while the process drains. Blocks. How many
  // packets: again until it is 0.
  Result<int64_t> DestroyKeys() { return SyncWait(DestroyCustody()); }
  // At start, before anything is served, on a database that was put back: what the one of before
  // knew of what is destroyed and forbidden holds again. Blocks.
  Result<void> AfterRestore(const CarriedOver& carried);

 private:
  template <class T>
  std::function<Result<T>(storage::Transaction&)> InUnit(
      const rpc::CallContext& context, std::function<Result<T>(Unit&)> command) const;
  // A mutation whose answer is the referral: Mutate around `command`.
  template <class Response>
  Task<Result<Response>> Change(rpc::CallContext context, const google::protobuf::Message& request,
                                std::function<Result<Referral>(Unit&)> command);
  // For what is refused before its commit: a repeat of what was answered before gets the first
  // answer, whatever has happened since (to the referral, the release, the packet's time); anything
  // else `error`.
  template <class Response>
  Task<Result<Response>> FirstAnswerOr(rpc::CallContext context,
                                       const google::protobuf::Message& request, Error error);
  // All that comes before the commit of a packet: our own rules, and consent's keys.
  // `sending`: of a request that could not be taken apart, the error.
  using SendingCheck = std::function<Result<Sendable>(ReferralReader&, const Sending&)>;
  Task<Result<Sending>> Approve(rpc::CallContext context, Result<Sending> sending,
                                SendingCheck check_sending);
  Task<Result<PacketSending>> ApprovePacket(rpc::CallContext context,
                                            const v1::SendPacketRequest& request);
  Task<Result<Amending>> ApproveAmendment(rpc::CallContext context,
                                          const v1::AmendPacketRequest& request);
  // Consent's keys, put into `sealed`.
  Task<Result<SealedPacket>> AskConsent(rpc::CallContext context,
                                        fairlead::consent::v1::IssueCustodyKeysRequest request,
                                        SealedPacket sealed);
  // The same three of a sealed note, which is written or decided on.
  Task<Result<NoteWriting>> ApproveNote(rpc::CallContext context, NoteWriting writing);
  template <class Response>
  Task<Result<Response>> WriteSealed(rpc::CallContext context,
                                     const google::protobuf::Message& request,
                                     NoteWriting writing);
  template <class Response>
  Task<Result<Response>> DecideNote(rpc::CallContext context,
                                    const google::protobuf::Message& request,
                                    AppointmentDecision decision);
  // Records a refused opening, sealing anew, suggestion or asking (`act`): in a row of its own when
  // there is such a referral, or it was to be made of `own_case`, else counted. The error to
  // answer: `error`, unless it could not be recorded.
  Task<Error> RecordRefusal(rpc::CallContext context, std::string referral_id, audit::Action act,
                            Error error, std::string own_case = "");
  // `answer`, once it is on record when it says that an agency is on the caller's own list, or that
  // it has had the case before.
  template <class Response>
  Task<Result<Response>> RecordIfListed(rpc::CallContext context, std::string referral_id,
                                        std::string own_case, audit::Action act,
                                        Result<Response> answer);
  // The packet for the caller's agency, its share out of custody by consent's decision.
  struct Share {
    std::string packet;
    std::string resealed_to_kid;
    Referral referral;  // as it was when this was its packet
    bool by_break_glass = false;
  };
  // `may_have_ended`: then a break-glass opens it too.
  Task<Result<Share>> TakeFromCustody(rpc::CallContext context, std::string referral_id,
                                      bool may_have_ended);
  // A chunk of an attachment, by consent's decision; and whether the caller has read of it before.
  struct ReadChunk {
    std::string bytes;
    bool known_reader = false;
  };
  Task<Result<ReadChunk>> TakeChunk(rpc::CallContext context,
                                    const v1::OpenAttachmentChunkRequest& request);
  Task<Result<Referral>> CheckToReseal(rpc::CallContext context, std::string referral_id);
  // Fills in what the share is now.
  Task<Result<Referral>> PrepareResealing(rpc::CallContext context, Resealing& resealing);
  // The key of the next generation, or with `settled` the end of those before.
  Task<Result<std::string>> RenewCustody(rpc::CallContext context, const Referral& referral,
                                         int64_t held_generation, bool settled);
  // Our own rules; where our copies of other services' records may have led to a refusal, once more
  // after their owners have been asked.
  Task<Result<Referral>> CheckAfresh(rpc::CallContext context,
                                     std::function<Result<Referral>(ReferralReader&)> check);
  Task<Result<bool>> RefreshAgency(rpc::CallContext context, std::string agency_id);
  // That this is somebody of the caller's agency who works there on cases.
  Task<Result<bool>> CheckColleague(rpc::CallContext context, std::string staff_id);
  // Has consent destroy the keys of packets that are gone. How many packets.
  Task<Result<int64_t>> DestroyCustody();

  storage::Database& database_;
  rpc::Channel& services_;
  audit::DenialWriter& denials_;
  const Clock& clock_;
  IdGenerator& ids_;
  const ClockPolicy clock_policy_;
  const rpc::PageTokens page_tokens_;
  NeedCodes need_codes_;
};

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_REFERRAL_SERVER_H_
