// referral list|show|accept|decline|start|complete|cancel|timeline.
#include "fairlead/referral/v1/referral.pb.h"
#include "gateway/cli/capacity_view.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/referral_next.h"
#include "gateway/cli/referral_view.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;

struct ListOptions {
  std::string box = "inbox";
  std::vector<std::string> states;
  bool mine = false;
  bool unassigned = false;
};

Result<void> List(Context& context, const ListOptions& options) {
  FAIRLEAD_ASSIGN(const v1::Box box, ParseEnum<v1::Box>(options.box, "--box"));
  std::vector<v1::ReferralState> states;
  for (const std::string& text : options.states) {
    FAIRLEAD_ASSIGN(const v1::ReferralState state, ParseEnum<v1::ReferralState>(text, "--state"));
    states.push_back(state);
  }
  if (options.mine && options.unassigned) return Usage("--mine or --unassigned, not both.");
  const v1::AssignmentFilter assigned = options.mine ? v1::ASSIGNMENT_FILTER_MINE
                                        : options.unassigned
                                            ? v1::ASSIGNMENT_FILTER_UNASSIGNED
                                            : v1::ASSIGNMENT_FILTER_UNSPECIFIED;
  const bool filtered = options.mine || options.unassigned;
  // What is to be done: of what has ended nothing is.
  if (filtered && states.empty()) {
    states = kUnfinished;
    states.push_back(v1::REFERRAL_STATE_DRAFT);
  }
  FAIRLEAD_ASSIGN(auto all, ListBox(context, box, states, assigned));
  if (!context.json()) SortByHaste(context, &all);
  context.Emit(all, [&] { PrintReferrals(context, all, box); });
  const bool inbox = box == v1::BOX_INBOX;
  if (all.referrals_size() == 0 && filtered) {
    const std::string what = inbox ? "in the inbox is in " : "that you sent is in ";
    context.Say(!options.mine ? "Everything " + what + "somebody's hands."
                : inbox       ? "Nothing in the inbox is in your hands."
                              : "None of what you sent is in your hands.");
    return {};
  }
  if (all.referrals_size() == 0) {
    context.Say(std::string(inbox ? "Nothing is in the inbox" : "Nothing was sent") +
                (states.empty() ? "." : " in such a state.") +
                (inbox ? " What you sent: " + context.Command("referral list --box sent") : ""));
    return {};
  }
  const v1::Referral& first = all.referrals(0);
  if (options.unassigned) {
    context.Next("referral take " + first.id());
  } else if (!inbox) {
    context.Next("referral timeline " + first.id());
  } else if (AwaitsAnswer(context, first)) {
    SayNext(context, first);
  } else {
    context.Next("referral watch");
  }
  return {};
}

Result<void> Show(Context& context, const std::string& text) {
  FAIRLEAD_ASSIGN(const v1::Referral referral, GetReferral(context, text));
  v1::GetReferralResponse response;
  *response.mutable_referral() = referral;
  context.home().SetLast("referral", referral.id());
  context.Emit(response, [&] { PrintReferral(context, referral); });
  SayNext(context, referral);
  return {};
}

// What a change of state needs to know.
struct ChangeOptions {
  std::string referral;
  std::string offer;
  std::string code;  // reason or outcome
  std::string etag;
  std::string hold;     // accept: a unit of capacity
  std::string service;  // of which listing
  bool yes = false;     // what ends for good: it is not asked about
};

template <class Response>
void EmitChanged(Context& context, const Response& response) {
  context.home().SetLast("referral", response.referral().id());
  context.Emit(response, [&] { PrintReferral(context, response.referral()); });
  SayNext(context, response.referral());
}

// As docs/codes.md has them.
constexpr char kDeclineReasons[] =
    "no_capacity, not_eligible, service_not_provided, out_of_area, language_not_available, "
    "already_served_here, safety_concern, needs_higher_level_of_care, missing_documents, "
    "conflict_of_interest, insufficient_information, other";
constexpr char kOutcomes[] = "enrolled, enrolled_waitlist, served_once, information_only";
constexpr char kCancelReasons[] =
    "client_withdrew, release_revoked, matched_elsewhere, sent_in_error, duplicate";

// The hub's refusal of a code, with those that there are.
Error WithCodes(Error refused, const std::string& codes) {
  if (refused.reason == "UNKNOWN_REASON_CODE" || refused.reason == "UNKNOWN_OUTCOME_CODE") {
    refused.message += " There are: " + codes + ".";
  }
  return refused;
}

