#include "services/referral/commands/mark_opened.h"

#include "services/referral/commands/forward_referral.h"

namespace fairlead::referral {

tl::unexpected<Error> OfferNotOpen() {
  return Fail(Code::kFailedPrecondition, kOfferNotOpen,
              "The offer was declined, withdrawn or has expired: its packet is closed.");
}

Result<size_t> OfferBehindGlass(ReferralReader& reader, const Referral& referral,
                                const std::string& agency_id) {
  const std::optional<size_t> own = OfferOf(referral, agency_id);
  if (!own || !OpensBehindGlass(referral, referral.offers[*own])) return OfferNotOpen();
  // An agency that the case must never be put to, by whoever had it, has no business with it.
  FAIRLEAD_ASSIGN(const DoNotRoute list,
                  reader.FindDoNotRoute(referral.sender_agency_id, referral.case_handle));
  if (list.Has(agency_id)) return OfferNotOpen();
  FAIRLEAD_ASSIGN(const std::optional<Forward> forward, reader.FindForward(referral.id));
  if (forward) {
    FAIRLEAD_ASSIGN(const bool barred, IsBarred(reader, *forward, agency_id));
    if (barred) return OfferNotOpen();
  }
  return *own;
}

Result<Referral> MarkOpened(Unit& unit, const std::string& referral_id, int64_t version) {
  // Consent has handed out the custody key in this very call.
  Result<Found> received = FindAsRecipient(unit, referral_id, /*release_in_force=*/true);
  if (!received) {
    FAIRLEAD_ASSIGN(Found own, FindAsSender(unit, referral_id, /*release_in_force=*/true));
    FAIRLEAD_RETURN_IF_ERROR(own.Permitted());
    FAIRLEAD_RETURN_IF_ERROR(Tell(unit, own.referral, nullptr, "reread"));
    return std::move(own.referral);
  }
  FAIRLEAD_RETURN_IF_ERROR(received->Permitted());  // not when it has ended meanwhile
  Offer& offer = received->offer();
  const bool is_first = offer.open_ms == 0;
  if (is_first) {
    offer.open_ms = unit.now_ms;
    if (offer.state == OfferState::kSent) {
      FAIRLEAD_RETURN_IF_ERROR(Move(offer.state, OfferState::kDelivered));
    }
    if (offer.deliver_ms == 0) offer.deliver_ms = unit.now_ms;  // who opens it has seen it
  }
  // One that was amended on the way to its reader is an opening of what it was.
  const bool is_newer = version > offer.opened_version;
  if (is_newer) offer.opened_version = version;
  if (is_first || is_newer) FAIRLEAD_RETURN_IF_ERROR(unit.store.UpdateOffer(offer));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, received->referral, &offer, "opened"));
  return std::move(received->referral);
}

Result<Referral> MarkBreakGlass(Unit& unit, const std::string& referral_id) {
  FAIRLEAD_ASSIGN(std::optional<Referral> referral, unit.store.Find(referral_id));
  if (!referral) return NotFound();
  FAIRLEAD_ASSIGN(const size_t own, OfferBehindGlass(unit.store, *referral, unit.agency_id));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, *referral, &referral->offers[own], "break_glass_opened"));
  return std::move(*referral);
}

Result<Referral> MarkFetched(Unit& unit, const std::string& referral_id) {
  FAIRLEAD_ASSIGN(Found held, FindAsEither(unit, referral_id, /*release_in_force=*/true));
  FAIRLEAD_RETURN_IF_ERROR(held.Permitted());
  const Offer* offer = held.IsSenders(unit) ? nullptr : &held.offer();
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, held.referral, offer, "fetched"));
  return std::move(held.referral);
}

}  // namespace fairlead::referral
