// agency apply|sponsor|activate|suspend|reinstate|depart|history: how an agency becomes a member
// and ceases to be one.
#include <algorithm>

#include "fairlead/directory/v1/membership.pb.h"
#include "gateway/cli/membership_view.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace dir = directory::v1;

constexpr char kKinds[] =
    "victim_service_provider, health_provider, part2_program, legal_services, law_enforcement, "
    "government, hotline, other";

struct ApplyOptions {
  std::string name;
  std::string kind;
  std::string phone;
};

struct StepOptions {
  std::string agency;
  std::string reason;
  std::string etag;
  bool yes = false;
};

constexpr char kWhoSponsors[] =
    "as an administrator of a member agency; for the first agencies as a coordinator";

Result<void> Apply(Context& context, const ApplyOptions& options) {
  dir::ApplyForMembershipRequest request;
  request.set_request_id(context.RequestId());
  request.set_name(options.name);
  FAIRLEAD_ASSIGN(const dir::AgencyKind kind, ParseEnum<dir::AgencyKind>(options.kind, "--kind"));
  request.set_kind(kind);
  request.set_contact_phone(options.phone);
  FAIRLEAD_ASSIGN(const auto response, context.client().Call<dir::ApplyForMembershipResponse>(
                                           kApplyForMembership, request));
  const std::string id = response.agency().id();
  context.home().SetLast("agency", id);
  context.Emit(response, [&] { PrintAgency(context, response.agency()); });
  context.Say(
      "Two member agencies vouch for it, by their administrators; then a coordinator "
      "decides. They need the id.");
  context.NextForAnother("agency sponsor " + id, kWhoSponsors);
  return {};
}

// The request of a step on one agency.
template <class Request>
Result<Request> StepRequest(Context& context, const StepOptions& options) {
  Request request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const std::string id, context.AgencyId(options.agency));
  request.set_agency_id(id);
  request.set_etag(options.etag);
  return request;
}

template <class Request>
Result<Request> StepRequestWithReason(Context& context, const StepOptions& options) {
  FAIRLEAD_ASSIGN(Request request, StepRequest<Request>(context, options));
  FAIRLEAD_ASSIGN(const auto reason, ParseEnum<dir::MembershipReason>(options.reason, "--reason"));
  request.set_reason(reason);
  return request;
}

Result<void> Sponsor(Context& context, const StepOptions& options) {
  FAIRLEAD_ASSIGN(const auto request, StepRequest<dir::SponsorAgencyRequest>(context, options));
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<dir::SponsorAgencyResponse>(kSponsorAgency, request));
  context.home().SetLast("agency", request.agency_id());
  const int missing = response.sponsors_missing();
  context.Emit(response, [&] {
    PrintAgency(context, response.agency());
    PrintFields(context.out(), {{"Still needed", std::to_string(missing)}});
  });
  if (missing > 0) {
    context.NextForAnother("agency sponsor " + request.agency_id(), kWhoSponsors);
  } else {
    context.NextForAnother("agency activate " + request.agency_id(),
                           "as a coordinator of the coalition's office");
  }
  return {};
}

// An applicant without its sponsors: how many are missing, if the hub says what it has.
Error TooEarly(Context& context, const std::string& agency_id, Error refused) {
  constexpr int64_t kSponsorsNeeded = 2;  // docs/decisions/0009-membership.md
  if (refused.reason != "MEMBERSHIP_STATE_CONFLICT") return refused;
  dir::GetAgencyRequest get;
  get.set_agency_id(agency_id);
  const auto got = context.client().Call<dir::GetAgencyResponse>(kGetAgency, get);
  if (!got || got->agency().membership() != dir::MEMBERSHIP_STATE_APPLIED) return refused;
  const auto changes = AllMembershipChanges(context, agency_id);
  if (!changes) return refused;
  const auto words = std::count_if(changes->changes().begin(), changes->changes().end(),
                                   [](const auto& each) { return each.is_sponsorship(); });
  const int64_t missing = std::max<int64_t>(kSponsorsNeeded - words, 1);
  refused.message = "Too early: it still needs " + std::to_string(missing) +
                    (missing == 1 ? " sponsor." : " sponsors.");
  refused.metadata["missing"] = std::to_string(missing);
  return refused;
}

Result<void> Activate(Context& context, const StepOptions& options) {
  FAIRLEAD_ASSIGN(const auto request, StepRequest<dir::ActivateAgencyRequest>(context, options));
  const auto answer =
      context.client().Call<dir::ActivateAgencyResponse>(kActivateAgency, request);
  if (!answer) return Fail(TooEarly(context, request.agency_id(), answer.error()));
  const dir::ActivateAgencyResponse& response = *answer;
  context.home().SetLast("agency", request.agency_id());
  context.Emit(response, [&] { PrintAgency(context, response.agency()); });
  context.Next("user invite --name \"THEIR NAME\" --agency " + request.agency_id() +
               " --role agency_admin");
  return {};
}

