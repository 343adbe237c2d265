// bedcall open|list|show|answer|take|close: "who has a bed tonight for …", in codes, asked of all
// at once; the answer that is taken becomes a referral.
#include <algorithm>

#include "fairlead/messaging/v1/bed_call.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "gateway/cli/capacity_view.h"
#include "gateway/cli/case_list.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = messaging::v1;

constexpr char kCallHelp[] = "Its id, or @last";
constexpr int64_t kMostUnitsOfAnswer = 100;

struct BedCallOptions {
  std::string call;
  std::string need;
  std::string urgency;
  std::string age_band;
  std::string household_band;
  std::string county;
  std::string open_for = "8h";
  std::vector<std::string> household;
  std::vector<std::string> languages;
  std::vector<std::string> accessibility;
  std::string answer;
  std::string unit;
  std::string service;
  std::string agency;
  std::string case_handle;
  int64_t units = 1;
  bool own = false;
  bool all = false;
  bool allow_duplicate = false;
  bool yes = false;
};

std::string NeedText(const v1::BedNeed& need) {
  std::string text = need.need_code() + ", " + EnumText(need.urgency());
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) text += ", " + name + value;
  };
  add("age ", need.age_band());
  add("people ", need.household_band());
  add("", ListedField(need.household_codes()));
  add("speaks ", ListedField(need.languages()));
  add("county ", need.county());
  add("", ListedField(need.accessibility_codes()));
  return text;
}

std::string CountsText(const v1::BedCall& call) {
  return std::to_string(call.yes_count()) + " yes, " + std::to_string(call.maybe_count()) +
         " maybe, " + std::to_string(call.no_count()) + " no";
}

std::string AnswerText(const v1::BedCallAnswer& answer) {
  std::string text = EnumText(answer.answer());
  if (answer.units() > 0) text += "  " + std::to_string(answer.units()) + " " + answer.unit();
  return text;
}

bool IsOwnCall(Context& context, const v1::BedCall& call) {
  return call.agency_id() == context.session().agency_id;
}

void PrintBedCall(Context& context, const v1::BedCall& call) {
  const int64_t until_ms = call.until_time().seconds() * 1'000;
  const std::string until = TimeText(call.until_time());
  PrintFields(context.out(),
              {{"Bed call", call.id()},
               {"Asked by", context.AgencyName(call.agency_id())},
               {"Need", NeedText(call.need())},
               {"State", EnumText(call.state())},
               {"Open until", call.state() == v1::BED_CALL_STATE_OPEN
                                  ? until + " (" + RelativeText(until_ms, context.NowMs()) + ")"
                                  : ""},
               {"Answers", CountsText(call)},
               {"Taken of",
                call.taken_agency_id().empty() ? "" : context.AgencyName(call.taken_agency_id())},
               {"Referral", call.referral_id()}});
  Table table({"AGENCY", "ANSWER", "WHEN", "ID"});
  for (const v1::BedCallAnswer& answer : call.answers()) {
    table.Add({context.AgencyName(answer.agency_id()), AnswerText(answer),
               RelativeText(answer.answer_time().seconds() * 1'000, context.NowMs()),
               answer.agency_id()});
  }
  if (!table.empty()) context.Print(table);
}

template <class Response>
void EmitBedCall(Context& context, const Response& response) {
  context.home().SetLast("bed-call", response.bed_call().id());
  context.Emit(response, [&] { PrintBedCall(context, response.bed_call()); });
}

Result<v1::BedCall> GetBedCallOf(Context& context, const std::string& text) {
  v1::GetBedCallRequest request;
  FAIRLEAD_ASSIGN(const std::string id, context.Id("bed-call", text));
  request.set_bed_call_id(id);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::GetBedCallResponse>(kGetBedCall, request));
  return response.bed_call();
}

