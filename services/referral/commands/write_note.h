// One agency of a hand-off writes the other a sealed note: an appointment, a question, an answer.
#ifndef SERVICES_REFERRAL_COMMANDS_WRITE_NOTE_H_
#define SERVICES_REFERRAL_COMMANDS_WRITE_NOTE_H_

#include <string>

#include "services/common/seal/seal.h"
#include "services/referral/commands/custody.h"
#include "services/referral/commands/unit.h"
#include "services/referral/domain/sealed_note.h"

namespace fairlead::referral {

struct NoteWriting {
  NoteKind kind = NoteKind::kAppointment;
  std::string note_id;
  std::string referral_id;
  std::string about_note_id;  // the question, or the appointment to be replaced
  std::string etag;           // of the latter
  // Of what was handed in; looked at after everything that says whether the caller may write at
  // all.
  Result<seal::Envelope> envelope;
  // Filled in once consent has given them: what is kept, and the keys.
  SealedPacket sealed = {};
};

// What a note belongs to.
struct NotePlace {
  Referral referral;
  size_t offer_index = 0;
  std::string to_agency_id;
  SealedNote about;  // without an id: there is none
  std::vector<SealedNote> notes;
  Offer& offer() { return referral.offers[offer_index]; }
};

// When nothing on our side stands against it; asked before consent is, and again inside the
// transaction, with `released`. Errors: those of SealedNoteService, consent's apart.
Result<NotePlace> CheckNote(ReferralReader& store, const rpc::CallContext& context,
                            const NoteWriting& writing, int64_t now_ms, bool released);

Result<SealedNote> WriteNote(Unit& unit, const NoteWriting& writing);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_WRITE_NOTE_H_
