// What is kept of sealed notes; on both engines. Beside ReferralStore, whose FindNote, HasNote and
// NotesOf are those of these that commands ask before consent is.
#ifndef SERVICES_REFERRAL_STORE_NOTE_STORE_H_
#define SERVICES_REFERRAL_STORE_NOTE_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "services/common/storage/database.h"
#include "services/referral/domain/sealed_note.h"

namespace fairlead::referral {

// With what is sealed. Of those that `agency_id` wrote or was written: of anybody else's no row is
// read, so that the time does not tell it from none.
Result<std::optional<SealedNote>> FindNote(storage::ReadTransaction& tx, const std::string& id,
                                           const std::string& agency_id);
// Whosever it is: whether the id is taken.
Result<bool> HasNote(storage::ReadTransaction& tx, const std::string& id);
// The oldest first; of what is sealed only whether it is there (SealedNote::has_content).
Result<std::vector<SealedNote>> NotesOf(storage::ReadTransaction& tx,
                                        const std::string& referral_id);
// Those of them that `agency_id` wrote or was written.
Result<std::vector<SealedNote>> NotesBetween(storage::ReadTransaction& tx,
                                             const std::string& referral_id,
                                             const std::string& agency_id);

Result<void> PutNote(storage::Transaction& tx, const SealedNote& note);
// Writes the state and what belongs to it, and raises the version. Of an appointment that stands no
// more the sealed part is destroyed, and its keys are to follow.
Result<void> UpdateAppointment(storage::Transaction& tx, SealedNote& note);
// The referral has ended: so has the appointment that stands, in the same way.
Result<void> EndAppointments(storage::Transaction& tx, const std::string& referral_id,
                             int64_t now_ms);
// The referral's packet is destroyed: so is every note, and their keys are to follow.
Result<void> DestroyNotes(storage::Transaction& tx, const std::string& referral_id);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_STORE_NOTE_STORE_H_
