// referral appointment|question: what the two agencies of a hand-off write each other, sealed. The
// words come from a prompt, a file or standard input, never from a flag.
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

#include "fairlead/referral/v1/sealed_note.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/note.h"
#include "gateway/cli/referral_view.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;
namespace json = boost::json;

// As docs/codes.md has them.
constexpr char kAppointmentReasons[] =
    "time_not_possible, place_not_possible, place_not_safe, client_declined, client_not_reached, "
    "no_longer_needed, proposed_in_error, other";

struct NoteOptions {
  std::string referral;
  std::string note;
  std::string reason;
  TextSource source;
  bool replace = false;
  bool first_use = false;
};

Result<v1::GetNotesResponse> NotesOf(Context& context, const std::string& referral_id) {
  v1::GetNotesRequest request;
  request.set_referral_id(referral_id);
  return context.client().Call<v1::GetNotesResponse>(kGetNotes, request);
}

bool Stands(const v1::SealedNote& note) {
  return note.appointment_state() == v1::APPOINTMENT_STATE_PROPOSED ||
         note.appointment_state() == v1::APPOINTMENT_STATE_CONFIRMED;
}

// The one that is named, or the one that stands.
Result<v1::SealedNote> FindAppointment(const v1::GetNotesResponse& all, const std::string& id) {
  for (const v1::SealedNote& note : all.notes()) {
    if (id.empty() ? Stands(note) : note.id() == id) return note;
  }
  return Fail(Code::kNotFound, "NOTE_NOT_FOUND",
              id.empty() ? "No appointment stands." : "There is no such note.");
}

// When and where, as its writer has sealed it.
Result<std::vector<Field>> MeetingFields(const NoteRead& read) {
  google::protobuf::Timestamp time;
  if (Result<void> parsed = SetTime(NoteText(read, "time"), "time", 0, &time); !parsed) {
    return Fail(Code::kDataLoss, "NOTE_UNREADABLE", "Its time cannot be read.");
  }
  return std::vector<Field>{{"When", MeetingTimeText(time.seconds())},
                            {"Where", Printable(NoteText(read, "place"), true)},
                            {"Proposed by", read.writer},
                            {"State", EnumText(read.note.appointment_state())}};
}

