#include "services/directory/domain/ohana_csv.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "services/common/base/ids.h"
#include "services/common/calendar/hours.h"
#include "services/directory/domain/hsds_csv.h"
#include "services/directory/domain/hsds_documents.h"
#include "services/directory/domain/ohana_values.h"

namespace fairlead::directory {
namespace {

using OhanaFields = std::map<std::string, std::string, std::less<>>;

struct OhanaFile {
  std::string_view name;
  std::vector<std::string_view> needed;
};

const std::vector<OhanaFile>& OhanaFiles() {
  static const std::vector<OhanaFile> files = {
      {"organizations.csv", {"id", "name", "description"}},
      {"programs.csv", {"id", "organization_id", "name"}},
      {"locations.csv", {"id", "organization_id", "name"}},
      {"services.csv", {"id", "location_id", "name", "description"}},
      {"addresses.csv", {"id", "location_id", "address_1", "city", "postal_code"}},
      {"mail_addresses.csv", {"id", "location_id", "address_1", "city", "postal_code"}},
      {"contacts.csv", {"id", "name"}},
      {"phones.csv", {"id", "number"}},
      {"regular_schedules.csv", {"id", "weekday", "opens_at", "closes_at"}},
      {"holiday_schedules.csv", {"id", "start_date", "end_date", "closed"}},
      {"taxonomy.csv", {"taxonomy_id", "name"}},
  };
  return files;
}

const OhanaFile* FindOhanaFile(std::string_view name) {
  for (const OhanaFile& file : OhanaFiles()) {
    if (file.name == name) return &file;
  }
  return nullptr;
}

// What columns of HSDS are called there.
const ColumnNames kOrganizationNames = {{"year_incorporated", "date_incorporated"}};
const ColumnNames kLocationNames = {{"url", "website"}, {"location_type", "virtual"}};
const ColumnNames kServiceNames = {{"url", "website"},
                                   {"organization_id", "location_id"},
                                   {"fees_description", "fees"},
                                   {"eligibility_description", "eligibility"}};
const ColumnNames kPhoneNames = {{"type", "number_type"}, {"description", "department"}};
const ColumnNames kHolidayNames = {{"valid_from", "start_date"}, {"valid_to", "end_date"}};
const ColumnNames kTermNames = {{"id", "taxonomy_id"}, {"code", "taxonomy_id"}};

// Of lists in one cell.
const ColumnNames kFundingItems = {{"source", "funding_sources"}};
const ColumnNames kLanguageItems = {{"name", "languages"}};
const ColumnNames kAccessibilityItems = {{"description", "accessibility"}};
const ColumnNames kDocumentItems = {{"document", "required_documents"}};
const ColumnNames kAreaItems = {{"name", "service_areas"}};

// Of all values together: some are repeated in other rows. A sound import has a part of it.
constexpr size_t kMaxEmittedBytes = 128UL * 1024 * 1024;

class OhanaReader {
 public:
  OhanaReader(const OhanaSource& source, Problems& problems)
      : source_(source),
        problems_(problems),
        space_(NamedId(source.agency_id, "ohana\n" + source.name)) {}

  ImportTables Read(const std::vector<ImportText>& texts) {
    for (const ImportText& text : texts) ReadFile(text);
    Owners();
    Places();
    Services();
    Details();
    Phones();
    RegularSchedules();
    HolidaySchedules();
    Terms();
    if (too_many_) problems_.Add({"", 0, "", "TOO_MANY_ROWS"});
    if (problems_.empty()) tables_.documents = NestRows(tables_, problems_);
    return std::move(tables_);
  }

 private:
  void ReadFile(const ImportText& text) {
    const std::string* name = tables_.File(text.name);
    const OhanaFile* file = FindOhanaFile(text.name);
    if (file == nullptr) {
      problems_.Add({*name, 0, "", "UNKNOWN_FILE"});
    } else if (rows_.contains(text.name)) {
      problems_.Add({*name, 0, "", "DUPLICATE_FILE"});
    } else if (auto rows = ReadCsvRows(text, name, file->needed, problems_)) {
      rows_[text.name] = *std::move(rows);
    } else {
      rows_[text.name] = {};
      const std::string_view stem = file->name.substr(0, file->name.size() - 4);
      tables_.unreadable.emplace(stem == "taxonomy" ? "taxonomy_terms" : stem);
    }
  }

