#include "services/directory/domain/hsds_documents.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <map>
#include <set>
#include <tuple>

#include "services/directory/domain/check_rows.h"
#include "services/directory/domain/import_rows.h"

namespace fairlead::directory {
namespace {

namespace json = boost::json;

json::value Typed(std::string_view column, const std::string& text) {
  if (column == "confidential_location") {
    return text == "true" || text == "TRUE" || text == "True" || text == "1" || text == "yes";
  }
  if (!IsNumberColumn(column)) return json::string(text);
  const char* const end = text.data() + text.size();
  int64_t whole = 0;
  if (const auto read = std::from_chars(text.data(), end, whole);
      read.ec == std::errc() && read.ptr == end) {
    return whole;
  }
  double number = 0;
  if (const auto read = std::from_chars(text.data(), end, number);
      read.ec == std::errc() && read.ptr == end) {
    return number;
  }
  return json::string(text);
}

// Rows that stand in many places come as often.
constexpr size_t kMaxBuilt = 4 * kMaxImportRows;

constexpr size_t kMaxBuiltBytes = 64 * 1024 * 1024;

bool IsId(std::string_view column) { return column == "id" || column.ends_with("_id"); }

class Nester {
 public:
  explicit Nester(const ImportTables& tables) : tables_(tables) {
    for (const TableSpec& spec : HsdsTables()) {
      for (const Member& member : spec.arrays) {
        // Services are documents of their own.
        if (member.table != "services") parents_.emplace(member.table, member.column, &spec);
      }
    }
    for (const auto& [table, rows] : tables.tables) {
      for (const ImportRow& row : rows) {
        rows_[table].emplace(CanonicalId(row.Get("id")), &row);
        for (const auto& [child, column, parent] : parents_) {
          if (child != table || row.Get(column).empty()) continue;
          children_[Key{child, std::string(column), CanonicalId(row.Get(column))}].push_back(&row);
        }
        for (const Anywhere& any : TablesOfAnything()) {
          if (any.table != table) continue;
          attached_[Key{table, std::string(row.Get(any.entity_column)),
                        CanonicalId(row.Get(any.id_column))}]
              .push_back(&row);
        }
      }
    }
    // Rows of a table have no order: the same import gives the same documents, however they stand.
    const auto by_id = [](const ImportRow* a, const ImportRow* b) {
      return a->Get("id") < b->Get("id");
    };
    for (auto& [key, rows] : children_) std::ranges::sort(rows, by_id);
    for (auto& [key, rows] : attached_) std::ranges::sort(rows, by_id);
  }

  // More objects than this: what Nest gives is not whole.
  bool is_full() const { return built_ > kMaxBuilt || built_bytes_ > kMaxBuiltBytes; }

  std::vector<Document> Nest() {
    for (const char* table : {"organizations", "services", "taxonomies", "taxonomy_terms"}) {
      for (const ImportRow& row : Rows(table)) Root(TableOf(table), row);
    }
    // What is left hangs on nothing; what hangs on that, inside it.
    for (const char* table : {"locations", "programs", "contacts", "phones", "service_capacity"}) {
      Orphans(TableOf(table));
    }
    for (const TableSpec& spec : HsdsTables()) Orphans(spec);
    return std::move(documents_);
  }

 private:
  const std::vector<ImportRow>& Rows(std::string_view table) const {
    static const std::vector<ImportRow> none;
    const auto found = tables_.tables.find(table);
    return found == tables_.tables.end() ? none : found->second;
  }

  const ImportRow* Find(std::string_view table, std::string_view id) const {
    const auto rows = rows_.find(table);
    if (rows == rows_.end()) return nullptr;
    const auto row = rows->second.find(CanonicalId(id));
    return row == rows->second.end() ? nullptr : row->second;
  }

  void Root(const TableSpec& spec, const ImportRow& row) {
    documents_.push_back({.table = spec.name,
                          .id = CanonicalId(row.Get("id")),
                          .body = Build(spec, row),
                          .is_partial = false});
  }

  void Orphans(const TableSpec& spec) {
    for (const ImportRow& row : Rows(spec.name)) {
      if (!placed_.contains(&row)) Root(spec, row);
    }
  }

  // Whether nesting says what the column does: the row stands inside the one it names.
  bool IsImplied(const TableSpec& spec, const ImportRow& row, std::string_view column) const {
    for (const Member& member : spec.objects) {
      // Organizations are documents of their own.
      if (member.column == column && member.table != "organizations") {
        return Find(member.table, row.Get(column)) != nullptr;
      }
    }
    for (const auto& [child, link, parent] : parents_) {
      if (child == spec.name && link == column && Find(parent->name, row.Get(column)) != nullptr) {
        return true;
      }
    }
    for (const Anywhere& any : TablesOfAnything()) {
      if (any.table != spec.name || (column != any.id_column && column != any.entity_column)) {
        continue;
      }
      for (const TableSpec& target : HsdsTables()) {
        if (target.entity == row.Get(any.entity_column) && Carries(target, any)) {
          return Find(target.name, row.Get(any.id_column)) != nullptr;
        }
      }
    }
    return false;
  }

