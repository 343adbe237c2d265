#include "services/directory/domain/build_import.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

#include "services/common/base/text.h"
#include "services/common/calendar/hours.h"
#include "services/directory/domain/check_rows.h"
#include "services/directory/domain/fold.h"
#include "services/directory/domain/hidden_rows.h"
#include "services/directory/domain/import_hours.h"
#include "services/directory/domain/keep_documents.h"
#include "services/directory/domain/need_codes.h"
#include "services/directory/domain/read_eligibility.h"
#include "services/directory/domain/state_defaults.h"

namespace fairlead::directory {
namespace {

constexpr int kMaxAge = 150;
constexpr size_t kMaxListItems = 100;
// What places say, copied to each of their services: some 150 MB.
constexpr size_t kMaxCopied = 8 * kMaxImportRows;
constexpr std::array<std::string_view, 4> kStatuses = {"active", "inactive", "defunct",
                                                       "temporarily closed"};
constexpr std::array<std::string_view, 3> kLocationTypes = {"physical", "postal", "virtual"};
constexpr std::string_view kConfidential = "confidential_location";
constexpr std::string_view kInterpreter = "interpreter";  // the note of a language

struct Place {
  bool confidential = false;
  const ImportRow* row = nullptr;
  std::set<std::string> cities;
  std::set<std::string> languages;
  std::set<std::string> interpreted;
  HoursLines hours;

  size_t Lines() const {
    size_t lines = cities.size() + languages.size() + interpreted.size() + hours.schedules.size();
    for (const auto& [date, of_day] : hours.special_days) lines += of_day.size();
    return lines;
  }
};

// "12" or "12.0"; nullopt when it is no whole number of years.
std::optional<int> ReadAge(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!(value >= 0 && value <= kMaxAge)) return std::nullopt;
  const int age = static_cast<int>(value);
  return static_cast<double>(age) == value ? std::optional<int>(age) : std::nullopt;
}

// A link that a browser may follow: http, https, or no scheme at all.
bool IsSafeUrl(std::string_view url) {
  for (const char c : url) {
    if (static_cast<unsigned char>(c) <= 0x20) return false;
  }
  const size_t colon = url.find(':');
  if (colon == std::string_view::npos || url.substr(0, colon).find('/') != std::string_view::npos) {
    return true;
  }
  const std::string_view scheme = url.substr(0, colon);
  return scheme == "http" || scheme == "https" || scheme == "HTTP" || scheme == "HTTPS";
}

class Builder {
 public:
  Builder(const ImportTables& tables, const ImportDefaults& defaults, Problems& problems)
      : tables_(tables), defaults_(defaults), problems_(problems), hidden_(tables, problems) {}

  ImportSet Build() {
    // All checks run, whatever the first ones find: a person mends everything at once.
    if (!defaults_.rows_are_checked) CheckRows(tables_, problems_);
    Organizations();
    Places();
    Services();
    Joins();
    Phones();
    Languages();
    Areas();
    Schedules();
    Attributes();
    Eligibilities();
    if (organizations_.empty() && services_.empty() && tables_.documents.empty() &&
        problems_.empty()) {
      problems_.Add({"", 0, "", "EMPTY_IMPORT"});
    }
    if (!problems_.empty()) return {};
    return Finish();
  }

 private:
  struct Draft {
    Listing listing;
    const ImportRow* row = nullptr;
    std::set<std::string> need_codes, languages, counties, phones, cities;
    std::set<std::string> states, interpreted;
    Eligibility eligibility;
    std::set<std::string> place_phones;
    HoursLines hours;
    std::vector<const HoursLines*> place_hours;
    bool confidential = false;
  };

  const std::vector<ImportRow>& Rows(std::string_view table) const {
    static const std::vector<ImportRow> none;
    const auto found = tables_.tables.find(table);
    return found == tables_.tables.end() ? none : found->second;
  }

