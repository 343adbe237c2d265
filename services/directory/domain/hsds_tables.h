// The HSDS 3.1 tables that an import reads, and what each row must have
// (https://docs.openreferral.org/en/3.1/hsds/schema_reference.html). Tables that say nothing to a
// search (contacts, funding, …) are checked for their ids only.
#ifndef SERVICES_DIRECTORY_DOMAIN_HSDS_TABLES_H_
#define SERVICES_DIRECTORY_DOMAIN_HSDS_TABLES_H_

#include <span>
#include <string_view>
#include <vector>

namespace fairlead::directory {

struct Reference {
  std::string_view column;
  std::string_view table;
};

struct TableSpec {
  std::string_view name;                   // "services": the CSV file without ".csv"
  std::vector<std::string_view> required;  // beside "id"
  // A value must be the id of a row of that table in the same import.
  std::vector<Reference> references;
};

std::span<const TableSpec> HsdsTables();
// By the name of a CSV file, singular or plural; nullptr: not one of HSDS 3.1.
const TableSpec* FindTable(std::string_view file_name);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_HSDS_TABLES_H_
