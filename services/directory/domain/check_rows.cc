#include "services/directory/domain/check_rows.h"

#include <map>
#include <set>
#include <utility>

#include "services/common/base/ids.h"

namespace fairlead::directory {
namespace {

void CheckId(const ImportRow& row, Problems& problems) {
  const std::string id = CanonicalId(row.Get("id"));
  if (id.empty()) problems.Add(row.Problem("id", "MISSING_VALUE"));
  if (!id.empty() && !IsUuid(id)) problems.Add(row.Problem("id", "INVALID_ID"));
}

std::set<std::string> CollectIds(const ImportTables& tables, const TableSpec& spec,
                                 Problems& problems) {
  std::set<std::string> ids;
  for (const ImportRow& row : RowsOf(tables, spec.name)) {
    CheckId(row, problems);
    const std::string id = CanonicalId(row.Get("id"));
    if (IsUuid(id) && !ids.insert(id).second && !tables.repeats_allowed) {
      problems.Add(row.Problem("id", "DUPLICATE_ID"));
    }
  }
  return ids;
}

void CheckLengths(const ImportRow& row, Problems& problems) {
  for (const auto& [column, value] : row.fields) {
    const size_t limit = column == "name" || column == "email" || column == "url" ||
                                 column == "website" || column == "number" || column == "city"
                             ? kMaxNameBytes
                             : kMaxTextBytes;
    if (value.size() > limit) problems.Add(row.Problem(column, "VALUE_TOO_LONG"));
  }
}

void CheckValues(const ImportRow& row, const TableSpec& spec, Problems& problems) {
  for (const std::string_view column : spec.required) {
    if (row.Get(column).empty()) problems.Add(row.Problem(column, "MISSING_VALUE"));
  }
  CheckLengths(row, problems);
  for (const Reference& reference : spec.references) {
    const std::string_view value = row.Get(reference.column);
    if (!value.empty() && !IsUuid(CanonicalId(value))) {
      problems.Add(row.Problem(reference.column, "INVALID_ID"));
    }
  }
}

// Parents need not be there, but they lead somewhere: who follows a ring of them comes to no end.
// Each ring is named once, at the row by which it is entered.
void CheckParents(const ImportTables& tables, std::string_view table, std::string_view column,
                  Problems& problems) {
  struct Node {
    const ImportRow* row = nullptr;
    std::string parent = {};
    const ImportRow* passed_from = nullptr;
  };
  std::map<std::string, Node> nodes;
  for (const ImportRow& row : RowsOf(tables, table)) {
    const std::string id = CanonicalId(row.Get("id"));
    if (!id.empty()) nodes.try_emplace(id, Node{&row, CanonicalId(row.Get(column))});
  }
  for (const ImportRow& row : RowsOf(tables, table)) {
    auto at = nodes.find(CanonicalId(row.Get("id")));
    while (at != nodes.end() && at->second.passed_from == nullptr) {
      at->second.passed_from = &row;
      at = nodes.find(at->second.parent);
    }
    if (at != nodes.end() && at->second.passed_from == &row) {
      problems.Add(at->second.row->Problem(column, "PARENT_CYCLE"));
    }
  }
}

}  // namespace

std::string CanonicalId(std::string_view id) {
  std::string canonical(id);
  for (char& c : canonical) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  }
  return canonical;
}

void CheckRow(const ImportRow& row, const TableSpec& spec, Problems& problems) {
  CheckId(row, problems);
  CheckValues(row, spec, problems);
}

std::vector<Demand> DemandsOf(const ImportRow& row, const TableSpec& spec) {
  std::vector<Demand> demands;
  for (const Reference& reference : spec.references) {
    std::string id = CanonicalId(row.Get(reference.column));
    if (IsUuid(id)) demands.push_back({reference.column, reference.table, std::move(id)});
  }
  // An attribute may hang on anything; we read those of services and locations.
  const std::string_view entity = row.Get("link_entity");
  if (spec.name == "attributes" && (entity == "service" || entity == "location")) {
    demands.push_back({"link_id", entity == "service" ? "services" : "locations",
                       CanonicalId(row.Get("link_id"))});
  }
  return demands;
}

void CheckRows(const ImportTables& tables, Problems& problems) {
  std::map<std::string_view, std::set<std::string>> ids;
  for (const TableSpec& spec : HsdsTables()) ids[spec.name] = CollectIds(tables, spec, problems);
  for (const TableSpec& spec : HsdsTables()) {
    for (const ImportRow& row : RowsOf(tables, spec.name)) {
      CheckValues(row, spec, problems);
      for (const Demand& demand : DemandsOf(row, spec)) {
        if (ids.at(demand.table).contains(demand.id)) continue;
        if (tables.unreadable.contains(demand.table)) continue;
        problems.Add(row.Problem(demand.column, "UNKNOWN_REFERENCE"));
      }
    }
  }
  CheckParents(tables, "organizations", "parent_organization_id", problems);
  CheckParents(tables, "taxonomy_terms", "parent_id", problems);
}

}  // namespace fairlead::directory
