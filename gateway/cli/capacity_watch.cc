// capacity watch: a line for each number that changes, the moment it does.
#include "gateway/cli/capacity_view.h"
#include "gateway/cli/verbs.h"
#include "gateway/cli/watch.h"

namespace fairlead::cli {
namespace {

namespace json = boost::json;

constexpr std::string_view kCapacityChanged = "fairlead.directory.capacity_changed.v1";
constexpr std::string_view kHoldChanged = "fairlead.directory.hold_changed.v1";

struct WatchOptions {
  std::string service;
  std::string agency;
  WatchLimits limits;
};

bool IsTrue(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_bool() && value->as_bool();
}

std::string Words(Context& context, const json::object& event, const json::object& data) {
  const std::string unit = TextIn(data, "unit");
  if (TextIn(event, "type") == kHoldChanged) {
    return "hold " + TextIn(data, "change") + "  " + std::to_string(NumberIn(data, "quantity")) +
           " " + unit + "  " + TextIn(data, "holdId") + "  " +
           context.AgencyName(TextIn(data, "holderAgencyId")) + " at " +
           context.AgencyName(TextIn(data, "agencyId"));
  }
  directory::v1::Capacity capacity;
  if (const auto known = ParseUnit(unit)) capacity.set_unit(*known);
  capacity.set_available(static_cast<int32_t>(NumberIn(data, "available")));
  capacity.set_maximum(static_cast<int32_t>(NumberIn(data, "maximum")));
  capacity.set_overflow_available(static_cast<int32_t>(NumberIn(data, "overflowAvailable")));
  capacity.set_waitlist(static_cast<int32_t>(NumberIn(data, "waitlist")));
  capacity.set_accepting(IsTrue(data, "accepting"));
  return FreeText(capacity) + "  " + TextIn(data, "serviceId") + "  " +
         context.AgencyName(TextIn(data, "agencyId"));
}

Result<void> Run(Context& context, const WatchOptions& options) {
  FAIRLEAD_RETURN_IF_ERROR(context.OwnAgencyId());
  std::string service;
  std::string agency;
  if (!options.service.empty()) {
    FAIRLEAD_ASSIGN(service, ServiceId(context, options.service));
  }
  if (!options.agency.empty()) {
    FAIRLEAD_ASSIGN(agency, context.AgencyId(options.agency));
  }
  EventView view{
      .wanted =
          [&](const json::object& event, const json::object& data) {
            const std::string type = TextIn(event, "type");
            if (type != kCapacityChanged && type != kHoldChanged) return false;
            return (service.empty() || TextIn(data, "serviceId") == service) &&
                   (agency.empty() || TextIn(data, "agencyId") == agency);
          },
      .words = [&](const json::object& event,
                   const json::object& data) { return Words(context, event, data); },
      .list_anew = "capacity get"};
  return Watch(context, options.limits, std::move(view)).Run();
}

}  // namespace

void AddCapacityWatchVerb(Args capacity, Context& context) {
  auto options = std::make_shared<WatchOptions>();
  Args verb =
      capacity.Verb("watch", "Print a line for each number that changes, the moment it does");
  verb.Positional("service", &options->service, kServiceHelp, Need::kOptional);
  verb.Option("--agency", &options->agency, "Of that agency's services only");
  AddWatchOptions(verb, &options->limits);
  verb.Do([&context, options] { return Run(context, *options); });
}

}  // namespace fairlead::cli
