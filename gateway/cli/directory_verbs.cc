// directory search|show|hours|needs; the others have files of their own.
#include "fairlead/directory/v1/directory.pb.h"
#include "gateway/cli/capacity_view.h"
#include "gateway/cli/client_filters.h"
#include "gateway/cli/hours_view.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/nearest_need.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = directory::v1;

struct SearchOptions {
  std::vector<std::string> words;
  ClientFilters client;
  std::string language;
  std::string page;
  int64_t limit = 25;
};

std::string Ages(const v1::Service& service) {
  if (service.minimum_age() == 0 && service.maximum_age() == 0) return "";
  if (service.maximum_age() == 0) return std::to_string(service.minimum_age()) + "+";
  return std::to_string(service.minimum_age()) + "-" + std::to_string(service.maximum_age());
}

// Nobody who knows has looked at it for a year, or ever.
bool IsStale(const v1::Service& service) {
  return service.verification() == v1::VERIFICATION_STATE_STALE;
}

// How far it is, when that was asked, and whether to rely on it.
std::string NoteOf(const v1::Service& service) {
  std::vector<std::string> notes;
  if (!service.distance_miles().empty()) notes.push_back(DistanceText(service.distance_miles()));
  if (IsStale(service)) notes.emplace_back("NOT VERIFIED");
  return Listed(notes);
}

Result<void> Search(Context& context, const SearchOptions& options) {
  v1::SearchServicesRequest request;
  FAIRLEAD_RETURN_IF_ERROR(options.client.SetIn(request));
  request.set_language(options.language);
  request.set_text(options.words.empty() ? "" : options.words.front());
  for (size_t i = 1; i < options.words.size(); ++i) {
    request.set_text(request.text() + " " + options.words[i]);
  }
  request.set_page_size(static_cast<int32_t>(options.limit));
  request.set_page_token(options.page);
  const auto found = context.client().Call<v1::SearchServicesResponse>(kSearchServices, request);
  if (!found) return Fail(WithNearestNeed(context, found.error(), options.client.need));
  const v1::SearchServicesResponse& response = *found;
  context.Emit(response, [&] {
    Table table({"SERVICE", "AGENCY", "NEEDS", "LANGUAGES", "AGES", "HOURS", "NOTE", "ID"});
    for (const v1::Service& service : response.services()) {
      table.Add({service.name(), service.agency_name(), ListedField(service.need_codes()),
                 ListedField(service.languages()), Ages(service), OpenText(service),
                 NoteOf(service), service.id()});
    }
    if (!table.empty()) context.Print(table);
  });
  if (response.misspelt()) {
    context.Say("No service has these words as they are written: these have words that are near.");
  }
  if (response.services_size() == 0 && response.next_page_token().empty()) {
    context.Say("No service fits all of that. Leave a condition out to see what is near.");
  } else if (!response.next_page_token().empty()) {
    context.Say("There are more: --page " + response.next_page_token());
  } else {
    context.Next("directory show " + (response.services_size() == 1 ? response.services(0).id()
                                                                    : std::string("ID")));
  }
  return {};
}

// What the client's circumstances must be; "" for what is not stated.
std::vector<Field> EligibilityFields(const v1::Eligibility& eligibility) {
  std::vector<std::string> demands;
  if (eligibility.id_required()) demands.emplace_back("identity document");
  if (eligibility.sobriety_required()) demands.emplace_back("sobriety");
  const std::string target = eligibility.response_target_min() == 0
                                 ? ""
                                 : std::to_string(eligibility.response_target_min()) + " min";
  return {{"Whole states", ListedField(eligibility.states())},
          {"Genders", ListedField(eligibility.genders())},
          {"Populations", ListedField(eligibility.populations())},
          {"Exploitation", ListedField(eligibility.exploitation_types())},
          {"Household", ListedField(eligibility.household_codes())},
          {"Access", ListedField(eligibility.accessibility_codes())},
          {"Interpreters", eligibility.any_interpreter()
                               ? "any language"
                               : ListedField(eligibility.interpreted_languages())},
          {"Demands", Listed(demands)},
          {"Cost", eligibility.cost()},
          {"Warm transfer", eligibility.takes_warm_transfers() ? "yes" : ""},
          {"Answers within", target}};
}

