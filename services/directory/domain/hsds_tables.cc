#include "services/directory/domain/hsds_tables.h"

#include <string>

namespace fairlead::directory {
namespace {

// References that HSDS knows and the search does not need (a contact's organization, the parent of
// a term) are left alone: the published examples themselves leave them dangling.
const std::vector<TableSpec>& Specs() {
  static const std::vector<TableSpec> specs = {
      {"organizations", {"name", "description"}, {}},
      {"services", {"organization_id", "name", "status"}, {{"organization_id", "organizations"}}},
      {"locations", {"location_type"}, {}},
      {"service_at_location",
       {"service_id", "location_id"},
       {{"service_id", "services"}, {"location_id", "locations"}}},
      {"addresses",
       {"address_1", "city", "state_province", "postal_code", "country", "address_type"},
       {{"location_id", "locations"}}},
      {"phones",
       {"number"},
       {{"service_id", "services"},
        {"location_id", "locations"},
        {"organization_id", "organizations"},
        {"service_at_location_id", "service_at_location"}}},
      {"languages", {}, {{"service_id", "services"}, {"location_id", "locations"}}},
      {"service_areas", {}, {{"service_id", "services"}}},
      {"attributes", {}, {{"taxonomy_term_id", "taxonomy_terms"}}},
      {"taxonomy_terms", {"name", "description"}, {}},
      {"taxonomies", {"name", "description"}, {}},
      {"programs", {"name", "description"}, {}},
      {"contacts", {}, {}},
      {"schedules",
       {},
       {{"service_id", "services"},
        {"location_id", "locations"},
        {"service_at_location_id", "service_at_location"}}},
      {"funding", {}, {}},
      {"cost_options", {}, {{"service_id", "services"}}},
      {"required_documents", {}, {{"service_id", "services"}}},
      {"accessibility", {}, {{"location_id", "locations"}}},
      {"metadata", {}, {}},
      {"meta_table_descriptions", {}, {}},
      {"organization_identifiers", {}, {}},
      {"service_capacity", {}, {}},
      {"units", {"name"}, {}},
      {"url", {"url"}, {}},
  };
  return specs;
}

}  // namespace

std::span<const TableSpec> HsdsTables() { return Specs(); }

const TableSpec* FindTable(std::string_view file_name) {
  if (!file_name.ends_with(".csv")) return nullptr;
  const std::string stem(file_name.substr(0, file_name.size() - 4));
  for (const TableSpec& spec : Specs()) {
    if (stem == spec.name || stem + "s" == spec.name || stem + "es" == spec.name) return &spec;
    if (stem == std::string(spec.name) + "s") return &spec;
    if (stem == "taxonomy" && spec.name == "taxonomies") return &spec;
    if (stem == "service_capacities" && spec.name == "service_capacity") return &spec;
  }
  return nullptr;
}

}  // namespace fairlead::directory
