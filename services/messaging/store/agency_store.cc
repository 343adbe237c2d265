#include "services/messaging/store/agency_store.h"

#include "services/common/storage/answers.h"
#include "services/messaging/domain/limits.h"

namespace fairlead::messaging {
namespace {

using storage::Done;
using storage::Row;

// Longer than a post may stay (730 days).
constexpr int64_t kKeepErasedMs = 740 * kDayMs;
constexpr char kActive[] = "active";

std::vector<std::string> FirstColumn(const std::vector<Row>& rows) {
  std::vector<std::string> texts;
  texts.reserve(rows.size());
  for (const Row& row : rows) texts.push_back(row.Text(0));
  return texts;
}

}  // namespace

Result<std::optional<AgencyRecord>> FindAgency(storage::ReadTransaction& tx,
                                               const std::string& id) {
  return storage::First<AgencyRecord>(
      tx.Query("SELECT id, membership, kind, version FROM agency WHERE id = $1", {id}),
      [](const Row& row) {
        return AgencyRecord{row.Text(0), row.Text(1), row.Text(2), row.Int(3)};
      });
}

Result<void> PutAgency(storage::Transaction& tx, const AgencyRecord& a) {
  return Done(tx.Execute(
      "INSERT INTO agency (id, membership, kind, version) VALUES ($1, $2, $3, $4) ON CONFLICT "
      "(id) DO UPDATE SET membership = excluded.membership, kind = excluded.kind, version = "
      "excluded.version WHERE agency.version <= excluded.version",
      {a.id, a.membership, a.kind, a.version}));
}

Result<std::vector<std::string>> MembersOf(storage::ReadTransaction& tx, const Channel& channel,
                                           int limit) {
  FAIRLEAD_ASSIGN(
      const std::vector<Row> rows,
      tx.Query("SELECT id, kind FROM agency WHERE membership = $1 ORDER BY id", {kActive}));
  std::vector<std::string> members;
  for (const Row& row : rows) {
    if (static_cast<int>(members.size()) == limit) break;
    if (IsMember(channel, row.Text(1))) members.push_back(row.Text(0));
  }
  return members;
}

Result<std::vector<std::string>> ActiveLawEnforcement(storage::ReadTransaction& tx, int limit) {
  FAIRLEAD_ASSIGN(
      const std::vector<Row> rows,
      tx.Query("SELECT id FROM agency WHERE membership = $1 AND kind = $2 ORDER BY id LIMIT $3",
               {kActive, kLawEnforcement, limit}));
  return FirstColumn(rows);
}

Result<std::optional<AgencyKeyRecord>> CurrentKey(storage::ReadTransaction& tx,
                                                  const std::string& agency_id) {
  return storage::First<AgencyKeyRecord>(
      tx.Query("SELECT agency_id, epoch, epoch_kid, signing_kid FROM agency_key WHERE agency_id = "
               "$1 ORDER BY epoch DESC LIMIT 1",
               {agency_id}),
      [](const Row& row) {
        return AgencyKeyRecord{row.Text(0), row.Int(1), row.Text(2), row.Text(3)};
      });
}

Result<bool> WasKeyOf(storage::ReadTransaction& tx, const std::string& agency_id,
                      const std::string& kid) {
  FAIRLEAD_ASSIGN(
      const std::vector<Row> rows,
      tx.Query("SELECT 1 FROM agency_key WHERE agency_id = $1 AND (epoch_kid = $2 OR signing_kid = "
               "$2) AND epoch < (SELECT MAX(epoch) FROM agency_key WHERE agency_id = $1) LIMIT 1",
               {agency_id, kid}));
  return !rows.empty();
}

Result<void> PutAgencyKey(storage::Transaction& tx, const AgencyKeyRecord& k) {
  return Done(
      tx.Execute("INSERT INTO agency_key (agency_id, epoch, epoch_kid, signing_kid) VALUES "
                 "($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                 {k.agency_id, k.epoch, k.epoch_kid, k.signing_kid}));
}

Result<void> Spend(storage::Transaction& tx, const std::string& agency_id, const std::string& what,
                   int64_t limit, int64_t now_ms, const std::string& reason) {
  const int64_t day = now_ms / kDayMs;
  FAIRLEAD_ASSIGN(
      const int64_t counted,
      tx.Execute("INSERT INTO spent (agency_id, what, day, count) VALUES ($1, $2, $3, 1) ON "
                 "CONFLICT (agency_id, what, day) DO UPDATE SET count = spent.count + 1 WHERE "
                 "spent.count < $4",
                 {agency_id, what, day, limit}));
  if (counted != 0) return {};
  return Fail(Code::kResourceExhausted, reason,
              "Your agency has done all of this that one may in a day.",
              {{"limit", std::to_string(limit)},
               {"retry_after_s", std::to_string(((day + 1) * kDayMs - now_ms) / 1000 + 1)}});
}

Result<void> PutErased(storage::Transaction& tx, const ErasedRecord& erased, int64_t now_ms) {
  return Done(
      tx.Execute("INSERT INTO erased (id, revision, erase_ms) VALUES ($1, $2, $3) ON "
                 "CONFLICT (id) DO UPDATE SET revision = excluded.revision, erase_ms = "
                 "excluded.erase_ms",
                 {erased.id, erased.revision, now_ms}));
}

Result<std::vector<ErasedRecord>> ListErased(storage::ReadTransaction& tx,
                                             const std::string& after_id, int limit) {
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT id, revision FROM erased WHERE id > $1 ORDER BY id LIMIT $2",
                           {after_id, limit}));
  std::vector<ErasedRecord> erased;
  for (const Row& row : rows) erased.push_back({row.Text(0), row.Int(1)});
  return erased;
}

Result<int64_t> DropOldCounts(storage::Transaction& tx, int64_t now_ms, int limit) {
  FAIRLEAD_ASSIGN(const int64_t counts,
                  tx.Execute("DELETE FROM spent WHERE (agency_id, what, day) IN (SELECT agency_id, "
                             "what, day FROM spent WHERE day < $1 LIMIT $2)",
                             {now_ms / kDayMs - 1, limit}));
  FAIRLEAD_ASSIGN(const int64_t erased,
                  tx.Execute("DELETE FROM erased WHERE id IN (SELECT id FROM erased WHERE erase_ms "
                             "< $1 ORDER BY erase_ms LIMIT $2)",
                             {now_ms - kKeepErasedMs, limit}));
  return counts + erased;
}

}  // namespace fairlead::messaging
