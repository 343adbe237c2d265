#include "services/referral/referral_server.h"

#include <algorithm>
#include <utility>

#include "fairlead/consent/v1/consent.pb.h"
#include "services/common/rpc/proto_time.h"
#include "services/referral/commands/after_restore.h"
#include "services/referral/commands/cancel_referral.h"
#include "services/referral/commands/close_agency_offers.h"
#include "services/referral/commands/close_referral.h"
#include "services/referral/commands/complete_referral.h"
#include "services/referral/commands/create_referral.h"
#include "services/referral/commands/decline_offer.h"
#include "services/referral/commands/mark_delivered.h"
#include "services/referral/commands/run_clocks.h"
#include "services/referral/commands/shred_packets.h"
#include "services/referral/commands/start_service.h"
#include "services/referral/commands/suggest_candidate.h"
#include "services/referral/in_unit.h"
#include "services/referral/store/assignment_store.h"
#include "services/referral/store/forward_store.h"
#include "services/referral/store/sql_referral_store.h"
#include "services/referral/translate.h"

namespace fairlead::referral {
namespace {

constexpr int64_t kDestroyWithinMs = 5'000;

bool MaySee(const rpc::CallContext& context, const Referral& referral) {
  return Ask(context, StandingOf(referral, context.actor.agency_id)) == auth::Verdict::kAllowed;
}

// Those whose packet the caller may open, given a release, and whose share is not sealed to the
// agency's current key.
Result<void> KeepThoseToReseal(ReferralReader& reader, const rpc::CallContext& context,
                               const std::string& current_kid, std::vector<Referral>& referrals) {
  const std::string& agency_id = context.actor.agency_id;
  const auth::PolicyRow* row =
      auth::FindPolicy("/fairlead.referral.v1.ReferralService/ResealPacket");
  std::vector<Referral> kept;
  for (Referral& referral : referrals) {
    const auth::Standing standing = StandingOf(referral, agency_id);
    if (auth::Decide(row, context.actor, standing) != auth::Verdict::kReleaseNeeded) continue;
    FAIRLEAD_ASSIGN(const std::vector<PacketRecipient> recipients,
                    reader.PacketRecipients(referral.id));
    const PacketRecipient* share = FindShare(recipients, agency_id);
    if (share == nullptr || share->opens_with() == current_kid) continue;
    kept.push_back(std::move(referral));
  }
  referrals = std::move(kept);
  return {};
}

}  // namespace

ReferralServer::ReferralServer(storage::Database& database, rpc::Channel& services,
                               audit::DenialWriter& denials, const Clock& clock, Random& random,
                               IdGenerator& ids, ClockPolicy clock_policy)
    : database_(database),
      services_(services),
      denials_(denials),
      clock_(clock),
      ids_(ids),
      clock_policy_(std::move(clock_policy)),
      page_tokens_(random.Bytes(32)),
      need_codes_(services, kServiceName, "facets.need_code") {}

void ReferralServer::Register(rpc::Registry& registry) {
  const auto add = [&]<class Request, class Response>(
                       const char* name,
                       Task<Result<Response>> (ReferralServer::*method)(rpc::CallContext,
                                                                        const Request&),
                       const char* service = "ReferralService") {
    rpc::Add<Request, Response>(registry,
                                std::string("/fairlead.referral.v1.") + service + "/" + name,
                                [this, method](rpc::CallContext context, const Request& request) {
                                  return (this->*method)(std::move(context), request);
                                });
  };
  add("CreateReferral", &ReferralServer::CreateReferral);
  add("SendReferral", &ReferralServer::SendReferral);
  add("GetReferral", &ReferralServer::GetReferral);
  add("ListReferrals", &ReferralServer::ListReferrals);
  add("OpenPacket", &ReferralServer::OpenPacket);
  add("ResealPacket", &ReferralServer::ResealPacket);
  add("OfferReferral", &ReferralServer::OfferReferral);
  add("AnswerOffer", &ReferralServer::AnswerOffer);
  add("ChooseOffer", &ReferralServer::ChooseOffer);
  add("SendPacket", &ReferralServer::SendPacket);
  add("ReopenReferral", &ReferralServer::ReopenReferral);
  add("AcceptOffer", &ReferralServer::AcceptOffer);
  add("DeclineOffer", &ReferralServer::DeclineOffer);
  add("StartService", &ReferralServer::StartService);
  add("CompleteReferral", &ReferralServer::CompleteReferral);
  add("CloseReferral", &ReferralServer::CloseReferral);
  add("EnterReferralInError", &ReferralServer::EnterReferralInError);
  add("CancelReferral", &ReferralServer::CancelReferral);
  add("GetTimeline", &ReferralServer::GetTimeline);
  add("ListHandOffs", &ReferralServer::ListHandOffs, "HandOffService");
  add("NudgeOffer", &ReferralServer::NudgeOffer, "HandOffService");
  add("AssignReferral", &ReferralServer::AssignReferral, "AssignmentService");
  add("GetQuestionCodes", &ReferralServer::GetQuestionCodes, "QuestionService");
  add("AskQuestion", &ReferralServer::AskQuestion, "QuestionService");
  add("AnswerQuestion", &ReferralServer::AnswerQuestion, "QuestionService");
  add("ListAgencyMedians", &ReferralServer::ListAgencyMedians, "HandOffService");
  add("GetAgencyLoads", &ReferralServer::GetAgencyLoads, "AgencyLoadService");
  add("ListFollowUps", &ReferralServer::ListFollowUps, "FollowUpService");
  add("RecordFollowUp", &ReferralServer::RecordFollowUp, "FollowUpService");
  add("SetDoNotRoute", &ReferralServer::SetDoNotRoute, "RoutingService");
  add("GetDoNotRoute", &ReferralServer::GetDoNotRoute, "RoutingService");
  add("SuggestCandidate", &ReferralServer::SuggestCandidate, "RoutingService");
  add("ProposeAppointment", &ReferralServer::ProposeAppointment, "SealedNoteService");
  add("ConfirmAppointment", &ReferralServer::ConfirmAppointment, "SealedNoteService");
  add("DeclineAppointment", &ReferralServer::DeclineAppointment, "SealedNoteService");
  add("CancelAppointment", &ReferralServer::CancelAppointment, "SealedNoteService");
  add("AskSealedQuestion", &ReferralServer::AskSealedQuestion, "SealedNoteService");
  add("AnswerSealedQuestion", &ReferralServer::AnswerSealedQuestion, "SealedNoteService");
  add("GetNotes", &ReferralServer::GetNotes, "SealedNoteService");
  add("OpenNote", &ReferralServer::OpenNote, "SealedNoteService");
  add("StartAttachment", &ReferralServer::StartAttachment, "AttachmentService");
  add("PutAttachmentChunk", &ReferralServer::PutAttachmentChunk, "AttachmentService");
  add("GetAttachment", &ReferralServer::GetAttachment, "AttachmentService");
  add("OpenAttachmentChunk", &ReferralServer::OpenAttachmentChunk, "AttachmentService");
  add("AmendPacket", &ReferralServer::AmendPacket, "PacketVersionService");
  add("ForwardReferral", &ReferralServer::ForwardReferral, "ForwardService");
  add("CloseAgencyOffers", &ReferralServer::CloseAgencyOffers);
}

Task<Result<v1::CreateReferralResponse>> ReferralServer::CreateReferral(
    rpc::CallContext context, const v1::CreateReferralRequest& request) {
  auto known = co_await need_codes_.Check(context, request.facets().need_code());
  if (!known) co_return Fail(std::move(known.error()));
  std::function<Result<v1::CreateReferralResponse>(Unit&)> command =
      [&request](Unit& unit) -> Result<v1::CreateReferralResponse> {
    Referral draft;
    draft.id = request.referral_id();
    draft.case_handle = request.case_handle();
    draft.facets = FromProto(request.facets());
    FAIRLEAD_ASSIGN(const Referral created, referral::CreateReferral(unit, std::move(draft)));
    FAIRLEAD_ASSIGN(const std::optional<std::string> live,
                    unit.store.FindLive(unit.agency_id, created.case_handle,
                                        created.facets.need_code, created.id));
    v1::CreateReferralResponse response;
    *response.mutable_referral() = ToProto(created, unit.agency_id);
    response.set_duplicate_referral_id(live.value_or(""));
    return response;
  };
  auto job = InUnit(context, std::move(command));
  co_return co_await rpc::Mutate<v1::CreateReferralResponse>(database_, context, request,
                                                             clock_.NowMs(), job);
}

Task<Result<v1::GetReferralResponse>> ReferralServer::GetReferral(
    rpc::CallContext context, const v1::GetReferralRequest& request) {
  std::function<Result<v1::GetReferralResponse>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<v1::GetReferralResponse> {
    const std::string& agency_id = context.actor.agency_id;
    FAIRLEAD_ASSIGN(std::optional<Referral> referral,
                    MakeSqlReferralReader(tx)->Find(request.referral_id()));
    if (!referral || !MaySee(context, *referral)) return NotFound();
    FAIRLEAD_ASSIGN(referral->assignment, FindAssignment(tx, referral->id, agency_id));
    FAIRLEAD_RETURN_IF_ERROR(ReadForwards(tx, agency_id, *referral));
    v1::GetReferralResponse response;
    *response.mutable_referral() = ToProto(*referral, agency_id);
    if (referral->sender_agency_id != agency_id) return response;
    FAIRLEAD_ASSIGN(const std::vector<Suggestion> suggestions, SuggestionsFor(tx, *referral));
    SetSuggestions(suggestions, *response.mutable_referral());
    return response;
  };
  co_return co_await database_.Read<v1::GetReferralResponse>(job);
}

Task<Result<v1::GetTimelineResponse>> ReferralServer::GetTimeline(
    rpc::CallContext context, const v1::GetTimelineRequest& request) {
  std::function<Result<v1::GetTimelineResponse>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<v1::GetTimelineResponse> {
    const std::unique_ptr<ReferralReader> reader = MakeSqlReferralReader(tx);
    const std::string& agency_id = context.actor.agency_id;
    FAIRLEAD_ASSIGN(const std::optional<Referral> referral, reader->Find(request.referral_id()));
    if (!referral || !MaySee(context, *referral)) return NotFound();
    FAIRLEAD_ASSIGN(std::vector<TimelineEntry> entries, reader->Timeline(
        referral->id, referral->sender_agency_id == agency_id ? "" : agency_id));
    std::erase_if(entries, [&](const TimelineEntry& entry) {
      return !MaySeeEntry(*referral, entry, agency_id);
    });
    FAIRLEAD_ASSIGN(const std::vector<TimelineEntry> own,
                    AssignmentStory(tx, referral->id, agency_id));
    const auto middle = entries.insert(entries.end(), own.begin(), own.end());
    std::ranges::inplace_merge(entries, middle, {}, &TimelineEntry::id);
    v1::GetTimelineResponse response;
    for (const TimelineEntry& entry : entries) *response.add_entries() = ToProto(entry, agency_id);
    return response;
  };
  co_return co_await database_.Read<v1::GetTimelineResponse>(job);
}

Task<Result<v1::ListReferralsResponse>> ReferralServer::ListReferrals(
    rpc::CallContext context, const v1::ListReferralsRequest& request) {
  ListQuery query;
  query.agency_id = context.actor.agency_id;
  query.box = static_cast<Box>(request.box());
  query.limit = rpc::PageSize(request.page_size());
  std::string key = "referrals " + query.agency_id + " " + std::to_string(request.box());
  for (const int state : request.states()) {
    query.states.push_back(static_cast<ReferralState>(state));
    key += " " + std::to_string(state);
  }
  const std::string& current_kid = request.not_sealed_to_kid();
  key += " " + current_kid;
  query.assigned = static_cast<Assigned>(request.assigned());
  query.staff_id = context.actor.staff_id;
  key += " " + std::to_string(request.assigned());
  if (query.assigned == Assigned::kMine) key += " " + query.staff_id;
  if (!request.page_token().empty()) {
    const auto position = page_tokens_.Decode(key, request.page_token());
    if (!position) co_return Fail(position.error());
    query.before_id = position->at(0);
  }
  std::string next_page;
  std::function<Result<std::vector<Referral>>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<std::vector<Referral>> {
    const std::unique_ptr<ReferralReader> reader = MakeSqlReferralReader(tx);
    FAIRLEAD_ASSIGN(std::vector<Referral> page, reader->List(query));
    if (static_cast<int>(page.size()) == query.limit) next_page = page.back().id;
    if (!current_kid.empty()) {
      FAIRLEAD_RETURN_IF_ERROR(KeepThoseToReseal(*reader, context, current_kid, page));
    }
    return page;
  };
  Result<std::vector<Referral>> listed = co_await database_.Read<std::vector<Referral>>(job);
  if (!listed) co_return Fail(std::move(listed.error()));
  if (query.box == Box::kInbox && current_kid.empty() && HasUndelivered(*listed, query.agency_id)) {
    std::function<Result<std::vector<Referral>>(Unit&)> mark =
        [&listed](Unit& unit) -> Result<std::vector<Referral>> {
      std::vector<Referral> fresh = *listed;
      FAIRLEAD_RETURN_IF_ERROR(MarkDelivered(unit, fresh));
      return fresh;
    };
    auto marking = InUnit(context, std::move(mark));
    Result<std::vector<Referral>> marked = co_await database_.Write<std::vector<Referral>>(marking);
    if (!marked) co_return Fail(std::move(marked.error()));
    listed = std::move(marked);
  }
  v1::ListReferralsResponse response;
  for (const Referral& one : *listed) *response.add_referrals() = ToProto(one, query.agency_id);
  if (!next_page.empty()) response.set_next_page_token(page_tokens_.Encode(key, {next_page}));
  co_return response;
}

Task<Result<v1::DeclineOfferResponse>> ReferralServer::DeclineOffer(
    rpc::CallContext context, const v1::DeclineOfferRequest& request) {
  std::function<Result<Referral>(Unit&)> command = [&request](Unit& unit) {
    return referral::DeclineOffer(unit, request.offer_id(), request.etag(), request.reason_code());
  };
  co_return co_await Change<v1::DeclineOfferResponse>(context, request, command);
}

Task<Result<v1::StartServiceResponse>> ReferralServer::StartService(
    rpc::CallContext context, const v1::StartServiceRequest& request) {
  std::function<Result<Referral>(Unit&)> command = [&request](Unit& unit) {
    return referral::StartService(unit, request.referral_id(), request.etag());
  };
  co_return co_await Change<v1::StartServiceResponse>(context, request, command);
}

Task<Result<v1::CompleteReferralResponse>> ReferralServer::CompleteReferral(
    rpc::CallContext context, const v1::CompleteReferralRequest& request) {
  std::function<Result<Referral>(Unit&)> command = [&request](Unit& unit) {
    return referral::CompleteReferral(unit, request.referral_id(), request.etag(),
                                      request.outcome_code());
  };
  co_return co_await Change<v1::CompleteReferralResponse>(context, request, command);
}

Task<Result<v1::CancelReferralResponse>> ReferralServer::CancelReferral(
    rpc::CallContext context, const v1::CancelReferralRequest& request) {
  std::function<Result<Referral>(Unit&)> command = [&request](Unit& unit) {
    return referral::CancelReferral(unit, request.referral_id(), request.etag(),
                                    request.reason_code());
  };
  co_return co_await Change<v1::CancelReferralResponse>(context, request, command);
}

Task<Result<v1::CloseReferralResponse>> ReferralServer::CloseReferral(
    rpc::CallContext context, const v1::CloseReferralRequest& request) {
  std::function<Result<Referral>(Unit&)> command = [&request](Unit& unit) {
    return referral::CloseReferral(unit, request.referral_id(), request.etag(),
                                   request.reason_code());
  };
  co_return co_await Change<v1::CloseReferralResponse>(context, request, command);
}

Task<Result<v1::EnterReferralInErrorResponse>> ReferralServer::EnterReferralInError(
    rpc::CallContext context, const v1::EnterReferralInErrorRequest& request) {
  std::function<Result<Referral>(Unit&)> command = [&request](Unit& unit) {
    return referral::EnterReferralInError(unit, request.referral_id(), request.etag());
  };
  co_return co_await Change<v1::EnterReferralInErrorResponse>(context, request, command);
}

Task<Result<v1::CloseAgencyOffersResponse>> ReferralServer::CloseAgencyOffers(
    rpc::CallContext context, const v1::CloseAgencyOffersRequest& request) {
  if (!EndsOffers(request.membership())) {
    co_return Fail(Code::kInvalidArgument, "UNKNOWN_MEMBERSHIP", "Neither suspended nor departed.",
                   {{"field", "membership"}});
  }
  const AgencyRecord agency{
      .id = request.agency_id(), .membership = request.membership(), .version = request.version()};
  // The story tells of the agency, not of the coordinator who decided.
  context.actor.agency_id = agency.id;
  context.actor.staff_id.clear();
  std::function<Result<int64_t>(Unit&)> command = [&agency](Unit& unit) {
    return referral::CloseAgencyOffers(unit, agency);
  };
  auto job = InUnit(context, std::move(command));
  Result<int64_t> closed = co_await database_.Write<int64_t>(job);
  if (!closed) co_return Fail(std::move(closed.error()));
  v1::CloseAgencyOffersResponse response;
  response.set_offers_closed(static_cast<int32_t>(*closed));
  co_return response;
}

Result<int> ReferralServer::RunClocks() {
  std::function<Result<bool>(storage::ReadTransaction&)> look =
      [now_ms = clock_.NowMs()](storage::ReadTransaction& tx) {
        return MakeSqlReferralReader(tx)->IsClockDue(now_ms);
      };
  FAIRLEAD_ASSIGN(const bool is_due, SyncWait(database_.Read<bool>(look)));
  if (!is_due) return 0;
  std::function<Result<int>(Unit&)> command = [](Unit& unit) { return referral::RunClocks(unit); };
  return SyncWait(database_.Write<int>(InUnit(rpc::CallContext(), std::move(command))));
}

Result<int64_t> ReferralServer::ShredPackets() {
  std::function<Result<int64_t>(Unit&)> command = [](Unit& unit) -> Result<int64_t> {
    // Answers tell what the packets were about. Calls purge them too, but there may be none.
    FAIRLEAD_ASSIGN(const int64_t answers,
                    rpc::PurgeAnswers(unit.tx, unit.now_ms, kPacketsPerSweep));
    FAIRLEAD_ASSIGN(const int64_t packets, ShredOldPackets(unit));
    return answers + packets;
  };
  FAIRLEAD_ASSIGN(
      const int64_t shredded,
      SyncWait(database_.Write<int64_t>(InUnit(rpc::CallContext(), std::move(command)))));
  FAIRLEAD_ASSIGN(const int64_t destroyed, SyncWait(DestroyCustody()));
  return shredded + destroyed;
}

Result<void> ReferralServer::AfterRestore(const CarriedOver& carried) {
  std::function<Result<int>(Unit&)> command = [&carried](Unit& unit) {
    return CarryOver(unit, carried);
  };
  FAIRLEAD_RETURN_IF_ERROR(
      SyncWait(database_.Write<int>(InUnit(rpc::CallContext(), std::move(command)))));
  for (int64_t destroyed = 1; destroyed > 0;) {
    FAIRLEAD_ASSIGN(destroyed, DestroyKeys());
  }
  return {};
}

// The keys of packets that are gone. Consent first, so that a crash in between repeats it.
Task<Result<int64_t>> ReferralServer::DestroyCustody() {
  using Ids = std::vector<std::string>;
  std::function<Result<Ids>(storage::ReadTransaction&)> find = [](storage::ReadTransaction& tx) {
    return MakeSqlReferralReader(tx)->CustodyToDestroy(kPacketsPerSweep);
  };
  Result<Ids> gone = co_await database_.Read<Ids>(find);
  if (!gone) co_return Fail(std::move(gone.error()));
  if (gone->empty()) co_return 0;
  fairlead::consent::v1::DestroyCustodyKeysRequest request;
  rpc::SetRepeated(*gone, request.mutable_packet_ids());
  rpc::CallOptions options{.actor = {},
                           .on_behalf_of_service = kServiceName,
                           .deadline_steady_ms = clock_.SteadyMs() + kDestroyWithinMs,
                           .traceparent = "",
                           .nested = true};
  auto destroyed = co_await rpc::Call<fairlead::consent::v1::DestroyCustodyKeysResponse>(
      services_, "/fairlead.consent.v1.ConsentService/DestroyCustodyKeys", request, options);
  if (!destroyed) co_return Fail(std::move(destroyed.error()));
  std::function<Result<int64_t>(Unit&)> put = [&gone](Unit& unit) -> Result<int64_t> {
    FAIRLEAD_RETURN_IF_ERROR(unit.store.PutCustodyDestroyed(*gone));
    return static_cast<int64_t>(gone->size());
  };
  auto job = InUnit(rpc::CallContext(), std::move(put));
  co_return co_await database_.Write<int64_t>(job);
}

}  // namespace fairlead::referral
