#include "services/directory/domain/hsds_tables.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "services/common/base/text.h"

namespace fairlead::directory {
namespace {

// References that HSDS knows and nothing here needs (a contact's organization, the parent of a
// term) are not demanded: the published examples themselves leave them dangling.
std::vector<TableSpec> Owners() {
  return {
      {.name = "organizations",
       .entity = "organization",
       .columns = Split("id name alternate_name description email website tax_status tax_id "
                        "year_incorporated legal_status logo uri parent_organization_id",
                        ' '),
       .required = {"name", "description"},
       .references = {},
       .arrays = {{"additional_websites", "url", "organization_id"},
                  {"funding", "funding", "organization_id"},
                  {"contacts", "contacts", "organization_id"},
                  {"phones", "phones", "organization_id"},
                  {"locations", "locations", "organization_id"},
                  {"programs", "programs", "organization_id"},
                  {"services", "services", "organization_id"},
                  {"organization_identifiers", "organization_identifiers", "organization_id"}},
       .objects = {}},
      {.name = "services",
       .entity = "service",
       .columns = Split("id organization_id program_id name alternate_name description url email "
                        "status interpretation_services application_process fees_description "
                        "wait_time fees accreditations eligibility_description minimum_age "
                        "maximum_age assured_date assurer_email licenses alert last_modified "
                        "confidential_location",
                        ' '),
       .required = {"organization_id", "name", "status"},
       .references = {{"organization_id", "organizations"}},
       .arrays = {{"additional_urls", "url", "service_id"},
                  {"phones", "phones", "service_id"},
                  {"schedules", "schedules", "service_id"},
                  {"service_areas", "service_areas", "service_id"},
                  {"service_at_locations", "service_at_location", "service_id"},
                  {"languages", "languages", "service_id"},
                  {"funding", "funding", "service_id"},
                  {"cost_options", "cost_options", "service_id"},
                  {"required_documents", "required_documents", "service_id"},
                  {"contacts", "contacts", "service_id"},
                  {"capacities", "service_capacity", "service_id"}},
       .objects = {{"organization", "organizations", "organization_id"},
                   {"program", "programs", "program_id"}}},
  };
}

std::vector<TableSpec> Places() {
  return {
      {.name = "locations",
       .entity = "location",
       .columns = Split("id location_type url organization_id name alternate_name description "
                        "transportation latitude longitude external_identifier "
                        "external_identifier_type confidential_location",
                        ' '),
       .required = {"location_type"},
       .references = {},
       .arrays = {{"languages", "languages", "location_id"},
                  {"addresses", "addresses", "location_id"},
                  {"contacts", "contacts", "location_id"},
                  {"accessibility", "accessibility", "location_id"},
                  {"phones", "phones", "location_id"},
                  {"schedules", "schedules", "location_id"}},
       .objects = {}},
      {.name = "service_at_location",
       .entity = "service_at_location",
       .columns = Split("id service_id location_id description", ' '),
       .required = {"service_id", "location_id"},
       .references = {{"service_id", "services"}, {"location_id", "locations"}},
       .arrays = {{"service_areas", "service_areas", "service_at_location_id"},
                  {"contacts", "contacts", "service_at_location_id"},
                  {"phones", "phones", "service_at_location_id"},
                  {"schedules", "schedules", "service_at_location_id"}},
       .objects = {{"location", "locations", "location_id"}}},
      {.name = "service_capacity",
       .entity = "service_capacity",
       .columns = Split("id service_id unit_id available maximum description updated", ' '),
       .required = {},
       .references = {},
       .arrays = {},
       .objects = {{"unit", "units", "unit_id"}}},
  };
}

std::vector<TableSpec> Details() {
  const std::vector<Reference> of_service_or_place = {
      {"service_id", "services"},
      {"location_id", "locations"},
      {"service_at_location_id", "service_at_location"}};
  std::vector<Reference> of_anyone = of_service_or_place;
  of_anyone.push_back({"organization_id", "organizations"});
  return {
      {.name = "addresses",
       .entity = "address",
       .columns = Split("id location_id attention address_1 address_2 city region state_province "
                        "postal_code country address_type",
                        ' '),
       .required = {"address_1", "city", "state_province", "postal_code", "country",
                    "address_type"},
       .references = {{"location_id", "locations"}},
       .arrays = {},
       .objects = {}},
      {.name = "phones",
       .entity = "phone",
       .columns = Split("id location_id service_id organization_id contact_id "
                        "service_at_location_id number extension type description",
                        ' '),
       .required = {"number"},
       .references = of_anyone,
       .arrays = {{"languages", "languages", "phone_id"}},
       .objects = {}},
      {.name = "contacts",
       .entity = "contact",
       .columns = Split("id organization_id service_id service_at_location_id location_id name "
                        "title department email",
                        ' '),
       .required = {},
       .references = {},
       .arrays = {{"phones", "phones", "contact_id"}},
       .objects = {}},
      {.name = "languages",
       .entity = "language",
       .columns = Split("id service_id location_id phone_id name code note", ' '),
       .required = {},
       .references = {{"service_id", "services"}, {"location_id", "locations"}},
       .arrays = {},
       .objects = {}},
      {.name = "schedules",
       .entity = "schedule",
       .columns = Split("id service_id location_id service_at_location_id valid_from valid_to "
                        "dtstart timezone until count wkst freq interval byday byweekno "
                        "bymonthday byyearday description opens_at closes_at schedule_link "
                        "attending_type notes",
                        ' '),
       .required = {},
       .references = of_service_or_place,
       .arrays = {},
       .objects = {}},
      {.name = "service_areas",
       .entity = "service_area",
       .columns = Split("id service_id service_at_location_id name description extent "
                        "extent_type uri",
                        ' '),
       .required = {},
       .references = {{"service_id", "services"}},
       .arrays = {},
       .objects = {}},
  };
}

std::vector<TableSpec> Tags() {
  return {
      {.name = "taxonomies",
       .entity = "taxonomy",
       .columns = Split("id name description uri version", ' '),
       .required = {"name", "description"},
       .references = {},
       .arrays = {},
       .objects = {}},
      {.name = "taxonomy_terms",
       .entity = "taxonomy_term",
       .columns = Split("id code name description parent_id taxonomy language taxonomy_id "
                        "term_uri",
                        ' '),
       .required = {"name", "description"},
       .references = {},
       .arrays = {},
       .objects = {{"taxonomy_detail", "taxonomies", "taxonomy_id"}}},
      {.name = "attributes",
       .entity = "attribute",
       .columns = Split("id link_id taxonomy_term_id link_type link_entity value label", ' '),
       .required = {},
       .references = {{"taxonomy_term_id", "taxonomy_terms"}},
       .arrays = {},
       .objects = {{"taxonomy_term", "taxonomy_terms", "taxonomy_term_id"}}},
  };
}

// A table that has nothing inside.
TableSpec Plain(std::string_view name, std::string_view entity, std::string_view columns,
                std::vector<std::string_view> required, std::vector<Reference> references = {}) {
  return {.name = name,
          .entity = entity,
          .columns = Split(columns, ' '),
          .required = std::move(required),
          .references = std::move(references),
          .arrays = {},
          .objects = {}};
}

std::vector<TableSpec> Specs() {
  std::vector<TableSpec> specs = Owners();
  for (auto* more : {&Places, &Details, &Tags}) {
    std::ranges::move((*more)(), std::back_inserter(specs));
  }
  specs.push_back(Plain("programs", "program", "id organization_id name alternate_name description",
                        {"name", "description"}));
  specs.push_back(Plain("funding", "funding", "id organization_id service_id source", {}));
  specs.push_back(Plain("cost_options", "cost_option",
                        "id service_id valid_from valid_to option currency amount "
                        "amount_description",
                        {}, {{"service_id", "services"}}));
  specs.push_back(Plain("required_documents", "required_document", "id service_id document uri", {},
                        {{"service_id", "services"}}));
  specs.push_back(Plain("accessibility", "accessibility", "id location_id description details url",
                        {}, {{"location_id", "locations"}}));
  specs.push_back(Plain("metadata", "metadata",
                        "id resource_id resource_type last_action_date last_action_type "
                        "field_name previous_value replacement_value updated_by",
                        {}));
  specs.push_back(Plain("meta_table_descriptions", "meta_table_description",
                        "id name language character_set", {}));
  specs.push_back(Plain("organization_identifiers", "organization_identifier",
                        "id organization_id identifier_scheme identifier_type identifier", {}));
  specs.push_back(Plain("units", "unit", "id name scheme identifier uri", {"name"}));
  specs.push_back(Plain("url", "url", "id label url organization_id service_id", {"url"}));
  return specs;
}

constexpr std::array<Anywhere, 2> kOfAnything = {
    {{"attributes", "link_id", "link_entity"}, {"metadata", "resource_id", "resource_type"}}};

constexpr std::array<std::string_view, 11> kNumbers = {
    "latitude", "longitude", "minimum_age", "maximum_age", "extension", "timezone",
    "count",    "interval",  "amount",      "available",   "maximum"};

}  // namespace

std::span<const TableSpec> HsdsTables() {
  static const std::vector<TableSpec> specs = Specs();
  return specs;
}

const TableSpec* FindTable(std::string_view file_name) {
  if (!file_name.ends_with(".csv")) return nullptr;
  const std::string stem(file_name.substr(0, file_name.size() - 4));
  for (const TableSpec& spec : HsdsTables()) {
    if (stem == spec.name || stem + "s" == spec.name || stem + "es" == spec.name) return &spec;
    if (stem == std::string(spec.name) + "s") return &spec;
    if (stem == "taxonomy" && spec.name == "taxonomies") return &spec;
    if (stem == "service_capacities" && spec.name == "service_capacity") return &spec;
  }
  return nullptr;
}

const TableSpec& TableOf(std::string_view name) {
  for (const TableSpec& spec : HsdsTables()) {
    if (spec.name == name) return spec;
  }
  throw std::logic_error("no such HSDS table: " + std::string(name));
}

std::span<const Anywhere> TablesOfAnything() { return kOfAnything; }

bool IsNumberColumn(std::string_view column) {
  return column == "year_incorporated" || std::ranges::find(kNumbers, column) != kNumbers.end();
}

}  // namespace fairlead::directory
