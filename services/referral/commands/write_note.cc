#include "services/referral/commands/write_note.h"

#include <algorithm>
#include <map>
#include <utility>

#include "services/common/base/ids.h"
#include "services/referral/commands/ask_question.h"
#include "services/referral/commands/decide_appointment.h"
#include "services/referral/commands/do_not_route.h"
#include "services/referral/commands/draft.h"
#include "services/referral/commands/forward_referral.h"
#include "services/referral/commands/match.h"
#include "services/referral/store/note_store.h"

namespace fairlead::referral {
namespace {

tl::unexpected<Error> NotePrecondition(const char* reason, const char* message,
                                       std::map<std::string, std::string> metadata = {}) {
  return Fail(Code::kFailedPrecondition, reason, message, std::move(metadata));
}

tl::unexpected<Error> NoteNotOpen(NoteKind kind) {
  if (kind == NoteKind::kAppointment) {
    return NotePrecondition("NOT_MATCHED", "The referral is neither matched nor in service.");
  }
  return NotePrecondition("OFFER_NOT_OPEN", "The offer was declined, withdrawn or has expired.");
}

// The note that this one is about, and the referral. Both are looked for in any case: the time must
// not tell what is somebody else's from what is not there.
Result<NotePlace> FindNotePlace(ReferralReader& store, const std::string& agency_id,
                                const NoteWriting& writing) {
  NotePlace place;
  if (!writing.about_note_id.empty()) {
    FAIRLEAD_ASSIGN(std::optional<SealedNote> about,
                    store.FindNote(writing.about_note_id, agency_id));
    if (about && about->referral_id == writing.referral_id) place.about = std::move(*about);
  }
  FAIRLEAD_ASSIGN(std::optional<Referral> referral, store.Find(writing.referral_id));
  if (!referral) return NotFound();
  place.referral = std::move(*referral);
  return place;
}

// The offer that the note is about, and who it goes to.
Result<void> FindNoteOffer(const std::string& agency_id, const NoteWriting& writing,
                           NotePlace& place) {
  const std::vector<Offer>& offers = place.referral.offers;
  const bool by_sender = place.referral.sender_agency_id == agency_id;
  auto offer = offers.end();
  if (!by_sender) {
    const std::optional<size_t> own = OfferOf(place.referral, agency_id);
    if (own) offer = offers.begin() + static_cast<std::ptrdiff_t>(*own);
  } else if (writing.kind == NoteKind::kAnswer) {
    offer = std::ranges::find(offers, place.about.offer_id, &Offer::id);
  } else {
    offer = std::ranges::find(offers, OfferState::kAccepted, &Offer::state);
  }
  if (offer == offers.end()) return NoteNotOpen(writing.kind);
  const bool agreed = offer->state == OfferState::kAccepted && IsUnderWay(place.referral.state);
  const bool waits = writing.kind != NoteKind::kAppointment && IsPending(offer->state);
  if (!waits && !agreed) return NoteNotOpen(writing.kind);
  place.offer_index = static_cast<size_t>(offer - offers.begin());
  place.to_agency_id = by_sender ? offer->recipient_agency_id : place.referral.sender_agency_id;
  if (!place.referral.packet_id.empty()) return {};
  return NotePrecondition("PACKET_NOT_SENT",
                          "Nothing has been released to this agency yet: until its packet is sent, "
                          "ask and answer in codes.");
}

Result<void> CheckReplacing(const NoteWriting& writing, const NotePlace& place) {
  const SealedNote* standing = StandingAppointment(place.notes);
  if (writing.about_note_id.empty()) {
    if (standing == nullptr) return {};
    return NotePrecondition("APPOINTMENT_STANDS",
                            "Another one stands: to propose this in its place, name it.",
                            {{"note_id", standing->id}});
  }
  if (place.about.kind != NoteKind::kAppointment) return NotAnAppointment();
  FAIRLEAD_RETURN_IF_ERROR(CheckNoteEtag(place.about, writing.etag));
  AppointmentState state = place.about.state;
  return Move(state, AppointmentState::kReplaced, Mover::kOther);  // either side may
}

Result<void> CheckSealedAnswer(const NotePlace& place) {
  if (place.about.kind != NoteKind::kQuestion) {
    return NotePrecondition("NOT_A_QUESTION", "That note is no question.");
  }
  if (Waits(place.about, place.notes)) return {};
  return Fail(Code::kAlreadyExists, "QUESTION_ALREADY_ANSWERED", "It has been answered.");
}

// Its keys would go by an id that has keys already. Those of an amended packet go by a hash, which
// is never a UUIDv7 (NextPacketId).
Result<void> CheckNoteIdFree(ReferralReader& store, const std::string& note_id) {
  constexpr size_t kVersionAt = 14;
  if (!IsUuid(note_id) || note_id[kVersionAt] != '7') {
    return Fail(Code::kInvalidArgument, "INVALID_ID", "A note's id is a UUIDv7.",
                {{"field", "note_id"}});
  }
  FAIRLEAD_ASSIGN(const bool note, store.HasNote(note_id));
  FAIRLEAD_ASSIGN(const std::optional<Referral> referral, store.Find(note_id));
  FAIRLEAD_ASSIGN(const std::optional<std::string> offered, store.ReferralOfOffer(note_id));
  if (!note && !referral && !offered) return {};
  return Fail(Code::kAlreadyExists, "NOTE_ID_TAKEN", "That id is taken.");
}

Result<void> CheckNoteHeader(const seal::Header& header, const Referral& referral,
                             const std::string& agency_id, int64_t now_ms) {
  if (header.referral_id != referral.id) {
    return Fail(Code::kInvalidArgument, "PACKET_REFERRAL_MISMATCH",
                "The note was sealed for another referral.");
  }
  if (header.sender_agency_id != agency_id) {
    return Fail(Code::kInvalidArgument, "PACKET_SENDER_AGENCY_MISMATCH",
                "The note names another agency than yours as its writer.");
  }
  if (header.expires_s * 1000 <= now_ms) {
    return Fail(Code::kInvalidArgument, "PACKET_EXPIRED", "The note has expired.");
  }
  if (header.release_hash != referral.release_hash || header.purpose != referral.purpose ||
      header.categories != referral.categories) {
    return Fail(Code::kInvalidArgument, "NOTE_RELEASE_MISMATCH",
                "A note is sealed under the release, purpose and categories of the packet.");
  }
  return {};
}

Result<void> CheckNoteParties(ReferralReader& store, const std::string& agency_id,
                              const NotePlace& place) {
  FAIRLEAD_RETURN_IF_ERROR(CheckMembers(store, agency_id, place.to_agency_id));
  if (place.referral.sender_agency_id != agency_id) return {};
  FAIRLEAD_RETURN_IF_ERROR(CheckMayBeAsked(store, place.referral, {place.to_agency_id}));
  return CheckHadBefore(store, place.referral.id, {place.to_agency_id});
}

std::string NoteChange(const NoteWriting& writing) {
  switch (writing.kind) {
    case NoteKind::kQuestion:
      return "sealed_question_asked";
    case NoteKind::kAnswer:
      return "sealed_question_answered";
    case NoteKind::kAppointment:
      break;
  }
  return writing.about_note_id.empty() ? "appointment_proposed" : "appointment_replaced";
}

// Whose turn it is with an offer that waits, once the note is written.
Result<void> PassNoteTurn(Unit& unit, const NoteWriting& writing, NotePlace& place) {
  Offer& offer = place.offer();
  if (!IsPending(offer.state)) return {};
  if (writing.kind == NoteKind::kQuestion) {
    FAIRLEAD_RETURN_IF_ERROR(TurnToSender(unit, offer));
  } else {
    FAIRLEAD_ASSIGN(const std::vector<SealedNote> notes, unit.store.NotesOf(place.referral.id));
    if (AnyWaits(offer, notes)) return {};
    FAIRLEAD_RETURN_IF_ERROR(Move(offer.state, OfferState::kDelivered));
  }
  place.referral.update_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(place.referral));
  return unit.store.UpdateOffer(offer);
}

}  // namespace