Result<void> OpenCall(Context& context, const BedCallOptions& options) {
  v1::OpenBedCallRequest request;
  request.set_request_id(context.RequestId());
  v1::BedNeed* need = request.mutable_need();
  need->set_need_code(options.need);
  FAIRLEAD_ASSIGN(const v1::BedCallUrgency urgency,
                  ParseEnum<v1::BedCallUrgency>(options.urgency, "--urgency"));
  need->set_urgency(urgency);
  need->set_age_band(options.age_band);
  need->set_household_band(options.household_band);
  need->set_county(options.county);
  for (const auto& each : options.household) need->add_household_codes(each);
  for (const auto& each : options.languages) need->add_languages(each);
  for (const auto& each : options.accessibility) need->add_accessibility_codes(each);
  FAIRLEAD_ASSIGN(const int64_t open_s, ParseDurationS(options.open_for, "--for"));
  request.mutable_until_time()->set_seconds(context.NowMs() / 1'000 + open_s);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::OpenBedCallResponse>(kOpenBedCall, request));
  EmitBedCall(context, response);
  context.Next("bedcall show " + response.bed_call().id());
  return {};
}

Result<void> ListCalls(Context& context, const BedCallOptions& options) {
  v1::ListBedCallsRequest request;
  request.set_open_only(!options.all);
  request.set_own_only(options.own);
  FAIRLEAD_ASSIGN(const auto calls,
                  AllPages<v1::ListBedCallsResponse>(context, kListBedCalls, request));
  const v1::BedCall* waits = nullptr;
  Table table({"UNTIL", "ASKED BY", "NEED", "STATE", "YOURS", "ALL", "CALL"});
  for (const v1::BedCall& call : calls.bed_calls()) {
    const bool own = IsOwnCall(context, call);
    const bool open = call.state() == v1::BED_CALL_STATE_OPEN;
    if (waits == nullptr && open && !own && call.answers().empty()) waits = &call;
    if (context.json()) continue;
    const std::string yours = own || call.answers().empty() ? "" : AnswerText(call.answers(0));
    table.Add({RelativeText(call.until_time().seconds() * 1'000, context.NowMs()),
               context.AgencyName(call.agency_id()), NeedText(call.need()), EnumText(call.state()),
               yours, CountsText(call), call.id()});
  }
  if (calls.bed_calls_size() > 0) {
    context.home().SetLast("bed-call", (waits == nullptr ? calls.bed_calls(0) : *waits).id());
  }
  context.Emit(calls, [&] {
    if (!table.empty()) context.Print(table);
  });
  if (calls.bed_calls_size() == 0) context.Say("Nobody is asking for a bed.");
  if (waits != nullptr) context.Next("bedcall answer " + waits->id() + " yes");
  return {};
}

Result<void> ShowCall(Context& context, const BedCallOptions& options) {
  v1::GetBedCallResponse response;
  FAIRLEAD_ASSIGN(*response.mutable_bed_call(), GetBedCallOf(context, options.call));
  EmitBedCall(context, response);
  const v1::BedCall& call = response.bed_call();
  if (call.state() != v1::BED_CALL_STATE_OPEN) return {};
  if (!IsOwnCall(context, call)) {
    context.Next("bedcall answer " + call.id() + " yes");
  } else if (call.yes_count() + call.maybe_count() > 0 && call.answers_size() > 0) {
    context.Next("bedcall take " + call.id() + " " + call.answers(0).agency_id() + " --case @last");
  }
  return {};
}

Result<void> AnswerCall(Context& context, const BedCallOptions& options) {
  v1::AnswerBedCallRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const std::string id, context.Id("bed-call", options.call));
  request.set_bed_call_id(id);
  FAIRLEAD_ASSIGN(const v1::BedAnswer answer,
                  ParseEnum<v1::BedAnswer>(options.answer, "the answer"));
  request.set_answer(answer);
  if (answer != v1::BED_ANSWER_NO) {
    FAIRLEAD_ASSIGN(const auto unit, ParseUnit(options.unit.empty() ? "bed" : options.unit));
    request.set_unit(EnumText(unit));
    request.set_units(static_cast<int32_t>(options.units));
    if (!options.service.empty()) {
      FAIRLEAD_ASSIGN(const std::string service, ServiceId(context, options.service));
      request.set_service_id(service);
    }
  }
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::AnswerBedCallResponse>(kAnswerBedCall, request));
  EmitBedCall(context, response);
  context.Say("It may be said anew while the call is open. A bed is held with: " +
              context.Command("capacity hold SERVICE beds"));
  return {};
}

Result<void> CloseCall(Context& context, const BedCallOptions& options) {
  v1::CloseBedCallRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const std::string id, context.Id("bed-call", options.call));
  request.set_bed_call_id(id);
  FAIRLEAD_RETURN_IF_ERROR(
      Confirm(context, options.yes, "Close bed call " + id + " without taking an answer?"));
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::CloseBedCallResponse>(kCloseBedCall, request));
  EmitBedCall(context, response);
  return {};
}

// ---- an answer is taken, and becomes a referral

// The answer of the agency that is named, or the only one that says yes or maybe.
Result<v1::BedCallAnswer> AnswerToTake(const v1::BedCall& call, const std::string& agency_id) {
  const v1::BedCallAnswer* found = nullptr;
  for (const v1::BedCallAnswer& answer : call.answers()) {
    if (answer.answer() == v1::BED_ANSWER_NO) continue;
    if (!agency_id.empty() && answer.agency_id() != agency_id) continue;
    if (found != nullptr) return Usage("Several have answered: name the agency.");
    found = &answer;
  }
  if (found != nullptr) return *found;
  return Fail(Code::kFailedPrecondition, "NOT_ANSWERED_YES",
              agency_id.empty() ? "Nobody has said yes or maybe yet."
                                : "The agency has not said yes or maybe.");
}