// That referral is named in what is to be done.
Error About(const std::string& referral_id, Error refused) {
  if (IsUuid(referral_id)) refused.metadata.try_emplace("referral", referral_id);
  return refused;
}

// The named offer, or the one to the caller's agency.
Result<std::string> OfferId(Context& context, const ChangeOptions& options) {
  if (!options.offer.empty()) return options.offer;
  FAIRLEAD_ASSIGN(const v1::Referral referral, GetReferral(context, options.referral));
  const v1::Offer* offer = OfferOf(referral, context.session().agency_id);
  if (offer != nullptr) return offer->id();
  return Fail(Code::kNotFound, "OFFER_NOT_FOUND", "This referral has no offer yet.");
}

Result<void> Accept(Context& context, const ChangeOptions& options) {
  v1::AcceptOfferRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const std::string offer, OfferId(context, options));
  request.set_offer_id(offer);
  request.set_etag(options.etag);
  if (options.hold.empty() != options.service.empty()) {
    return Usage("--hold and --service go together.");
  }
  if (!options.hold.empty()) {
    FAIRLEAD_ASSIGN(const auto unit, ParseUnit(options.hold));
    FAIRLEAD_ASSIGN(const std::string service, ServiceId(context, options.service));
    request.mutable_hold()->set_unit(unit);
    request.mutable_hold()->set_service_id(service);
  }
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::AcceptOfferResponse>(kAcceptOffer, request));
  if (!response.hold_refused_reason().empty()) {
    context.Say("Matched, but nothing is held: " + response.hold_refused_reason() + ".");
  } else if (!response.hold_id().empty()) {
    context.Say("Held: " + response.hold_id());
  }
  EmitChanged(context, response);
  return {};
}

Result<void> Decline(Context& context, const ChangeOptions& options) {
  v1::DeclineOfferRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const std::string offer, OfferId(context, options));
  request.set_offer_id(offer);
  request.set_etag(options.etag);
  request.set_reason_code(options.code);
  const auto response = context.client().Call<v1::DeclineOfferResponse>(kDeclineOffer, request);
  if (!response) return Fail(WithCodes(response.error(), kDeclineReasons));
  EmitChanged(context, *response);
  return {};
}

// Those that name the referral itself.
template <class Request, class Response>
Result<void> Change(Context& context, const ChangeOptions& options, std::string_view method,
                    const std::function<void(Request*)>& fill, const std::string& codes) {
  Request request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const std::string id, context.Id("referral", options.referral));
  request.set_referral_id(id);
  request.set_etag(options.etag);
  if (fill) fill(&request);
  const auto response = context.client().Call<Response>(method, request);
  if (!response) return Fail(About(id, WithCodes(response.error(), codes)));
  EmitChanged(context, *response);
  return {};
}

Result<void> Timeline(Context& context, const std::string& text) {
  v1::GetTimelineRequest request;
  FAIRLEAD_ASSIGN(const std::string id, context.Id("referral", text));
  request.set_referral_id(id);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::GetTimelineResponse>(kGetTimeline, request));
  context.Emit(response, [&] { PrintTimeline(context, response); });
  return {};
}

// Declares "verb REFERRAL [--etag E]" and what it does.
std::shared_ptr<ChangeOptions> AddChange(Args referral, Context& context, const std::string& name,
                                         const std::string& help, Args* verb,
                                         Result<void> (*change)(Context&, const ChangeOptions&)) {
  auto options = std::make_shared<ChangeOptions>();
  *verb = referral.Verb(name, help);
  verb->Positional("referral", &options->referral, "Its id, or @last");
  verb->Option("--etag", &options->etag, "Only if it is still at this version");
  verb->Do([&context, options, change] { return change(context, *options); });
  return options;
}

Result<void> Start(Context& context, const ChangeOptions& options) {
  return Change<v1::StartServiceRequest, v1::StartServiceResponse>(
      context, options, kStartService, nullptr, "");
}

Result<void> Complete(Context& context, const ChangeOptions& options) {
  return Change<v1::CompleteReferralRequest, v1::CompleteReferralResponse>(
      context, options, kCompleteReferral,
      [&](v1::CompleteReferralRequest* request) { request->set_outcome_code(options.code); },
      kOutcomes);
}

Result<void> Close(Context& context, const ChangeOptions& options) {
  return Change<v1::CloseReferralRequest, v1::CloseReferralResponse>(
      context, options, kCloseReferral,
      [&](v1::CloseReferralRequest* request) { request->set_reason_code(options.code); },
      kNotEnrolledReasons);
}

