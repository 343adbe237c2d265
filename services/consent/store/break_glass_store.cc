#include "services/consent/store/break_glass_store.h"

#include <utility>

#include "services/common/storage/answers.h"

namespace fairlead::consent {
namespace {

using storage::Done;
using storage::Row;

constexpr std::string_view kGlassColumns =
    "id, referral_id, release_id, agency_id, discloser_agency_id, reason_code, request_ms, "
    "request_staff_id, approve_ms, approve_staff_id, opens, overdue_ms, review_ms, "
    "review_agency_id, review_staff_id, outcome";

BreakGlass ToGlass(const Row& row) {
  return {.id = row.Text(0),
          .referral_id = row.Text(1),
          .release_id = row.Text(2),
          .agency_id = row.Text(3),
          .discloser_agency_id = row.Text(4),
          .reason_code = row.Text(5),
          .request_ms = row.Int(6),
          .request_staff_id = row.Text(7),
          .approve_ms = row.Int(8),
          .approve_staff_id = row.Text(9),
          .opens = static_cast<int>(row.Int(10)),
          .overdue_ms = row.Int(11),
          .review_ms = row.Int(12),
          .review_agency_id = row.Text(13),
          .review_staff_id = row.Text(14),
          .outcome = static_cast<GlassOutcome>(row.Int(15))};
}

// What `where` finds, with what follows it.
Result<std::vector<BreakGlass>> SelectGlass(storage::ReadTransaction& tx, const std::string& where,
                                            std::initializer_list<storage::Value> values) {
  const std::string sql =
      "SELECT " + std::string(kGlassColumns) + " FROM break_glass WHERE " + where;
  FAIRLEAD_ASSIGN(const std::vector<Row> rows, tx.Query(sql, values));
  std::vector<BreakGlass> found;
  found.reserve(rows.size());
  for (const Row& row : rows) found.push_back(ToGlass(row));
  return found;
}

Result<std::optional<int64_t>> TimeOf(Result<std::vector<Row>> rows) {
  return storage::First<int64_t>(std::move(rows), [](const Row& row) { return row.Int(0); });
}

std::optional<BreakGlass> FirstGlass(std::vector<BreakGlass> found) {
  if (found.empty()) return std::nullopt;
  return std::move(found[0]);
}

}  // namespace

Result<void> InsertBreakGlass(storage::Transaction& tx, const BreakGlass& g) {
  return Done(tx.Execute(
      "INSERT INTO break_glass (" + std::string(kGlassColumns) +
          ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
      {g.id, g.referral_id, g.release_id, g.agency_id, g.discloser_agency_id, g.reason_code,
       g.request_ms, g.request_staff_id, g.approve_ms, g.approve_staff_id,
       static_cast<int64_t>(g.opens), g.overdue_ms, g.review_ms, g.review_agency_id,
       g.review_staff_id, static_cast<int64_t>(g.outcome)}));
}

Result<void> UpdateBreakGlass(storage::Transaction& tx, const BreakGlass& g) {
  return Done(tx.Execute(
      "UPDATE break_glass SET approve_ms = $2, approve_staff_id = $3, opens = $4, overdue_ms = $5, "
      "review_ms = $6, review_agency_id = $7, review_staff_id = $8, outcome = $9 WHERE id = $1",
      {g.id, g.approve_ms, g.approve_staff_id, static_cast<int64_t>(g.opens), g.overdue_ms,
       g.review_ms, g.review_agency_id, g.review_staff_id, static_cast<int64_t>(g.outcome)}));
}

Result<std::optional<BreakGlass>> FindBreakGlass(storage::ReadTransaction& tx,
                                                 const std::string& id) {
  FAIRLEAD_ASSIGN(std::vector<BreakGlass> found, SelectGlass(tx, "id = $1", {id}));
  return FirstGlass(std::move(found));
}

Result<std::optional<BreakGlass>> NewestBreakGlass(storage::ReadTransaction& tx,
                                                   const std::string& referral_id,
                                                   const std::string& agency_id) {
  FAIRLEAD_ASSIGN(
      std::vector<BreakGlass> found,
      SelectGlass(tx, "referral_id = $1 AND agency_id = $2 ORDER BY id DESC LIMIT 1",
                  {referral_id, agency_id}));
  return FirstGlass(std::move(found));
}

Result<std::optional<int64_t>> ApprovedBefore(storage::ReadTransaction& tx,
                                              const std::string& agency_id, int64_t since_ms,
                                              int limit) {
  return TimeOf(tx.Query("SELECT approve_ms FROM break_glass WHERE agency_id = $1 AND "
                         "approve_ms > $2 ORDER BY approve_ms DESC LIMIT 1 OFFSET $3",
                         {agency_id, since_ms, limit - 1}));
}

Result<std::optional<int64_t>> UnapprovedBefore(storage::ReadTransaction& tx,
                                                const std::string& agency_id,
                                                const std::string& staff_id, int64_t since_ms,
                                                int limit) {
  return TimeOf(tx.Query("SELECT request_ms FROM break_glass WHERE agency_id = $1 AND "
                         "approve_ms = 0 AND request_ms > $2 AND request_staff_id = $3 "
                         "ORDER BY request_ms DESC LIMIT 1 OFFSET $4",
                         {agency_id, since_ms, staff_id, limit - 1}));
}

Result<std::vector<BreakGlass>> ListBreakGlass(storage::ReadTransaction& tx,
                                               const GlassFilter& filter, const Page& page) {
  return SelectGlass(
      tx,
      "id < $1 AND ($2 = '' OR agency_id = $2 OR discloser_agency_id = $2) AND "
      "($3 = 0 OR (approve_ms > 0 AND review_ms = 0)) AND ($4 = 0 OR approve_ms <= $4) "
      "ORDER BY id DESC LIMIT $5",
      {page.before_id.empty() ? "g" : page.before_id, filter.agency_id,
       filter.unreviewed_only || filter.due_before_ms > 0,
       filter.due_before_ms > 0 ? filter.due_before_ms - kReviewWithinMs : 0, page.limit});
}

Result<std::vector<BreakGlass>> UncalledReviews(storage::ReadTransaction& tx,
                                                int64_t approved_before_ms, int limit) {
  return SelectGlass(tx,
                     "approve_ms > 0 AND approve_ms <= $1 AND review_ms = 0 AND overdue_ms = 0 "
                     "ORDER BY approve_ms LIMIT $2",
                     {approved_before_ms, limit});
}

Result<std::optional<SentPacket>> LastSent(storage::ReadTransaction& tx,
                                           const std::string& referral_id,
                                           const std::string& agency_id) {
  // A note is `sent` too, and is no packet.
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT release_id, packet_id FROM disclosure WHERE referral_id = $1 "
                           "AND recipient_agency_id = $2 AND kind = 'sent' "
                           "ORDER BY (packet_id <> '') DESC, id DESC LIMIT 1",
                           {referral_id, agency_id}));
  if (rows.empty()) return std::optional<SentPacket>();
  return std::optional<SentPacket>({rows[0].Text(0), rows[0].Text(1)});
}

Result<bool> HoldsKeyTo(storage::ReadTransaction& tx, const SentPacket& sent,
                        const std::string& agency_id) {
  // Custody's column has the packet's id, as CustodyKey does.
  FAIRLEAD_ASSIGN(
      const std::vector<Row> rows,
      tx.Query("SELECT 1 FROM custody.custody_key WHERE release_id = $1 AND agency_id = $2 AND "
               "($3 = '' OR referral_id = $3) UNION ALL SELECT 1 FROM custody.renewed_key WHERE "
               "release_id = $1 AND agency_id = $2 AND ($3 = '' OR referral_id = $3) LIMIT 1",
               {sent.release_id, agency_id, sent.packet_id}));
  return !rows.empty();
}

}  // namespace fairlead::consent
