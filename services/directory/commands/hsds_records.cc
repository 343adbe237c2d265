#include "services/directory/commands/hsds_records.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <functional>

#include "services/directory/domain/fold.h"
#include "services/directory/domain/visibility.h"

namespace fairlead::directory {
namespace {

namespace json = boost::json;

constexpr size_t kMaxPublicWords = 200;

std::string Text(const json::object& object, std::string_view member) {
  const json::value* value = object.if_contains(member);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

const json::object* Object(const json::object& object, std::string_view member) {
  const json::value* value = object.if_contains(member);
  return value == nullptr ? nullptr : value->if_object();
}

void Each(const json::object& object, std::string_view member,
          const std::function<void(const json::object&)>& visit) {
  const json::value* value = object.if_contains(member);
  if (value == nullptr || !value->is_array()) return;
  for (const json::value& item : value->get_array()) {
    if (item.is_object()) visit(item.get_object());
  }
}

// Degrees in millionths; 0 where it is none.
int64_t Degrees(const json::object& place, std::string_view member) {
  const json::value* value = place.if_contains(member);
  if (value == nullptr || !value->is_number()) return 0;
  const double degrees = value->to_number<double>();
  return std::abs(degrees) <= 360 ? std::llround(degrees * 1e6) : 0;
}

}  // namespace

json::object ParseDocument(const std::string& body) {
  boost::system::error_code failed;
  json::value value = json::parse(body, failed);
  return !failed && value.is_object() ? std::move(value.get_object()) : json::object();
}

HsdsRecord ToRecord(std::string_view kind, const std::string& agency_id,
                    const json::object& document, int64_t now_ms) {
  HsdsRecord record{.kind = std::string(kind),
                    .id = Text(document, "id"),
                    .agency_id = agency_id,
                    .tier = static_cast<int64_t>(TierOf(TableOf(kind), document)),
                    .sort_key = Shorten(Fold(Text(document, "name")), 200),
                    .update_ms = now_ms,
                    .body = json::serialize(document)};
  if (kind == "services") record.organization_id = Text(document, "organization_id");
  if (kind == "taxonomy_terms") {
    record.parent_id = Text(document, "parent_id");
    const json::object* taxonomy = Object(document, "taxonomy_detail");
    record.taxonomy_id =
        taxonomy != nullptr ? Text(*taxonomy, "id") : Text(document, "taxonomy_id");
  }
  return record;
}

ServiceLinks LinksOf(const json::object& service) {
  ServiceLinks links;
  const Tier tier = TierOf(TableOf("services"), service);
  // Places have tiers of their own; what stands inside one, as whoever sees the service sees it.
  Each(service, "service_at_locations", [&](const json::object& whole) {
    const json::object join = RedactInside(TableOf("service_at_location"), whole, tier);
    ServicePlace place{.id = Text(join, "id"), .location_id = Text(join, "location_id")};
    place.tier = static_cast<int64_t>(TierOf(TableOf("service_at_location"), whole));
    if (const json::object* location = Object(whole, "location")) {
      place.location_id = Text(*location, "id");
    }
    if (const json::object* location = Object(join, "location")) {
      place.latitude_e6 = Degrees(*location, "latitude");
      place.longitude_e6 = Degrees(*location, "longitude");
      Each(*location, "addresses", [&](const json::object& address) {
        if (place.postal_code.empty()) place.postal_code = Text(address, "postal_code");
      });
    }
    links.places.push_back(std::move(place));
  });
  const json::object seen = RedactInside(TableOf("services"), service, tier);
  Each(seen, "attributes", [&](const json::object& attribute) {
    const json::object* term = Object(attribute, "taxonomy_term");
    if (term == nullptr) return;
    const json::object* taxonomy = Object(*term, "taxonomy_detail");
    links.terms.emplace(Text(*term, "id"),
                        taxonomy != nullptr ? Text(*taxonomy, "id") : Text(*term, "taxonomy_id"));
  });
  if (tier == Tier::kPublic) {
    std::string words;
    for (const char* member : {"name", "alternate_name", "description"}) {
      words += Text(seen, member) + " ";
    }
    links.public_words = Tokens(words, kMaxPublicWords);
  }
  return links;
}

}  // namespace fairlead::directory