  std::string Shown(const ImportRow& row, std::string_view column) const {
    return hidden_.Is(row, column) ? "" : std::string(row.Get(column));
  }

  Draft* FindService(std::string_view id) {
    const auto found = services_.find(CanonicalId(id));
    return found == services_.end() ? nullptr : &found->second;
  }

  std::string Url(const ImportRow& row, std::string_view column) {
    const std::string_view url = row.Get(column);
    if (!IsSafeUrl(url)) problems_.Add(row.Problem(column, "INVALID_VALUE"));
    return Shown(row, column);
  }

  void Organizations() {
    for (const ImportRow& row : Rows("organizations")) {
      Organization organization{.id = CanonicalId(row.Get("id")),
                                .name = std::string(row.Get("name")),
                                .description = std::string(row.Get("description")),
                                .email = Shown(row, "email"),
                                .website = Url(row, "website")};
      const std::string id = organization.id;
      organizations_.try_emplace(
          id, ImportedOrganization{std::move(organization), row.Problem("id", "")});
    }
  }

  void Places() {
    for (const ImportRow& row : Rows("locations")) {
      if (std::ranges::find(kLocationTypes, row.Get("location_type")) == kLocationTypes.end()) {
        problems_.Add(row.Problem("location_type", "INVALID_VALUE"));
      }
      const std::string id = CanonicalId(row.Get("id"));
      Place& place = places_[id];
      place.row = &row;
      // Once confidential, a place stays so under its id.
      place.confidential |= ReadFlag(row) || defaults_.confidential_places.contains(id);
    }
    for (const ImportRow& row : Rows("addresses")) {
      const auto place = places_.find(CanonicalId(row.Get("location_id")));
      if (place != places_.end() && !hidden_.IsHere(row)) {
        place->second.cities.emplace(row.Get("city"));
      }
    }
  }

  bool ReadFlag(const ImportRow& row) {
    const std::string_view flag = row.Get(kConfidential);
    // A flag that cannot be read must not come to mean "not confidential".
    if (!IsTrue(flag) && !IsFalse(flag)) {
      problems_.Add(row.Problem(kConfidential, "INVALID_VALUE"));
    }
    return IsTrue(flag);
  }

  void Services() {
    for (const ImportRow& row : Rows("services")) {
      Draft draft;
      draft.row = &row;
      draft.confidential = ReadFlag(row);
      Listing& listing = draft.listing;
      listing.id = CanonicalId(row.Get("id"));
      listing.organization_id = CanonicalId(row.Get("organization_id"));
      listing.name = std::string(row.Get("name"));
      listing.description = Shown(row, "description");
      listing.status = std::string(row.Get("status"));
      listing.email = Shown(row, "email");
      listing.url = Url(row, "url");
      if (std::ranges::find(kStatuses, row.Get("status")) == kStatuses.end()) {
        problems_.Add(row.Problem("status", "INVALID_VALUE"));
      }
      listing.minimum_age = Age(row, "minimum_age");
      listing.maximum_age = Age(row, "maximum_age");
      if (listing.maximum_age != 0 && listing.maximum_age < listing.minimum_age) {
        problems_.Add(row.Problem("maximum_age", "INVALID_VALUE"));
      }
      const std::string id = listing.id;
      const bool confidential = draft.confidential;
      // Of one that stands there twice (JSON) the first counts; what either keeps secret is secret.
      services_.try_emplace(id, std::move(draft)).first->second.confidential |= confidential;
    }
  }

  int Age(const ImportRow& row, std::string_view column) {
    const std::string_view text = row.Get(column);
    if (text.empty()) return 0;
    const std::optional<int> age = ReadAge(text);
    if (!age) problems_.Add(row.Problem(column, "INVALID_VALUE"));
    return age.value_or(0);
  }

  void Joins() {
    for (const ImportRow& row : Rows("service_at_location")) {
      Draft* draft = FindService(row.Get("service_id"));
      const std::string location_id = CanonicalId(row.Get("location_id"));
      if (draft == nullptr) continue;
      joins_[CanonicalId(row.Get("id"))] = draft;
      users_[location_id].insert(draft);
    }
  }

