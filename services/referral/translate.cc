#include "services/referral/translate.h"

#include <algorithm>

#include "services/common/rpc/proto_time.h"
#include "services/referral/commands/unit.h"

namespace fairlead::referral {

using rpc::SetRepeated;
using rpc::SetTime;
using rpc::ToVector;

namespace {

void SetFacets(const Facets& in, v1::Facets* out) {
  out->set_need_code(in.need_code);
  out->set_urgency(static_cast<v1::Urgency>(in.urgency));
  out->set_age_band(in.age_band);
  out->set_household_size(static_cast<int32_t>(in.household_size));
  SetRepeated(in.household_codes, out->mutable_household_codes());
  SetRepeated(in.languages, out->mutable_languages());
  out->set_county(in.county);
  SetRepeated(in.accessibility_codes, out->mutable_accessibility_codes());
  out->set_exploitation_type(in.exploitation_type);
}

void SetOffer(const Offer& in, v1::Offer* out) {
  out->set_id(in.id);
  out->set_referral_id(in.referral_id);
  out->set_recipient_agency_id(in.recipient_agency_id);
  out->set_service_id(in.service_id);
  out->set_state(static_cast<v1::OfferState>(in.state));
  out->set_reason_code(in.reason_code);
  out->set_answer(static_cast<v1::OfferAnswer>(in.answer));
  SetTime(in.send_ms, [&] { return out->mutable_send_time(); });
  SetTime(in.deliver_ms, [&] { return out->mutable_deliver_time(); });
  SetTime(in.open_ms, [&] { return out->mutable_open_time(); });
  out->set_opened_version(static_cast<int32_t>(in.opened_version));
  SetTime(in.decide_ms, [&] { return out->mutable_decide_time(); });
  SetTime(in.ladder.remind_ms, [&] { return out->mutable_remind_time(); });
  SetTime(in.ladder.escalate_admin_ms, [&] { return out->mutable_escalate_admin_time(); });
  SetTime(in.ladder.escalate_coordinator_ms,
          [&] { return out->mutable_escalate_coordinator_time(); });
  SetTime(in.ladder.expire_ms, [&] { return out->mutable_expire_time(); });
  for (const AskedQuestion& asked : in.questions) {
    v1::OfferQuestion* question = out->add_questions();
    question->set_question_code(asked.code);
    question->set_answer_code(asked.answer_code);
    SetTime(asked.ask_ms, [&] { return question->mutable_ask_time(); });
    SetTime(asked.answer_ms, [&] { return question->mutable_answer_time(); });
  }
  if (!IsPending(in.state) || in.next_step == Step::kNone) return;
  out->set_next_step(static_cast<v1::ClockStep>(in.next_step));
  SetTime(DueMs(in.ladder, in.next_step), [&] { return out->mutable_next_step_time(); });
}

}  // namespace

Facets FromProto(const v1::Facets& in) {
  Facets facets;
  facets.need_code = in.need_code();
  facets.urgency = static_cast<Urgency>(in.urgency());
  facets.age_band = in.age_band();
  facets.household_size = in.household_size();
  facets.household_codes = ToVector(in.household_codes());
  facets.languages = ToVector(in.languages());
  facets.county = in.county();
  facets.accessibility_codes = ToVector(in.accessibility_codes());
  facets.exploitation_type = in.exploitation_type();
  return facets;
}

v1::Referral ToProto(const Referral& referral, const std::string& viewer_agency_id) {
  const Referral seen = SeenBy(referral, viewer_agency_id);
  v1::Referral out;
  out.set_id(seen.id);
  out.set_sender_agency_id(seen.sender_agency_id);
  out.set_case_handle(seen.case_handle);
  SetFacets(seen.facets, out.mutable_facets());
  out.set_state(static_cast<v1::ReferralState>(seen.state));
  out.set_mode(static_cast<v1::ReferralMode>(seen.mode));
  out.set_release_id(seen.release_id);
  out.set_release_hash(seen.release_hash);
  out.set_purpose(seen.purpose);
  SetRepeated(seen.categories, out.mutable_categories());
  for (const Offer& offer : seen.offers) SetOffer(offer, out.add_offers());
  SetTime(seen.create_ms, [&] { return out.mutable_create_time(); });
  SetTime(seen.update_ms, [&] { return out.mutable_update_time(); });
  out.set_reason_code(seen.reason_code);
  out.set_outcome_code(seen.outcome_code);
  out.set_has_packet(!seen.packet_id.empty());
  out.set_packet_version(static_cast<int32_t>(seen.packet_version));
  out.set_forwarded_from_referral_id(seen.forwarded_from_id);
  SetTime(seen.forward_ms, [&] { return out.mutable_forward_time(); });
  out.set_etag(Etag(referral, viewer_agency_id));
  const Assignment& own = referral.assignment;
  if (own.version > 0 && own.agency_id == viewer_agency_id) {
    *out.mutable_assignment() = ToProto(own);
  }
  return out;
}

v1::Assignment ToProto(const Assignment& assignment) {
  v1::Assignment out;
  out.set_staff_id(assignment.staff_id);
  SetTime(assignment.assign_ms, [&] { return out.mutable_assign_time(); });
  out.set_etag(Etag(assignment));
  return out;
}

void SetSuggestions(const std::vector<Suggestion>& suggestions, v1::Referral& out) {
  for (const Suggestion& each : suggestions) {
    v1::Suggestion* suggestion = out.add_suggestions();
    suggestion->set_agency_id(each.agency_id);
    SetTime(each.suggest_ms, [&] { return suggestion->mutable_suggest_time(); });
  }
}

v1::HandOff ToHandOff(const Referral& referral) {
  const Offer& offer = referral.offers.front();
  v1::HandOff out;
  out.set_referral_id(referral.id);
  out.set_offer_id(offer.id);
  out.set_sender_agency_id(referral.sender_agency_id);
  out.set_recipient_agency_id(offer.recipient_agency_id);
  out.set_need_code(referral.facets.need_code);
  out.set_urgency(static_cast<v1::Urgency>(referral.facets.urgency));
  out.set_mode(static_cast<v1::ReferralMode>(referral.mode));
  out.set_offer_state(static_cast<v1::OfferState>(offer.state));
  SetTime(offer.send_ms, [&] { return out.mutable_send_time(); });
  SetTime(offer.deliver_ms, [&] { return out.mutable_deliver_time(); });
  SetTime(offer.decide_ms, [&] { return out.mutable_decide_time(); });
  SetTime(offer.nudge_ms, [&] { return out.mutable_nudge_time(); });
  if (referral.state == ReferralState::kOpen && !IsPending(offer.state)) {
    out.set_stuck_code("nobody_asked");
    return out;
  }
  if (!IsPending(offer.state)) {
    out.set_stuck_code(referral.packet_id.empty() ? "packet_not_sent" : "not_begun");
    return out;
  }
  // The sender's turn goes before the agency's, whatever that has said beside its question.
  out.set_stuck_code(offer.state == OfferState::kQuestion ? "question_unanswered"
                     : offer.answer != Answer::kNone      ? "not_chosen"
                     : offer.state == OfferState::kSent   ? "not_delivered"
                                                          : "not_answered");
  SetTime(offer.ladder.expire_ms, [&] { return out.mutable_expire_time(); });
  if (offer.next_step == Step::kNone) return out;
  out.set_next_step(static_cast<v1::ClockStep>(offer.next_step));
  SetTime(DueMs(offer.ladder, offer.next_step), [&] { return out.mutable_next_step_time(); });
  return out;
}

v1::TimelineEntry ToProto(const TimelineEntry& entry, const std::string& viewer_agency_id) {
  v1::TimelineEntry out;
  SetTime(entry.time_ms, [&] { return out.mutable_time(); });
  out.set_event(entry.event);
  out.set_agency_id(entry.agency_id);
  if (entry.agency_id == viewer_agency_id) out.set_staff_id(entry.staff_id);
  out.set_reason_code(entry.reason_code);
  out.set_offer_id(entry.offer_id);
  out.set_to_staff_id(entry.to_staff_id);
  out.set_from_staff_id(entry.from_staff_id);
  return out;
}

SealedPacket ToSealedPacket(seal::Envelope envelope, const std::string& release_id) {
  SealedPacket sealed;
  sealed.release_id = release_id;
  sealed.release_hash = envelope.header.release_hash;
  sealed.purpose = envelope.header.purpose;
  sealed.categories = envelope.header.categories;
  sealed.sender_kid = envelope.header.sender_kid;
  sealed.packet.referral_id = envelope.header.referral_id;
  sealed.packet.protected_b64 = std::move(envelope.protected_b64);
  sealed.packet.iv = std::move(envelope.iv);
  sealed.packet.ciphertext = std::move(envelope.ciphertext);
  sealed.packet.tag = std::move(envelope.tag);
  sealed.sealed_to = std::move(envelope.recipients);
  return sealed;
}

namespace {

// What the ways of sending a packet have alike.
template <class Request>
Result<SealedPacket> ReadSealed(const Request& request, const std::string& sender_agency_id,
                                int64_t now_ms) {
  FAIRLEAD_ASSIGN(seal::Envelope envelope, seal::ParseEnvelope(request.packet()));
  if (envelope.header.referral_id != request.referral_id()) {
    return Fail(Code::kInvalidArgument, "PACKET_REFERRAL_MISMATCH",
                "The packet was sealed for another referral.");
  }
  if (envelope.header.sender_agency_id != sender_agency_id) {
    return Fail(Code::kInvalidArgument, "PACKET_SENDER_AGENCY_MISMATCH",
                "The packet names another agency than yours as the one that sends it.");
  }
  if (envelope.header.expires_s * 1000 <= now_ms) {
    return Fail(Code::kInvalidArgument, "PACKET_EXPIRED", "The packet has expired.");
  }
  return ToSealedPacket(std::move(envelope), request.release_id());
}

// What the ways of asking an agency have alike.
template <class Request>
Draft ToDraft(const Request& request) {
  Draft draft;
  draft.referral_id = request.referral_id();
  draft.etag = request.etag();
  draft.case_handle = request.case_handle();
  draft.has_facets = request.has_facets();
  if (request.has_facets()) draft.facets = FromProto(request.facets());
  draft.allow_duplicate_service = request.allow_duplicate_service();
  return draft;
}

template <class Request>
Result<Sending> ToSendingOf(const Request& request, const std::string& sender_agency_id,
                            int64_t now_ms) {
  if (request.recipient_agency_id() == sender_agency_id) {
    return Fail(Code::kInvalidArgument, "RECIPIENT_IS_SENDER",
                "An agency does not refer to itself.", {{"field", "recipient_agency_id"}});
  }
  FAIRLEAD_ASSIGN(SealedPacket sealed, ReadSealed(request, sender_agency_id, now_ms));
  return Sending{.draft = ToDraft(request),
                 .recipient_agency_id = request.recipient_agency_id(),
                 .service_id = request.service_id(),
                 .sealed = std::move(sealed)};
}

}  // namespace

Result<Sending> ToSending(const v1::SendReferralRequest& request,
                          const std::string& sender_agency_id, int64_t now_ms) {
  return ToSendingOf(request, sender_agency_id, now_ms);
}

Result<Sending> ToSending(const v1::ForwardReferralRequest& request,
                          const std::string& sender_agency_id, int64_t now_ms) {
  return ToSendingOf(request, sender_agency_id, now_ms);
}

Result<PacketSending> ToPacketSending(const v1::SendPacketRequest& request,
                                      const std::string& sender_agency_id, int64_t now_ms) {
  FAIRLEAD_ASSIGN(SealedPacket sealed, ReadSealed(request, sender_agency_id, now_ms));
  return PacketSending{.referral_id = request.referral_id(),
                       .etag = request.etag(),
                       .sealed = std::move(sealed),
                       .packet_id = ""};
}

Result<Amending> ToAmending(const v1::AmendPacketRequest& request,
                            const std::string& sender_agency_id, int64_t now_ms) {
  FAIRLEAD_ASSIGN(SealedPacket sealed, ReadSealed(request, sender_agency_id, now_ms));
  return Amending{.referral_id = request.referral_id(),
                  .etag = request.etag(),
                  .replaces_version = request.replaces_version(),
                  .sealed = std::move(sealed),
                  .packet_id = ""};
}

Offering ToOffering(const v1::OfferReferralRequest& request) {
  Offering offering{
      .draft = ToDraft(request), .mode = static_cast<Mode>(request.mode()), .recipients = {}};
  for (const v1::OfferRecipient& each : request.recipients()) {
    offering.recipients.push_back({each.recipient_agency_id(), each.service_id()});
  }
  return offering;
}

fairlead::consent::v1::IssueCustodyKeysRequest ToIssueRequest(
    const SealedPacket& sealed, const Referral& referral, const std::string& packet_id,
    const std::string& recipient_agency_id) {
  fairlead::consent::v1::IssueCustodyKeysRequest request;
  request.set_release_id(sealed.release_id);
  request.set_referral_id(referral.id);
  request.set_packet_id(packet_id);
  request.add_agency_ids(recipient_agency_id);
  request.add_agency_ids(referral.sender_agency_id);
  request.set_case_handle(referral.case_handle);
  request.set_purpose(sealed.purpose);
  SetRepeated(sealed.categories, request.mutable_categories());
  request.set_release_hash(sealed.release_hash);
  return request;
}

Result<std::string> ToPacketJson(const StoredPacket& packet, const std::string& agency_id,
                                 const std::string& custody_key) {
  seal::Envelope envelope;
  envelope.protected_b64 = packet.protected_b64;
  envelope.iv = packet.iv;
  envelope.ciphertext = packet.ciphertext;
  envelope.tag = packet.tag;
  for (const PacketRecipient& r : packet.recipients) {
    std::string encrypted_key;
    if (r.agency_id == agency_id) {
      FAIRLEAD_ASSIGN(encrypted_key, seal::UnwrapFromCustody(custody_key, r.custody_wrapped));
    }
    envelope.recipients.push_back(
        {.kid = r.kid, .epk_x = r.epk_x, .epk_y = r.epk_y, .encrypted_key = encrypted_key});
  }
  // As it was sent: the profile lists recipients in the order of their kids.
  std::sort(envelope.recipients.begin(), envelope.recipients.end(),
            [](const seal::Recipient& a, const seal::Recipient& b) { return a.kid < b.kid; });
  return seal::ToJson(envelope);
}

}  // namespace fairlead::referral
