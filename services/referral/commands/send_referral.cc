#include "services/referral/commands/send_referral.h"

#include <algorithm>

namespace fairlead::referral {
namespace {

// The draft, or a new referral when there is none and the request says enough to make one.
Result<Sendable> DraftOf(ReferralReader& store, const std::string& agency_id,
                         const Sending& sending, int64_t now_ms) {
  FAIRLEAD_ASSIGN(std::optional<Referral> found, store.Find(sending.referral_id));
  if (found && found->sender_agency_id == agency_id) {
    FAIRLEAD_RETURN_IF_ERROR(CheckEtag(*found, sending.etag));
    return Sendable{std::move(*found), false};
  }
  if (!sending.has_facets || sending.case_handle.empty()) {
    return Fail(Code::kInvalidArgument, "FACETS_REQUIRED",
                "There is no such draft: to send without one, give case_handle and facets.");
  }
  // Somebody else's id: as unusable for a new one as any that is taken.
  if (found) return Fail(Code::kAlreadyExists, "REFERRAL_ALREADY_EXISTS", "That id is taken.");
  Referral referral;
  referral.id = sending.referral_id;
  referral.sender_agency_id = agency_id;
  referral.case_handle = sending.case_handle;
  referral.facets = sending.facets;
  referral.create_ms = now_ms;
  FAIRLEAD_RETURN_IF_ERROR(CheckFacets(referral.facets));
  return Sendable{std::move(referral), true};
}

// The agency's share of the packet, found by its current epoch key.
Result<seal::Recipient> ShareOf(ReferralReader& store, const Sending& sending,
                                const std::string& agency_id, bool is_sender) {
  FAIRLEAD_ASSIGN(const std::optional<AgencyKeyRecord> key, store.CurrentKey(agency_id));
  if (!key) {
    return Fail(Code::kFailedPrecondition, "AGENCY_HAS_NO_KEYS",
                "The agency has not published its keys yet.", {{"agency_id", agency_id}});
  }
  const auto share =
      std::find_if(sending.sealed_to.begin(), sending.sealed_to.end(),
                   [&](const seal::Recipient& r) { return r.kid == key->epoch_kid; });
  // One recipient more would be an undeclared one.
  if (share == sending.sealed_to.end() || sending.sealed_to.size() != 2) {
    return Fail(Code::kInvalidArgument, "PACKET_RECIPIENT_MISMATCH",
                "The packet must be sealed to the current keys of the receiving and the sending "
                "agency, and to nobody else.",
                {{"agency_id", agency_id}});
  }
  if (is_sender && key->signing_kid != sending.sender_kid) {
    return Fail(Code::kInvalidArgument, "PACKET_SENDER_MISMATCH",
                "The packet is not signed with the current key of the sending agency.");
  }
  return *share;
}

// Wraps both agencies' shares of the packet under their custody keys.
Result<StoredPacket> TakeIntoCustody(Unit& unit, const Sending& sending) {
  StoredPacket packet = sending.packet;
  packet.recipients.clear();
  for (const std::string& agency_id : {sending.recipient_agency_id, unit.agency_id}) {
    FAIRLEAD_ASSIGN(const seal::Recipient share,
                    ShareOf(unit.store, sending, agency_id, agency_id == unit.agency_id));
    const auto custody_key = sending.custody_keys.find(agency_id);
    if (custody_key == sending.custody_keys.end()) {
      return Fail(Code::kInternal, "CUSTODY_KEY_MISSING", "Consent gave no key for an agency.");
    }
    FAIRLEAD_ASSIGN(std::string wrapped,
                    seal::WrapUnderCustody(custody_key->second, share.encrypted_key));
    packet.recipients.push_back({.agency_id = agency_id,
                                 .kid = share.kid,
                                 .epk_x = share.epk_x,
                                 .epk_y = share.epk_y,
                                 .custody_wrapped = std::move(wrapped)});
  }
  return packet;
}

tl::unexpected<Error> NotActive(const std::string& who) {
  return Fail(Code::kFailedPrecondition, "AGENCY_NOT_ACTIVE", who + " is not an active member.");
}

Result<void> CheckDuplicate(ReferralReader& store, const Referral& referral) {
  FAIRLEAD_ASSIGN(const std::optional<std::string> live,
                  store.FindLive(referral.sender_agency_id, referral.case_handle,
                                 referral.facets.need_code, referral.id));
  if (!live) return {};
  return Fail(Code::kFailedPrecondition, "DUPLICATE_SERVICE",
              "This case already has an open referral for the same need.",
              {{"referral_id", *live}});
}

}  // namespace

Result<Sendable> CheckSending(ReferralReader& store, const std::string& agency_id,
                              const Sending& sending, int64_t now_ms) {
  FAIRLEAD_ASSIGN(Sendable sendable, DraftOf(store, agency_id, sending, now_ms));
  FAIRLEAD_RETURN_IF_ERROR(Move(sendable.referral.state, ReferralState::kOpen));
  FAIRLEAD_ASSIGN(const std::optional<AgencyRecord> recipient,
                  store.FindAgency(sending.recipient_agency_id));
  if (!recipient || recipient->membership != "active") return NotActive("The receiving agency");
  // The session may be older than the suspension. (Not known yet: the policy has looked.)
  FAIRLEAD_ASSIGN(const std::optional<AgencyRecord> sender, store.FindAgency(agency_id));
  if (sender && sender->membership != "active") return NotActive("Your agency");
  for (const std::string& one : {sending.recipient_agency_id, agency_id}) {
    FAIRLEAD_RETURN_IF_ERROR(ShareOf(store, sending, one, one == agency_id));
  }
  if (!sending.allow_duplicate_service) {
    FAIRLEAD_RETURN_IF_ERROR(CheckDuplicate(store, sendable.referral));
  }
  return sendable;
}

Result<Referral> SendReferral(Unit& unit, const Sending& sending) {
  FAIRLEAD_ASSIGN(Sendable sendable,
                  CheckSending(unit.store, unit.agency_id, sending, unit.now_ms));
  Referral& referral = sendable.referral;
  // It was a draft of this agency until here, and consent gives keys under a release in force only.
  auth::Standing standing{.state = auth::RecordState::kDraft,
                          .release_in_force = !sending.custody_keys.empty()};
  if (referral.sender_agency_id == unit.agency_id) standing.relations = auth::Relation::kSender;
  if (Ask(unit.context, standing) != auth::Verdict::kAllowed) return NotFound();
  // Ended while this was under way. Not looked at before consent has found the release to be the
  // caller's own: nobody may hear so of somebody else's.
  FAIRLEAD_ASSIGN(const bool revoked, unit.store.IsReleaseRevoked(sending.release_id));
  if (revoked) {
    return Fail(Code::kPermissionDenied, "RELEASE_REVOKED", "The release was revoked.");
  }
  FAIRLEAD_ASSIGN(const StoredPacket packet, TakeIntoCustody(unit, sending));
  referral.release_id = sending.release_id;
  referral.release_hash = sending.release_hash;
  referral.purpose = sending.purpose;
  referral.categories = sending.categories;
  referral.update_ms = unit.now_ms;
  if (sendable.is_new) {
    FAIRLEAD_RETURN_IF_ERROR(unit.store.Insert(referral));
  } else {
    FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(referral));
  }
  Offer offer;
  offer.id = unit.ids.New();
  offer.referral_id = referral.id;
  offer.recipient_agency_id = sending.recipient_agency_id;
  offer.service_id = sending.service_id;
  offer.send_ms = unit.now_ms;
  offer.ladder = FreezeLadder(unit.clocks, referral.facets.urgency, unit.now_ms);
  FAIRLEAD_RETURN_IF_ERROR(unit.store.InsertOffer(offer));
  FAIRLEAD_RETURN_IF_ERROR(unit.store.InsertPacket(packet));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, referral, &offer, "sent"));
  referral.offers.push_back(std::move(offer));
  return std::move(referral);
}

}  // namespace fairlead::referral