referral::v1::Facets FacetsOf(const v1::BedNeed& need) {
  referral::v1::Facets facets;
  facets.set_need_code(need.need_code());
  // The same three, in the same order.
  facets.set_urgency(static_cast<referral::v1::Urgency>(need.urgency()));
  facets.set_age_band(need.age_band());
  if (need.household_band() == "1") facets.set_household_size(1);
  *facets.mutable_household_codes() = need.household_codes();
  *facets.mutable_languages() = need.languages();
  facets.set_county(need.county());
  *facets.mutable_accessibility_codes() = need.accessibility_codes();
  return facets;
}

// What would stop the referral is found out before anybody hears that they were taken.
Result<void> CheckCase(Context& context, const std::string& case_handle,
                       const std::string& agency_id) {
  FAIRLEAD_ASSIGN(const auto list, GetDoNotRoute(context, case_handle));
  for (const auto& entry : list.do_not_route().entries()) {
    if (entry.agency_id() != agency_id) continue;
    return Fail(Code::kFailedPrecondition, "AGENCY_NOT_TO_BE_ASKED",
                "The case must never be put to this agency.", {{"agency_id", agency_id}});
  }
  return {};
}

void DropDraft(Context& context, const std::string& referral_id) {
  referral::v1::CancelReferralRequest request;
  request.set_request_id(context.NewId());
  request.set_referral_id(referral_id);
  request.set_reason_code("sent_in_error");
  if (!context.client().Call<referral::v1::CancelReferralResponse>(kCancelReferral, request)) {
    context.Say("A draft is left: " + context.Command("referral show " + referral_id));
  }
}

// A draft that nobody else sees, so that a repeat makes no second one.
Result<std::string> MakeDraft(Context& context, const v1::BedCall& call,
                              const std::string& case_handle, bool allow_duplicate) {
  referral::v1::CreateReferralRequest request;
  request.set_request_id(context.NewId());
  request.set_referral_id(context.NewId());
  request.set_case_handle(case_handle);
  *request.mutable_facets() = FacetsOf(call.need());
  FAIRLEAD_ASSIGN(const auto response, context.client().Call<referral::v1::CreateReferralResponse>(
                                           kCreateReferral, request));
  if (response.duplicate_referral_id().empty() || allow_duplicate) return request.referral_id();
  DropDraft(context, request.referral_id());
  return Fail(Code::kFailedPrecondition, "DUPLICATE_SERVICE",
              "The same need of this case is open elsewhere. Nothing was taken.",
              {{"referral_id", response.duplicate_referral_id()}});
}

Result<void> OfferTaken(Context& context, const std::string& referral_id,
                        const v1::BedCallAnswer& answer, bool allow_duplicate) {
  referral::v1::OfferReferralRequest request;
  request.set_request_id(context.NewId());
  request.set_referral_id(referral_id);
  request.set_mode(referral::v1::REFERRAL_MODE_FIRST_TO_ACCEPT);
  request.set_allow_duplicate_service(allow_duplicate);
  referral::v1::OfferRecipient* recipient = request.add_recipients();
  recipient->set_recipient_agency_id(answer.agency_id());
  recipient->set_service_id(answer.service_id());
  FAIRLEAD_RETURN_IF_ERROR(
      context.client().Call<referral::v1::OfferReferralResponse>(kOfferReferral, request));
  return {};
}

Result<void> TakeAnswer(Context& context, const BedCallOptions& options) {
  FAIRLEAD_ASSIGN(const v1::BedCall call, GetBedCallOf(context, options.call));
  std::string agency;
  if (!options.agency.empty()) {
    FAIRLEAD_ASSIGN(agency, context.AgencyId(options.agency));
  }
  // Interrupted after it was taken: the referral that was meant is still to be offered.
  const bool taken = call.state() == v1::BED_CALL_STATE_TAKEN && !call.referral_id().empty() &&
                     (agency.empty() || agency == call.taken_agency_id());
  FAIRLEAD_ASSIGN(const v1::BedCallAnswer answer,
                  AnswerToTake(call, taken ? call.taken_agency_id() : agency));
  FAIRLEAD_ASSIGN(const std::string handle, context.Id("case", options.case_handle));
  v1::TakeBedCallResponse response;
  *response.mutable_bed_call() = call;
  if (!taken) {
    FAIRLEAD_RETURN_IF_ERROR(CheckCase(context, handle, answer.agency_id()));
    FAIRLEAD_ASSIGN(const std::string draft,
                    MakeDraft(context, call, handle, options.allow_duplicate));
    v1::TakeBedCallRequest request;
    request.set_request_id(context.RequestId());
    request.set_bed_call_id(call.id());
    request.set_agency_id(answer.agency_id());
    request.set_referral_id(draft);
    const auto done = context.client().Call<v1::TakeBedCallResponse>(kTakeBedCall, request);
    if (!done) {
      // A lost answer may have taken it: then the draft is the one that it names.
      if (done.error().reason != "ANSWER_LOST") DropDraft(context, draft);
      return Fail(done.error());
    }
    response = *done;
  }
  const std::string& referral_id = response.bed_call().referral_id();
  Result<void> offered = OfferTaken(context, referral_id, answer, options.allow_duplicate);
  if (!offered) {
    offered.error().metadata["referral_id"] = referral_id;
    context.Say("The answer is taken, and the referral not offered yet. Repeat this command.");
    return offered;
  }
  context.home().SetLast("referral", referral_id);
  EmitBedCall(context, response);
  context.Next("referral watch " + referral_id);
  return {};
}

