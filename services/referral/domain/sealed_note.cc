#include "services/referral/domain/sealed_note.h"

#include <algorithm>

namespace fairlead::referral {

const SealedNote* StandingAppointment(const std::vector<SealedNote>& notes) {
  const auto found = std::ranges::find_if(notes, &SealedNote::stands);
  return found == notes.end() ? nullptr : &*found;
}

bool Waits(const SealedNote& note, const std::vector<SealedNote>& notes) {
  return note.kind == NoteKind::kQuestion &&
         std::ranges::none_of(notes, [&](const SealedNote& each) {
           return each.kind == NoteKind::kAnswer && each.about_note_id == note.id;
         });
}

size_t CountNotesBy(const std::string& agency_id, const std::vector<SealedNote>& notes) {
  return static_cast<size_t>(std::ranges::count_if(notes, [&](const SealedNote& each) {
    return each.from_agency_id == agency_id && each.kind != NoteKind::kAnswer;
  }));
}

bool AnyWaits(const Offer& offer, const std::vector<SealedNote>& notes) {
  return std::ranges::any_of(offer.questions, &AskedQuestion::waits) ||
         std::ranges::any_of(notes, [&](const SealedNote& each) {
           return each.offer_id == offer.id && Waits(each, notes);
         });
}

}  // namespace fairlead::referral
