// HSDS records as they are kept and answered: nested JSON (the schemas' full form). A service keeps
// its places inside, and its organization by id; an organization keeps everything but its services.
#ifndef SERVICES_DIRECTORY_DOMAIN_HSDS_DOCUMENTS_H_
#define SERVICES_DIRECTORY_DOMAIN_HSDS_DOCUMENTS_H_

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "services/directory/domain/hsds_tables.h"

namespace fairlead::directory {

struct ImportTables;
class Problems;

struct Document {
  std::string_view table;  // of hsds_tables.h
  std::string id;
  boost::json::object body;
  // What another record said of it in passing. Of an organization (inside a service) its members
  // replace those known; of a term or a taxonomy nothing does.
  bool is_partial = false;
};

// Whether rows of the one stand inside rows of the other, as the schemas have it, which lets
// nesting end: no history has one, and what explains others is not explained by attributes in its
// turn.
bool Carries(const TableSpec& spec, const Anywhere& any);

// The rows of CSV files, each inside whatever it names: a phone of a service and of its place
// stands in both. Rows that hang on nothing are documents of their own table. Problem:
// TOO_MANY_ROWS (as they would stand there).
std::vector<Document> NestRows(const ImportTables& tables, Problems& problems);

// A record without members that HSDS does not know, nulls and empty lists.
boost::json::object Normalise(const TableSpec& spec, const boost::json::object& record);

// The members that are one value, and of its one-to-one records the same: how lists show a record
// (the schemas' *_list form).
boost::json::object ListForm(const boost::json::object& document);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_HSDS_DOCUMENTS_H_
