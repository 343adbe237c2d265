#include "services/directory/domain/hsds_json.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <functional>
#include <set>

#include "services/common/base/strict_json.h"
#include "services/directory/domain/check_rows.h"
#include "services/directory/domain/hsds_tables.h"

namespace fairlead::directory {
namespace {

namespace json = boost::json;

// More than a file may have: records of several parts are read together.
constexpr size_t kMaxJsonBytes = 16 * 1024 * 1024;
constexpr size_t kMaxJsonDepth = 32;

// As CSV has it: "12.5", not "1.25E1".
std::string NumberText(const json::value& value) {
  if (!value.is_double()) return json::serialize(value);
  char text[32];
  const auto written = std::to_chars(text, text + sizeof text, value.get_double());
  return std::string(text, written.ptr);
}

std::string IdOf(const json::object& record) {
  const json::value* id = record.if_contains("id");
  return id != nullptr && id->is_string() ? CanonicalId(id->get_string()) : "";
}

// The table of a record of its own, by its members and the name of its file.
std::string_view TableOfRecord(const json::object& record, std::string_view file_name) {
  const auto has = [&](std::string_view name) { return record.contains(name); };
  if (has("service") && has("location")) return "service_at_location";
  // "services.json", as an export names it.
  const std::string stem(file_name.substr(0, file_name.rfind('.')));
  if (const TableSpec* named = FindTable(stem + ".csv")) return named->name;
  if (has("status") || has("organization") || has("organization_id")) return "services";
  if (has("location_type")) return "locations";
  if (has("taxonomy") || has("taxonomy_detail") || has("taxonomy_id") || has("term_uri") ||
      file_name.starts_with("taxonomy_term")) {
    return "taxonomy_terms";
  }
  if (file_name.starts_with("taxonom")) return "taxonomies";
  if (file_name.starts_with("service")) return "services";
  return has("id") || has("name") ? "organizations" : "";
}

class Flattener {
 public:
  Flattener(ImportTables& tables, Problems& problems) : tables_(tables), problems_(problems) {}

  void File(const ImportText& text) {
    file_ = tables_.File(text.name);
    const Result<json::value> parsed = ParseStrictJson(text.content, kMaxJsonBytes, kMaxJsonDepth);
    row_ = 0;
    if (!parsed) {
      const auto detail = parsed.error().metadata.find("detail");
      const bool utf8 = detail != parsed.error().metadata.end() && detail->second == "not_utf8";
      return Problem("", utf8 ? "INVALID_UTF8" : "INVALID_JSON");
    }
    const json::value* records = &*parsed;
    if (records->is_object()) {
      const json::value* contents = records->get_object().if_contains("contents");
      if (contents != nullptr) records = contents;
    }
    if (!records->is_array()) {
      row_ = 1;
      return Record(*records, text.name);
    }
    for (const json::value& record : records->get_array()) {
      ++row_;
      Record(record, text.name);
    }
  }

  // A row for the record and for each one inside it; the record's id.
  std::string Entity(const TableSpec& spec, const json::object& record, const std::string& path,
                     std::map<std::string, std::string, std::less<>> implied) {
    for (const Member& member : spec.objects) {
      One(record, member.name, path, [&](const json::object& named, const std::string& at) {
        std::string id = Entity(TableOf(member.table), named, at, {});
        if (!id.empty()) implied[std::string(member.column)] = std::move(id);
      });
    }
    std::string id = Row(spec, record, path, std::move(implied));
    for (const Member& member : spec.arrays) {
      Each(record, member.name, path, [&](const json::object& item, const std::string& at) {
        Entity(TableOf(member.table), item, at, {{std::string(member.column), id}});
      });
    }
    for (const Anywhere& any : TablesOfAnything()) {
      Each(record, any.table, path, [&](const json::object& item, const std::string& at) {
        Entity(TableOf(any.table), item, at,
               {{std::string(any.id_column), id},
                {std::string(any.entity_column), std::string(spec.entity)}});
      });
    }
    return id;
  }

