#include "services/directory/store/listing_changes.h"

#include "services/common/base/text.h"

namespace fairlead::directory {
namespace {

using storage::Row;

const std::string kColumns =
    "SELECT l.id, l.agency_id, (SELECT a.kind FROM agency a WHERE a.id = l.agency_id), l.offered, "
    "l.change_number, l.need_codes, l.languages, l.counties, l.minimum_age, l.maximum_age, "
    "l.schedules, l.eligibility, l.sort_key, l.words || ' ' || "
    "(SELECT o.words FROM organization o WHERE o.id = l.organization_id), l.assured_ms "
    "FROM listing l ";

std::vector<MatchableListing> Read(const std::vector<Row>& rows) {
  std::vector<MatchableListing> listings;
  listings.reserve(rows.size());
  for (const Row& row : rows) {
    MatchableListing& one = listings.emplace_back();
    one.listing.id = row.Text(0);
    one.agency_id = row.Text(1);
    one.agency_kind = static_cast<AgencyKind>(row.Int(2));
    one.is_offered = row.Bool(3);
    one.change_number = row.Int(4);
    one.listing.need_codes = Split(row.Text(5), '\n');
    one.listing.languages = Split(row.Text(6), '\n');
    one.listing.counties = Split(row.Text(7), '\n');
    one.listing.minimum_age = static_cast<int>(row.Int(8));
    one.listing.maximum_age = static_cast<int>(row.Int(9));
    one.listing.schedules = Split(row.Text(10), '\n');
    one.listing.eligibility = EligibilityFromText(row.Text(11));
    one.sort_key = row.Text(12);
    one.words = row.Text(13);
    one.assured_ms = row.Int(14);
  }
  return listings;
}

}  // namespace

Result<int64_t> NextListingChange(storage::Transaction& tx) {
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("UPDATE listing_change SET last_number = last_number + 1 WHERE only_row = 1"));
  return LastListingChange(tx);
}

Result<int64_t> LastListingChange(storage::ReadTransaction& tx) {
  FAIRLEAD_ASSIGN(const auto rows,
                  tx.Query("SELECT last_number FROM listing_change WHERE only_row = 1"));
  return rows.at(0).Int(0);
}

Result<std::vector<MatchableListing>> OfferedListings(storage::ReadTransaction& tx,
                                                      std::string_view after_id, int limit) {
  FAIRLEAD_ASSIGN(const auto rows,
                  tx.Query(kColumns + "WHERE l.id > $1 AND l.offered = 1 ORDER BY l.id LIMIT $2",
                           {after_id, limit}));
  return Read(rows);
}

Result<std::vector<MatchableListing>> ChangedListings(storage::ReadTransaction& tx,
                                                      int64_t after_number,
                                                      std::string_view after_id, int limit) {
  FAIRLEAD_ASSIGN(const auto rows, tx.Query(kColumns + "WHERE (l.change_number, l.id) > ($1, $2) "
                                                       "ORDER BY l.change_number, l.id LIMIT $3",
                                            {after_number, after_id, limit}));
  return Read(rows);
}

}  // namespace fairlead::directory