Result<void> Propose(Context& context, const NoteOptions& options) {
  FAIRLEAD_ASSIGN(const v1::Referral referral, GetReferral(context, options.referral));
  v1::ProposeAppointmentRequest request;
  if (options.replace) {
    FAIRLEAD_ASSIGN(const auto all, NotesOf(context, referral.id()));
    FAIRLEAD_ASSIGN(const v1::SealedNote standing, FindAppointment(all, ""));
    request.set_replaces_note_id(standing.id());
    request.set_etag(standing.etag());
  }
  FAIRLEAD_ASSIGN(const std::string text,
                  ReadNoteText(context, options.source,
                               {"When (as 2026-12-01 15:00, in this machine's zone)", "Where"}));
  const size_t end = text.find('\n');
  if (end == std::string::npos) {
    return Usage("The first line says when, the rest where.");
  }
  FAIRLEAD_ASSIGN(const int64_t time_s,
                  ParseMeetingTime(text.substr(0, end), context.NowMs() / 1'000));
  google::protobuf::Timestamp time;
  time.set_seconds(time_s);
  std::string written = TimeText(time);  // "2026-12-01 21:00:00Z"
  std::replace(written.begin(), written.end(), ' ', 'T');
  request.set_request_id(context.RequestId());
  request.set_referral_id(referral.id());
  request.set_note_id(context.NewId());
  json::object content{{"time", written}, {"place", text.substr(end + 1)}};
  if (options.replace) content["about"] = request.replaces_note_id();
  FAIRLEAD_ASSIGN(std::string sealed,
                  SealNote(context, referral,
                           {.id = request.note_id(),
                            .kind = v1::NOTE_KIND_APPOINTMENT,
                            .offer_id = "",
                            .first_use = options.first_use},
                           std::move(content)));
  request.set_note(std::move(sealed));
  FAIRLEAD_ASSIGN(const auto response, context.client().Call<v1::ProposeAppointmentResponse>(
                                           kProposeAppointment, request));
  context.home().SetLast("referral", referral.id());
  context.Emit(response, [&] {
    context.Say("Proposed: " + MeetingTimeText(time_s) +
                ". The hub does not know it, so it reminds nobody.");
  });
  context.Next("referral watch " + referral.id());
  return {};
}

// As codes, and of the one that stands what is sealed.
void EmitAppointments(Context& context, const v1::GetNotesResponse& all, const NoteRead& read) {
  json::array appointments;
  for (const v1::SealedNote& note : all.notes()) {
    if (note.kind() != v1::NOTE_KIND_APPOINTMENT) continue;
    json::object each{{"id", note.id()},
                      {"state", EnumText(note.appointment_state())},
                      {"fromAgencyId", note.from_agency_id()},
                      {"reasonCode", note.reason_code()},
                      {"etag", note.etag()}};
    if (note.id() == read.note.id()) each["sealed"] = read.content;
    appointments.emplace_back(std::move(each));
  }
  context.out() << json::serialize(json::object{{"appointments", std::move(appointments)}}) << '\n';
}

Result<void> ShowAppointments(Context& context, const NoteOptions& options) {
  FAIRLEAD_ASSIGN(const v1::Referral referral, GetReferral(context, options.referral));
  FAIRLEAD_ASSIGN(const auto all, NotesOf(context, referral.id()));
  context.home().SetLast("referral", referral.id());
  const v1::SealedNote* standing = nullptr;
  Table table({"STATE", "PROPOSED BY", "PROPOSED", "REASON", "NOTE"});
  for (const v1::SealedNote& note : all.notes()) {
    if (note.kind() != v1::NOTE_KIND_APPOINTMENT) continue;
    if (Stands(note)) standing = &note;
    table.Add({EnumText(note.appointment_state()), context.AgencyName(note.from_agency_id()),
               RelativeText(note.create_time().seconds() * 1'000, context.NowMs()),
               note.reason_code(), note.id()});
  }
  if (table.empty()) context.Say("No appointment was proposed.");
  std::vector<Field> fields;
  NoteRead read;
  if (standing != nullptr) {
    FAIRLEAD_ASSIGN(read, ReadNote(context, referral, *standing));
    FAIRLEAD_ASSIGN(fields, MeetingFields(read));
  }
  if (context.json()) {
    EmitAppointments(context, all, read);
    return {};
  }
  if (!table.empty()) context.Print(table);
  if (standing == nullptr) return {};
  PrintFields(context.out(), fields);
  FAIRLEAD_ASSIGN(const std::string own_id, context.OwnAgencyId());
  if (standing->appointment_state() == v1::APPOINTMENT_STATE_PROPOSED &&
      standing->from_agency_id() != own_id) {
    context.Next("referral appointment confirm " + referral.id() + " --note " + standing->id());
  }
  return {};
}

// Codes that were refused, with those that there are.
tl::unexpected<Error> Refused(Error error) {
  if (error.reason == "UNKNOWN_REASON_CODE") {
    error.message += " There are: " + std::string(kAppointmentReasons) + ".";
  }
  return Fail(std::move(error));
}

// A person agrees to what they have seen: to the note that they name, or to what is shown here.
Result<v1::SealedNote> SeenAppointment(Context& context, const NoteOptions& options) {
  FAIRLEAD_ASSIGN(const v1::Referral referral, GetReferral(context, options.referral));
  FAIRLEAD_ASSIGN(const auto all, NotesOf(context, referral.id()));
  FAIRLEAD_ASSIGN(v1::SealedNote note, FindAppointment(all, options.note));
  if (!options.note.empty()) return note;
  if (!context.terminal().in_is_terminal) {
    return Usage("There is no terminal to ask on: say which one you have seen with --note.");
  }
  FAIRLEAD_ASSIGN(const NoteRead read, ReadNote(context, referral, note));
  FAIRLEAD_ASSIGN(const std::vector<Field> fields, MeetingFields(read));
  PrintFields(context.err(), fields);
  FAIRLEAD_RETURN_IF_ERROR(Confirm(context, false, "Is this the one that you mean?"));
  return read.note;
}

template <class Request, class Response>
Result<void> DecideOn(Context& context, const NoteOptions& options, std::string_view method,
                      const std::function<void(Request*)>& fill) {
  FAIRLEAD_ASSIGN(const v1::SealedNote note, SeenAppointment(context, options));
  Request request;
  request.set_request_id(context.RequestId());
  request.set_note_id(note.id());
  request.set_etag(note.etag());
  if (fill) fill(&request);
  const auto response = context.client().Call<Response>(method, request);
  if (!response) return Refused(response.error());
  context.home().SetLast("referral", note.referral_id());
  context.Emit(*response, [&] {
    PrintFields(context.out(), {{"Appointment", note.id()},
                                {"State", EnumText(response->note().appointment_state())}});
  });
  return {};
}

Result<void> ConfirmIt(Context& context, const NoteOptions& options) {
  return DecideOn<v1::ConfirmAppointmentRequest, v1::ConfirmAppointmentResponse>(
      context, options, kConfirmAppointment, nullptr);
}

Result<void> DeclineIt(Context& context, const NoteOptions& options) {
  return DecideOn<v1::DeclineAppointmentRequest, v1::DeclineAppointmentResponse>(
      context, options, kDeclineAppointment,
      [&](v1::DeclineAppointmentRequest* request) { request->set_reason_code(options.reason); });
}

Result<void> CancelIt(Context& context, const NoteOptions& options) {
  return DecideOn<v1::CancelAppointmentRequest, v1::CancelAppointmentResponse>(
      context, options, kCancelAppointment,
      [&](v1::CancelAppointmentRequest* request) { request->set_reason_code(options.reason); });
}

Result<void> AskSealed(Context& context, const NoteOptions& options) {
  FAIRLEAD_ASSIGN(const v1::Referral referral, GetReferral(context, options.referral));
  FAIRLEAD_ASSIGN(const std::string text,
                  ReadNoteText(context, options.source, {"What you want to know"}));
  v1::AskSealedQuestionRequest request;
  request.set_request_id(context.RequestId());
  request.set_referral_id(referral.id());
  request.set_note_id(context.NewId());
  FAIRLEAD_ASSIGN(std::string sealed, SealNote(context, referral,
                                               {.id = request.note_id(),
                                                .kind = v1::NOTE_KIND_QUESTION,
                                                .offer_id = "",
                                                .first_use = options.first_use},
                                               json::object{{"text", text}}));
  request.set_note(std::move(sealed));
  FAIRLEAD_ASSIGN(const auto response, context.client().Call<v1::AskSealedQuestionResponse>(
                                           kAskSealedQuestion, request));
  context.home().SetLast("referral", referral.id());
  context.Emit(response, [&] { context.Say("Asked. Only the sender can read it."); });
  context.Next("referral watch " + referral.id());
  return {};
}

bool IsAnswered(const v1::GetNotesResponse& all, const std::string& question_id) {
  return std::any_of(all.notes().begin(), all.notes().end(), [&](const v1::SealedNote& note) {
    return note.kind() == v1::NOTE_KIND_ANSWER && note.about_note_id() == question_id;
  });
}

// The one that is named, or the oldest that waits.
Result<v1::SealedNote> FindQuestion(const v1::GetNotesResponse& all, const std::string& id) {
  for (const v1::SealedNote& note : all.notes()) {
    if (note.kind() != v1::NOTE_KIND_QUESTION) continue;
    if (id.empty() ? !IsAnswered(all, note.id()) : note.id() == id) return note;
  }
  return Fail(Code::kNotFound, "NOTE_NOT_FOUND",
              id.empty() ? "No sealed question waits for an answer." : "There is no such note.");
}

Result<void> AnswerSealed(Context& context, const NoteOptions& options) {
  FAIRLEAD_ASSIGN(const v1::Referral referral, GetReferral(context, options.referral));
  FAIRLEAD_ASSIGN(const auto all, NotesOf(context, referral.id()));
  FAIRLEAD_ASSIGN(const v1::SealedNote question, FindQuestion(all, options.note));
  FAIRLEAD_ASSIGN(const NoteRead asked, ReadNote(context, referral, question));
  context.Say(asked.writer + " asks: " + Printable(NoteText(asked, "text")));
  FAIRLEAD_ASSIGN(const std::string text, ReadNoteText(context, options.source, {"Your answer"}));
  v1::AnswerSealedQuestionRequest request;
  request.set_request_id(context.RequestId());
  request.set_referral_id(referral.id());
  request.set_question_note_id(question.id());
  request.set_note_id(context.NewId());
  FAIRLEAD_ASSIGN(std::string sealed,
                  SealNote(context, referral,
                           {.id = request.note_id(),
                            .kind = v1::NOTE_KIND_ANSWER,
                            .offer_id = question.offer_id(),
                            .first_use = options.first_use},
                           json::object{{"about", question.id()}, {"text", text}}));
  request.set_note(std::move(sealed));
  FAIRLEAD_ASSIGN(const auto response, context.client().Call<v1::AnswerSealedQuestionResponse>(
                                           kAnswerSealedQuestion, request));
  context.home().SetLast("referral", referral.id());
  context.Emit(response, [&] { context.Say("Answered. Only the agency that asked can read it."); });
  return {};
}

Result<void> ShowQuestions(Context& context, const NoteOptions& options) {
  FAIRLEAD_ASSIGN(const v1::Referral referral, GetReferral(context, options.referral));
  FAIRLEAD_ASSIGN(const auto all, NotesOf(context, referral.id()));
  context.home().SetLast("referral", referral.id());
  json::array documents;
  std::vector<Field> fields;
  for (const v1::SealedNote& note : all.notes()) {
    if (note.kind() == v1::NOTE_KIND_APPOINTMENT || !note.has_content()) continue;
    FAIRLEAD_ASSIGN(const NoteRead read, ReadNote(context, referral, note));
    documents.emplace_back(read.content);
    const std::string what = note.kind() == v1::NOTE_KIND_ANSWER ? "Answer" : "Question";
    fields.push_back({what, read.writer + ": " + Printable(NoteText(read, "text"), true)});
  }
  if (context.json()) {
    context.out() << json::serialize(documents) << '\n';
  } else if (fields.empty()) {
    context.Say("Nothing was asked under seal. What was asked in codes: " +
                context.Command("referral show " + referral.id()));
  } else {
    PrintFields(context.out(), fields);
  }
  return {};
}

using NoteAction = Result<void> (*)(Context&, const NoteOptions&);

std::shared_ptr<NoteOptions> AddNoteVerb(Args group, Context& context, const std::string& name,
                                         const std::string& help, NoteAction action, Args* verb) {
  auto options = std::make_shared<NoteOptions>();
  *verb = group.Verb(name, help);
  verb->Positional("referral", &options->referral, "Its id, or @last");
  verb->Do([&context, options, action] { return action(context, *options); });
  return options;
}

void AddWords(Args verb, NoteOptions* options, const std::string& what) {
  AddTextOptions(verb, &options->source, what);
  verb.Flag("--first-use", &options->first_use,
            "Its keys are new here and their fingerprints were compared: do not ask");
}

constexpr char kWhichNote[] =
    "The note's id, as `referral appointment show` has it; without it, it is shown and asked about";

}  // namespace

void AddNoteVerbs(Args referral, Context& context) {
  Args appointment = referral.Group("appointment", "Agree on when and where, under seal");
  Args verb = appointment;
  auto propose = AddNoteVerb(appointment, context, "propose",
                             "Propose when and where; the hub cannot read it", Propose, &verb);
  AddWords(verb, propose.get(), "when (the first line) and where (the rest)");
  verb.Flag("--replace", &propose->replace, "In place of the one that stands");
  verb.Footer(
      "Sealed here, to the other agency's key and your own. The hub does not know the time, so it "
      "reminds nobody: put it into your own calendar.");
  AddNoteVerb(appointment, context, "show", "Those there were, and when and where the one is",
              ShowAppointments, &verb);
  verb.Footer("Reading it is on record. The time is shown in this machine's zone.");
  auto confirm = AddNoteVerb(appointment, context, "confirm", "Say yes to what the other proposes",
                             ConfirmIt, &verb);
  verb.Option("--note", &confirm->note, kWhichNote);
  auto decline = AddNoteVerb(appointment, context, "decline", "Say no to what the other proposes",
                             DeclineIt, &verb);
  verb.Option("--note", &decline->note, kWhichNote);
  verb.Option("--reason", &decline->reason, kAppointmentReasons, Need::kRequired);
  auto cancel = AddNoteVerb(appointment, context, "cancel",
                            "Take back what you proposed, or what was agreed", CancelIt, &verb);
  verb.Option("--note", &cancel->note, kWhichNote);
  verb.Option("--reason", &cancel->reason, kAppointmentReasons, Need::kRequired);

  Args question = referral.Group("question", "Ask and answer under seal, once a packet was sent");
  auto ask = AddNoteVerb(question, context, "ask", "Ask the sender; only its people can read it",
                         AskSealed, &verb);
  AddWords(verb, ask.get(), "the question");
  verb.Footer("In codes, and before there is a packet: offer ask.");
  auto answer =
      AddNoteVerb(question, context, "answer", "Answer the sealed question that has waited longest",
                  AnswerSealed, &verb);
  verb.Option("--question", &answer->note, "Another one: its note's id");
  AddWords(verb, answer.get(), "the answer");
  AddNoteVerb(question, context, "show", "What was asked and answered under seal", ShowQuestions,
              &verb);
  verb.Footer("Reading each is on record.");
}

}  // namespace fairlead::cli