// Suspend and depart: what they end cannot be brought back.
template <class Request, class Response>
Result<void> End(Context& context, const StepOptions& options, std::string_view method,
                 const std::string& question, const std::string& next) {
  FAIRLEAD_ASSIGN(const auto request, StepRequestWithReason<Request>(context, options));
  FAIRLEAD_RETURN_IF_ERROR(Confirm(
      context, options.yes, question + " " + Printable(context.AgencyName(request.agency_id()))));
  FAIRLEAD_ASSIGN(const auto response, context.client().Call<Response>(method, request));
  context.home().SetLast("agency", request.agency_id());
  context.Emit(response, [&] {
    PrintAgency(context, response.agency());
    PrintFields(context.out(), {{"Sessions ended", std::to_string(response.sessions_ended())},
                                {"Offers closed", std::to_string(response.offers_closed())}});
  });
  context.Next("agency " + next + " " + request.agency_id());
  return {};
}

Result<void> Suspend(Context& context, const StepOptions& options) {
  return End<dir::SuspendAgencyRequest, dir::SuspendAgencyResponse>(
      context, options, kSuspendAgency, "Sign out everybody and close every open offer of",
      "reinstate");
}

Result<void> Depart(Context& context, const StepOptions& options) {
  return End<dir::DepartAgencyRequest, dir::DepartAgencyResponse>(
      context, options, kDepartAgency, "Remove from the coalition, for good,", "history");
}

Result<void> Reinstate(Context& context, const StepOptions& options) {
  FAIRLEAD_ASSIGN(const auto request,
                  StepRequestWithReason<dir::ReinstateAgencyRequest>(context, options));
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<dir::ReinstateAgencyResponse>(kReinstateAgency, request));
  context.home().SetLast("agency", request.agency_id());
  context.Emit(response, [&] { PrintAgency(context, response.agency()); });
  context.Next("agency history " + request.agency_id());
  return {};
}

Result<void> History(Context& context, const std::string& agency) {
  FAIRLEAD_ASSIGN(const std::string id, context.AgencyId(agency));
  FAIRLEAD_ASSIGN(const auto changes, AllMembershipChanges(context, id));
  context.Emit(changes, [&] {
    Table table({"TIME", "WHAT", "REASON", "BY", "OF"});
    for (const dir::MembershipChange& change : changes.changes()) {
      table.Add({TimeText(change.time()), ChangeText(change), EnumText(change.reason()),
                 change.actor_staff_id(), context.AgencyName(change.actor_agency_id())});
    }
    context.Print(table);
  });
  return {};
}

// A verb on one agency. `reasons`: empty when the step needs none.
void AddStep(Args agency, Context& context, const char* name, const char* help, const char* reasons,
             bool asks, Result<void> (*step)(Context&, const StepOptions&)) {
  auto options = std::make_shared<StepOptions>();
  Args verb = agency.Verb(name, help);
  verb.Positional("agency", &options->agency, "Id or exact name");
  if (*reasons != '\0') verb.Option("--reason", &options->reason, reasons, Need::kRequired);
  verb.Option("--etag", &options->etag, "Only if it is still at this version");
  if (asks) verb.Flag("--yes", &options->yes, "Do not ask");
  verb.Do([&context, options, step] { return step(context, *options); });
}

}  // namespace

void AddMembershipVerbs(Args agency, Context& context) {
  auto options = std::make_shared<ApplyOptions>();
  Args apply = agency.Verb("apply", "Ask to become a member (no sign-in needed)");
  apply.Positional("name", &options->name, "Its name");
  apply.Option("--kind", &options->kind, kKinds, Need::kRequired);
  apply.Option("--phone", &options->phone, "Where sponsors call back: +13055550100",
               Need::kRequired);
  apply.Do([&context, options] { return Apply(context, *options); });

  AddStep(agency, context, "sponsor",
          "Vouch for an applicant, for your agency (its administrators)", "", false, Sponsor);
  AddStep(agency, context, "activate", "Make a sponsored applicant a member (coordinators)", "",
          false, Activate);
  AddStep(agency, context, "suspend", "Stop an agency: sessions, offers and keys",
          "review_due, security_incident, conduct, own_wish", true, Suspend);
  AddStep(agency, context, "reinstate", "End a suspension", "resolved, vetted", false, Reinstate);
  AddStep(agency, context, "depart", "End a membership, or refuse an applicant",
          "own_wish, closed, conduct, security_incident, not_vetted (an applicant)", true, Depart);
  auto named = std::make_shared<std::string>();
  Args history = agency.Verb("history", "Who vetted it, and all that became of its membership");
  history.Positional("agency", named.get(), "Id or exact name");
  history.Do([&context, named] { return History(context, *named); });
}

}  // namespace fairlead::cli
