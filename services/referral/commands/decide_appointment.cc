#include "services/referral/commands/decide_appointment.h"

#include <algorithm>

#include "services/referral/domain/codes.h"
#include "services/referral/store/note_store.h"

namespace fairlead::referral {
namespace {

Result<void> CheckAppointmentReason(const AppointmentDecision& decision) {
  if (decision.to == AppointmentState::kConfirmed) return {};
  if (IsAppointmentReason(decision.reason_code)) return {};
  return Fail(Code::kInvalidArgument, "UNKNOWN_REASON_CODE",
              "No such reason for an appointment not to take place.", {{"field", "reason_code"}});
}

}  // namespace

tl::unexpected<Error> NoteNotFound() {
  return Fail(Code::kNotFound, "NOTE_NOT_FOUND", "There is no such note.");
}

tl::unexpected<Error> NotAnAppointment() {
  return Fail(Code::kFailedPrecondition, "NOT_AN_APPOINTMENT", "That note is no appointment.");
}

Result<void> CheckNoteEtag(const SealedNote& note, const std::string& etag) {
  if (etag.empty() || etag == Etag(note)) return {};
  return Fail(Code::kAborted, "ETAG_MISMATCH",
              "The appointment has changed since it was read: read it again.",
              {{"current_etag", Etag(note)}});
}

Result<SealedNote> DecideAppointment(Unit& unit, const AppointmentDecision& decision) {
  FAIRLEAD_RETURN_IF_ERROR(CheckAppointmentReason(decision));
  FAIRLEAD_ASSIGN(std::optional<SealedNote> note,
                  unit.store.FindNote(decision.note_id, unit.agency_id));
  // Looked for in any case: the time must not tell somebody else's note from none.
  FAIRLEAD_ASSIGN(const std::optional<Referral> referral,
                  unit.store.Find(note ? note->referral_id : decision.note_id));
  if (!note || !referral) return NoteNotFound();
  const bool proposer = note->from_agency_id == unit.agency_id;
  const auth::Verdict verdict = Ask(unit.context, StandingOf(*referral, unit.agency_id));
  const bool found = verdict == auth::Verdict::kAllowed || verdict == auth::Verdict::kWrongState;
  if (!found) return NoteNotFound();
  if (note->kind != NoteKind::kAppointment) return NotAnAppointment();
  FAIRLEAD_RETURN_IF_ERROR(CheckNoteEtag(*note, decision.etag));
  // The states' own rules first, as everywhere: of one that has ended they say so.
  FAIRLEAD_RETURN_IF_ERROR(
      Move(note->state, decision.to, proposer ? Mover::kProposer : Mover::kOther));
  if (verdict != auth::Verdict::kAllowed) return NoteNotFound();
  const auto offer = std::ranges::find(referral->offers, note->offer_id, &Offer::id);
  if (offer == referral->offers.end()) return NoteNotFound();
  note->reason_code = decision.reason_code;
  note->decide_ms = unit.now_ms;
  note->decide_agency_id = unit.agency_id;
  FAIRLEAD_RETURN_IF_ERROR(UpdateAppointment(unit.tx, *note));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, *referral, &*offer,
                                "appointment_" + std::string(StateName(note->state)),
                                decision.reason_code));
  return std::move(*note);
}

}  // namespace fairlead::referral
