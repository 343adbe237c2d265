// Sealed notes between the two agencies of a hand-off: writing one and opening one ask consent, as
// a packet does; what becomes of an appointment is in codes.
#include <functional>
#include <optional>
#include <utility>

#include "fairlead/consent/v1/note_keys.pb.h"
#include "fairlead/referral/v1/sealed_note.pb.h"
#include "services/common/rpc/proto_time.h"
#include "services/referral/commands/decide_appointment.h"
#include "services/referral/commands/write_note.h"
#include "services/referral/in_unit.h"
#include "services/referral/referral_server.h"
#include "services/referral/store/note_store.h"
#include "services/referral/translate.h"

namespace fairlead::referral {
namespace {

v1::SealedNote ToNoteProto(const SealedNote& note) {
  v1::SealedNote out;
  out.set_id(note.id);
  out.set_referral_id(note.referral_id);
  out.set_offer_id(note.offer_id);
  out.set_kind(static_cast<v1::NoteKind>(note.kind));
  out.set_from_agency_id(note.from_agency_id);
  rpc::SetTime(note.create_ms, [&] { return out.mutable_create_time(); });
  out.set_about_note_id(note.about_note_id);
  out.set_has_content(note.has_content());
  if (note.kind != NoteKind::kAppointment) return out;
  out.set_appointment_state(static_cast<v1::AppointmentState>(note.state));
  out.set_reason_code(note.reason_code);
  rpc::SetTime(note.decide_ms, [&] { return out.mutable_decide_time(); });
  out.set_decide_agency_id(note.decide_agency_id);
  out.set_etag(Etag(note));
  return out;
}

std::string NoteKindCode(NoteKind kind) {
  switch (kind) {
    case NoteKind::kQuestion:
      return "question";
    case NoteKind::kAnswer:
      return "answer";
    case NoteKind::kAppointment:
      break;
  }
  return "appointment";
}

// A note that the caller may open, the release apart; and its referral. `referral_id` is what a
// refusal goes on record under: the note's own id when there is no such note.
struct OpenableNote {
  Referral referral;
  SealedNote note;
};
Result<OpenableNote> FindOpenableNote(ReferralReader& reader, const rpc::CallContext& context,
                                      const std::string& note_id, bool released,
                                      std::string& referral_id) {
  const std::string& agency_id = context.actor.agency_id;
  FAIRLEAD_ASSIGN(std::optional<SealedNote> note, reader.FindNote(note_id, agency_id));
  referral_id = note ? note->referral_id : note_id;
  FAIRLEAD_ASSIGN(std::optional<Referral> referral, reader.Find(referral_id));
  if (!note || !referral) return NoteNotFound();
  auth::Standing standing = StandingOf(*referral, agency_id);
  standing.release_in_force = released;
  const auth::Verdict verdict = Ask(context, standing);
  if (verdict == auth::Verdict::kWrongState) {
    return Fail(Code::kFailedPrecondition, "OFFER_NOT_OPEN",
                "The offer was declined, withdrawn or has expired: what was written is closed.");
  }
  if (verdict != (released ? auth::Verdict::kAllowed : auth::Verdict::kReleaseNeeded)) {
    return NoteNotFound();
  }
  if (!note->has_content()) {
    return Fail(Code::kFailedPrecondition, "NOTE_GONE", "What it said has been destroyed.");
  }
  return OpenableNote{std::move(*referral), std::move(*note)};
}

// Handed out: a line in the story.
Result<SealedNote> MarkNoteOpened(Unit& unit, const std::string& note_id) {
  std::string referral_id;
  FAIRLEAD_ASSIGN(OpenableNote open, FindOpenableNote(unit.store, unit.context, note_id,
                                                      /*released=*/true, referral_id));
  for (const Offer& offer : open.referral.offers) {
    if (offer.id != open.note.offer_id) continue;
    FAIRLEAD_RETURN_IF_ERROR(
        Tell(unit, open.referral, &offer, "note_opened", NoteKindCode(open.note.kind)));
    return std::move(open.note);
  }
  return NoteNotFound();
}

fairlead::consent::v1::ReleaseCustodyKeyRequest AskForNote(const SealedNote& note,
                                                           const std::string& agency_id) {
  fairlead::consent::v1::ReleaseCustodyKeyRequest ask;
  ask.set_release_id(note.release_id);
  ask.set_referral_id(note.referral_id);
  ask.set_packet_id(note.id);
  ask.set_agency_id(agency_id);
  ask.set_purpose(note.purpose);
  rpc::SetRepeated(note.categories, ask.mutable_categories());
  ask.set_release_hash(note.release_hash);
  return ask;
}

}  // namespace

// Everything up to the commit: our own rules, and last of all consent.
Task<Result<NoteWriting>> ReferralServer::ApproveNote(rpc::CallContext context,
                                                      NoteWriting writing) {
  std::optional<NotePlace> place;
  std::function<Result<Referral>(ReferralReader&)> check =
      [&](ReferralReader& reader) -> Result<Referral> {
    FAIRLEAD_ASSIGN(place, CheckNote(reader, context, writing, clock_.NowMs(), false));
    return place->referral;
  };
  Task<Result<Referral>> checking = CheckAfresh(context, check);
  Result<Referral> referral = co_await std::move(checking);
  if (!referral) co_return Fail(std::move(referral.error()));
  writing.sealed = ToSealedPacket(*writing.envelope, referral->release_id);
  fairlead::consent::v1::IssueNoteKeysRequest issue;
  issue.set_release_id(writing.sealed.release_id);
  issue.set_referral_id(referral->id);
  issue.set_note_id(writing.note_id);
  issue.set_to_agency_id(place->to_agency_id);
  issue.set_purpose(writing.sealed.purpose);
  rpc::SetRepeated(writing.sealed.categories, issue.mutable_categories());
  issue.set_release_hash(writing.sealed.release_hash);
  auto options = rpc::Onward(context, kServiceName);
  auto keys = co_await rpc::Call<fairlead::consent::v1::IssueNoteKeysResponse>(
      services_, "/fairlead.consent.v1.NoteKeyService/IssueNoteKeys", issue, options);
  if (!keys) co_return Fail(std::move(keys.error()));
  for (const auto& key : keys->keys()) writing.sealed.custody_keys[key.agency_id()] = key.key();
  co_return writing;
}

template <class Response>
Task<Result<Response>> ReferralServer::WriteSealed(rpc::CallContext context,
                                                   const google::protobuf::Message& request,
                                                   NoteWriting writing) {
  // Before consent is asked: each asking may make keys and a line in the log.
  auto before = co_await rpc::Replay<Response>(database_, context, request);
  if (!before) co_return Fail(std::move(before.error()));
  if (*before) co_return std::move(**before);
  const std::string referral_id = writing.referral_id;
  const audit::Action act = writing.kind == NoteKind::kAppointment
                                ? audit::Action::kReferralAppointmentProposed
                                : audit::Action::kReferralSealedQuestionAnswered;
  Task<Result<NoteWriting>> approving = ApproveNote(context, std::move(writing));
  Result<NoteWriting> approved = co_await std::move(approving);
  std::function<Result<Response>(Unit&)> command = [&approved](Unit& unit) -> Result<Response> {
    FAIRLEAD_ASSIGN(const SealedNote note, WriteNote(unit, *approved));
    Response response;
    *response.mutable_note() = ToNoteProto(note);
    return response;
  };
  auto job = InUnit(context, std::move(command));
  Task<Result<Response>> answering =
      approved ? rpc::Mutate<Response>(database_, context, request, clock_.NowMs(), job)
               : FirstAnswerOr<Response>(context, request, approved.error());
  Result<Response> answer = co_await std::move(answering);
  Task<Result<Response>> recording =
      RecordIfListed(context, referral_id, "", act, std::move(answer));
  co_return co_await std::move(recording);
}

template <class Response>
Task<Result<Response>> ReferralServer::DecideNote(rpc::CallContext context,
                                                  const google::protobuf::Message& request,
                                                  AppointmentDecision decision) {
  std::function<Result<Response>(Unit&)> command = [&decision](Unit& unit) -> Result<Response> {
    FAIRLEAD_ASSIGN(const SealedNote note, DecideAppointment(unit, decision));
    Response response;
    *response.mutable_note() = ToNoteProto(note);
    return response;
  };
  auto job = InUnit(context, std::move(command));
  co_return co_await rpc::Mutate<Response>(database_, context, request, clock_.NowMs(), job);
}

Task<Result<v1::ProposeAppointmentResponse>> ReferralServer::ProposeAppointment(
    rpc::CallContext context, const v1::ProposeAppointmentRequest& request) {
  NoteWriting writing{.kind = NoteKind::kAppointment,
                      .note_id = request.note_id(),
                      .referral_id = request.referral_id(),
                      .about_note_id = request.replaces_note_id(),
                      .etag = request.etag(),
                      .envelope = seal::ParseEnvelope(request.note())};
  return WriteSealed<v1::ProposeAppointmentResponse>(std::move(context), request,
                                                     std::move(writing));
}

Task<Result<v1::AskSealedQuestionResponse>> ReferralServer::AskSealedQuestion(
    rpc::CallContext context, const v1::AskSealedQuestionRequest& request) {
  NoteWriting writing{.kind = NoteKind::kQuestion,
                      .note_id = request.note_id(),
                      .referral_id = request.referral_id(),
                      .about_note_id = "",
                      .etag = "",
                      .envelope = seal::ParseEnvelope(request.note())};
  return WriteSealed<v1::AskSealedQuestionResponse>(std::move(context), request,
                                                    std::move(writing));
}

Task<Result<v1::AnswerSealedQuestionResponse>> ReferralServer::AnswerSealedQuestion(
    rpc::CallContext context, const v1::AnswerSealedQuestionRequest& request) {
  NoteWriting writing{.kind = NoteKind::kAnswer,
                      .note_id = request.note_id(),
                      .referral_id = request.referral_id(),
                      .about_note_id = request.question_note_id(),
                      .etag = "",
                      .envelope = seal::ParseEnvelope(request.note())};
  return WriteSealed<v1::AnswerSealedQuestionResponse>(std::move(context), request,
                                                       std::move(writing));
}

Task<Result<v1::ConfirmAppointmentResponse>> ReferralServer::ConfirmAppointment(
    rpc::CallContext context, const v1::ConfirmAppointmentRequest& request) {
  return DecideNote<v1::ConfirmAppointmentResponse>(
      std::move(context), request,
      {request.note_id(), request.etag(), AppointmentState::kConfirmed, ""});
}

Task<Result<v1::DeclineAppointmentResponse>> ReferralServer::DeclineAppointment(
    rpc::CallContext context, const v1::DeclineAppointmentRequest& request) {
  return DecideNote<v1::DeclineAppointmentResponse>(
      std::move(context), request,
      {request.note_id(), request.etag(), AppointmentState::kDeclined, request.reason_code()});
}

Task<Result<v1::CancelAppointmentResponse>> ReferralServer::CancelAppointment(
    rpc::CallContext context, const v1::CancelAppointmentRequest& request) {
  return DecideNote<v1::CancelAppointmentResponse>(
      std::move(context), request,
      {request.note_id(), request.etag(), AppointmentState::kCancelled, request.reason_code()});
}

Task<Result<v1::GetNotesResponse>> ReferralServer::GetNotes(rpc::CallContext context,
                                                            const v1::GetNotesRequest& request) {
  std::function<Result<v1::GetNotesResponse>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<v1::GetNotesResponse> {
    const std::string& agency_id = context.actor.agency_id;
    const std::unique_ptr<ReferralReader> reader = MakeSqlReferralReader(tx);
    FAIRLEAD_ASSIGN(const std::optional<Referral> referral, reader->Find(request.referral_id()));
    // Of anybody else's no row is read: the time must not tell how much the two have written.
    FAIRLEAD_ASSIGN(const std::vector<SealedNote> notes,
                    NotesBetween(tx, request.referral_id(), agency_id));
    if (!referral || Ask(context, StandingOf(*referral, agency_id)) != auth::Verdict::kAllowed) {
      return NotFound();
    }
    v1::GetNotesResponse response;
    for (const SealedNote& note : notes) *response.add_notes() = ToNoteProto(note);
    return response;
  };
  co_return co_await database_.Read<v1::GetNotesResponse>(job);
}

Task<Result<v1::OpenNoteResponse>> ReferralServer::OpenNote(rpc::CallContext context,
                                                            const v1::OpenNoteRequest& request) {
  const std::string& agency_id = context.actor.agency_id;
  std::string referral_id;
  std::function<Result<OpenableNote>(storage::ReadTransaction&)> find =
      [&](storage::ReadTransaction& tx) {
        return FindOpenableNote(*MakeSqlReferralReader(tx), context, request.note_id(), false,
                                referral_id);
      };
  Result<OpenableNote> open = co_await database_.Read<OpenableNote>(find);
  if (!open) {
    Task<Error> refusal =
        RecordRefusal(context, referral_id, audit::Action::kPacketOpened, open.error());
    Error refused = co_await std::move(refusal);
    co_return Fail(std::move(refused));
  }
  const auto ask = AskForNote(open->note, agency_id);
  auto options = rpc::Onward(context, kServiceName);
  auto key = co_await rpc::Call<fairlead::consent::v1::ReleaseCustodyKeyResponse>(
      services_, "/fairlead.consent.v1.ConsentService/ReleaseCustodyKey", ask, options);
  if (!key) co_return Fail(std::move(key.error()));
  Result<std::string> sealed = ToPacketJson(open->note.content, agency_id, key->key());
  if (!sealed) co_return Fail(std::move(sealed.error()));
  std::function<Result<SealedNote>(Unit&)> mark = [&request](Unit& unit) {
    return MarkNoteOpened(unit, request.note_id());
  };
  auto job = InUnit(context, std::move(mark));
  Result<SealedNote> opened = co_await database_.Write<SealedNote>(job);
  if (!opened) co_return Fail(std::move(opened.error()));
  v1::OpenNoteResponse response;
  *response.mutable_note() = ToNoteProto(*opened);
  response.set_sealed(std::move(*sealed));
  co_return response;
}

}  // namespace fairlead::referral
