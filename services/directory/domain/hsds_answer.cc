#include "services/directory/domain/hsds_answer.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "services/common/base/clock.h"

namespace fairlead::directory {

namespace json = boost::json;

std::string FormatDay(int64_t unix_ms) {
  constexpr size_t kLength = 10;  // of FormatTime's
  return FormatTime(unix_ms).substr(0, kLength);
}

json::object ServiceAnswer(const json::object& service, const json::object& organization,
                           int64_t update_ms, int64_t assured_ms, Tier viewer) {
  json::object known = service;
  if (assured_ms > 0) {
    known["assured_date"] = FormatDay(assured_ms);
    known.erase("assurer_email");  // of whoever assured it before
  }
  json::object answer = RedactInside(TableOf("services"), known, viewer);
  if (!organization.empty()) {
    answer["organization"] = RedactOrganization(organization, viewer);
    answer.erase("organization_id");
  }
  if (!answer.contains("last_modified")) answer["last_modified"] = FormatTime(update_ms);
  return answer;
}

std::optional<json::object> PlaceAnswer(json::object service, std::string_view place_id) {
  json::value* places = service.if_contains("service_at_locations");
  if (places == nullptr || !places->is_array()) return std::nullopt;
  for (json::value& place : places->get_array()) {
    if (!place.is_object()) continue;
    const json::value* id = place.get_object().if_contains("id");
    if (id == nullptr || !id->is_string() || id->get_string() != place_id) continue;
    json::object answer = std::move(place.get_object());
    service.erase("service_at_locations");
    answer["service"] = std::move(service);
    return answer;
  }
  return std::nullopt;
}

}  // namespace fairlead::directory
