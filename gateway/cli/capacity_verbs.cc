// capacity get|set|hold|release|arrived|holds|history (watch: capacity_watch.cc).
#include <charconv>

#include "fairlead/directory/v1/capacity.pb.h"
#include "gateway/cli/capacity_view.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = directory::v1;

constexpr int64_t kNotGiven = -1;
constexpr int64_t kMostUnits = 10'000;
constexpr int64_t kMostWaiting = 100'000;

struct GetOptions {
  std::string service;
  std::string agency;
};

struct SetOptions {
  std::string service;
  std::string unit;
  std::string number;
  std::string accepting;
  std::string etag;
  int64_t maximum = kNotGiven;
  int64_t overflow = kNotGiven;
  int64_t waitlist = kNotGiven;
};

struct HoldOptions {
  std::string service;
  std::string unit;
  std::string reference;
  std::string lapse;
  int64_t quantity = 1;
  bool overflow = false;
};

struct HoldsOptions {
  bool received = false;
  bool ended = false;
};

// "3", "+1", "-2" into the request; nothing: what was said still holds.
Result<void> ReadNumber(const std::string& text, v1::UpdateCapacityRequest& request) {
  if (text.empty()) return {};
  const bool relative = text.front() == '+' || text.front() == '-';
  const size_t digits = text.front() == '+' ? 1 : 0;
  int number = 0;
  const auto [end, error] =
      std::from_chars(text.data() + digits, text.data() + text.size(), number);
  const bool two_signs = text.starts_with("+-");
  if (two_signs || error != std::errc() || end != text.data() + text.size()) {
    return Usage("How many: a number (3), or how many more or fewer (+1, -1).");
  }
  if (relative) {
    request.set_available_delta(number);
  } else {
    request.set_available(number);
  }
  return {};
}

Result<void> Get(Context& context, const GetOptions& options) {
  v1::ListCapacitiesRequest request;
  if (!options.service.empty()) {
    FAIRLEAD_ASSIGN(const std::string id, ServiceId(context, options.service));
    request.set_service_id(id);
  }
  if (!options.agency.empty()) {
    FAIRLEAD_ASSIGN(const std::string id, context.AgencyId(options.agency));
    request.set_agency_id(id);
  }
  FAIRLEAD_ASSIGN(const auto all,
                  AllPages<v1::ListCapacitiesResponse>(context, kListCapacities, request));
  context.Emit(all, [&] {
    if (all.capacities_size() > 0) PrintCapacities(context, all.capacities());
  });
  if (all.capacities_size() == 0) {
    context.Say("Nothing is stated. For a service of your own: " +
                context.Command("capacity set SERVICE beds 3"));
  }
  return {};
}

Result<void> Set(Context& context, const SetOptions& options) {
  v1::UpdateCapacityRequest request;
  FAIRLEAD_ASSIGN(const v1::CapacityUnit unit, ParseUnit(options.unit));
  FAIRLEAD_RETURN_IF_ERROR(ReadNumber(options.number, request));
  if (!options.accepting.empty() && options.accepting != "yes" && options.accepting != "no") {
    return Usage("--accepting is yes or no.");
  }
  FAIRLEAD_ASSIGN(const std::string service_id, ServiceId(context, options.service));
  request.set_request_id(context.RequestId());
  request.set_service_id(service_id);
  request.set_unit(unit);
  if (options.maximum != kNotGiven) request.set_maximum(static_cast<int32_t>(options.maximum));
  if (options.overflow != kNotGiven) {
    request.set_overflow_available(static_cast<int32_t>(options.overflow));
  }
  if (options.waitlist != kNotGiven) request.set_waitlist(static_cast<int32_t>(options.waitlist));
  if (!options.accepting.empty()) request.set_accepting(options.accepting == "yes");
  request.set_etag(options.etag);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::UpdateCapacityResponse>(kUpdateCapacity, request));
  context.home().SetLast("service", service_id);
  context.Emit(response, [&] {
    const v1::Capacity& capacity = response.capacity();
    context.out() << Printable(capacity.service_name() + ": " + FreeText(capacity)) << "\n";
  });
  return {};
}