  void set_file(const std::string* file) { file_ = file; }
  // No record of its own was that.
  bool IsNew(const Document& document) { return seen_.emplace(document.table, document.id).second; }

 private:
  using Fields = std::map<std::string, std::string, std::less<>>;
  using Visit = std::function<void(const json::object&, const std::string& path)>;

  void Problem(const std::string& column, std::string reason) {
    problems_.Add({*file_, row_, column, std::move(reason)});
  }

  void Record(const json::value& value, std::string_view file_name) {
    const json::object* record = value.if_object();
    if (record == nullptr) return Problem("", "INVALID_TYPE");
    const std::string_view table = TableOfRecord(*record, file_name);
    if (table.empty()) return Problem("", "UNKNOWN_RECORD");
    if (table == "service_at_location") return Place(*record);
    const std::string id = IdOf(*record);
    if (!id.empty() && !seen_.emplace(table, id).second) return Problem("id", "DUPLICATE_ID");
    const TableSpec& spec = TableOf(table);
    Entity(spec, *record, "", {});
    if (table == "services") return Service(*record, "");
    Add(spec, *record, /*is_partial=*/false);
    const json::value* services = record->if_contains("services");
    if (table != "organizations" || services == nullptr || !services->is_array()) return;
    for (const json::value& service : services->get_array()) {
      if (service.is_object()) Service(service.get_object(), id);
    }
  }

  // The schemas' service_at_location with its service inside: the service, with that place.
  void Place(const json::object& record) {
    json::object place = record;
    json::object service;
    if (const json::object* inside = record.at("service").if_object()) service = *inside;
    place.erase("service");
    service["service_at_locations"] = json::array{std::move(place)};
    Entity(TableOf("services"), service, "service.", {});
    Service(service, "");
  }

  void Service(const json::object& service, const std::string& organization_id) {
    json::object body = Normalise(TableOf("services"), service);
    if (!organization_id.empty()) body["organization_id"] = organization_id;
    if (const json::value* owner = service.if_contains("organization");
        owner != nullptr && owner->is_object()) {
      body["organization_id"] = IdOf(owner->get_object());
      Add(TableOf("organizations"), owner->get_object(), /*is_partial=*/true);
    }
    body.erase("organization");
    const std::string id = IdOf(body);
    const auto [at, is_new] = services_.emplace(id, tables_.documents.size());
    if (is_new) {
      tables_.documents.push_back({"services", id, std::move(body), false});
      return;
    }
    // Another place of a service that was there before.
    json::object& known = tables_.documents[at->second].body;
    json::value* places = body.if_contains("service_at_locations");
    if (places == nullptr || !places->is_array()) return;
    json::value& all = known["service_at_locations"];
    if (!all.is_array()) all.emplace_array();
    std::set<std::string> there;
    for (const json::value& one : all.get_array()) there.insert(IdOf(one.as_object()));
    for (json::value& one : places->get_array()) {
      if (there.insert(IdOf(one.as_object())).second) all.get_array().push_back(std::move(one));
    }
  }

  void Add(const TableSpec& spec, const json::object& record, bool is_partial) {
    tables_.documents.push_back({spec.name, IdOf(record), Normalise(spec, record), is_partial});
  }

  std::string Row(const TableSpec& spec, const json::object& record, const std::string& path,
                  Fields implied) {
    ImportRow row;
    row.file = file_;
    row.row = row_;
    row.path = path;
    row.fields = std::move(implied);
    for (const std::string& column : spec.columns) {
      // What nesting says counts for more than what the record says of itself.
      if (row.fields.contains(column)) continue;
      const json::value* value = record.if_contains(column);
      if (value == nullptr && column == "timezone") value = record.if_contains("timezone_name");
      if (value == nullptr || value->is_null()) continue;
      std::string text = Text(*value, column, path + column);
      if (!text.empty()) row.fields[column] = std::move(text);
    }
    std::string id(row.Get("id"));
    if (!tables_.Add(spec.name, std::move(row)) && !full_) {
      full_ = true;
      Problem("", "TOO_MANY_ROWS");
    }
    return id;
  }