using BedCallAction = Result<void> (*)(Context&, const BedCallOptions&);

std::shared_ptr<BedCallOptions> AddBedCallVerb(Args group, Context& context,
                                               const std::string& name, const std::string& help,
                                               BedCallAction action, Args* verb) {
  auto options = std::make_shared<BedCallOptions>();
  *verb = group.Verb(name, help);
  verb->Do([&context, options, action] { return action(context, *options); });
  return options;
}

void AddNeedOptions(Args verb, BedCallOptions* options) {
  verb.Option("--need", &options->need, "A need code (fairlead directory needs)", Need::kRequired);
  verb.Option("--urgency", &options->urgency, "emergency, urgent, standard", Need::kRequired);
  verb.Option("--for", &options->open_for, "How long it is open: 10min to 24h; default 8h");
  verb.Option("--age", &options->age_band, "0-11, 12-17, 18-24, 25-59, 60+");
  verb.Option("--people", &options->household_band, "1, 2-3, 4-6, 7+");
  verb.Option("--household", &options->household, "Codes");
  verb.Option("--language", &options->languages, "BCP 47");
  verb.Option("--county", &options->county, "Five digits, FIPS");
  verb.Option("--accessibility", &options->accessibility, "Codes");
  verb.Footer("All of it stands in clear, for every agency but law enforcement.");
}

}  // namespace

void AddBedCallVerbs(Args root, Context& context) {
  Args group = root.Group("bedcall", "Ask every agency at once who has a bed");
  Args verb = group;
  auto open =
      AddBedCallVerb(group, context, "open", "Ask who has a bed, in codes", OpenCall, &verb);
  AddNeedOptions(verb, open.get());
  auto list =
      AddBedCallVerb(group, context, "list", "Who asks, the newest first", ListCalls, &verb);
  verb.Flag("--own", &list->own, "Only those of your agency");
  verb.Flag("--all", &list->all, "Those that are over, too");
  auto show = AddBedCallVerb(group, context, "show", "One of them; to who asks, the answers",
                             ShowCall, &verb);
  verb.Positional("call", &show->call, kCallHelp);
  auto answer = AddBedCallVerb(group, context, "answer", "Say yes, maybe or no for your agency",
                               AnswerCall, &verb);
  verb.Positional("call", &answer->call, kCallHelp);
  verb.Positional("answer", &answer->answer, "yes, maybe, no");
  verb.Positional("unit", &answer->unit, "bed (default), room, family_room, place, voucher",
                  Need::kOptional);
  verb.Option("--units", &answer->units, 1, kMostUnitsOfAnswer, "How many; default 1");
  verb.Option("--service", &answer->service, "Of which listing of yours: its id or exact name");
  auto take = AddBedCallVerb(group, context, "take", "Take an answer, and offer the case to it",
                             TakeAnswer, &verb);
  verb.Positional("call", &take->call, kCallHelp);
  verb.Positional("agency", &take->agency, "Whose: id or exact name; default: the only one",
                  Need::kOptional);
  verb.Option("--case", &take->case_handle, "Case handle, or @last", Need::kRequired);
  verb.Flag("--allow-duplicate", &take->allow_duplicate,
            "Although the same need of this case is open elsewhere");
  verb.Footer(
      "The others hear that it is over. The agency gets a referral with the codes of the call; the "
      "packet follows when it accepts: fairlead referral send-packet.");
  auto close =
      AddBedCallVerb(group, context, "close", "End it without taking an answer", CloseCall, &verb);
  verb.Positional("call", &close->call, kCallHelp);
  verb.Flag("--yes", &close->yes, "Do not ask");
}

}  // namespace fairlead::cli
