#include "gateway/hsds/hsds_page.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace fairlead::gateway {

namespace json = boost::json;

std::string ApiRoot(const std::string& base) {
  return json::serialize(json::object{{"version", "3.1"},
                                      {"profile", base + "/profile"},
                                      {"openapi_url", base + "/openapi.json"}});
}

std::string PageOf(const directory::v1::QueryRecordsRequest& request,
                   const directory::v1::QueryRecordsResponse& page) {
  const int64_t size = request.per_page() == 0 ? 25 : request.per_page();
  const int64_t number = std::max(request.page(), 1);
  const int64_t pages = std::max<int64_t>((page.total_items() + size - 1) / size, 1);
  const json::object head = {{"total_items", page.total_items()},
                             {"total_pages", pages},
                             {"page_number", number},
                             {"size", page.records_size()},
                             {"first_page", number == 1},
                             {"last_page", number >= pages},
                             {"empty", page.records_size() == 0}};
  std::string text = json::serialize(head);
  text.pop_back();
  text += ",\"contents\":[";
  // The records are JSON already.
  for (const std::string& record : page.records()) {
    if (&record != &page.records(0)) text += ',';
    text += record;
  }
  return text + "]}";
}

std::string WithOrigin(std::string_view document, const std::string& origin) {
  std::string text(document);
  for (size_t at = text.find("ORIGIN"); at != std::string::npos; at = text.find("ORIGIN", at)) {
    text.replace(at, 6, origin);
    at += origin.size();
  }
  return text;
}

bool IsSameEtag(std::string_view if_none_match, std::string_view etag) {
  if (if_none_match == "*") return true;
  return !if_none_match.empty() && if_none_match.find(etag) != std::string_view::npos;
}

}  // namespace fairlead::gateway
