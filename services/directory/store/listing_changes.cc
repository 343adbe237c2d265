#include "services/directory/store/listing_changes.h"

#include <cstdlib>
#include <map>
#include <string_view>

#include "services/common/base/s2_cell.h"
#include "services/common/base/text.h"
#include "services/directory/domain/distance.h"
#include "services/directory/domain/visibility.h"

namespace fairlead::directory {
namespace {

using storage::Row;

const std::string kColumns =
    "SELECT l.id, l.agency_id, (SELECT a.kind FROM agency a WHERE a.id = l.agency_id), l.offered, "
    "l.change_number, l.need_codes, l.languages, l.counties, l.minimum_age, l.maximum_age, "
    "l.schedules, l.eligibility, l.special_days, l.holiday_sets, l.sort_key, l.words || ' ' || "
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
    one.listing.special_days = Split(row.Text(12), '\n');
    one.listing.holiday_sets = Split(row.Text(13), '\n');
    one.sort_key = row.Text(14);
    one.words = row.Text(15);
    one.assured_ms = row.Int(16);
  }
  return listings;
}

// Where listings of a page are given, in the order of the tables: nobody begins with the places.
// That a confidential one has no coordinates here is one lock, that it is not asked for another.
const std::string kPlaces =
    "SELECT s.service_id, s.latitude_e6, s.longitude_e6 FROM listing l CROSS JOIN service_place s "
    "WHERE s.service_id = l.id AND l.offered = 1 AND l.confidential = 0 AND s.tier <= " +
    std::to_string(static_cast<int>(Tier::kCoalition)) +
    " AND (SELECT r.tier FROM hsds_record r "
    "WHERE r.kind = 'services' AND r.id = s.service_id) <= " +
    std::to_string(static_cast<int>(Tier::kCoalition)) +
    " AND (s.latitude_e6 <> 0 OR s.longitude_e6 <> 0) AND NOT EXISTS (SELECT 1 FROM "
    "confidential_place c WHERE c.agency_id = l.agency_id AND c.location_id = s.location_id) AND ";

// Rows of kPlaces, to the listings that they are of.
void AddPlaces(const std::vector<Row>& rows, std::vector<MatchableListing>& listings) {
  constexpr int64_t kMostNorthE6 = 90'000'000;
  constexpr int64_t kMostEastE6 = 180'000'000;
  if (rows.empty()) return;
  std::map<std::string_view, MatchableListing*> by_id;
  for (MatchableListing& one : listings) by_id[one.listing.id] = &one;
  for (const Row& row : rows) {
    const auto found = by_id.find(row.Text(0));
    if (found == by_id.end() || found->second->places.size() == kMostPlaces) continue;
    if (std::abs(row.Int(1)) > kMostNorthE6 || std::abs(row.Int(2)) > kMostEastE6) continue;
    found->second->places.push_back(S2CellOf(static_cast<double>(row.Int(1)) / 1e6,
                                             static_cast<double>(row.Int(2)) / 1e6,
                                             kS2PlaceLevel));
  }
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
  std::vector<MatchableListing> listings = Read(rows);
  if (listings.empty()) return listings;
  FAIRLEAD_ASSIGN(const auto places,
                  tx.Query(kPlaces + "l.id > $1 AND l.id <= $2 ORDER BY l.id, s.id",
                           {after_id, listings.back().listing.id}));
  AddPlaces(places, listings);
  return listings;
}

Result<std::vector<MatchableListing>> ChangedListings(storage::ReadTransaction& tx,
                                                      int64_t after_number,
                                                      std::string_view after_id, int limit) {
  FAIRLEAD_ASSIGN(const auto rows, tx.Query(kColumns + "WHERE (l.change_number, l.id) > ($1, $2) "
                                                       "ORDER BY l.change_number, l.id LIMIT $3",
                                            {after_number, after_id, limit}));
  std::vector<MatchableListing> listings = Read(rows);
  if (listings.empty()) return listings;
  FAIRLEAD_ASSIGN(const auto places,
                  tx.Query(kPlaces + "(l.change_number, l.id) > ($1, $2) AND "
                                     "(l.change_number, l.id) <= ($3, $4) ORDER BY l.id, s.id",
                           {after_number, after_id, listings.back().change_number,
                            listings.back().listing.id}));
  AddPlaces(places, listings);
  return listings;
}

}  // namespace fairlead::directory
