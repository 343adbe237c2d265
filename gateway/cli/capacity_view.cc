#include "gateway/cli/capacity_view.h"

#include <algorithm>
#include <vector>

#include "fairlead/directory/v1/directory.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"

namespace fairlead::cli {
namespace {

namespace v1 = directory::v1;

constexpr size_t kWordsToSearch = 4;  // the hub takes eight; the name is compared here
constexpr int kMaxSearchPages = 10;

int64_t Ms(const google::protobuf::Timestamp& time) { return time.seconds() * 1000; }

// The first words of a name.
std::string FirstWords(const std::string& name) {
  size_t end = 0;
  for (size_t words = 0; words < kWordsToSearch && end != std::string::npos; ++words) {
    end = name.find(' ', end == 0 ? 0 : end + 1);
  }
  return name.substr(0, end);
}

// "bed", "beds"; every unit's plural ends in s.
std::string CountedUnit(v1::CapacityUnit unit, int count) {
  return EnumText(unit) + (count == 1 ? "" : "s");
}

}  // namespace

Result<v1::CapacityUnit> ParseUnit(const std::string& text) {
  std::string name = text;
  std::ranges::replace(name, '-', '_');
  if (name.size() > 1 && name.ends_with('s')) name.pop_back();
  return ParseEnum<v1::CapacityUnit>(name, "the unit");
}

Result<std::string> ServiceId(Context& context, const std::string& id_or_name) {
  if (id_or_name == "@last" || IsUuid(AsId(id_or_name))) return context.Id("service", id_or_name);
  v1::SearchServicesRequest request;
  request.set_text(FirstWords(id_or_name));
  const auto own = context.OwnAgencyId();
  std::vector<std::string> mine;
  std::vector<std::string> others;
  const auto look = [&](const v1::SearchServicesResponse& page) -> Result<bool> {
    for (const v1::Service& service : page.services()) {
      if (service.name() != id_or_name) continue;
      (own && service.agency_id() == *own ? mine : others).push_back(service.id());
    }
    return true;
  };
  FAIRLEAD_RETURN_IF_ERROR(EachPage<v1::SearchServicesResponse>(context, kSearchServices, request,
                                                                look, kMaxSearchPages));
  const std::vector<std::string>& found = mine.empty() ? others : mine;
  if (found.empty()) {
    return Fail(Code::kNotFound, "SERVICE_NOT_FOUND",
                "No service that is offered has exactly this name.", {{"name", id_or_name}});
  }
  if (found.size() > 1) {
    return Usage("Several services have this name; give one's id: " + Listed(found));
  }
  return found.front();
}

std::string FreeText(const v1::Capacity& capacity) {
  std::string text = std::to_string(capacity.available());
  if (capacity.maximum() > 0) text += " of " + std::to_string(capacity.maximum());
  const int counted = capacity.maximum() > 0 ? capacity.maximum() : capacity.available();
  text += " " + CountedUnit(capacity.unit(), counted) + " free";
  if (capacity.held() > 0) text += ", " + std::to_string(capacity.held()) + " held";
  if (capacity.overflow_available() > 0) {
    text += ", " + std::to_string(capacity.overflow_available()) + " more beyond";
  }
  if (capacity.waitlist() > 0) text += ", " + std::to_string(capacity.waitlist()) + " wait";
  if (!capacity.accepting()) text += ", takes no holds";
  return text;
}

std::string UnitsText(const v1::Hold& hold) {
  return std::to_string(hold.quantity()) + " " + CountedUnit(hold.unit(), hold.quantity()) +
         (hold.overflow() ? " beyond the maximum" : "");
}

std::string UntilText(Context& context, const v1::Hold& hold) {
  const auto& time = hold.has_end_time() ? hold.end_time() : hold.expire_time();
  return TimeText(time) + " (" + RelativeText(Ms(time), context.NowMs()) + ")";
}

void PrintCapacities(Context& context,
                     const google::protobuf::RepeatedPtrField<v1::Capacity>& all) {
  Table table({"SERVICE", "FREE", "SAID", "SERVICE ID"});
  for (const v1::Capacity& capacity : all) {
    table.Add({capacity.service_name(), FreeText(capacity),
               RelativeText(Ms(capacity.update_time()), context.NowMs()) + ", " +
                   EnumText(capacity.freshness()),
               capacity.service_id()});
  }
  context.Print(table);
}

}  // namespace fairlead::cli
