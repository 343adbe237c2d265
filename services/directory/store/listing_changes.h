// Which listings have changed since, and what the index must know of them.
#ifndef SERVICES_DIRECTORY_STORE_LISTING_CHANGES_H_
#define SERVICES_DIRECTORY_STORE_LISTING_CHANGES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/directory/domain/agency.h"
#include "services/directory/domain/listing.h"

namespace fairlead::directory {

// The number for the listings that this transaction changes: one more than that of the last
// transaction that changed any. Transactions that ask wait for each other, so the numbers are in
// the order of the commits.
Result<int64_t> NextListingChange(storage::Transaction& tx);

// The number of the last change that this transaction sees; 0: none.
Result<int64_t> LastListingChange(storage::ReadTransaction& tx);

struct MatchableListing {
  Listing listing;  // without name, description, places and ways to reach it
  std::string sort_key;
  std::string words;  // folded, of the listing and of its organization, separated by blanks
  std::string agency_id;
  AgencyKind agency_kind = AgencyKind::kOther;
  bool is_offered = false;
  int64_t assured_ms = 0;
  int64_t change_number = 0;
  // Cells of level 14 that it is given in, at most kMostPlaces: those that every member may read,
  // and none of a confidential service or place.
  std::vector<uint32_t> places;
};

// Those that are offered, by id, above `after_id`.
Result<std::vector<MatchableListing>> OfferedListings(storage::ReadTransaction& tx,
                                                      std::string_view after_id, int limit);
// Those with a change above (`after_number`, `after_id`), in that order, offered or not.
Result<std::vector<MatchableListing>> ChangedListings(storage::ReadTransaction& tx,
                                                      int64_t after_number,
                                                      std::string_view after_id, int limit);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_STORE_LISTING_CHANGES_H_