  std::string Text(const json::value& value, std::string_view column, const std::string& at) {
    if (value.is_string()) {
      std::string text(value.get_string());
      if (text.find('\0') == std::string::npos) return text;
      Problem(at, "INVALID_CHARACTER");
    } else if ((value.is_number() && IsNumberColumn(column)) ||
               (column == "confidential_location" && (value.is_bool() || value.is_number()))) {
      return NumberText(value);
    } else {
      Problem(at, "INVALID_TYPE");
    }
    return "";
  }

  void Each(const json::object& object, std::string_view member, const std::string& path,
            const Visit& visit) {
    const json::value* value = object.if_contains(member);
    if (value == nullptr || value->is_null() || full_) return;
    const std::string name = path + std::string(member);
    if (!value->is_array()) return Problem(name, "INVALID_TYPE");
    for (const json::value& item : value->get_array()) {
      if (!item.is_object()) return Problem(name, "INVALID_TYPE");
      visit(item.get_object(), name + ".");
    }
  }

  void One(const json::object& object, std::string_view member, const std::string& path,
           const Visit& visit) {
    const json::value* value = object.if_contains(member);
    if (value == nullptr || value->is_null() || full_) return;
    const std::string name = path + std::string(member);
    if (!value->is_object()) return Problem(name, "INVALID_TYPE");
    visit(value->get_object(), name + ".");
  }

  ImportTables& tables_;
  Problems& problems_;
  const std::string* file_ = nullptr;
  int row_ = 0;
  bool full_ = false;
  std::set<std::pair<std::string_view, std::string>> seen_;
  std::map<std::string, size_t> services_;  // where in `documents`
};

// Attributes that name their term by its id get it inside, as everywhere else: what reads marks
// looks there.
void NameTerms(const std::map<std::string, json::object>& terms, json::object& record) {
  if (!record.contains("taxonomy_term")) {
    const json::value* id = record.if_contains("taxonomy_term_id");
    const auto term =
        id != nullptr && id->is_string() ? terms.find(std::string(id->get_string())) : terms.end();
    if (term != terms.end()) {
      record["taxonomy_term"] = term->second;
      record.erase("taxonomy_term_id");
    }
  }
  for (auto& member : record) {
    if (member.value().is_object()) NameTerms(terms, member.value().get_object());
    if (!member.value().is_array()) continue;
    for (json::value& item : member.value().get_array()) {
      if (item.is_object()) NameTerms(terms, item.get_object());
    }
  }
}

void NameTerms(ImportTables& tables) {
  std::map<std::string, json::object> terms;
  for (const Document& document : tables.documents) {
    if (document.table == "taxonomy_terms") terms.emplace(document.id, document.body);
  }
  for (Document& document : tables.documents) {
    if (document.table != "taxonomy_terms") NameTerms(terms, document.body);
  }
}

}  // namespace

ImportTables ReadHsdsJson(const std::vector<ImportText>& texts, Problems& problems) {
  ImportTables tables;
  tables.repeats_allowed = true;
  Flattener flattener(tables, problems);
  for (const ImportText& text : texts) flattener.File(text);
  // The terms of attributes, and their taxonomies, are there to be asked for by themselves too.
  ImportTables shared;
  for (const char* table : {"taxonomies", "taxonomy_terms"}) {
    const auto rows = tables.tables.find(table);
    if (rows != tables.tables.end()) shared.tables[table] = rows->second;
  }
  for (Document& document : NestRows(shared, problems)) {
    document.is_partial = true;
    if (flattener.IsNew(document)) tables.documents.push_back(std::move(document));
  }
  NameTerms(tables);
  return tables;
}

void FlattenDocument(std::string_view table, const json::object& body, ImportTables& tables) {
  Problems none;  // it was checked before it was kept
  Flattener flattener(tables, none);
  flattener.set_file(tables.File(""));
  flattener.Entity(TableOf(table), body, "", {});
}

}  // namespace fairlead::directory
