#include "gateway/hsds/hsds_query.h"

#include <charconv>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "gateway/http/head.h"
#include "services/common/base/clock.h"
#include "services/common/base/ids.h"
#include "services/common/base/text.h"

namespace fairlead::gateway {
namespace {

using directory::v1::HsdsResource;
using directory::v1::QueryRecordsRequest;

// What is wrong with a value, for a person; nullopt: nothing.
using Problem = std::optional<std::string>;
using Set = std::function<Problem(const std::string& value)>;

Problem ReadBool(const std::string& value, bool& into) {
  if (value != "true" && value != "false") return "It is true or false.";
  into = value == "true";
  return std::nullopt;
}

Problem ReadNumber(const std::string& value, int32_t least, int32_t most, int32_t& into) {
  const char* const end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, into);
  if (read.ec == std::errc() && read.ptr == end && into >= least && into <= most) {
    return std::nullopt;
  }
  return "It is a number from " + std::to_string(least) + " to " + std::to_string(most) + ".";
}

Set Flag(std::function<void(bool)> set) {
  return [set](const std::string& value) {
    bool flag = false;
    const Problem problem = ReadBool(value, flag);
    if (!problem) set(flag);
    return problem;
  };
}

Set Number(int32_t least, int32_t most, std::function<void(int32_t)> set) {
  return [=](const std::string& value) {
    int32_t number = 0;
    const Problem problem = ReadNumber(value, least, most, number);
    if (!problem) set(number);
    return problem;
  };
}

Set Id(std::function<void(const std::string&)> set) {
  return [set](const std::string& value) -> Problem {
    if (!IsUuid(value)) return "It is a UUID in lower case.";
    set(value);
    return std::nullopt;
  };
}

Set Text(size_t most, std::function<void(const std::string&)> set) {
  return [=](const std::string& value) -> Problem {
    if (value.empty() || value.size() > most) {
      return "It is a text of at most " + std::to_string(most) + " bytes.";
    }
    set(value);
    return std::nullopt;
  };
}

// A time (RFC 3339), or a day: its beginning, in UTC.
Problem ReadTime(const std::string& value, QueryRecordsRequest& request) {
  const Result<int64_t> ms = ParseTime(value.size() == 10 ? value + "T00:00:00Z" : value);
  if (!ms || *ms < 0) return "It is a time like 2026-01-31T10:05:00Z, or a day.";
  request.mutable_modified_after()->set_seconds(*ms / 1000);
  request.mutable_modified_after()->set_nanos(static_cast<int32_t>(*ms % 1000) * 1'000'000);
  return std::nullopt;
}

std::map<std::string, Set> ListParameters(HsdsListing& listing) {
  QueryRecordsRequest& r = listing.request;
  std::map<std::string, Set> known = {
      {"search", Text(200, [&](const auto& text) { r.set_search(text); })},
      {"page", Number(1, 1'000'000, [&](int32_t n) { r.set_page(n); })},
      {"per_page", Number(1, 10'000, [&](int32_t n) { r.set_per_page(n); })},
      {"format", [&](const std::string& value) -> Problem {
         if (value != "json" && value != "ndjson") return "It is json or ndjson.";
         listing.ndjson = value == "ndjson";
         return std::nullopt;
       }}};
  const HsdsResource resource = r.resource();
  const bool has_services = resource == directory::v1::HSDS_RESOURCE_SERVICES ||
                            resource == directory::v1::HSDS_RESOURCE_SERVICE_AT_LOCATIONS;
  const bool is_organizations = resource == directory::v1::HSDS_RESOURCE_ORGANIZATIONS;
  if (has_services || is_organizations || resource == directory::v1::HSDS_RESOURCE_TAXONOMY_TERMS) {
    known["taxonomy_id"] = Id([&](const auto& id) { r.set_taxonomy_id(id); });
  }
  if (has_services || is_organizations) {
    known["taxonomy_term_id"] = Id([&](const auto& id) { r.set_taxonomy_term_id(id); });
    known["full"] = Flag([&](bool flag) { r.set_full(flag); });
  }
  if (has_services) {
    known["organization_id"] = Id([&](const auto& id) { r.set_organization_id(id); });
    known["modified_after"] = [&](const std::string& value) { return ReadTime(value, r); };
  }
  if (resource == directory::v1::HSDS_RESOURCE_SERVICES) {
    known["minimal"] = Flag([&](bool flag) { r.set_minimal(flag); });
  }
  if (is_organizations) known["full_service"] = Flag([&](bool flag) { r.set_full_service(flag); });
  if (resource == directory::v1::HSDS_RESOURCE_SERVICE_AT_LOCATIONS) {
    known["postcode"] = Text(20, [&](const auto& text) { r.set_postcode(text); });
    known["proximity"] = Number(1, 1'000'000, [&](int32_t n) { r.set_proximity_m(n); });
  }
  if (resource == directory::v1::HSDS_RESOURCE_TAXONOMY_TERMS) {
    known["top_only"] = Flag([&](bool flag) { r.set_top_only(flag); });
    known["parent_id"] = Id([&](const auto& id) { r.set_parent_id(id); });
  }
  return known;
}

tl::unexpected<Error> Refuse(const char* reason, std::string message, std::string parameter) {
  if (parameter.size() > 64) parameter.resize(64);
  return Fail(Code::kInvalidArgument, reason, std::move(message),
              {{"parameter", std::move(parameter)}});
}

Result<void> ReadAll(std::string_view query, const std::map<std::string, Set>& known) {
  std::set<std::string> seen;
  for (const std::string& part : Split(query, '&')) {
    const std::string name = part.substr(0, part.find('='));
    const auto parameter = known.find(name);
    if (parameter == known.end()) {
      std::vector<std::string> names;
      for (const auto& [one, set] : known) names.push_back(one);
      return Refuse("UNKNOWN_PARAMETER",
                    "There is no such parameter here: " + Join(names, ' ') + ".", name);
    }
    if (!seen.insert(name).second) {
      return Refuse("REPEATED_PARAMETER", "The parameter stands there twice.", name);
    }
    const std::optional<std::string> value = QueryParameter(query, name);
    const Problem problem = value ? parameter->second(*value) : Problem("It cannot be read.");
    if (problem) return Refuse("INVALID_PARAMETER", name + ": " + *problem, name);
  }
  return {};
}

}  // namespace

Result<HsdsListing> ReadListing(HsdsResource resource, std::string_view query) {
  HsdsListing listing;
  listing.request.set_resource(resource);
  FAIRLEAD_RETURN_IF_ERROR(ReadAll(query, ListParameters(listing)));
  if (listing.request.proximity_m() > 0 && listing.request.postcode().empty()) {
    return Refuse("INVALID_PARAMETER", "proximity is counted from a postcode: give one.",
                  "proximity");
  }
  const int32_t most = listing.request.full() || listing.request.full_service() ? 50
                       : listing.request.minimal()                             ? 10'000
                                                                               : 1000;
  if (listing.request.per_page() > most) {
    return Refuse("INVALID_PARAMETER", "per_page: At most " + std::to_string(most) + " here.",
                  "per_page");
  }
  return listing;
}

Result<directory::v1::GetRecordRequest> ReadRecord(HsdsResource resource, std::string_view query) {
  directory::v1::GetRecordRequest request;
  request.set_resource(resource);
  std::map<std::string, Set> known;
  const bool is_organization = resource == directory::v1::HSDS_RESOURCE_ORGANIZATIONS;
  if (is_organization) {
    known["full_service"] = Flag([&](bool flag) { request.set_full_service(flag); });
  }
  if (is_organization || resource == directory::v1::HSDS_RESOURCE_SERVICES) {
    known["history"] = Flag([&](bool flag) { request.set_history(flag); });
  }
  FAIRLEAD_RETURN_IF_ERROR(ReadAll(query, known));
  return request;
}

}  // namespace fairlead::gateway
