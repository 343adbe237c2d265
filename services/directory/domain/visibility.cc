#include "services/directory/domain/visibility.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <iterator>
#include <utility>
#include <vector>

#include "services/common/base/text.h"
#include "services/directory/domain/listing.h"

namespace fairlead::directory {
namespace {

namespace json = boost::json;

Tier DefaultTier(std::string_view table) {
  if (table == "services" || table == "organizations" || table == "contacts" ||
      table == "service_capacity") {
    return Tier::kCoalition;
  }
  return table == "metadata" ? Tier::kRole : Tier::kPublic;
}

std::string_view Text(const json::object& object, std::string_view member) {
  const json::value* value = object.if_contains(member);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                : std::string_view();
}

// An attribute that sets a tier: of one member, or of the whole record.
struct Marking {
  Tier tier = Tier::kPublic;
  std::string_view member;  // empty: the whole
};

bool IsMember(const TableSpec& spec, std::string_view name) {
  const auto named = [&](const Member& member) { return member.name == name; };
  return std::ranges::find(spec.columns, name) != spec.columns.end() ||
         std::ranges::any_of(spec.arrays, named) || std::ranges::any_of(spec.objects, named);
}

std::vector<Marking> Markings(const TableSpec& spec, const json::object& record) {
  std::vector<Marking> markings;
  const json::value* attributes = record.if_contains("attributes");
  if (attributes == nullptr || !attributes->is_array()) return markings;
  for (const json::value& attribute : attributes->get_array()) {
    if (!attribute.is_object()) continue;
    const json::value* term = attribute.get_object().if_contains("taxonomy_term");
    if (term == nullptr || !term->is_object()) continue;
    const std::optional<Tier> tier = TierOfCode(Text(term->get_object(), "code"));
    if (!tier) continue;
    const std::string_view about = Text(attribute.get_object(), "link_type");
    markings.push_back({*tier, CanBeHiddenAlone(spec, about) ? about : std::string_view()});
  }
  return markings;
}

void RedactMember(const TableSpec& spec, std::string_view name, Tier viewer, json::object& record) {
  json::value* value = record.if_contains(name);
  if (value == nullptr) return;
  if (value->is_object()) {
    std::optional<json::object> seen = Redact(spec, value->get_object(), viewer);
    if (seen) {
      *value = std::move(*seen);
    } else {
      record.erase(name);
    }
    return;
  }
  if (!value->is_array()) return;
  json::array seen;
  for (const json::value& item : value->get_array()) {
    if (!item.is_object()) continue;
    if (std::optional<json::object> one = Redact(spec, item.get_object(), viewer)) {
      seen.push_back(std::move(*one));
    }
  }
  if (seen.empty()) {
    record.erase(name);
  } else {
    *value = std::move(seen);
  }
}

// A service's place that nobody may find.
json::object Bare(const json::object& join) {
  json::object place;
  // HSDS wants an id: the join's own, which leads nowhere else.
  if (const json::value* id = join.if_contains("id")) place["id"] = *id;
  const json::value* known = join.if_contains("location");
  const bool has_type =
      known != nullptr && known->is_object() && known->get_object().contains("location_type");
  place["location_type"] = has_type ? known->get_object().at("location_type") : "physical";
  place["confidential_location"] = true;
  json::object bare;
  if (const json::value* id = join.if_contains("id")) bare["id"] = *id;
  bare["location"] = std::move(place);
  return bare;
}

// The counties and whole states that the areas name, and nothing that is said in words.
void KeepCounties(json::object& record) {
  json::value* areas = record.if_contains("service_areas");
  if (areas == nullptr || !areas->is_array()) return;
  json::array kept;
  for (const json::value& area : areas->get_array()) {
    if (!area.is_object()) continue;
    for (const char* member : {"extent", "uri", "name"}) {
      Areas read = ReadAreas(Text(area.get_object(), member));
      std::vector<std::string> codes = std::move(read.counties);
      std::ranges::move(read.states, std::back_inserter(codes));
      if (codes.empty()) continue;
      json::object one;
      if (const json::value* id = area.get_object().if_contains("id")) one["id"] = *id;
      one["extent"] = Join(codes, ',');
      kept.push_back(std::move(one));
      break;
    }
  }
  if (kept.empty()) {
    record.erase("service_areas");
  } else {
    *areas = std::move(kept);
  }
}

}  // namespace

std::optional<Tier> TierOfCode(std::string_view term_code) {
  if (term_code == "visibility_public") return Tier::kPublic;
  if (term_code == "visibility_coalition") return Tier::kCoalition;
  if (term_code == "visibility_role") return Tier::kRole;
  if (term_code == "visibility_sealed") return Tier::kSealed;
  return std::nullopt;
}

bool CanBeHiddenAlone(const TableSpec& spec, std::string_view member) {
  // What every record of its kind must have cannot be left out.
  return member != "id" && IsMember(spec, member) &&
         std::ranges::find(spec.required, member) == spec.required.end();
}

Tier TierOf(const TableSpec& spec, const json::object& record) {
  std::optional<Tier> tier;
  for (const Marking& marking : Markings(spec, record)) {
    // Of two that contradict each other the closer one holds.
    if (marking.member.empty()) tier = std::max(tier.value_or(marking.tier), marking.tier);
  }
  return tier.value_or(DefaultTier(spec.name));
}

std::map<std::string, Tier> MarkedMembers(const TableSpec& spec, const json::object& record) {
  std::map<std::string, Tier> marked;
  for (const Marking& marking : Markings(spec, record)) {
    if (marking.member.empty()) continue;
    Tier& tier = marked.emplace(marking.member, marking.tier).first->second;
    tier = std::max(tier, marking.tier);
  }
  return marked;
}

std::optional<json::object> Redact(const TableSpec& spec, const json::object& record, Tier viewer) {
  if (TierOf(spec, record) > viewer) return std::nullopt;
  return RedactInside(spec, record, viewer);
}

json::object RedactInside(const TableSpec& spec, const json::object& record, Tier viewer) {
  json::object seen = record;
  for (const Marking& marking : Markings(spec, record)) {
    if (!marking.member.empty() && marking.tier > viewer) seen.erase(marking.member);
  }
  for (const Member& member : spec.objects) {
    RedactMember(TableOf(member.table), member.name, viewer, seen);
  }
  for (const Member& member : spec.arrays) {
    RedactMember(TableOf(member.table), member.name, viewer, seen);
  }
  for (const Anywhere& any : TablesOfAnything()) {
    RedactMember(TableOf(any.table), any.table, viewer, seen);
  }
  return seen;
}

void HidePlaces(const TableSpec& spec, const std::set<std::string>& hidden, bool is_confidential,
                json::object& record) {
  json::value* joins = record.if_contains("service_at_locations");
  if (joins != nullptr && joins->is_array()) {
    for (json::value& join : joins->get_array()) {
      if (!join.is_object()) continue;
      json::object& at = join.get_object();
      const json::value* place = at.if_contains("location");
      const std::string_view id = place != nullptr && place->is_object()
                                      ? Text(place->get_object(), "id")
                                      : Text(at, "location_id");
      if (is_confidential || hidden.contains(std::string(id))) at = Bare(at);
    }
  }
  if (spec.name == "services" && is_confidential) {
    record["confidential_location"] = true;
    KeepCounties(record);
  }
  json::value* places = record.if_contains("locations");
  if (places == nullptr || !places->is_array()) return;
  json::array open;
  for (json::value& place : places->get_array()) {
    const bool hides =
        !place.is_object() || hidden.contains(std::string(Text(place.get_object(), "id")));
    if (!hides) open.push_back(std::move(place));
  }
  if (open.empty()) {
    record.erase("locations");
  } else {
    *places = std::move(open);
  }
}

void EraseHistories(json::object& record) {
  record.erase("metadata");
  for (auto& member : record) {
    if (member.value().is_object()) EraseHistories(member.value().get_object());
    if (!member.value().is_array()) continue;
    for (json::value& item : member.value().get_array()) {
      if (item.is_object()) EraseHistories(item.get_object());
    }
  }
}

json::object RedactOrganization(const json::object& organization, Tier viewer) {
  const TableSpec& spec = TableOf("organizations");
  json::object seen = RedactInside(spec, organization, viewer);
  if (TierOf(spec, organization) <= viewer) return seen;
  json::object named;
  for (const char* member : {"id", "name", "description"}) {
    if (const json::value* value = seen.if_contains(member)) named[member] = *value;
  }
  return named;
}

}  // namespace fairlead::directory