  json::object Build(const TableSpec& spec, const ImportRow& row) {
    placed_.insert(&row);
    json::object body;
    for (const auto& [column, value] : row.fields) built_bytes_ += value.size();
    ++built_;
    if (is_full()) return body;
    for (const std::string& column : spec.columns) {
      const auto value = row.fields.find(column);
      if (value == row.fields.end() || IsImplied(spec, row, column)) continue;
      if (IsId(column)) {
        body[column] = CanonicalId(value->second);
      } else if (column == "timezone" && !Typed(column, value->second).is_number()) {
        body["timezone_name"] = value->second;  // HSDS has hours from UTC only; ours may be named
      } else {
        body[column] = Typed(column, value->second);
      }
    }
    for (const Member& member : spec.objects) {
      if (member.table == "organizations") continue;
      const ImportRow* named = Find(member.table, row.Get(member.column));
      if (named != nullptr) body[member.name] = Build(TableOf(member.table), *named);
    }
    const std::string id = CanonicalId(row.Get("id"));
    for (const Member& member : spec.arrays) {
      if (member.table == "services") continue;
      const auto found = children_.find(Key{member.table, std::string(member.column), id});
      if (found != children_.end()) Array(body, member.name, member.table, found->second);
    }
    for (const Anywhere& any : TablesOfAnything()) {
      if (!Carries(spec, any)) continue;
      const auto found = attached_.find(Key{any.table, std::string(spec.entity), id});
      if (found != attached_.end()) Array(body, any.table, any.table, found->second);
    }
    return body;
  }

  void Array(json::object& body, std::string_view member, std::string_view table,
             const std::vector<const ImportRow*>& rows) {
    json::array items;
    for (const ImportRow* row : rows) items.push_back(Build(TableOf(table), *row));
    body[member] = std::move(items);
  }

  using Key = std::tuple<std::string_view, std::string, std::string>;

  const ImportTables& tables_;
  std::set<std::tuple<std::string_view, std::string_view, const TableSpec*>> parents_;
  std::map<std::string_view, std::map<std::string, const ImportRow*>> rows_;
  std::map<Key, std::vector<const ImportRow*>> children_;  // table, column, id that it names
  std::map<Key, std::vector<const ImportRow*>> attached_;  // table, entity, id that it names
  std::set<const ImportRow*> placed_;
  std::vector<Document> documents_;
  size_t built_ = 0;
  size_t built_bytes_ = 0;
};

void NormaliseArray(const json::object& record, std::string_view name, std::string_view table,
                    json::object& body) {
  const json::value* value = record.if_contains(name);
  if (value == nullptr || !value->is_array() || value->get_array().empty()) return;
  json::array items;
  for (const json::value& item : value->get_array()) {
    if (item.is_object()) items.push_back(Normalise(TableOf(table), item.get_object()));
  }
  body[name] = std::move(items);
}

}  // namespace

bool Carries(const TableSpec& spec, const Anywhere& any) {
  if (spec.name == "metadata") return false;
  return any.table == "metadata" ||
         (spec.name != "attributes" && spec.name != "taxonomy_terms" && spec.name != "taxonomies");
}

std::vector<Document> NestRows(const ImportTables& tables, Problems& problems) {
  Nester nester(tables);
  std::vector<Document> documents = nester.Nest();
  if (!nester.is_full()) return documents;
  problems.Add({"", 0, "", "TOO_MANY_ROWS"});
  return {};
}

json::object Normalise(const TableSpec& spec, const json::object& record) {
  json::object body;
  for (const std::string& column : spec.columns) {
    const json::value* value = record.if_contains(column);
    if (value == nullptr || value->is_null()) continue;
    if (IsId(column) && value->is_string()) {
      body[column] = CanonicalId(value->get_string());
    } else if (column == "timezone" && value->is_string()) {
      body["timezone_name"] = *value;
    } else {
      body[column] = *value;
    }
  }
  if (const json::value* zone = record.if_contains("timezone_name");
      zone != nullptr && spec.name == "schedules") {
    body["timezone_name"] = *zone;
  }
  for (const Member& member : spec.objects) {
    const json::value* value = record.if_contains(member.name);
    if (value == nullptr || !value->is_object()) continue;
    body[member.name] = Normalise(TableOf(member.table), value->get_object());
  }
  for (const Member& member : spec.arrays) {
    if (member.table != "services") NormaliseArray(record, member.name, member.table, body);
  }
  for (const Anywhere& any : TablesOfAnything()) {
    if (Carries(spec, any)) NormaliseArray(record, any.table, any.table, body);
  }
  return body;
}

json::object ListForm(const json::object& document) {
  json::object list;
  for (const auto& member : document) {
    if (member.value().is_array()) continue;
    if (member.value().is_object()) {
      list[member.key()] = ListForm(member.value().get_object());
    } else {
      list[member.key()] = member.value();
    }
  }
  return list;
}

}  // namespace fairlead::directory