Result<void> EnterInError(Context& context, const ChangeOptions& options) {
  FAIRLEAD_RETURN_IF_ERROR(
      Confirm(context, options.yes,
              "Should this referral never have been? All of it ends for good: whoever was asked is "
              "told, and the packet is destroyed."));
  return Change<v1::EnterReferralInErrorRequest, v1::EnterReferralInErrorResponse>(
      context, options, kEnterReferralInError, nullptr, "");
}

Result<void> Cancel(Context& context, const ChangeOptions& options) {
  FAIRLEAD_RETURN_IF_ERROR(Confirm(context, options.yes,
                                   "Take this referral back? Whoever was asked is told, nobody can "
                                   "open the packet any more, and it cannot be sent again."));
  return Change<v1::CancelReferralRequest, v1::CancelReferralResponse>(
      context, options, kCancelReferral,
      [&](v1::CancelReferralRequest* request) { request->set_reason_code(options.code); },
      kCancelReasons);
}

void AddChangeVerbs(Args referral, Context& context) {
  Args verb = referral;
  auto accept = AddChange(referral, context, "accept", "Say yes to a referral", &verb, Accept);
  verb.Option("--offer", &accept->offer, "The offer's id, when there are several");
  verb.Option("--hold", &accept->hold, "And hold one: bed, family_room, appointment, …");
  verb.Option("--service", &accept->service, "Of this listing, with --hold: its id or exact name");
  auto decline = AddChange(referral, context, "decline", "Say no to a referral", &verb, Decline);
  verb.Option("--offer", &decline->offer, "The offer's id, when there are several");
  verb.Option("--reason", &decline->code, kDeclineReasons, Need::kRequired);
  AddChange(referral, context, "start", "The service has begun", &verb, Start);
  auto complete =
      AddChange(referral, context, "complete", "The service was given", &verb, Complete);
  verb.Option("--outcome", &complete->code, kOutcomes, Need::kRequired);
  auto close = AddChange(referral, context, "close", "The service came to nothing", &verb, Close);
  verb.Option("--reason", &close->code, kNotEnrolledReasons, Need::kRequired);
  auto error = AddChange(referral, context, "enter-in-error",
                         "It should never have been: end all of it", &verb, EnterInError);
  verb.Flag("--yes", &error->yes, "Do not ask");
  verb.Footer("Whoever was asked is told, and the packet is destroyed. There is no way back.");
  auto cancel = AddChange(referral, context, "cancel", "Take a referral back", &verb, Cancel);
  verb.Option("--reason", &cancel->code, kCancelReasons, Need::kRequired);
  verb.Flag("--yes", &cancel->yes, "Do not ask");
}

}  // namespace

void AddReferralVerbs(Args root, Context& context) {
  Args referral = root.Group("referral", "Hand a case to another agency, and follow it");
  AddSendVerb(referral, context);
  AddForwardVerb(referral, context);
  AddOfferVerbs(referral, context);
  {
    auto options = std::make_shared<ListOptions>();
    Args verb = referral.Verb("list", "List referrals; showing the inbox marks it as delivered");
    verb.Option("--box", &options->box, "inbox or sent; default inbox");
    verb.Option("--state", &options->states,
                "open, matched, in_service, completed, cancelled, closed, draft");
    verb.Flag("--mine", &options->mine, "What you have in hand, unless it has ended");
    verb.Flag("--unassigned", &options->unassigned, "What nobody has in hand, unless it has ended");
    verb.Do([&context, options] { return List(context, *options); });
  }
  auto shown = std::make_shared<std::string>();
  Args show = referral.Verb("show", "Show one, without its packet");
  show.Positional("referral", shown.get(), "Its id, or @last");
  show.Do([&context, shown] { return Show(context, *shown); });
  AddAssignmentVerbs(referral, context);
  AddOpenVerb(referral, context);
  AddAmendVerb(referral, context);
  AddAttachVerb(referral, context);
  AddChangeVerbs(referral, context);
  AddNoteVerbs(referral, context);
  Args timeline = referral.Verb("timeline", "What happened to it, and when");
  timeline.Positional("referral", shown.get(), "Its id, or @last");
  timeline.Do([&context, shown] { return Timeline(context, *shown); });
  AddWatchVerb(referral, context);
}

}  // namespace fairlead::cli
