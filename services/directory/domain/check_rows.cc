#include "services/directory/domain/check_rows.h"

#include <algorithm>
#include <set>

#include "services/common/base/ids.h"
#include "services/directory/domain/hsds_tables.h"

namespace fairlead::directory {
namespace {

using IdSets = std::map<std::string_view, std::set<std::string>>;

std::set<std::string> CheckIds(const ImportTables& tables, const TableSpec& spec,
                               Problems& problems) {
  std::set<std::string> ids;
  for (const ImportRow& row : RowsOf(tables, spec.name)) {
    const std::string id = CanonicalId(row.Get("id"));
    if (id.empty()) {
      problems.Add(row.Problem("id", "MISSING_VALUE"));
    } else if (!IsUuid(id)) {
      problems.Add(row.Problem("id", "INVALID_ID"));
    } else if (!ids.insert(id).second && !tables.repeats_allowed) {
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

void CheckReferences(const ImportTables& tables, const ImportRow& row, const TableSpec& spec,
                     const IdSets& ids, Problems& problems) {
  const auto missing = [&](std::string_view table, const std::string& id) {
    return !ids.at(table).contains(id) && !tables.unreadable.contains(table);
  };
  for (const Reference& reference : spec.references) {
    const std::string_view value = row.Get(reference.column);
    if (value.empty()) continue;
    const std::string id = CanonicalId(value);
    if (!IsUuid(id)) {
      problems.Add(row.Problem(reference.column, "INVALID_ID"));
    } else if (missing(reference.table, id)) {
      problems.Add(row.Problem(reference.column, "UNKNOWN_REFERENCE"));
    }
  }
  // An attribute may hang on anything; we read those of services and locations.
  if (spec.name != "attributes") return;
  const std::string_view entity = row.Get("link_entity");
  if (entity != "service" && entity != "location") return;
  const std::string link = CanonicalId(row.Get("link_id"));
  if (missing(entity == "service" ? "services" : "locations", link)) {
    problems.Add(row.Problem("link_id", "UNKNOWN_REFERENCE"));
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

void CheckRows(const ImportTables& tables, Problems& problems) {
  IdSets ids;
  for (const TableSpec& spec : HsdsTables()) ids[spec.name] = CheckIds(tables, spec, problems);
  for (const TableSpec& spec : HsdsTables()) {
    for (const ImportRow& row : RowsOf(tables, spec.name)) {
      for (const std::string_view column : spec.required) {
        if (row.Get(column).empty()) problems.Add(row.Problem(column, "MISSING_VALUE"));
      }
      CheckLengths(row, problems);
      CheckReferences(tables, row, spec, ids, problems);
    }
  }
  CheckParents(tables, "organizations", "parent_organization_id", problems);
  CheckParents(tables, "taxonomy_terms", "parent_id", problems);
}

}  // namespace fairlead::directory
