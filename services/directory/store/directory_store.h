// What the directory keeps, as the commands see it. Every function runs inside the caller's
// transaction.
#ifndef SERVICES_DIRECTORY_STORE_DIRECTORY_STORE_H_
#define SERVICES_DIRECTORY_STORE_DIRECTORY_STORE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/directory/domain/agency.h"
#include "services/directory/domain/listing.h"

namespace fairlead::directory {

// A listing with the names that answers show.
struct StoredListing {
  Listing listing;
  std::string agency_id;
  std::string agency_name;
  std::string organization_name;
  int64_t update_ms = 0;
  int64_t assured_ms = 0;  // when it was last verified; 0: never
};

// Whose a record is and what it held when it was last imported.
struct RecordState {
  std::string agency_id;
  std::string content_hash;
};

// Where a page ended. Empty strings: the beginning.
struct Position {
  std::string sort_key;
  std::string id;
};

// A search that found nobody, as it is counted.
struct UnmetNeed {
  std::string month;  // "2026-11", UTC
  std::string need_code;
  std::string county;  // empty: none was given
  std::string reason;
};

class DirectoryStore {
 public:
  using Read = storage::ReadTransaction;
  using Write = storage::Transaction;
  virtual ~DirectoryStore() = default;

  virtual Result<std::optional<Agency>> FindAgency(Read& tx, std::string_view id) const = 0;
  // Error: ALREADY_EXISTS AGENCY_EXISTS.
  virtual Result<void> InsertAgency(Write& tx, const Agency& agency) const = 0;
  // In order of (sort key, id). Bit n of `states`: those whose membership has that number.
  virtual Result<std::vector<Agency>> ListAgencies(Read& tx, uint32_t states, const Position& after,
                                                   int limit) const = 0;

  virtual Result<std::optional<RecordState>> OrganizationState(Read& tx,
                                                               std::string_view id) const = 0;
  virtual Result<std::optional<RecordState>> ListingState(Read& tx, std::string_view id) const = 0;
  // The number for the listings that this transaction changes (listing_changes.h).
  virtual Result<int64_t> NextListingChange(Write& tx) const = 0;
  // Insert, or replace one of the same agency. `is_new`: there is none yet. `change_number`: of
  // this transaction (NextListingChange); the organization's listings bear it too, whose words are
  // its.
  virtual Result<void> PutOrganization(Write& tx, std::string_view agency_id,
                                       const Organization& organization,
                                       const std::string& content_hash, bool is_new, int64_t now_ms,
                                       int64_t change_number) const = 0;
  virtual Result<void> PutListing(Write& tx, std::string_view agency_id, const Listing& listing,
                                  const std::string& content_hash, bool is_new,
                                  int64_t now_ms, int64_t change_number) const = 0;

  // At the end of a transaction that put many records.
  virtual Result<void> AfterManyChanges(Write& tx) const = 0;

  virtual Result<std::optional<StoredListing>> FindListing(Read& tx, std::string_view id) const = 0;
  // Those of these ids that are offered, in no order.
  virtual Result<std::vector<StoredListing>> FindListings(
      Read& tx, const std::vector<std::string>& ids) const = 0;
  virtual Result<void> CountUnmet(Write& tx, const UnmetNeed& unmet) const = 0;
};

// The one SQL implementation, for SQLite and PostgreSQL. Stateless.
std::unique_ptr<DirectoryStore> MakeSqlDirectoryStore();

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_STORE_DIRECTORY_STORE_H_