std::string VerifiedText(const v1::Service& service) {
  const std::string last = service.has_assured_time() ? TimeText(service.assured_time()) : "never";
  if (IsStale(service)) return "NOT VERIFIED (last: " + last + "): ask before you rely on it";
  return service.has_assured_time() ? last : "";
}

Result<void> Show(Context& context, const std::string& id_or_name) {
  v1::GetServiceResponse response;
  FAIRLEAD_ASSIGN(*response.mutable_service(), ReadService(context, id_or_name));
  context.Emit(response, [&] {
    const v1::Service& service = response.service();
    const std::string confidential = service.confidential_location() ? "confidential" : "";
    std::vector<Field> fields = {{"Service", service.name()},
                                 {"Agency", service.agency_name()},
                                 {"Agency id", service.agency_id()},
                                 {"Organization", service.organization_name()},
                                 {"Status", service.status()},
                                 {"Needs", ListedField(service.need_codes())},
                                 {"Languages", ListedField(service.languages())},
                                 {"Ages", Ages(service)},
                                 {"Hours", OpenText(service)},
                                 {"Counties", ListedField(service.counties())}};
    const std::vector<Field> eligibility = EligibilityFields(service.eligibility());
    fields.insert(fields.end(), eligibility.begin(), eligibility.end());
    const std::vector<Field> rest = {{"Cities", ListedField(service.cities())},
                                     {"Location", confidential},
                                     {"Phones", ListedField(service.phones())},
                                     {"E-mail", service.email()},
                                     {"Web", service.url()},
                                     {"Description", service.description()},
                                     {"Updated", TimeText(service.update_time())},
                                     {"Verified", VerifiedText(service)},
                                     {"Id", service.id()}};
    fields.insert(fields.end(), rest.begin(), rest.end());
    PrintFields(context.out(), fields);
  });
  context.home().SetLast("service", response.service().id());
  context.Next("release create --to " + response.service().agency_id() +
               " --category identity,needs,safe_contact --state STATE");
  return {};
}

Result<void> Needs(Context& context) {
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::ListNeedsResponse>(kListNeeds, v1::ListNeedsRequest()));
  context.Emit(response, [&] {
    Table table({"CODE", "ENGLISH", "SPANISH"});
    for (const v1::Need& need : response.needs()) {
      const std::string indent = need.parent_code().empty() ? "" : "  ";
      table.Add({indent + need.code(), need.label_en(), need.label_es()});
    }
    context.Print(table);
  });
  return {};
}

}  // namespace

void AddDirectoryVerbs(Args root, Context& context) {
  Args directory = root.Group("directory", "Services that agencies list");
  AddDirectoryImport(directory, context);
  AddDirectoryExport(directory, context);
  AddDirectoryVerify(directory, context);
  AddDirectoryHistory(directory, context);
  {
    auto options = std::make_shared<SearchOptions>();
    Args verb = directory.Verb("search", "Find services; all conditions given must hold");
    verb.Option("--text", &options->words, "Words of the listing, or their beginnings");
    options->client.AddTo(verb, Need::kOptional);
    verb.Option("--language", &options->language, "BCP 47: es, zh-Hant");
    verb.Option("--limit", &options->limit, 1, 100, "At most so many");
    verb.Option("--page", &options->page, "The next page, as the last answer named it");
    verb.Do([&context, options] { return Search(context, *options); });
  }
  AddMatchVerb(directory, context);
  auto id = std::make_shared<std::string>();
  Args show = directory.Verb("show", "Show one service");
  show.Positional("service", id.get(), kServiceHelp);
  show.Do([&context, id] { return Show(context, *id); });
  Args hours = directory.Verb("hours", "When a service is open in the next 14 days");
  hours.Positional("service", id.get(), kServiceHelp);
  hours.Do([&context, id] { return ShowHours(context, *id); });
  directory.Verb("needs", "List the need codes").Do([&context] { return Needs(context); });
}

}  // namespace fairlead::cli
