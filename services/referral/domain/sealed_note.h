// What the two agencies of a hand-off write each other, sealed: who wrote it, of which kind, and
// what stands of it; what it says the hub cannot read.
#ifndef SERVICES_REFERRAL_DOMAIN_SEALED_NOTE_H_
#define SERVICES_REFERRAL_DOMAIN_SEALED_NOTE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/referral/domain/referral.h"
#include "services/referral/domain/states.h"

namespace fairlead::referral {

// Values of fairlead.referral.v1.NoteKind.
enum class NoteKind { kQuestion = 1, kAnswer = 2, kAppointment = 3 };

// Of one referral, by one agency and whatever became of them, until its packet is destroyed.
// Answers do not count: there is one to a question at most.
inline constexpr size_t kMostNotes = 20;

struct SealedNote {
  std::string id;  // its custody keys go by it, as a packet's by the packet's
  std::string referral_id;
  std::string offer_id;  // between the sender and the agency of this offer
  NoteKind kind = NoteKind::kAppointment;
  std::string from_agency_id;
  std::string to_agency_id;
  int64_t create_ms = 0;
  std::string about_note_id;  // of an answer the question; of an appointment the one it replaced
  // Of an appointment.
  AppointmentState state = AppointmentState::kProposed;
  std::string reason_code = {};
  int64_t decide_ms = 0;  // 0: it is as it was proposed
  std::string decide_agency_id = {};
  int64_t version = 1;  // the etag
  // What it was sealed under: that of the packet at that time.
  std::string release_id = {};
  std::string release_hash = {};
  std::string purpose = {};
  std::vector<std::string> categories = {};
  StoredPacket content = {};  // no recipients: it has been destroyed

  bool has_content() const { return !content.recipients.empty(); }
  bool stands() const { return kind == NoteKind::kAppointment && Stands(state); }
};

inline std::string Etag(const SealedNote& note) { return "v" + std::to_string(note.version); }

// What counts towards kMostNotes.
size_t CountNotesBy(const std::string& agency_id, const std::vector<SealedNote>& notes);
// The appointment that stands; nullptr: none does.
const SealedNote* StandingAppointment(const std::vector<SealedNote>& notes);
// Whether the note is a question that none of these answers.
bool Waits(const SealedNote& note, const std::vector<SealedNote>& notes);
// Whether any question about the offer waits, in codes or sealed.
bool AnyWaits(const Offer& offer, const std::vector<SealedNote>& notes);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_DOMAIN_SEALED_NOTE_H_
