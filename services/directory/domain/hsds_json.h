// HSDS 3.1 JSON taken apart into rows: one object, an array, or an API page ("contents"), of any
// kind of record that the API answers, in full or list form.
#ifndef SERVICES_DIRECTORY_DOMAIN_HSDS_JSON_H_
#define SERVICES_DIRECTORY_DOMAIN_HSDS_JSON_H_

#include <vector>

#include "services/directory/domain/import_rows.h"

namespace fairlead::directory {

// A problem's row is the record's number in its file, from 1; its column the path inside it.
// Reasons: INVALID_JSON, INVALID_UTF8, UNKNOWN_RECORD (no kind that the API has),
// INVALID_TYPE, INVALID_CHARACTER, DUPLICATE_ID (a record that stands there twice), TOO_MANY_ROWS.
ImportTables ReadHsdsJson(const std::vector<ImportText>& texts, Problems& problems);

// The rows of a document that was kept (hsds_documents.h), added to `tables`. A row that stands in
// several places comes as often, each time with the columns that its place implies.
void FlattenDocument(std::string_view table, const boost::json::object& body,
                     ImportTables& tables);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_HSDS_JSON_H_
