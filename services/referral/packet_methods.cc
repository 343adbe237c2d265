// The methods that touch a sealed packet: sending it, opening it, sealing a share of it anew. All
// ask consent.
#include <algorithm>
#include <optional>
#include <utility>

#include "fairlead/consent/v1/consent.pb.h"
#include "services/common/rpc/proto_time.h"
#include "services/common/seal/seal.h"
#include "services/referral/commands/forward_referral.h"
#include "services/referral/commands/mark_opened.h"
#include "services/referral/commands/reseal_packet.h"
#include "services/referral/in_unit.h"
#include "services/referral/openable.h"
#include "services/referral/referral_server.h"
#include "services/referral/store/sql_referral_store.h"
#include "services/referral/translate.h"

namespace fairlead::referral {
namespace {

// 42 CFR 2.32(a)(2), the short form.
constexpr const char* kPart2Statement =
    "42 CFR part 2 prohibits unauthorized use or disclosure of these records.";

}  // namespace

Task<Result<SealedPacket>> ReferralServer::AskConsent(
    rpc::CallContext context, fairlead::consent::v1::IssueCustodyKeysRequest request,
    SealedPacket sealed) {
  auto options = rpc::Onward(context, kServiceName);
  auto keys = co_await rpc::Call<fairlead::consent::v1::IssueCustodyKeysResponse>(
      services_, "/fairlead.consent.v1.ConsentService/IssueCustodyKeys", request, options);
  if (!keys) co_return Fail(std::move(keys.error()));
  for (const auto& key : keys->keys()) sealed.custody_keys[key.agency_id()] = key.key();
  co_return sealed;
}

// Everything up to the commit: the packet, the need, our own rules, and last of all consent.
Task<Result<Sending>> ReferralServer::Approve(rpc::CallContext context, Result<Sending> sending,
                                              SendingCheck check_sending) {
  if (!sending) co_return sending;
  if (sending->draft.has_facets) {
    auto known = co_await need_codes_.Check(context, sending->draft.facets.need_code);
    if (!known) co_return Fail(std::move(known.error()));
  }
  bool is_barred = false;
  std::function<Result<Referral>(ReferralReader&)> check =
      [&](ReferralReader& reader) -> Result<Referral> {
    FAIRLEAD_ASSIGN(Sendable sendable, check_sending(reader, *sending));
    is_barred = sendable.is_barred;
    return std::move(sendable.referral);
  };
  Task<Result<Referral>> checking = CheckAfresh(context, check);
  Result<Referral> referral = co_await std::move(checking);
  if (!referral) co_return Fail(std::move(referral.error()));
  auto issue =
      ToIssueRequest(sending->sealed, *referral, referral->id, sending->recipient_agency_id);
  // A line in the log would show the agency that is barred the release, and who holds it.
  issue.set_check_only(is_barred);
  Task<Result<SealedPacket>> asking = AskConsent(context, issue, std::move(sending->sealed));
  Result<SealedPacket> approved = co_await std::move(asking);
  if (!approved) co_return Fail(std::move(approved.error()));
  if (is_barred) co_return ForwardLoop(sending->recipient_agency_id);
  sending->sealed = std::move(*approved);
  co_return sending;
}

// The same for a packet that follows a match.
Task<Result<PacketSending>> ReferralServer::ApprovePacket(rpc::CallContext context,
                                                          const v1::SendPacketRequest& request) {
  const std::string& agency_id = context.actor.agency_id;
  Result<PacketSending> sending = ToPacketSending(request, agency_id, clock_.NowMs());
  if (!sending) co_return sending;
  std::optional<Offer> matched;
  std::function<Result<Referral>(ReferralReader&)> check =
      [&](ReferralReader& reader) -> Result<Referral> {
    FAIRLEAD_ASSIGN(PacketOwed owed, CheckPacket(reader, agency_id, *sending));
    matched = owed.offer();
    return std::move(owed.referral);
  };
  Task<Result<Referral>> checking = CheckAfresh(context, check);
  Result<Referral> referral = co_await std::move(checking);
  if (!referral) co_return Fail(std::move(referral.error()));
  const auto issue =
      ToIssueRequest(sending->sealed, *referral, matched->id, matched->recipient_agency_id);
  Task<Result<SealedPacket>> asking = AskConsent(context, issue, std::move(sending->sealed));
  Result<SealedPacket> approved = co_await std::move(asking);
  if (!approved) co_return Fail(std::move(approved.error()));
  sending->sealed = std::move(*approved);
  sending->packet_id = matched->id;
  co_return sending;
}

Task<Result<v1::SendPacketResponse>> ReferralServer::SendPacket(
    rpc::CallContext context, const v1::SendPacketRequest& request) {
  Task<Result<PacketSending>> approving = ApprovePacket(context, request);
  Result<PacketSending> sending = co_await std::move(approving);
  std::function<Result<Referral>(Unit&)> command = [&sending](Unit& unit) {
    return referral::SendPacket(unit, *sending);
  };
  Task<Result<v1::SendPacketResponse>> answering =
      sending ? Change<v1::SendPacketResponse>(context, request, command)
              : FirstAnswerOr<v1::SendPacketResponse>(context, request, sending.error());
  Result<v1::SendPacketResponse> answer = co_await std::move(answering);
  Task<Result<v1::SendPacketResponse>> recording =
      RecordIfListed(context, request.referral_id(), "", audit::Action::kReferralPacketSent,
                     std::move(answer));
  co_return co_await std::move(recording);
}

Task<Result<v1::SendReferralResponse>> ReferralServer::SendReferral(
    rpc::CallContext context, const v1::SendReferralRequest& request) {
  // Before consent is asked: each asking may make keys and a line in the log.
  auto before = co_await rpc::Replay<v1::SendReferralResponse>(database_, context, request);
  if (!before) co_return Fail(std::move(before.error()));
  if (*before) co_return std::move(**before);
  SendingCheck check = [&](ReferralReader& reader, const Sending& sending) {
    return CheckSending(reader, context.actor.agency_id, sending, clock_.NowMs());
  };
  Task<Result<Sending>> approving =
      Approve(context, ToSending(request, context.actor.agency_id, clock_.NowMs()), check);
  Result<Sending> sending = co_await std::move(approving);
  std::function<Result<Referral>(Unit&)> command = [&sending](Unit& unit) {
    return referral::SendReferral(unit, *sending);
  };
  Task<Result<v1::SendReferralResponse>> answering =
      sending ? Change<v1::SendReferralResponse>(context, request, command)
              : FirstAnswerOr<v1::SendReferralResponse>(context, request, sending.error());
  Result<v1::SendReferralResponse> answer = co_await std::move(answering);
  Task<Result<v1::SendReferralResponse>> recording =
      RecordIfListed(context, request.referral_id(), request.case_handle(),
                     audit::Action::kReferralSent, std::move(answer));
  co_return co_await std::move(recording);
}

// An opening that consent was never asked about is recorded here: in a transaction of its own,
// durable before the refusal is answered. One of a referral that does not exist names nothing that
// the trail is about, and whoever invents ids must not fill it: those are counted, and answered no
// sooner than others.
Task<Error> ReferralServer::RecordRefusal(rpc::CallContext context, std::string referral_id,
                                          audit::Action act, Error error, std::string own_case) {
  std::function<Result<bool>(Unit&)> refuse = [&](Unit& unit) -> Result<bool> {
    FAIRLEAD_ASSIGN(const std::optional<Referral> referral, unit.store.Find(referral_id));
    if (!referral && own_case.empty()) {
      FAIRLEAD_RETURN_IF_ERROR(unit.store.PutInventedOpening(
          {unit.now_ms, unit.by.staff_id, unit.by.agency_id, referral_id}));
      return false;
    }
    audit::Record record{.action = act, .by = unit.by};
    record.refused = audit::Refusal(error);
    record.referral_id = referral_id;
    record.subject_agency_id = referral ? referral->sender_agency_id : unit.agency_id;
    record.case_handle = referral ? referral->case_handle : own_case;
    if (referral) record.release_id = referral->release_id;
    FAIRLEAD_RETURN_IF_ERROR(audit::Append(unit.tx, unit.ids, unit.now_ms, record));
    FAIRLEAD_RETURN_IF_ERROR(RecordWithKeepers(unit, referral_id, act, error));
    return true;
  };
  auto job = InUnit(context, std::move(refuse));
  Result<bool> recorded = co_await database_.Write<bool>(job);
  if (!recorded) co_return recorded.error();
  if (!*recorded) denials_.Add(context.actor, context.method, error);
  co_return error;
}

Task<Result<ReferralServer::Share>> ReferralServer::TakeFromCustody(rpc::CallContext context,
                                                                    std::string referral_id,
                                                                    bool may_have_ended) {
  const std::string& agency_id = context.actor.agency_id;
  std::function<Result<Openable>(storage::ReadTransaction&)> find =
      [&](storage::ReadTransaction& tx) {
        const auto reader = MakeSqlReferralReader(tx);
        Result<Openable> openable = FindOpenable(*reader, context, referral_id);
        const bool closed = !openable && openable.error().reason == kOfferNotOpen;
        return closed && may_have_ended ? FindBehindGlass(*reader, agency_id, referral_id)
                                        : std::move(openable);
      };
  // Twice: a colleague may be sealing the share anew, and its custody key be replaced meanwhile.
  for (int attempt = 0;; ++attempt) {
    Result<Openable> openable = co_await database_.Read<Openable>(find);
    if (!openable) {
      Task<Error> refusal =
          RecordRefusal(context, referral_id, audit::Action::kPacketOpened, openable.error());
      Error refused = co_await std::move(refusal);
      co_return Fail(std::move(refused));
    }
    const PacketRecipient* share = FindShare(openable->packet.recipients, agency_id);
    auto ask =
        AskAbout<fairlead::consent::v1::ReleaseCustodyKeyRequest>(openable->referral, agency_id);
    ask.set_generation(share == nullptr ? 0 : share->generation);
    ask.set_ended(openable->ended);
    auto options = rpc::Onward(context, kServiceName);
    auto key = co_await rpc::Call<fairlead::consent::v1::ReleaseCustodyKeyResponse>(
        services_, "/fairlead.consent.v1.ConsentService/ReleaseCustodyKey", ask, options);
    if (!key && key.error().reason == "CUSTODY_KEY_GONE" && attempt == 0) continue;
    if (!key && key.error().reason == "BREAK_GLASS_NEEDED") {
      Task<Error> refusal = RecordRefusal(context, referral_id, audit::Action::kPacketOpened,
                                          OfferNotOpen().value());
      Error refused = co_await std::move(refusal);
      co_return Fail(std::move(refused));
    }
    if (!key) co_return Fail(std::move(key.error()));
    Result<std::string> packet = ToPacketJson(openable->packet, agency_id, key->key());
    if (!packet) co_return Fail(std::move(packet.error()));
    co_return Share{std::move(*packet), share == nullptr ? "" : share->resealed_to_kid,
                    std::move(openable->referral), openable->ended};
  }
}

// That there is something to seal anew; on record when it is refused, as an opening is.
Task<Result<Referral>> ReferralServer::CheckToReseal(rpc::CallContext context,
                                                     std::string referral_id) {
  const std::string& agency_id = context.actor.agency_id;
  std::function<Result<Referral>(ReferralReader&)> check =
      [&](ReferralReader& reader) -> Result<Referral> {
    FAIRLEAD_ASSIGN(Openable openable, FindOpenable(reader, context, referral_id));
    FAIRLEAD_RETURN_IF_ERROR(CheckNeedsResealing(
        reader, agency_id, FindShare(openable.packet.recipients, agency_id)));
    return std::move(openable.referral);
  };
  Task<Result<Referral>> checking = CheckAfresh(context, check);
  Result<Referral> checked = co_await std::move(checking);
  if (checked) co_return checked;
  Task<Error> refusal =
      RecordRefusal(context, referral_id, audit::Action::kPacketOpened, checked.error());
  Error refused = co_await std::move(refusal);
  co_return Fail(std::move(refused));
}

Task<Result<v1::OpenPacketResponse>> ReferralServer::OpenPacket(
    rpc::CallContext context, const v1::OpenPacketRequest& request) {
  if (request.to_reseal()) {
    Task<Result<Referral>> checking = CheckToReseal(context, request.referral_id());
    Result<Referral> checked = co_await std::move(checking);
    if (!checked) co_return Fail(std::move(checked.error()));
  }
  // Nobody seals anew what is looked at once more for a person's life.
  Task<Result<Share>> taking =
      TakeFromCustody(context, request.referral_id(), /*may_have_ended=*/!request.to_reseal());
  Result<Share> share = co_await std::move(taking);
  if (!share) co_return Fail(std::move(share.error()));
  std::function<Result<Referral>(Unit&)> mark = [&](Unit& unit) -> Result<Referral> {
    const std::string& id = request.referral_id();
    FAIRLEAD_ASSIGN(Referral marked, share->by_break_glass ? MarkBreakGlass(unit, id)
                                     : request.to_reseal()
                                         ? MarkFetched(unit, id)
                                         : MarkOpened(unit, id, share->referral.packet_version));
    FAIRLEAD_ASSIGN(marked.assignment, FindAssignment(unit.tx, marked.id, unit.agency_id));
    return marked;
  };
  auto job = InUnit(context, std::move(mark));
  Result<Referral> opened = co_await database_.Write<Referral>(job);
  if (!opened) co_return Fail(std::move(opened.error()));
  v1::OpenPacketResponse response;
  response.set_packet(std::move(share->packet));
  response.set_resealed_to_kid(std::move(share->resealed_to_kid));
  response.set_packet_version(static_cast<int32_t>(share->referral.packet_version));
  v1::Referral& seen = *response.mutable_referral();
  seen = ToProto(*opened, context.actor.agency_id);
  if (share->by_break_glass) {
    // Not shown of an offer that has ended; but what is handed out is held against them.
    response.set_by_break_glass(true);
    seen.set_release_hash(share->referral.release_hash);
    seen.set_purpose(share->referral.purpose);
    rpc::SetRepeated(share->referral.categories, seen.mutable_categories());
  }
  for (const std::string& category : share->referral.categories) {
    if (category == "substance_use_part2") response.set_redisclosure_statement(kPart2Statement);
  }
  co_return response;
}

// Our own rules before consent is asked: whether the caller may, and to which key it is sealed.
Task<Result<Referral>> ReferralServer::PrepareResealing(rpc::CallContext context,
                                                        Resealing& resealing) {
  const std::string& agency_id = context.actor.agency_id;
  std::function<Result<Referral>(ReferralReader&)> check =
      [&](ReferralReader& reader) -> Result<Referral> {
    FAIRLEAD_ASSIGN(Openable openable, FindOpenable(reader, context, resealing.referral_id));
    FAIRLEAD_RETURN_IF_ERROR(CheckCurrent(reader, agency_id, resealing.share.kid));
    const PacketRecipient* share = FindShare(openable.packet.recipients, agency_id);
    if (share == nullptr) return NotFound();
    if (openable.referral.packet_version != resealing.packet_version) {
      return AnotherPacketLiesThere();
    }
    resealing.packet_id = openable.referral.packet_id;
    resealing.held_generation = share->generation;
    resealing.is_current = share->opens_with() == resealing.share.kid;
    return std::move(openable.referral);
  };
  Task<Result<Referral>> checking = CheckAfresh(context, check);
  co_return co_await std::move(checking);
}

Task<Result<std::string>> ReferralServer::RenewCustody(rpc::CallContext context,
                                                       const Referral& referral,
                                                       int64_t held_generation, bool settled) {
  auto ask =
      AskAbout<fairlead::consent::v1::RenewCustodyKeyRequest>(referral, context.actor.agency_id);
  ask.set_held_generation(held_generation);
  ask.set_settled(settled);
  auto options = rpc::Onward(context, kServiceName);
  auto key = co_await rpc::Call<fairlead::consent::v1::RenewCustodyKeyResponse>(
      services_, "/fairlead.consent.v1.ConsentService/RenewCustodyKey", ask, options);
  if (!key) co_return Fail(std::move(key.error()));
  co_return std::move(*key->mutable_key());
}

Task<Result<v1::ResealPacketResponse>> ReferralServer::ResealPacket(
    rpc::CallContext context, const v1::ResealPacketRequest& request) {
  Resealing resealing;
  resealing.referral_id = request.referral_id();
  Result<seal::Recipient> share = seal::ParseShare(request.share());
  if (!share) co_return Fail(std::move(share.error()));
  resealing.share = std::move(*share);
  resealing.packet_version = std::max(request.packet_version(), 1);
  Task<Result<Referral>> preparing = PrepareResealing(context, resealing);
  Result<Referral> referral = co_await std::move(preparing);
  if (!referral) {
    Task<Error> refusal = RecordRefusal(context, request.referral_id(),
                                        audit::Action::kReferralResealed, referral.error());
    Error refused = co_await std::move(refusal);
    co_return Fail(std::move(refused));
  }
  if (!resealing.is_current) {
    Task<Result<std::string>> renewing =
        RenewCustody(context, *referral, resealing.held_generation, false);
    Result<std::string> key = co_await std::move(renewing);
    if (!key) co_return Fail(std::move(key.error()));
    resealing.custody_key = std::move(*key);
  }
  std::function<Result<Referral>(Unit&)> command = [&resealing](Unit& unit) {
    return referral::ResealPacket(unit, resealing);
  };
  Task<Result<v1::ResealPacketResponse>> changing =
      Change<v1::ResealPacketResponse>(context, request, command);
  Result<v1::ResealPacketResponse> response = co_await std::move(changing);
  if (!response) co_return response;
  // The share has its new custody key for good: only now does the old one go. Whoever is
  // interrupted here repeats the call, and comes by again.
  Task<Result<std::string>> settling = RenewCustody(
      context, *referral, resealing.held_generation + (resealing.is_current ? 0 : 1), true);
  Result<std::string> settled = co_await std::move(settling);
  if (!settled) co_return Fail(std::move(settled.error()));
  co_return response;
}

}  // namespace fairlead::referral
