#include "services/referral/commands/send_referral.h"

#include <algorithm>

namespace fairlead::referral {
namespace {

// The draft, or a new referral when there is none and the request says enough to make one.
Result<Referral> DraftOf(Unit& unit, const Sending& sending, bool& is_new) {
  FAIRLEAD_ASSIGN(std::optional<Referral> found, unit.store.Find(sending.referral_id));
  is_new = !found;
  if (found) {
    if (found->sender_agency_id != unit.agency_id) {
      // Somebody else's id: as unusable as it would be when new and taken.
      return Fail(Code::kAlreadyExists, "REFERRAL_ALREADY_EXISTS", "That id is taken.");
    }
    FAIRLEAD_RETURN_IF_ERROR(CheckEtag(*found, sending.etag));
    return std::move(*found);
  }
  if (!sending.has_facets || sending.case_handle.empty()) {
    return Fail(Code::kInvalidArgument, "FACETS_REQUIRED",
                "There is no such draft: to send without one, give case_handle and facets.");
  }
  Referral referral;
  referral.id = sending.referral_id;
  referral.sender_agency_id = unit.agency_id;
  referral.case_handle = sending.case_handle;
  referral.facets = sending.facets;
  referral.create_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(CheckFacets(referral.facets));
  return referral;
}

// Finds each agency's share of the packet by its current epoch key and wraps it under custody. The
// packet must be sealed to exactly these agencies: one more would be an undeclared recipient.
Result<StoredPacket> TakeIntoCustody(Unit& unit, const Sending& sending) {
  StoredPacket packet = sending.packet;
  packet.recipients.clear();
  for (const std::string& agency_id : {sending.recipient_agency_id, unit.agency_id}) {
    FAIRLEAD_ASSIGN(const std::optional<AgencyKeyRecord> key, unit.store.CurrentKey(agency_id));
    if (!key) {
      return Fail(Code::kFailedPrecondition, "AGENCY_HAS_NO_KEYS",
                  "The agency has not published its keys yet.", {{"agency_id", agency_id}});
    }
    const auto share =
        std::find_if(sending.sealed_to.begin(), sending.sealed_to.end(),
                     [&](const seal::Recipient& r) { return r.kid == key->epoch_kid; });
    const auto custody_key = sending.custody_keys.find(agency_id);
    if (share == sending.sealed_to.end() || custody_key == sending.custody_keys.end() ||
        sending.sealed_to.size() != 2) {
      return Fail(Code::kInvalidArgument, "PACKET_RECIPIENT_MISMATCH",
                  "The packet must be sealed to the current keys of the receiving and the sending "
                  "agency, and to nobody else.",
                  {{"agency_id", agency_id}});
    }
    if (agency_id == unit.agency_id && key->signing_kid != sending.sender_kid) {
      return Fail(Code::kInvalidArgument, "PACKET_SENDER_MISMATCH",
                  "The packet is not signed with the current key of the sending agency.");
    }
    FAIRLEAD_ASSIGN(std::string wrapped,
                    seal::WrapUnderCustody(custody_key->second, share->encrypted_key));
    packet.recipients.push_back({.agency_id = agency_id,
                                 .kid = share->kid,
                                 .epk_x = share->epk_x,
                                 .epk_y = share->epk_y,
                                 .custody_wrapped = std::move(wrapped)});
  }
  return packet;
}

}  // namespace

Result<void> CheckDuplicate(ReferralReader& store, const Referral& referral,
                            bool allow_duplicate_service) {
  if (allow_duplicate_service) return {};
  FAIRLEAD_ASSIGN(const std::optional<std::string> live,
                  store.FindLive(referral.sender_agency_id, referral.case_handle,
                                 referral.facets.need_code, referral.id));
  if (!live) return {};
  return Fail(Code::kFailedPrecondition, "DUPLICATE_SERVICE",
              "This case already has an open referral for the same need.",
              {{"referral_id", *live}});
}

Result<Referral> SendReferral(Unit& unit, const Sending& sending) {
  bool is_new = false;
  FAIRLEAD_ASSIGN(Referral referral, DraftOf(unit, sending, is_new));
  FAIRLEAD_RETURN_IF_ERROR(Move(referral.state, ReferralState::kOpen));
  FAIRLEAD_ASSIGN(const std::optional<AgencyRecord> recipient,
                  unit.store.FindAgency(sending.recipient_agency_id));
  if (!recipient || recipient->membership != "active") {
    return Fail(Code::kFailedPrecondition, "AGENCY_NOT_ACTIVE",
                "The receiving agency is not an active member.");
  }
  FAIRLEAD_ASSIGN(const StoredPacket packet, TakeIntoCustody(unit, sending));
  FAIRLEAD_RETURN_IF_ERROR(CheckDuplicate(unit.store, referral, sending.allow_duplicate_service));

  referral.release_id = sending.release_id;
  referral.release_hash = sending.release_hash;
  referral.purpose = sending.purpose;
  referral.categories = sending.categories;
  referral.update_ms = unit.now_ms;
  if (is_new) {
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
  offer.ladder = FreezeLadder(referral.facets.urgency, unit.now_ms);
  FAIRLEAD_RETURN_IF_ERROR(unit.store.InsertOffer(offer));
  FAIRLEAD_RETURN_IF_ERROR(unit.store.InsertPacket(packet));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, referral, &offer, "sent"));
  referral.offers.push_back(std::move(offer));
  return referral;
}

}  // namespace fairlead::referral