Result<NotePlace> CheckNote(ReferralReader& store, const rpc::CallContext& context,
                            const NoteWriting& writing, int64_t now_ms, bool released) {
  const std::string& agency_id = context.actor.agency_id;
  FAIRLEAD_ASSIGN(NotePlace place, FindNotePlace(store, agency_id, writing));
  auth::Standing standing = StandingOf(place.referral, agency_id);
  standing.release_in_force = released;
  const auth::Verdict verdict = Ask(context, standing);
  if (verdict == auth::Verdict::kWrongState) return NoteNotOpen(writing.kind);
  if (verdict != (released ? auth::Verdict::kAllowed : auth::Verdict::kReleaseNeeded)) {
    return NotFound();
  }
  if (place.about.id != writing.about_note_id) return NoteNotFound();
  FAIRLEAD_RETURN_IF_ERROR(FindNoteOffer(agency_id, writing, place));
  FAIRLEAD_RETURN_IF_ERROR(CheckInTime(place.offer(), now_ms));
  FAIRLEAD_ASSIGN(place.notes, store.NotesOf(place.referral.id));
  if (writing.kind == NoteKind::kAppointment) {
    FAIRLEAD_RETURN_IF_ERROR(CheckReplacing(writing, place));
  }
  if (writing.kind == NoteKind::kAnswer) FAIRLEAD_RETURN_IF_ERROR(CheckSealedAnswer(place));
  if (writing.kind != NoteKind::kAnswer && CountNotesBy(agency_id, place.notes) >= kMostNotes) {
    return NotePrecondition("TOO_MANY_NOTES",
                            "Your agency has written all that one may about one referral.",
                            {{"limit", std::to_string(kMostNotes)}});
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckNoteIdFree(store, writing.note_id));
  if (!writing.envelope) return Fail(writing.envelope.error());
  FAIRLEAD_RETURN_IF_ERROR(
      CheckNoteHeader(writing.envelope->header, place.referral, agency_id, now_ms));
  SealedPacket outside;
  outside.sender_kid = writing.envelope->header.sender_kid;
  outside.sealed_to = writing.envelope->recipients;
  FAIRLEAD_RETURN_IF_ERROR(CheckSealedTo(store, outside, place.to_agency_id, agency_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckNoteParties(store, agency_id, place));
  return place;
}

Result<SealedNote> WriteNote(Unit& unit, const NoteWriting& writing) {
  FAIRLEAD_ASSIGN(NotePlace place,
                  CheckNote(unit.store, unit.context, writing, unit.now_ms, /*released=*/true));
  const SealedPacket& sealed = writing.sealed;
  // Since consent was asked: ended, or sent anew under another.
  FAIRLEAD_RETURN_IF_ERROR(CheckNotRevoked(unit.store, sealed.release_id));
  if (sealed.release_id != place.referral.release_id) {
    return Fail(Code::kAborted, "MATCH_CHANGED",
                "Its packet has been sent anew meanwhile: read it again.");
  }
  SealedNote note{.id = writing.note_id,
                  .referral_id = place.referral.id,
                  .offer_id = place.offer().id,
                  .kind = writing.kind,
                  .from_agency_id = unit.agency_id,
                  .to_agency_id = place.to_agency_id,
                  .create_ms = unit.now_ms,
                  .about_note_id = place.about.id,
                  .release_id = sealed.release_id,
                  .release_hash = sealed.release_hash,
                  .purpose = sealed.purpose,
                  .categories = sealed.categories,
                  .content = sealed.packet};
  FAIRLEAD_ASSIGN(note.content.recipients, WrappedShares(unit, sealed, place.to_agency_id));
  if (writing.kind == NoteKind::kAppointment && !place.about.id.empty()) {
    const bool own = place.about.from_agency_id == unit.agency_id;
    const Mover by = own ? Mover::kProposer : Mover::kOther;
    FAIRLEAD_RETURN_IF_ERROR(Move(place.about.state, AppointmentState::kReplaced, by));
    place.about.decide_ms = unit.now_ms;
    place.about.decide_agency_id = unit.agency_id;
    FAIRLEAD_RETURN_IF_ERROR(UpdateAppointment(unit.tx, place.about));
  }
  FAIRLEAD_RETURN_IF_ERROR(PutNote(unit.tx, note));
  FAIRLEAD_RETURN_IF_ERROR(PassNoteTurn(unit, writing, place));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, place.referral, &place.offer(), NoteChange(writing)));
  return note;
}

}  // namespace fairlead::referral
