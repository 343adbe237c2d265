#include "services/directory/domain/hsds_json.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <set>

#include "services/common/base/strict_json.h"

namespace fairlead::directory {
namespace {

namespace json = boost::json;

constexpr size_t kMaxJsonBytes = 4 * 1024 * 1024;
constexpr size_t kMaxJsonDepth = 32;

// The columns of each table that an import reads, beside the ids that nesting implies.
const std::map<std::string_view, std::vector<std::string_view>>& Columns() {
  static const std::map<std::string_view, std::vector<std::string_view>> columns = {
      {"services",
       {"id", "organization_id", "name", "description", "url", "email", "status", "minimum_age",
        "maximum_age", "confidential_location"}},
      {"organizations", {"id", "name", "description", "email", "website"}},
      {"locations", {"id", "location_type", "confidential_location"}},
      {"service_at_location", {"id", "service_id", "location_id"}},
      {"addresses",
       {"id", "address_1", "city", "state_province", "postal_code", "country", "address_type"}},
      {"phones", {"id", "number"}},
      {"languages", {"id", "code", "name", "note"}},
      {"service_areas", {"id", "name", "extent", "extent_type", "uri"}},
      {"schedules",
       {"id", "valid_from", "valid_to", "dtstart", "timezone", "until", "count", "wkst", "freq",
        "interval", "byday", "byweekno", "bymonthday", "opens_at", "closes_at"}},
      {"cost_options", {"id", "option", "amount"}},
      {"required_documents", {"id", "document"}},
      {"accessibility", {"id", "description"}},
      {"attributes", {"id", "link_entity", "link_id", "taxonomy_term_id", "value"}},
      {"taxonomy_terms", {"id", "code", "name", "description", "taxonomy"}},
  };
  return columns;
}

// Columns that HSDS has as numbers (or, ours, as a flag).
bool MayBeNumber(std::string_view column) {
  return column == "minimum_age" || column == "maximum_age" || column == "confidential_location" ||
         column == "timezone" || column == "count" || column == "interval" || column == "amount";
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

 private:
  using Fields = std::map<std::string, std::string, std::less<>>;

  void Problem(const std::string& column, std::string reason) {
    problems_.Add({*file_, row_, column, std::move(reason)});
  }

  void Record(const json::value& record, std::string_view file_name) {
    const json::object* object = record.if_object();
    if (object == nullptr) return Problem("", "INVALID_TYPE");
    const auto has = [&](std::string_view name) { return object->contains(name); };
    const bool is_service = file_name.starts_with("service") || has("status") ||
                            has("organization") || has("organization_id");
    if (is_service) {
      if (Twice(services_seen_, *object)) return;
      return Service(*object, "", "");
    }
    if (!has("id") && !has("name")) return Problem("", "UNKNOWN_RECORD");
    if (Twice(organizations_seen_, *object)) return;
    Organization(*object, "");
  }

  bool Twice(std::set<std::string>& seen, const json::object& object) {
    const json::value* id = object.if_contains("id");
    if (id == nullptr || !id->is_string()) return false;
    if (seen.insert(std::string(id->get_string())).second) return false;
    Problem("id", "DUPLICATE_ID");
    return true;
  }

  // Adds the row; returns its id.
  std::string Row(std::string_view table, const json::object& object, const std::string& path,
                  Fields implied) {
    ImportRow row;
    row.file = file_;
    row.row = row_;
    row.path = path;
    row.fields = std::move(implied);
    for (const std::string_view column : Columns().at(table)) {
      const json::value* value = object.if_contains(column);
      // What nesting says counts for more than what the record says of itself.
      if (value == nullptr || value->is_null() || row.fields.contains(column)) continue;
      std::string text;
      if (value->is_string()) {
        text = std::string(value->get_string());
      } else if (value->is_number() || value->is_bool()) {
        if (!MayBeNumber(column)) {
          Problem(path + std::string(column), "INVALID_TYPE");
          continue;
        }
        text = json::serialize(*value);
      } else {
        Problem(path + std::string(column), "INVALID_TYPE");
        continue;
      }
      if (text.find('\0') != std::string::npos) {
        Problem(path + std::string(column), "INVALID_CHARACTER");
        continue;
      }
      if (!text.empty()) row.fields[std::string(column)] = std::move(text);
    }
    std::string id(row.Get("id"));
    if (!tables_.Add(table, std::move(row)) && !full_) {
      full_ = true;
      Problem("", "TOO_MANY_ROWS");
    }
    return id;
  }

  void Each(const json::object& object, std::string_view member, const std::string& path,
            const std::function<void(const json::object&, const std::string&)>& visit) {
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
           const std::function<void(const json::object&, const std::string&)>& visit) {
    const json::value* value = object.if_contains(member);
    if (value == nullptr || value->is_null() || full_) return;
    const std::string name = path + std::string(member);
    if (!value->is_object()) return Problem(name, "INVALID_TYPE");
    visit(value->get_object(), name + ".");
  }

  // Records of a table that hang on this one and have nothing below them.
  void Leaves(const json::object& object, std::string_view table, const std::string& path,
              const Fields& link) {
    Each(object, table, path, [&, table](const json::object& leaf, const std::string& at) {
      Row(table, leaf, at, link);
    });
  }

  void Attributes(const json::object& object, const std::string& path, const std::string& entity,
                  const std::string& id) {
    Each(object, "attributes", path, [&](const json::object& attribute, const std::string& at) {
      Fields implied = {{"link_entity", entity}, {"link_id", id}};
      One(attribute, "taxonomy_term", at, [&](const json::object& term, const std::string& in) {
        const std::string term_id = Row("taxonomy_terms", term, in, {});
        if (!term_id.empty()) implied["taxonomy_term_id"] = term_id;
      });
      Row("attributes", attribute, at, implied);
    });
  }

  std::string Location(const json::object& location, const std::string& path) {
    const std::string id = Row("locations", location, path, {});
    const Fields link = {{"location_id", id}};
    Each(location, "addresses", path, [&](const json::object& address, const std::string& at) {
      Row("addresses", address, at, link);
    });
    for (const char* table : {"languages", "schedules", "accessibility"}) {
      Leaves(location, table, path, link);
    }
    Attributes(location, path, "location", id);
    return id;
  }

  std::string Organization(const json::object& organization, const std::string& path) {
    const std::string id = Row("organizations", organization, path, {});
    Leaves(organization, "phones", path, {{"organization_id", id}});
    Each(organization, "services", path,
         [&](const json::object& service, const std::string& at) { Service(service, at, id); });
    return id;
  }

  void Service(const json::object& service, const std::string& path,
               const std::string& organization_id) {
    Fields implied;
    if (!organization_id.empty()) implied["organization_id"] = organization_id;
    One(service, "organization", path, [&](const json::object& owner, const std::string& at) {
      implied["organization_id"] = Organization(owner, at);
    });
    const std::string id = Row("services", service, path, implied);
    const Fields link = {{"service_id", id}};
    for (const char* table : {"phones", "languages", "schedules", "service_areas", "cost_options",
                              "required_documents"}) {
      Leaves(service, table, path, link);
    }
    Each(service, "service_at_locations", path,
         [&](const json::object& place, const std::string& at) {
           Fields both = link;
           One(place, "location", at, [&](const json::object& location, const std::string& in) {
             both["location_id"] = Location(location, in);
           });
           const std::string place_id = Row("service_at_location", place, at, both);
           Leaves(place, "phones", at, {{"service_at_location_id", place_id}});
           Leaves(place, "schedules", at, {{"service_at_location_id", place_id}});
           Leaves(place, "service_areas", at, link);
         });
    Attributes(service, path, "service", id);
  }

  ImportTables& tables_;
  Problems& problems_;
  const std::string* file_ = nullptr;
  int row_ = 0;
  bool full_ = false;
  std::set<std::string> services_seen_;
  std::set<std::string> organizations_seen_;
};

}  // namespace

ImportTables ReadHsdsJson(const std::vector<ImportText>& texts, Problems& problems) {
  ImportTables tables;
  tables.repeats_allowed = true;
  Flattener flattener(tables, problems);
  for (const ImportText& text : texts) flattener.File(text);
  return tables;
}

}  // namespace fairlead::directory
