// What becomes of an appointment that one agency has proposed to the other: in codes alone.
#ifndef SERVICES_REFERRAL_COMMANDS_DECIDE_APPOINTMENT_H_
#define SERVICES_REFERRAL_COMMANDS_DECIDE_APPOINTMENT_H_

#include <string>

#include "services/referral/commands/unit.h"
#include "services/referral/domain/sealed_note.h"

namespace fairlead::referral {

// One answer for "not there" and "not yours": NOT_FOUND NOTE_NOT_FOUND.
tl::unexpected<Error> NoteNotFound();
tl::unexpected<Error> NotAnAppointment();
// ABORTED ETAG_MISMATCH unless `etag` is empty or names the note's version.
Result<void> CheckNoteEtag(const SealedNote& note, const std::string& etag);

struct AppointmentDecision {
  std::string note_id;
  std::string etag;
  AppointmentState to = AppointmentState::kConfirmed;  // or declined, or cancelled
  std::string reason_code;                             // of the latter two
};
// Errors: NOTE_NOT_FOUND, NOT_AN_APPOINTMENT, ETAG_MISMATCH, ILLEGAL_TRANSITION, OTHER_SIDES_TURN,
// UNKNOWN_REASON_CODE.
Result<SealedNote> DecideAppointment(Unit& unit, const AppointmentDecision& decision);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_DECIDE_APPOINTMENT_H_