  const std::vector<ImportRow>& Rows(const std::string& file) const {
    static const std::vector<ImportRow> none;
    const auto found = rows_.find(file);
    return found == rows_.end() ? none : found->second;
  }

  // "" stays "": that a number is missing is found later.
  std::string Id(std::string_view table, std::string_view number) const {
    if (number.empty()) return "";
    std::string name(table);
    name.append("\n").append(number);
    return NamedId(space_, name);
  }
  std::string IdAt(const ImportRow& row, std::string_view table, std::string_view column) const {
    return Id(table, row.Get(column));
  }

  // Copies the columns that both have under the same name.
  static OhanaFields Same(const ImportRow& row, std::initializer_list<std::string_view> columns) {
    OhanaFields fields;
    for (const std::string_view column : columns) fields[std::string(column)] = row.Get(column);
    return fields;
  }

  void Emit(std::string_view table, const ImportRow& from, OhanaFields fields,
            const ColumnNames* names) {
    if (too_many_) return;
    std::erase_if(fields, [](const auto& field) { return field.second.empty(); });
    ImportRow row;
    row.file = from.file;
    row.row = from.row;
    row.names = names;
    row.fields = std::move(fields);
    for (const auto& [column, value] : row.fields) bytes_ += value.size();
    too_many_ = bytes_ > kMaxEmittedBytes || !tables_.Add(table, std::move(row));
  }

  // A row for each item of a list in one cell: `names` is of what becomes of it, and of the cell.
  void EmitItems(std::string_view table, const ImportRow& from, const ColumnNames& names,
                 const OhanaFields& owner) {
    const auto& [value_column, column] = *names.begin();
    std::set<std::string> seen;
    for (const std::string& item : TypedList(from.Get(column))) {
      if (too_many_) return;
      if (!seen.insert(item).second) continue;
      OhanaFields fields = owner;
      std::string key(from.Get("id"));
      key.append("\n").append(*from.file).append("\n").append(column).append("\n").append(item);
      fields["id"] = Id(table, key);
      fields[std::string(value_column)] = item;
      if (table == "languages") fields["code"] = LanguageOfName(item);
      Emit(table, from, std::move(fields), &names);
    }
  }

  void Owners() {
    for (const ImportRow& row : Rows("organizations.csv")) {
      if (too_many_) return;
      OhanaFields fields = Same(row, {"name", "alternate_name", "description", "email", "website",
                                      "tax_id", "tax_status", "legal_status"});
      fields["id"] = IdAt(row, "organizations", "id");
      if (const auto date = TypedDateOf(row.Get("date_incorporated")); date && date->year > 1) {
        fields["year_incorporated"] = std::to_string(date->year);
      }
      EmitItems("funding", row, kFundingItems, {{"organization_id", fields["id"]}});
      Emit("organizations", row, std::move(fields), &kOrganizationNames);
    }
    for (const ImportRow& row : Rows("programs.csv")) {
      if (too_many_) return;
      OhanaFields fields = Same(row, {"name", "alternate_name", "description"});
      fields["id"] = IdAt(row, "programs", "id");
      fields["organization_id"] = IdAt(row, "organizations", "organization_id");
      if (fields["description"].empty()) fields["description"] = fields["name"];
      Emit("programs", row, std::move(fields), nullptr);
    }
  }

