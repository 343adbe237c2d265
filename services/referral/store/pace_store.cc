#include "services/referral/store/pace_store.h"

#include <algorithm>
#include <utility>

#include "services/referral/store/rows.h"

namespace fairlead::referral {
namespace {

using storage::Row;

// A clock that was set back makes no time negative.
int64_t Between(int64_t from_ms, int64_t to_ms) { return std::max<int64_t>(0, to_ms - from_ms); }

}  // namespace

Result<void> PutWaitEnded(storage::Transaction& tx, const Offer& offer, bool answered,
                          int64_t now_ms) {
  return Done(tx.Execute(
      "INSERT INTO offer_pace (offer_id, agency_id, end_ms, answered, wait_ms, begin_ms) "
      "VALUES ($1, $2, $3, $4, $5, -1) ON CONFLICT (offer_id) DO NOTHING",
      {offer.id, offer.recipient_agency_id, now_ms, answered ? 1 : 0,
       Between(offer.send_ms, now_ms)}));
}

Result<void> PutBegun(storage::Transaction& tx, const Offer& offer, int64_t now_ms) {
  return Done(tx.Execute("UPDATE offer_pace SET begin_ms = $2 WHERE offer_id = $1",
                         {offer.id, Between(offer.decide_ms, now_ms)}));
}

Result<std::vector<OfferPace>> PaceOf(storage::ReadTransaction& tx, const std::string& agency_id,
                                      int64_t since_ms) {
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT answered, wait_ms, begin_ms FROM offer_pace WHERE agency_id = "
                           "$1 AND end_ms > $2 ORDER BY end_ms DESC LIMIT $3",
                           {agency_id, since_ms, kMostPaceRows}));
  std::vector<OfferPace> offers;
  offers.reserve(rows.size());
  for (const Row& row : rows) {
    offers.push_back(
        {.answered = row.Bool(0), .wait_ms = row.Int(1), .begin_ms = row.Int(2)});
  }
  return offers;
}

Result<std::vector<AgencyLoadSum>> LoadsBetween(storage::ReadTransaction& tx, int64_t from_ms,
                                                int64_t to_ms, const std::string& after_id,
                                                int limit) {
  FAIRLEAD_ASSIGN(
      const std::vector<Row> rows,
      tx.Query("SELECT p.agency_id, COUNT(*), COUNT(o.id) FROM offer_pace p "
               "LEFT JOIN offer o ON o.id = p.offer_id AND o.state = $1 "
               "WHERE p.end_ms >= $2 AND p.end_ms < $3 AND p.agency_id > $4 "
               "GROUP BY p.agency_id ORDER BY p.agency_id LIMIT $5",
               {static_cast<int>(OfferState::kAccepted), from_ms, to_ms, after_id, limit}));
  std::vector<AgencyLoadSum> loads;
  loads.reserve(rows.size());
  for (const Row& row : rows) loads.push_back({row.Text(0), row.Int(1), row.Int(2)});
  return loads;
}

Result<void> DropOldPaces(storage::Transaction& tx, int64_t before_ms, int limit) {
  return Done(tx.Execute("DELETE FROM offer_pace WHERE offer_id IN (SELECT offer_id FROM "
                         "offer_pace WHERE end_ms <= $1 ORDER BY end_ms LIMIT $2)",
                         {before_ms, limit}));
}

Result<std::vector<std::string>> MemberIds(storage::ReadTransaction& tx,
                                           const std::string& after_id, int limit) {
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT id FROM agency WHERE id > $1 AND membership IN ('active', "
                           "'suspended') ORDER BY id LIMIT $2",
                           {after_id, limit}));
  std::vector<std::string> ids;
  ids.reserve(rows.size());
  for (const Row& row : rows) ids.push_back(row.Text(0));
  return ids;
}

}  // namespace fairlead::referral
