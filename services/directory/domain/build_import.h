// From rows to listings: every row is checked first, and listings are made only when all are good.
#ifndef SERVICES_DIRECTORY_DOMAIN_BUILD_IMPORT_H_
#define SERVICES_DIRECTORY_DOMAIN_BUILD_IMPORT_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "services/directory/domain/import_rows.h"
#include "services/directory/domain/listing.h"

namespace fairlead::directory {

struct ImportDefaults {
  std::vector<std::string> need_codes;  // for services whose terms name none of ours
  std::vector<std::string> counties;    // for services that state no coverage we can read
  std::string time_zone;                // for schedules without one; empty: UTC
  // Places that the agency has declared confidential before: they stay so.
  std::set<std::string> confidential_places = {};
  // By import_whole.h, which knows all rows: these are some of them.
  bool rows_are_checked = false;
};

// Of one record with all that is inside it.
inline constexpr size_t kMaxDocumentBytes = 256 * 1024;

struct ImportedOrganization {
  Organization organization;
  ImportProblem at;  // where it came from, without a reason
  boost::json::object hsds = {};
  bool is_partial = false;  // `hsds`: as in Document
};
struct ImportedListing {
  Listing listing;
  ImportProblem at;
  boost::json::object hsds = {};
};
struct ImportSet {
  std::vector<ImportedOrganization> organizations;
  std::vector<ImportedListing> listings;
  std::vector<Document> records;  // taxonomies and their terms, and what hangs on nothing
  std::set<std::string> confidential_places;
  std::map<std::string, ImportProblem> place_at;  // where those came from, without a reason
};

// Reasons: HIDDEN_RECORD (a service or an organization is marked visibility_role or
// visibility_sealed as a whole), MISSING_VALUE, INVALID_ID, DUPLICATE_ID, UNKNOWN_REFERENCE,
// INVALID_VALUE, INVALID_LANGUAGE, UNKNOWN_ZONE, TOO_MANY_SCHEDULES (32), TOO_MANY_SPECIAL_DAYS
// (200), VALUE_TOO_LONG, DOCUMENT_TOO_LARGE, UNKNOWN_TAXONOMY, UNKNOWN_CODE, CONTRADICTORY_AGES,
// EMPTY_IMPORT. With any problem the set is empty.
//
// A need code comes from a service's attribute whose taxonomy term has a code of ours or an Open
// Eligibility id. A location is confidential when its column `confidential_location` (ours) is
// true, or an attribute of it or of the service has a term with the code `confidential_location`;
// of such a service nothing is kept that is said of its places (keep_documents.h). A language whose
// note is "interpreter" is spoken through one only. Eligibility: domain/read_eligibility.h.
ImportSet BuildImport(ImportTables tables, const ImportDefaults& defaults, Problems& problems);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_BUILD_IMPORT_H_