  void Places() {
    for (const ImportRow& row : Rows("locations.csv")) {
      if (too_many_) return;
      organization_of_place_.try_emplace(std::string(row.Get("id")), row.Get("organization_id"));
      OhanaFields fields = Same(row, {"name", "alternate_name", "description", "transportation",
                                      "latitude", "longitude", "confidential_location"});
      fields["id"] = IdAt(row, "locations", "id");
      fields["organization_id"] = IdAt(row, "organizations", "organization_id");
      fields["url"] = row.Get("website");
      if (fields["description"].empty()) fields["description"] = row.Get("short_desc");
      const std::string_view is_virtual = row.Get("virtual");
      fields["location_type"] =
          is_virtual == "true" || is_virtual == "TRUE" || is_virtual == "1" ? "virtual"
                                                                            : "physical";
      const OhanaFields owner = {{"location_id", fields["id"]}};
      EmitItems("languages", row, kLanguageItems, owner);
      EmitItems("accessibility", row, kAccessibilityItems, owner);
      Emit("locations", row, std::move(fields), &kLocationNames);
    }
    Addresses("addresses.csv", "physical");
    Addresses("mail_addresses.csv", "postal");
  }

  void Addresses(const std::string& file, const std::string& type) {
    for (const ImportRow& row : Rows(file)) {
      if (too_many_) return;
      OhanaFields fields = Same(row, {"attention", "address_1", "address_2", "city",
                                      "state_province", "postal_code", "country"});
      fields["id"] = IdAt(row, file, "id");
      fields["location_id"] = IdAt(row, "locations", "location_id");
      fields["address_type"] = type;
      // What older folders have instead.
      if (fields["state_province"].empty()) fields["state_province"] = row.Get("state");
      if (fields["country"].empty()) fields["country"] = row.Get("country_code");
      if (fields["country"].empty()) fields["country"] = "US";
      Emit("addresses", row, std::move(fields), nullptr);
    }
  }

  // A service stands at one location, and is its organization's.
  void Services() {
    for (const ImportRow& row : Rows("services.csv")) {
      if (too_many_) return;
      const std::string location(row.Get("location_id"));
      OhanaFields fields =
          Same(row, {"name", "alternate_name", "description", "email", "status",
                     "interpretation_services", "application_process", "wait_time",
                     "confidential_location", "minimum_age", "maximum_age"});
      fields["id"] = IdAt(row, "services", "id");
      fields["program_id"] = IdAt(row, "programs", "program_id");
      fields["url"] = row.Get("website");
      fields["fees_description"] = row.Get("fees");
      fields["eligibility_description"] = row.Get("eligibility");
      if (fields["status"].empty()) fields["status"] = "active";
      if (fields["wait_time"].empty()) fields["wait_time"] = row.Get("wait");
      if (fields["application_process"].empty()) {
        fields["application_process"] = row.Get("how_to_apply");
      }
      const auto place = organization_of_place_.find(location);
      if (place != organization_of_place_.end()) {
        fields["organization_id"] = Id("organizations", place->second);
        const OhanaFields join = {{"id", IdAt(row, "service_at_location", "id")},
                                  {"service_id", fields["id"]},
                                  {"location_id", Id("locations", location)}};
        joins_at_[location].push_back(join.at("id"));
        Emit("service_at_location", row, join, nullptr);
      } else if (!location.empty() && !tables_.unreadable.contains("locations")) {
        // Of no organization that there is: so it is named.
        fields["organization_id"] = Id("no location", location);
      } else if (!location.empty()) {
        fields["organization_id"] = Id("organizations", location);
      }
      const OhanaFields owner = {{"service_id", fields["id"]}};
      EmitItems("languages", row, kLanguageItems, owner);
      EmitItems("required_documents", row, kDocumentItems, owner);
      EmitItems("service_areas", row, kAreaItems, owner);
      EmitItems("funding", row, kFundingItems, owner);
      Attributes(row, fields["id"]);
      Emit("services", row, std::move(fields), &kServiceNames);
    }
  }

  void Attributes(const ImportRow& row, const std::string& service_id) {
    static const ColumnNames names = {{"taxonomy_term_id", "taxonomy_ids"}};
    std::set<std::string> seen;
    for (const std::string& term : TypedList(row.Get("taxonomy_ids"))) {
      if (too_many_) return;
      if (!seen.insert(term).second) continue;
      std::string key(row.Get("id"));
      key.append("\n").append(term);
      Emit("attributes", row,
           {{"id", Id("attributes", key)},
            {"link_id", service_id},
            {"link_entity", "service"},
            {"taxonomy_term_id", Id("taxonomy", term)}},
           &names);
      terms_.try_emplace(term, &row);
    }
  }

