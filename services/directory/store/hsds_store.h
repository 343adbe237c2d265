// The HSDS documents that the directory keeps. Every function runs inside the caller's transaction;
// the statements serve SQLite and PostgreSQL alike.
#ifndef SERVICES_DIRECTORY_STORE_HSDS_STORE_H_
#define SERVICES_DIRECTORY_STORE_HSDS_STORE_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/directory/domain/visibility.h"

namespace fairlead::directory {

// A document with what it is found by.
struct HsdsRecord {
  std::string kind;  // the name of its HSDS table
  std::string id;
  std::string agency_id;
  std::string organization_id = {};
  std::string parent_id = {};
  std::string taxonomy_id = {};
  int64_t tier = 1;  // Tier
  std::string sort_key = {};
  int64_t update_ms = 0;
  std::string body;  // JSON
  int64_t assured_ms = 0;  // of a service: when it was last verified; 0: never. Read only
};

// Where a service is given, as far as whoever may see the service may know it.
struct ServicePlace {
  std::string id;
  std::string location_id;
  int64_t tier = 0;  // of the place itself
  std::string postal_code = {};
  int64_t latitude_e6 = 0;
  int64_t longitude_e6 = 0;
};

// Empty members do not filter. All given ones must hold.
struct HsdsQuery {
  std::string kind;  // services, organizations, service_at_location, taxonomies, taxonomy_terms
  int64_t tier = 0;  // of the viewer: nothing above is found
  std::string own_agency_id = {};  // of this one everything is
  std::string agency_id = {};
  std::string organization_id = {};
  std::string taxonomy_term_id = {};  // services, organizations and places: of their services
  std::string taxonomy_id = {};
  std::string parent_id = {};
  bool top_only = false;
  std::vector<std::string> tokens = {};  // folded; each begins a word
  int64_t modified_after_ms = 0;
  std::string postal_code = {};  // service_at_location
  // With a postal code: within so many metres of the middle of what is known there. 0: in it.
  int64_t proximity_m = 0;
  bool without_body = false;
  std::string after_id = {};
  int64_t offset = 0;
  int limit = 0;
};

struct HsdsRow {
  HsdsRecord record;
  std::string place_id = {};  // service_at_location: which of the service's
};

// Of active agencies only, in order of id.
Result<int64_t> CountHsds(storage::ReadTransaction& tx, const HsdsQuery& query);
Result<std::vector<HsdsRow>> ListHsds(storage::ReadTransaction& tx, const HsdsQuery& query);
Result<std::optional<HsdsRecord>> FindHsds(storage::ReadTransaction& tx, std::string_view kind,
                                           std::string_view id);
// The service that has the place.
Result<std::optional<HsdsRecord>> FindHsdsByPlace(storage::ReadTransaction& tx,
                                                  std::string_view place_id);
// Those of that tier and more open ones; at most `limit`, in order of id, after `after_id`.
Result<std::vector<HsdsRecord>> ServicesOfOrganization(storage::ReadTransaction& tx,
                                                       std::string_view organization_id, Tier tier,
                                                       std::string_view after_id, int limit);

// In place of the one before.
Result<void> PutHsds(storage::Transaction& tx, const HsdsRecord& record);
// What a service is found by. `public_words`: those of a public service that everybody may search.
struct ServiceLinks {
  std::vector<ServicePlace> places;
  std::set<std::pair<std::string, std::string>> terms;  // term, taxonomy
  std::vector<std::string> public_words;
};
Result<void> PutServiceLinks(storage::Transaction& tx, const std::string& service_id,
                             const ServiceLinks& links);
// The agency whose service has that service_at_location already; "": nobody's.
Result<std::string> OwnerOfPlace(storage::ReadTransaction& tx, const std::string& place_id);

// What the agency has declared confidential: ids of locations.
Result<std::set<std::string>> ConfidentialPlaces(storage::ReadTransaction& tx,
                                                 const std::string& agency_id);
Result<void> PutConfidentialPlace(storage::Transaction& tx, const std::string& agency_id,
                                  const std::string& location_id);
// Ids of the agency's services that name the place openly.
Result<std::vector<std::string>> ServicesAtPlace(storage::ReadTransaction& tx,
                                                 const std::string& agency_id,
                                                 const std::string& location_id);
// An agency that has confidential places keeps no histories and no rows that hang on nothing.
Result<void> DeleteLooseRecords(storage::Transaction& tx, const std::string& agency_id);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_STORE_HSDS_STORE_H_