  void Phones() {
    for (const ImportRow& row : Rows("phones")) {
      if (hidden_.IsHere(row)) continue;
      const std::string number = NormalisePhone(row.Get("number"));
      Draft* draft = FindService(row.Get("service_id"));
      const auto join = joins_.find(CanonicalId(row.Get("service_at_location_id")));
      if (draft != nullptr) {
        draft->phones.insert(number);
      } else if (join != joins_.end()) {
        join->second->place_phones.insert(number);
      } else if (!row.Get("organization_id").empty()) {
        organization_phones_[CanonicalId(row.Get("organization_id"))].insert(number);
      }
    }
  }

  void Languages() {
    for (const ImportRow& row : Rows("languages")) {
      // A name alone cannot be searched.
      if (row.Get("code").empty() || hidden_.IsHere(row)) continue;
      const std::optional<std::string> tag = NormaliseLanguage(row.Get("code"));
      if (!tag) {
        problems_.Add(row.Problem("code", "INVALID_LANGUAGE"));
        continue;
      }
      const bool by_interpreter = Fold(row.Get("note")) == kInterpreter;
      if (Draft* draft = FindService(row.Get("service_id"))) {
        (by_interpreter ? draft->interpreted : draft->languages).insert(*tag);
      }
      const auto place = places_.find(CanonicalId(row.Get("location_id")));
      if (place == places_.end()) continue;
      (by_interpreter ? place->second.interpreted : place->second.languages).insert(*tag);
    }
  }

  void Areas() {
    for (const ImportRow& row : Rows("service_areas")) {
      if (hidden_.IsHere(row)) continue;
      Draft* draft = FindService(row.Get("service_id"));
      const auto join = joins_.find(CanonicalId(row.Get("service_at_location_id")));
      if (draft == nullptr && join != joins_.end()) draft = join->second;
      if (draft == nullptr) continue;
      for (const std::string_view column : {"extent", "uri", "name"}) {
        const directory::Areas areas = ReadAreas(row.Get(column));
        draft->counties.insert(areas.counties.begin(), areas.counties.end());
        draft->states.insert(areas.states.begin(), areas.states.end());
      }
    }
  }

  // Of the service itself, or of the place where it is given when it has none of its own.
  void Schedules() {
    for (const ImportRow& row : Rows("schedules")) {
      const calendar::Read read = calendar::ReadSchedule(row.fields, defaults_.time_zone);
      if (read.problem) {
        problems_.Add(row.Problem(read.problem->column, std::string(read.problem->reason)));
      }
      if ((!read.schedule && !read.special_day) || hidden_.IsHere(row)) continue;
      Draft* draft = FindService(row.Get("service_id"));
      const auto join = joins_.find(CanonicalId(row.Get("service_at_location_id")));
      if (draft == nullptr && join != joins_.end()) draft = join->second;
      const auto place = places_.find(CanonicalId(row.Get("location_id")));
      HoursLines* hours = nullptr;
      if (draft != nullptr) {
        hours = &draft->hours;
      } else if (place != places_.end()) {
        hours = &place->second.hours;
      }
      if (hours == nullptr) continue;
      const std::string_view reason = hours->Add(read);
      if (!reason.empty()) problems_.Add(row.Problem("id", std::string(reason)));
    }
  }