  void Details() {
    for (const ImportRow& row : Rows("contacts.csv")) {
      if (too_many_) return;
      OhanaFields fields = Same(row, {"name", "title", "department", "email"});
      fields["id"] = IdAt(row, "contacts", "id");
      AddOwners(row, fields);
      Emit("contacts", row, std::move(fields), nullptr);
    }
  }

  void AddOwners(const ImportRow& row, OhanaFields& fields) const {
    fields["location_id"] = IdAt(row, "locations", "location_id");
    fields["service_id"] = IdAt(row, "services", "service_id");
    fields["organization_id"] = IdAt(row, "organizations", "organization_id");
  }

  void Phones() {
    for (const ImportRow& row : Rows("phones.csv")) {
      if (too_many_) return;
      OhanaFields fields = Same(row, {"extension"});
      fields["id"] = IdAt(row, "phones", "id");
      std::string number(row.Get("country_prefix"));
      if (!number.empty() && !row.Get("number").empty()) number += " ";
      fields["number"] = number.append(row.Get("number"));
      fields["type"] = row.Get("number_type");
      fields["description"] = row.Get("department");
      fields["contact_id"] = IdAt(row, "contacts", "contact_id");
      AddOwners(row, fields);
      if (row.Get("number").empty()) fields["number"].clear();
      // The number of a place is how its services are reached; a fax is how nobody is. Said of the
      // service at its place: of a confidential one it is not kept.
      const auto joins = joins_at_.find(std::string(row.Get("location_id")));
      const bool is_for_people = fields["type"] != "fax" && fields["service_id"].empty();
      Emit("phones", row, fields, &kPhoneNames);
      if (!is_for_people || joins == joins_at_.end() || fields["id"].empty()) continue;
      for (const std::string& join_id : joins->second) {
        if (too_many_) return;
        OhanaFields of_service = fields;
        of_service["id"] = Id("phones of services", fields["id"] + join_id);
        of_service["service_at_location_id"] = join_id;
        of_service.erase("location_id");
        Emit("phones", row, std::move(of_service), &kPhoneNames);
      }
    }
  }

  // "" with a problem.
  std::string TimeAt(const ImportRow& row, std::string_view column) {
    std::string time = TimeOf(row.Get(column));
    if (time.empty()) {
      const bool missing = row.Get(column).empty();
      problems_.Add(row.Problem(column, missing ? "MISSING_VALUE" : "INVALID_VALUE"));
    }
    return time;
  }

  void RegularSchedules() {
    static const ColumnNames names = {{"byday", "weekday"}};
    for (const ImportRow& row : Rows("regular_schedules.csv")) {
      if (too_many_) return;
      OhanaFields fields;
      fields["id"] = IdAt(row, "regular_schedules", "id");
      AddOwners(row, fields);
      fields.erase("organization_id");
      fields["freq"] = "WEEKLY";
      fields["byday"] = WeekdayOf(row.Get("weekday"));
      fields["opens_at"] = TimeAt(row, "opens_at");
      fields["closes_at"] = TimeAt(row, "closes_at");
      if (fields["byday"].empty()) {
        const bool missing = row.Get("weekday").empty();
        problems_.Add(row.Problem("weekday", missing ? "MISSING_VALUE" : "INVALID_VALUE"));
      } else if (!fields["opens_at"].empty() && !fields["closes_at"].empty()) {
        Emit("schedules", row, std::move(fields), &names);
      }
    }
  }

