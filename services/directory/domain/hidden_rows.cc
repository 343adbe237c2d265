#include "services/directory/domain/hidden_rows.h"

#include <map>

#include "services/directory/domain/check_rows.h"

namespace fairlead::directory {
namespace {

}  // namespace

HiddenRows::HiddenRows(const ImportTables& tables, Problems& problems) {
  std::map<std::string, Tier> tiers;
  for (const ImportRow& row : RowsOf(tables, "taxonomy_terms")) {
    if (const auto tier = TierOfCode(row.Get("code"))) {
      tiers.emplace(CanonicalId(row.Get("id")), *tier);
    }
  }
  if (tiers.empty()) return;
  Ids ids;
  for (const TableSpec& spec : HsdsTables()) {
    for (const ImportRow& row : RowsOf(tables, spec.name)) {
      ids.emplace(spec.name, CanonicalId(row.Get("id")));
    }
  }
  for (const ImportRow& row : RowsOf(tables, "attributes")) {
    const auto tier = tiers.find(CanonicalId(row.Get("taxonomy_term_id")));
    if (tier != tiers.end()) Mark(ids, row, tier->second, problems);
  }
}

void HiddenRows::Mark(const Ids& ids, const ImportRow& row, Tier tier, Problems& problems) {
  const std::string id = CanonicalId(row.Get("link_id"));
  for (const TableSpec& spec : HsdsTables()) {
    if (spec.entity != row.Get("link_entity")) continue;
    if (!ids.contains({spec.name, id})) break;
    if (tier <= Tier::kCoalition) return;
    const std::string_view member = row.Get("link_type");
    const bool whole = !CanBeHiddenAlone(spec, member);
    // A listing that members may not see is of no use here; one that may not be known here is not
    // sent here.
    if (whole && (spec.name == "services" || spec.name == "organizations")) {
      problems.Add(row.Problem("taxonomy_term_id", "HIDDEN_RECORD"));
    }
    hidden_.emplace(id, whole ? "" : member);
    return;
  }
  problems.Add(row.Problem("link_id", "UNKNOWN_REFERENCE"));
}

bool HiddenRows::Is(const ImportRow& row, std::string_view member) const {
  return hidden_.contains({CanonicalId(row.Get("id")), std::string(member)});
}

bool HiddenRows::IsHere(const ImportRow& row) const {
  for (const char* column : {"location_id", "service_at_location_id", "contact_id"}) {
    const std::string id = CanonicalId(row.Get(column));
    if (!id.empty() && hidden_.contains({id, ""})) return true;
  }
  return Is(row);
}

}  // namespace fairlead::directory