  void Attributes() {
    std::map<std::string, std::string> codes;
    for (const ImportRow& row : Rows("taxonomy_terms")) {
      codes.try_emplace(CanonicalId(row.Get("id")), row.Get("code"));
    }
    for (const ImportRow& row : Rows("attributes")) {
      const auto code = codes.find(CanonicalId(row.Get("taxonomy_term_id")));
      if (code == codes.end()) continue;
      const std::string link = CanonicalId(row.Get("link_id"));
      const bool confidential =
          code->second == kConfidential && (row.Get("value").empty() || !IsFalse(row.Get("value")));
      const auto place = places_.find(link);
      if (place != places_.end()) place->second.confidential |= confidential;
      Draft* draft = FindService(link);
      const auto join = joins_.find(link);
      if (confidential && join != joins_.end()) join->second->confidential = true;
      if (confidential && draft == nullptr && place == places_.end() && join == joins_.end()) {
        problems_.Add(row.Problem("link_id", "UNKNOWN_REFERENCE"));
      }
      if (draft == nullptr) continue;
      draft->confidential |= confidential;
      if (FindNeedCode(code->second) != nullptr) draft->need_codes.insert(code->second);
      const std::string mapped = NeedCodeOfOpenEligibility(code->second);
      if (!mapped.empty()) draft->need_codes.insert(mapped);
    }
  }

  void Eligibilities() {
    ReadEligibilities read = ReadEligibility(tables_, problems_);
    for (auto& [id, eligibility] : read.of_services) {
      if (Draft* draft = FindService(id)) draft->eligibility = std::move(eligibility);
    }
    for (const auto& [place, codes] : read.accessibility_of_places) {
      for (Draft* draft : users_[place]) {
        std::vector<std::string>& all = draft->eligibility[CodeList::kAccessibility];
        all.insert(all.end(), codes.begin(), codes.end());
        all = SortedUnique(std::move(all));
      }
    }
    for (const auto& [id, draft] : services_) CheckAges(draft);
  }

  // Who is served and at what age must not exclude each other.
  void CheckAges(const Draft& draft) {
    const std::vector<std::string>& populations = draft.eligibility[CodeList::kPopulation];
    const bool minors = Contains(populations, "minor");
    const bool adults = Contains(populations, "adult_survivor");
    const Listing& listing = draft.listing;
    if (minors && !adults && listing.minimum_age >= kAdultAge) {
      problems_.Add(draft.row->Problem("minimum_age", "CONTRADICTORY_AGES"));
    }
    if (adults && !minors && listing.maximum_age != 0 && listing.maximum_age < kAdultAge) {
      problems_.Add(draft.row->Problem("maximum_age", "CONTRADICTORY_AGES"));
    }
  }

  // Sets are sorted: the same import gives the same listing, in whatever order its rows stand.
  static std::vector<std::string> List(const std::set<std::string>& items) {
    std::vector<std::string> list;
    for (const std::string& item : items) {
      if (!item.empty() && list.size() < kMaxListItems) list.push_back(item);
    }
    return list;
  }

  // Whoever comes to a confidential place is served confidentially, and a service whose place is
  // confidential makes it so for everybody there: said once, it holds wherever the place is named.
  void HidePlacesOfConfidentialServices() {
    std::map<Draft*, std::vector<Place*>> places;
    std::map<Place*, const std::set<Draft*>*> drafts;
    std::vector<Place*> to_visit;
    for (const auto& [location_id, users] : users_) {
      const auto found = places_.find(location_id);
      if (found == places_.end()) continue;
      Place& place = found->second;
      drafts[&place] = &users;
      for (Draft* draft : users) {
        places[draft].push_back(&place);
        place.confidential |= draft->confidential;
      }
      if (place.confidential) to_visit.push_back(&place);
    }
    while (!to_visit.empty()) {
      Place* place = to_visit.back();
      to_visit.pop_back();
      for (Draft* draft : *drafts[place]) {
        draft->confidential = true;
        for (Place* next : places[draft]) {
          if (!std::exchange(next->confidential, true)) to_visit.push_back(next);
        }
      }
    }
  }

  // One place of some thousand lines, named by some thousand services, is a small file.
  bool IsTooMuchToCopy() const {
    size_t lines = 0;
    for (const auto& [location_id, drafts] : users_) {
      const auto place = places_.find(location_id);
      if (place != places_.end()) lines += place->second.Lines() * drafts.size();
    }
    return lines > kMaxCopied;
  }

