#include "services/directory/domain/state_defaults.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <iterator>
#include <utility>

#include "services/common/base/ids.h"
#include "services/common/base/text.h"
#include "services/directory/domain/need_codes.h"

namespace fairlead::directory {
namespace {

namespace json = boost::json;

// The space of the ids of terms that stand for our need codes.
constexpr std::string_view kNeedTerms = "6a1f3c52-7d0e-4b8a-9c41-2f5e8d7b9a60";

std::string_view TextAt(const json::object& record, std::string_view member) {
  const json::value* value = record.if_contains(member);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                : std::string_view();
}

void EachOf(const json::object& record, std::string_view member,
            const std::function<void(const json::object&)>& visit) {
  const json::value* value = record.if_contains(member);
  if (value == nullptr || !value->is_array()) return;
  for (const json::value& item : value->get_array()) {
    if (item.is_object()) visit(item.get_object());
  }
}

// Rows of a table stand by their ids (hsds_documents.cc).
void AddById(json::object& record, std::string_view member, json::object row) {
  json::value& value = record[member];
  if (!value.is_array()) value.emplace_array();
  json::array& rows = value.get_array();
  const auto at = std::ranges::find_if(rows, [&](const json::value& other) {
    return other.is_object() && TextAt(other.get_object(), "id") > TextAt(row, "id");
  });
  rows.insert(at, std::move(row));
}

Areas AreasIn(const json::object& service) {
  Areas all;
  const auto add = [&](const json::object& area) {
    for (const char* column : {"extent", "uri", "name"}) {
      const Areas read = ReadAreas(TextAt(area, column));
      std::ranges::copy(read.counties, std::back_inserter(all.counties));
      std::ranges::copy(read.states, std::back_inserter(all.states));
    }
  };
  EachOf(service, "service_areas", add);
  EachOf(service, "service_at_locations",
         [&](const json::object& place) { EachOf(place, "service_areas", add); });
  return {SortedUnique(std::move(all.counties)), SortedUnique(std::move(all.states))};
}

void StateAreas(const Listing& listing, json::object& hsds) {
  const Areas said = AreasIn(hsds);
  std::vector<std::string> unsaid;
  std::ranges::set_difference(listing.counties, said.counties, std::back_inserter(unsaid));
  std::ranges::set_difference(listing.eligibility.states, said.states, std::back_inserter(unsaid));
  if (unsaid.empty()) return;
  // No type of extent: of a confidential service none is kept (visibility.h).
  AddById(hsds, "service_areas",
          {{"id", NamedId(listing.id, "service area")}, {"extent", Join(unsaid, ',')}});
}

bool SaysNeed(const json::object& service) {
  bool says = false;
  EachOf(service, "attributes", [&](const json::object& attribute) {
    const json::value* term = attribute.if_contains("taxonomy_term");
    if (term == nullptr || !term->is_object()) return;
    const std::string_view code = TextAt(term->get_object(), "code");
    says |= FindNeedCode(code) != nullptr || !NeedCodeOfOpenEligibility(code).empty();
  });
  return says;
}

json::object TermOf(const NeedCode& need) {
  return {{"id", NamedId(kNeedTerms, need.code)},
          {"code", need.code},
          {"name", need.label_en},
          {"description", need.label_en}};
}

}  // namespace

void StateDefaults(const ImportDefaults& defaults, ImportSet& set) {
  const std::vector<std::string> needs = SortedUnique(defaults.need_codes);
  bool stated = false;
  for (ImportedListing& one : set.listings) {
    if (one.hsds.empty()) continue;  // sealed as a whole
    StateAreas(one.listing, one.hsds);
    if (!needs.empty() && one.listing.need_codes == needs && !SaysNeed(one.hsds)) {
      stated = true;
      for (const std::string& code : needs) {
        AddById(one.hsds, "attributes", {{"id", NamedId(one.listing.id, "need " + code)},
                                         {"taxonomy_term", TermOf(*FindNeedCode(code))}});
      }
    }
    // Members in the order that they have when they are read again.
    one.hsds = Normalise(TableOf("services"), one.hsds);
  }
  if (!stated) return;
  for (const std::string& code : needs) {
    json::object term = TermOf(*FindNeedCode(code));
    std::string id(TextAt(term, "id"));
    set.records.push_back({"taxonomy_terms", std::move(id), std::move(term), true});
  }
}

}  // namespace fairlead::directory