Result<void> Hold(Context& context, const HoldOptions& options) {
  v1::PlaceHoldRequest request;
  FAIRLEAD_ASSIGN(const v1::CapacityUnit unit, ParseUnit(options.unit));
  if (!options.lapse.empty()) {
    FAIRLEAD_ASSIGN(const int64_t lapse_s, ParseDurationS(options.lapse, "--for"));
    if (lapse_s < 60 || lapse_s > 86'400) return Usage("--for is from 1 min to 24 h.");
    request.set_lapse_s(static_cast<int32_t>(lapse_s));
  }
  FAIRLEAD_ASSIGN(const std::string service_id, ServiceId(context, options.service));
  request.set_request_id(context.RequestId());
  request.set_service_id(service_id);
  request.set_unit(unit);
  // Without one of the caller's, the request's own: repeated with it, it is the same hold.
  request.set_reference_id(options.reference.empty() ? request.request_id() : options.reference);
  request.set_quantity(static_cast<int32_t>(options.quantity));
  request.set_overflow(options.overflow);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::PlaceHoldResponse>(kPlaceHold, request));
  const v1::Hold& hold = response.hold();
  context.home().SetLast("service", service_id);
  context.home().SetLast("hold", hold.id());
  context.Emit(response, [&] {
    PrintFields(context.out(), {{"Hold", hold.id()},
                                {"Service", hold.service_name()},
                                {"Holds", UnitsText(hold)},
                                {"Until", UntilText(context, hold)},
                                {"Left", FreeText(response.capacity())}});
  });
  context.Say("Not needed after all: " + context.Command("capacity release " + hold.id()));
  context.Next("release create --to " + hold.agency_id() +
               " --category identity,needs,safe_contact --state STATE");
  return {};
}

template <class Response, class Request>
Result<void> End(Context& context, const std::string& id, std::string_view method) {
  Request request;
  FAIRLEAD_ASSIGN(const std::string hold_id, context.Id("hold", id));
  request.set_request_id(context.RequestId());
  request.set_hold_id(hold_id);
  FAIRLEAD_ASSIGN(const auto response, context.client().Call<Response>(method, request));
  context.Emit(response, [&] {
    const v1::Hold& hold = response.hold();
    context.out() << Printable(hold.service_name() + ": " + UnitsText(hold) + " " +
                               EnumText(hold.state()))
                  << "\n";
  });
  return {};
}

Result<void> ListHolds(Context& context, const HoldsOptions& options) {
  v1::ListHoldsRequest request;
  request.set_box(options.received ? v1::HOLD_BOX_RECEIVED : v1::HOLD_BOX_PLACED);
  request.set_include_ended(options.ended);
  FAIRLEAD_ASSIGN(const auto all, AllPages<v1::ListHoldsResponse>(context, kListHolds, request));
  context.Emit(all, [&] {
    Table table({"SERVICE", "HOLDS", "STATE", "UNTIL", options.received ? "BY" : "AT", "ID"});
    for (const v1::Hold& hold : all.holds()) {
      table.Add({hold.service_name(), UnitsText(hold), EnumText(hold.state()),
                 UntilText(context, hold),
                 context.AgencyName(options.received ? hold.holder_agency_id() : hold.agency_id()),
                 hold.id()});
    }
    if (!table.empty()) context.Print(table);
  });
  if (all.holds_size() == 0) context.Say("No holds.");
  return {};
}

// Of a service that states one unit alone.
Result<v1::CapacityUnit> OnlyUnit(Context& context, const std::string& service_id) {
  v1::ListCapacitiesRequest request;
  request.set_service_id(service_id);
  FAIRLEAD_ASSIGN(const auto all,
                  AllPages<v1::ListCapacitiesResponse>(context, kListCapacities, request));
  if (all.capacities_size() == 1) return all.capacities(0).unit();
  return Usage(all.capacities_size() == 0 ? "It states nothing yet."
                                          : "It states several units: say which.");
}

Result<void> History(Context& context, const std::string& service, const std::string& unit_text) {
  v1::ListCapacitySnapshotsRequest request;
  FAIRLEAD_ASSIGN(const std::string service_id, ServiceId(context, service));
  FAIRLEAD_ASSIGN(const v1::CapacityUnit unit, unit_text.empty() ? OnlyUnit(context, service_id)
                                                                 : ParseUnit(unit_text));
  request.set_service_id(service_id);
  request.set_unit(unit);
  FAIRLEAD_ASSIGN(const auto all, AllPages<v1::ListCapacitySnapshotsResponse>(
                                      context, kListCapacitySnapshots, request));
  context.Emit(all, [&] {
    Table table({"AS OF", "FREE", "HELD", "MAXIMUM", "WAITLIST", "BECAUSE", "BY"});
    for (const v1::CapacitySnapshot& one : all.snapshots()) {
      const std::string agency =
          one.actor_agency_id().empty() ? "the hub" : context.AgencyName(one.actor_agency_id());
      table.Add({TimeText(one.as_of()), std::to_string(one.available()),
                 std::to_string(one.held()),
                 one.maximum() == 0 ? "" : std::to_string(one.maximum()),
                 std::to_string(one.waitlist()), EnumText(one.cause()),
                 one.actor_staff_id().empty() ? agency : agency + " " + one.actor_staff_id()});
    }
    if (!table.empty()) context.Print(table);
  });
  return {};
}