  ImportSet Finish() {
    if (IsTooMuchToCopy()) {
      problems_.Add({"", 0, "", "TOO_MANY_ROWS"});
      return {};
    }
    HidePlacesOfConfidentialServices();
    for (const auto& [location_id, drafts] : users_) {
      const auto place = places_.find(location_id);
      if (place == places_.end()) continue;
      const Place& there = place->second;
      for (Draft* draft : drafts) {
        draft->languages.insert(there.languages.begin(), there.languages.end());
        draft->interpreted.insert(there.interpreted.begin(), there.interpreted.end());
        if (there.confidential) continue;
        draft->cities.insert(there.cities.begin(), there.cities.end());
        draft->place_hours.push_back(&there.hours);
      }
    }
    ImportSet set;
    for (const auto& [id, place] : places_) {
      if (place.confidential) {
        set.confidential_places.insert(id);
        set.place_at.emplace(id, place.row->Problem("id", ""));
      }
    }
    for (auto& [id, organization] : organizations_) {
      set.organizations.push_back(std::move(organization));
    }
    for (auto& [id, draft] : services_) {
      Listing& listing = draft.listing;
      listing.need_codes =
          draft.need_codes.empty() ? SortedUnique(defaults_.need_codes) : List(draft.need_codes);
      listing.counties = draft.counties.empty() && draft.states.empty()
                             ? SortedUnique(defaults_.counties)
                             : List(draft.counties);
      listing.eligibility = std::move(draft.eligibility);
      listing.eligibility.states = List(draft.states);
      listing.eligibility.interpreted_languages = List(draft.interpreted);
      listing.languages = List(draft.languages);
      // A telephone may stand in a place: of a confidential one only the service's own is said.
      if (!draft.confidential) draft.phones.merge(draft.place_phones);
      listing.phones =
          List(draft.phones.empty() ? organization_phones_[listing.organization_id] : draft.phones);
      listing.confidential_location = draft.confidential;
      if (!draft.confidential) listing.cities = List(draft.cities);
      // When somebody is at a confidential place is nobody's business; its zone may name a town.
      if (draft.confidential) draft.place_hours.clear();
      listing.schedules = HoursOfService(draft.hours, draft.place_hours);
      set.listings.push_back({std::move(listing), draft.row->Problem("id", "")});
    }
    return set;
  }

  const ImportTables& tables_;
  const ImportDefaults& defaults_;
  Problems& problems_;
  std::map<std::string, ImportedOrganization> organizations_;
  std::map<std::string, Draft> services_;
  std::map<std::string, Place> places_;
  std::map<std::string, Draft*> joins_;
  std::map<std::string, std::set<Draft*>> users_;
  std::map<std::string, std::set<std::string>> organization_phones_;
  const HiddenRows hidden_;
};

}  // namespace

namespace {

void CheckSizes(const ImportSet& set, Problems& problems) {
  const auto check = [&](const boost::json::object& hsds, ImportProblem at) {
    if (boost::json::serialize(hsds).size() <= kMaxDocumentBytes) return;
    at.reason = "DOCUMENT_TOO_LARGE";
    problems.Add(std::move(at));
  };
  for (const ImportedOrganization& one : set.organizations) check(one.hsds, one.at);
  for (const ImportedListing& one : set.listings) check(one.hsds, one.at);
  for (const Document& one : set.records) check(one.body, {"", 0, std::string(one.table), ""});
}

}  // namespace

ImportSet BuildImport(ImportTables tables, const ImportDefaults& defaults, Problems& problems) {
  ImportSet set = Builder(tables, defaults, problems).Build();
  if (!problems.empty()) return {};
  KeepDocuments(std::move(tables.documents), !defaults.confidential_places.empty(), set);
  StateDefaults(defaults, set);
  CheckSizes(set, problems);
  return problems.empty() ? std::move(set) : ImportSet{};
}

}  // namespace fairlead::directory