  void HolidaySchedules() {
    for (const ImportRow& row : Rows("holiday_schedules.csv")) {
      if (too_many_) return;
      const auto first = TypedDateOf(row.Get("start_date"));
      const auto last = TypedDateOf(row.Get("end_date"));
      if (!first) problems_.Add(row.Problem("start_date", "INVALID_VALUE"));
      if (!last) problems_.Add(row.Problem("end_date", "INVALID_VALUE"));
      const std::string_view closed = row.Get("closed");
      const bool is_closed = closed == "true" || closed == "TRUE" || closed == "1";
      const bool is_open = closed == "false" || closed == "FALSE" || closed == "0";
      if (!is_closed && !is_open) problems_.Add(row.Problem("closed", "INVALID_VALUE"));
      OhanaFields fields;
      AddOwners(row, fields);
      fields.erase("organization_id");
      if (is_open) {
        fields["opens_at"] = TimeAt(row, "opens_at");
        fields["closes_at"] = TimeAt(row, "closes_at");
        if (fields["opens_at"].empty() || fields["closes_at"].empty()) continue;
      }
      if (!first || !last) continue;
      const auto ranges = RangesOf(*first, *last, source_.today);
      if (!ranges) {
        problems_.Add(row.Problem("end_date", "INVALID_VALUE"));
        continue;
      }
      for (const auto& [from, to] : *ranges) EmitDays(row, from, to, fields);
    }
  }

  // A single day each: they go before the regular schedules.
  void EmitDays(const ImportRow& row, calendar::Date from, calendar::Date to,
                const OhanaFields& day_fields) {
    for (calendar::Date day = from; day <= to && !too_many_; day += std::chrono::days(1)) {
      OhanaFields fields = day_fields;
      const std::string date = calendar::DateText(day);
      std::string key(row.Get("id"));
      fields["id"] = key.empty() ? "" : Id("holiday_schedules", key.append("\n").append(date));
      fields["valid_from"] = fields["valid_to"] = date;
      Emit("schedules", row, std::move(fields), &kHolidayNames);
    }
  }

  // Those of the file, and, without one, those that services name.
  void Terms() {
    for (const ImportRow& row : Rows("taxonomy.csv")) {
      if (too_many_) return;
      Emit("taxonomy_terms", row,
           {{"id", IdAt(row, "taxonomy", "taxonomy_id")},
            {"code", std::string(row.Get("taxonomy_id"))},
            {"name", std::string(row.Get("name"))},
            {"description", std::string(row.Get("name"))},
            {"parent_id", IdAt(row, "taxonomy", "parent_id")}},
           &kTermNames);
    }
    if (rows_.contains("taxonomy.csv")) return;
    for (const auto& [term, row] : terms_) {
      if (too_many_) return;
      Emit("taxonomy_terms", *row,
           {{"id", Id("taxonomy", term)}, {"code", term}, {"name", term}, {"description", term}},
           &kTermNames);
    }
  }

  const OhanaSource& source_;
  Problems& problems_;
  const std::string space_;
  ImportTables tables_;
  std::map<std::string, std::vector<ImportRow>> rows_;
  std::map<std::string, std::string> organization_of_place_;            // their numbers
  std::map<std::string, std::vector<std::string>> joins_at_;            // by the place's number
  std::map<std::string, const ImportRow*> terms_;
  size_t bytes_ = 0;
  bool too_many_ = false;  // then nothing more is made: rows of one file multiply those of another
};

}  // namespace

bool IsOhana(const std::vector<ImportText>& texts) {
  constexpr std::array<std::string_view, 3> kTheirs = {"regular_schedules.csv",
                                                       "holiday_schedules.csv",
                                                       "mail_addresses.csv"};
  constexpr std::array<std::string_view, 3> kOfHsds = {"datapackage.json",
                                                       "service_at_location.csv", "schedules.csv"};
  bool is = false;
  for (const ImportText& text : texts) {
    if (std::ranges::find(kOfHsds, text.name) != kOfHsds.end()) return false;
    is = is || std::ranges::find(kTheirs, text.name) != kTheirs.end();
    if (text.name != "services.csv") continue;
    // The header alone: HSDS has services at places in a table of their own.
    const std::string_view header = text.content.substr(0, text.content.find('\n'));
    is = is || (header.find("location_id") != std::string_view::npos &&
                header.find("organization_id") == std::string_view::npos);
  }
  return is;
}

ImportTables ReadOhanaCsv(const std::vector<ImportText>& texts, const OhanaSource& source,
                          Problems& problems) {
  return OhanaReader(source, problems).Read(texts);
}

}  // namespace fairlead::directory