void AddSetVerb(Args capacity, Context& context) {
  auto options = std::make_shared<SetOptions>();
  Args verb =
      capacity.Verb("set", "Say how many are free: capacity set SERVICE beds 3 (or -1, +1)");
  verb.Positional("service", &options->service, kServiceHelp);
  verb.Positional("unit", &options->unit, kUnitHelp);
  verb.Positional("number", &options->number,
                  "How many are free beside the holds, or how many more (+1) or fewer (-1); none: "
                  "it is still as it was",
                  Need::kOptional);
  verb.Option("--maximum", &options->maximum, 0, kMostUnits,
              "How many there are in all; 0: not stated");
  verb.Option("--overflow", &options->overflow, 0, kMostUnits,
              "How many may go beyond that, when nothing else is free");
  verb.Option("--waitlist", &options->waitlist, 0, kMostWaiting, "How many people wait");
  verb.Option("--accepting", &options->accepting, "yes or no: whether others may hold them");
  verb.Option("--etag", &options->etag, "Only if it is still at that version");
  verb.Do([&context, options] { return Set(context, *options); });
}

void AddHoldVerb(Args capacity, Context& context) {
  auto options = std::make_shared<HoldOptions>();
  Args verb = capacity.Verb("hold", "Keep one for somebody, for a while");
  verb.Positional("service", &options->service, kServiceHelp);
  verb.Positional("unit", &options->unit, kUnitHelp);
  verb.Option("--for", &options->lapse, "How long (30min, 2h); default: the hub's, 90min");
  verb.Option("--reference", &options->reference,
              "A UUID that means something to you alone, such as the offer's; never a client's");
  verb.Option("--quantity", &options->quantity, 1, 20, "How many; default 1");
  verb.Flag("--overflow", &options->overflow, "Beyond the maximum will do, when no other is free");
  verb.Do([&context, options] { return Hold(context, *options); });
}

}  // namespace

void AddCapacityVerbs(Args root, Context& context) {
  Args capacity = root.Group("capacity", "Free beds and other units, and holds on them");
  auto get_options = std::make_shared<GetOptions>();
  Args get = capacity.Verb("get", "What is free, and how old the number is");
  get.Positional("service", &get_options->service, kServiceHelp, Need::kOptional);
  get.Option("--agency", &get_options->agency, "Of that agency's services; default: your own");
  get.Do([&context, get_options] { return Get(context, *get_options); });
  AddSetVerb(capacity, context);
  AddHoldVerb(capacity, context);
  auto hold = std::make_shared<std::string>();
  Args release = capacity.Verb("release", "Give back what is held");
  release.Positional("hold", hold.get(), "Its id, or @last");
  release.Do([&context, hold] {
    return End<v1::ReleaseHoldResponse, v1::ReleaseHoldRequest>(context, *hold, kReleaseHold);
  });
  Args arrived = capacity.Verb("arrived", "The person came: what was held for them is taken");
  arrived.Positional("hold", hold.get(), "Its id, or @last");
  arrived.Do([&context, hold] {
    return End<v1::ConsumeHoldResponse, v1::ConsumeHoldRequest>(context, *hold, kConsumeHold);
  });
  auto holds_options = std::make_shared<HoldsOptions>();
  Args holds = capacity.Verb("holds", "List the holds that your agency has placed");
  holds.Flag("--received", &holds_options->received, "Those on your services instead");
  holds.Flag("--ended", &holds_options->ended, "Ended ones too, for 30 days");
  holds.Do([&context, holds_options] { return ListHolds(context, *holds_options); });
  auto story = std::make_shared<GetOptions>();
  auto unit = std::make_shared<std::string>();
  Args history = capacity.Verb("history", "Every change of one unit of your own, newest first");
  history.Positional("service", &story->service, kServiceHelp);
  history.Positional("unit", unit.get(), "Its unit; default: the only one that it states",
                     Need::kOptional);
  history.Do([&context, story, unit] { return History(context, story->service, *unit); });
  AddCapacityWatchVerb(capacity, context);
}

}  // namespace fairlead::cli
