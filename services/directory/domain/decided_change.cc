#include "services/directory/domain/decided_change.h"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "services/common/base/encoding.h"

namespace fairlead::directory {
namespace {

namespace json = boost::json;

// Each member of a listing once, for both ways.
constexpr std::array<std::pair<std::string_view, std::string Listing::*>, 7> kTexts = {
    {{"id", &Listing::id},
     {"organization_id", &Listing::organization_id},
     {"name", &Listing::name},
     {"description", &Listing::description},
     {"status", &Listing::status},
     {"email", &Listing::email},
     {"url", &Listing::url}}};
constexpr std::array<std::pair<std::string_view, std::vector<std::string> Listing::*>, 8> kLists = {
    {{"need_codes", &Listing::need_codes},
     {"languages", &Listing::languages},
     {"counties", &Listing::counties},
     {"phones", &Listing::phones},
     {"cities", &Listing::cities},
     {"schedules", &Listing::schedules},
     {"special_days", &Listing::special_days},
     {"holiday_sets", &Listing::holiday_sets}}};
constexpr std::array<std::pair<std::string_view, std::string Organization::*>, 5> kOfOrganization =
    {{{"id", &Organization::id},
      {"name", &Organization::name},
      {"description", &Organization::description},
      {"email", &Organization::email},
      {"website", &Organization::website}}};

std::string TextIn(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

int NumberIn(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? static_cast<int>(value->get_int64()) : 0;
}

bool FlagIn(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

json::object ObjectIn(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_object() ? value->get_object() : json::object();
}

json::object ListingToJson(const Listing& listing) {
  json::object out;
  for (const auto& [name, member] : kTexts) out[name] = listing.*member;
  for (const auto& [name, member] : kLists) {
    json::array items;
    for (const std::string& item : listing.*member) items.push_back(json::string(item));
    out[name] = std::move(items);
  }
  out["minimum_age"] = listing.minimum_age;
  out["maximum_age"] = listing.maximum_age;
  out["confidential_location"] = listing.confidential_location;
  out["eligibility"] = ToText(listing.eligibility);
  return out;
}

Listing ListingFromJson(const json::object& in) {
  Listing listing;
  for (const auto& [name, member] : kTexts) listing.*member = TextIn(in, name);
  for (const auto& [name, member] : kLists) {
    const json::value* items = in.if_contains(name);
    if (items == nullptr || !items->is_array()) continue;
    for (const json::value& item : items->get_array()) {
      if (item.is_string()) (listing.*member).emplace_back(item.get_string());
    }
  }
  listing.minimum_age = NumberIn(in, "minimum_age");
  listing.maximum_age = NumberIn(in, "maximum_age");
  listing.confidential_location = FlagIn(in, "confidential_location");
  listing.eligibility = EligibilityFromText(TextIn(in, "eligibility"));
  return listing;
}

}  // namespace

json::object ToJson(const DecidedChange& change) {
  json::object out = {{"table", change.table},
                      {"id", change.id},
                      {"content_hash", Base64UrlEncode(change.content_hash)},
                      {"is_new", change.is_new},
                      {"is_partial", change.is_partial},
                      {"hsds", change.hsds}};
  if (change.table == "services") out["listing"] = ListingToJson(change.listing);
  if (change.table == "organizations") {
    json::object organization;
    for (const auto& [name, member] : kOfOrganization) {
      organization[name] = change.organization.*member;
    }
    out["organization"] = std::move(organization);
  }
  return out;
}

DecidedChange DecidedFromJson(const json::object& in) {
  DecidedChange change;
  change.table = TextIn(in, "table");
  change.id = TextIn(in, "id");
  change.content_hash = Base64UrlDecode(TextIn(in, "content_hash")).value_or("");
  change.is_new = FlagIn(in, "is_new");
  change.is_partial = FlagIn(in, "is_partial");
  change.hsds = ObjectIn(in, "hsds");
  if (change.table == "services") change.listing = ListingFromJson(ObjectIn(in, "listing"));
  const json::object organization = ObjectIn(in, "organization");
  for (const auto& [name, member] : kOfOrganization) {
    change.organization.*member = TextIn(organization, name);
  }
  return change;
}

}  // namespace fairlead::directory
