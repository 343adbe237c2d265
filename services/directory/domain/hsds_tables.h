// The tables of HSDS 3.1 (https://docs.openreferral.org/en/3.1/hsds/schema_reference.html): their
// columns, what each row must have, and how rows hang together. Reading, checking, nesting and
// writing all go by this one description.
#ifndef SERVICES_DIRECTORY_DOMAIN_HSDS_TABLES_H_
#define SERVICES_DIRECTORY_DOMAIN_HSDS_TABLES_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::directory {

struct Reference {
  std::string_view column;
  std::string_view table;
};

// Rows as a member of another: in an array, when they name it in their `column`; as one object,
// when it names them in its own.
struct Member {
  std::string_view name;  // "additional_urls"
  std::string_view table;
  std::string_view column;
};

struct TableSpec {
  std::string_view name;                   // "services": the CSV file without ".csv"
  std::string_view entity;                 // "service": in link_entity and resource_type
  std::vector<std::string> columns;        // in the order of the standard; the first is "id"
  std::vector<std::string_view> required;  // beside "id"
  // A value must be the id of a row of that table in the same import.
  std::vector<Reference> references;
  std::vector<Member> arrays;
  std::vector<Member> objects;
};

std::span<const TableSpec> HsdsTables();
// By the name of a CSV file, singular or plural; nullptr: not one of HSDS 3.1.
const TableSpec* FindTable(std::string_view file_name);
// By its own name, which must be one.
const TableSpec& TableOf(std::string_view name);

// The two tables whose rows hang on rows of any table: what column names the row, what the entity.
struct Anywhere {
  std::string_view table;  // and the member's name
  std::string_view id_column;
  std::string_view entity_column;
};
std::span<const Anywhere> TablesOfAnything();  // attributes, metadata

// A column that HSDS 3.1 has as a number.
bool IsNumberColumn(std::string_view column);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_HSDS_TABLES_H_
