#include "services/common/storage/answers.h"
#include "services/directory/domain/membership.h"
#include "services/directory/store/capacity_store.h"

namespace fairlead::directory {
namespace {

using storage::Done;
using storage::Row;
using storage::Value;

constexpr int kActiveState = static_cast<int>(Membership::kActive);
constexpr size_t kMostServices = 500;
constexpr size_t kServicesInStatement = 50;

constexpr std::string_view kCapacityColumns =
    "c.id, c.service_id, c.agency_id, c.unit, c.available, c.held, c.maximum, "
    "c.overflow_available, c.overflow_held, c.accepting, c.waitlist, c.update_ms, c.version ";
constexpr std::string_view kHoldColumns =
    "h.id, h.service_id, h.agency_id, h.unit, h.holder_agency_id, h.holder_staff_id, "
    "h.reference_id, h.quantity, h.overflow, h.state, h.place_ms, h.expire_ms, h.end_ms ";
constexpr size_t kCapacityWidth = 13;
constexpr size_t kHoldWidth = 13;

// g++ 12 warns falsely where `+` is inlined here.
std::string Select(std::initializer_list<std::string_view> parts) {
  std::string sql = "SELECT ";
  for (const std::string_view part : parts) sql.append(part);
  return sql;
}

int Number(const Row& row, size_t column) { return static_cast<int>(row.Int(column)); }

Capacity ToCapacity(const Row& row) {
  return Capacity{.id = row.Text(0),
                  .service_id = row.Text(1),
                  .agency_id = row.Text(2),
                  .unit = static_cast<CapacityUnit>(row.Int(3)),
                  .available = Number(row, 4),
                  .held = Number(row, 5),
                  .maximum = Number(row, 6),
                  .overflow_available = Number(row, 7),
                  .overflow_held = Number(row, 8),
                  .accepting = row.Bool(9),
                  .waitlist = Number(row, 10),
                  .update_ms = row.Int(11),
                  .version = row.Int(12)};
}

Hold ToHold(const Row& row) {
  return Hold{.id = row.Text(0),
              .service_id = row.Text(1),
              .agency_id = row.Text(2),
              .unit = static_cast<CapacityUnit>(row.Int(3)),
              .holder_agency_id = row.Text(4),
              .holder_staff_id = row.Text(5),
              .reference_id = row.Text(6),
              .quantity = Number(row, 7),
              .overflow = row.Bool(8),
              .state = static_cast<HoldState>(row.Int(9)),
              .place_ms = row.Int(10),
              .expire_ms = row.Int(11),
              .end_ms = row.Int(12)};
}

CapacitySnapshot ToSnapshot(const Row& row) {
  CapacitySnapshot snapshot{.id = row.Text(0),
                            .capacity = {},
                            .cause = static_cast<SnapshotCause>(row.Int(1)),
                            .as_of_ms = row.Int(2),
                            .actor_agency_id = row.Text(3),
                            .actor_staff_id = row.Text(4),
                            .hold_id = row.Text(5)};
  Capacity& capacity = snapshot.capacity;
  capacity.available = Number(row, 6);
  capacity.held = Number(row, 7);
  capacity.maximum = Number(row, 8);
  capacity.overflow_available = Number(row, 9);
  capacity.overflow_held = Number(row, 10);
  capacity.accepting = row.Bool(11);
  capacity.waitlist = Number(row, 12);
  capacity.version = row.Int(13);
  return snapshot;
}

template <class T>
std::vector<T> Each(const std::vector<Row>& rows, T (*to)(const Row&)) {
  std::vector<T> items;
  items.reserve(rows.size());
  for (const Row& row : rows) items.push_back(to(row));
  return items;
}

StoredHold ToStoredHold(const Row& row) { return {ToHold(row), row.Text(kHoldWidth)}; }

class SqlCapacityStore final : public CapacityStore {
 public:
  Result<std::optional<CapacityService>> FindService(Read& tx, std::string_view id) const override {
    FAIRLEAD_ASSIGN(const auto rows,
                    tx.Query("SELECT l.id, l.name, l.agency_id, a.membership, l.offered "
                             "FROM listing l JOIN agency a ON a.id = l.agency_id WHERE l.id = $1",
                             {id}));
    if (rows.empty()) return std::optional<CapacityService>();
    const Row& row = rows.front();
    return std::optional<CapacityService>({.id = row.Text(0),
                                           .name = row.Text(1),
                                           .agency_id = row.Text(2),
                                           .is_members = row.Int(3) == kActiveState,
                                           .is_offered = row.Bool(4)});
  }

  Result<std::optional<Capacity>> Find(Read& tx, std::string_view service_id,
                                       CapacityUnit unit) const override {
    FAIRLEAD_ASSIGN(const auto rows,
                    tx.Query(Select({kCapacityColumns,
                                     "FROM capacity c WHERE c.service_id = $1 AND c.unit = $2"}),
                             {service_id, static_cast<int>(unit)}));
    if (rows.empty()) return std::optional<Capacity>();
    return std::optional<Capacity>(ToCapacity(rows.front()));
  }

  Result<std::vector<Capacity>> OfServices(
      Read& tx, const std::vector<std::string>& service_ids) const override {
    if (service_ids.size() > kMostServices) {
      return Fail(Code::kInternal, "STORAGE_ERROR", "Too many services are asked for at once.");
    }
    std::vector<Capacity> found;
    for (size_t at = 0; at < service_ids.size(); at += kServicesInStatement) {
      // Always so many placeholders, so that there is one statement to prepare.
      std::vector<Value> params;
      std::string places;
      for (size_t i = 0; i < kServicesInStatement; ++i) {
        places.append(i == 0 ? "$" : ", $").append(std::to_string(i + 1));
        params.emplace_back(at + i < service_ids.size() ? service_ids[at + i] : std::string());
      }
      FAIRLEAD_ASSIGN(
          const auto rows,
          tx.Query(Select({kCapacityColumns, "FROM capacity c WHERE c.service_id IN (", places,
                           ")"}),
                   storage::Params(params)));
      for (const Row& row : rows) found.push_back(ToCapacity(row));
    }
    return found;
  }

  Result<std::vector<StoredCapacity>> List(Read& tx, std::string_view agency_id,
                                           std::string_view service_id,
                                           const CapacityPosition& after,
                                           int limit) const override {
    std::string where = "(c.service_id, c.unit) > ($1, $2)";
    std::vector<Value> params = {after.service_id, after.unit, limit};
    const auto filter = [&](std::string_view column, std::string_view id) {
      if (id.empty()) return;
      params.emplace_back(id);
      where.append(" AND ").append(column).append(" = $").append(std::to_string(params.size()));
    };
    filter("c.agency_id", agency_id);
    filter("c.service_id", service_id);
    FAIRLEAD_ASSIGN(
        const auto rows,
        tx.Query(Select({kCapacityColumns,
                         ", l.name FROM capacity c JOIN listing l ON l.id = c.service_id WHERE ",
                         where, " ORDER BY c.service_id, c.unit LIMIT $3"}),
                 storage::Params(params)));
    std::vector<StoredCapacity> found;
    found.reserve(rows.size());
    for (const Row& row : rows) found.push_back({ToCapacity(row), row.Text(kCapacityWidth)});
    return found;
  }

  Result<void> Put(Write& tx, const Capacity& capacity) const override {
    return Done(tx.Execute(
        "INSERT INTO capacity (id, service_id, agency_id, unit, available, held, maximum, "
        "overflow_available, overflow_held, accepting, waitlist, update_ms, version) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
        "ON CONFLICT (service_id, unit) DO UPDATE SET available = excluded.available, "
        "held = excluded.held, maximum = excluded.maximum, "
        "overflow_available = excluded.overflow_available, "
        "overflow_held = excluded.overflow_held, accepting = excluded.accepting, "
        "waitlist = excluded.waitlist, update_ms = excluded.update_ms, version = excluded.version",
        {capacity.id, capacity.service_id, capacity.agency_id, static_cast<int>(capacity.unit),
         capacity.available, capacity.held, capacity.maximum, capacity.overflow_available,
         capacity.overflow_held, capacity.accepting, capacity.waitlist, capacity.update_ms,
         capacity.version}));
  }

  Result<bool> Take(Write& tx, const Hold& hold) const override {
    const std::string_view sql =
        hold.overflow
            ? "UPDATE capacity SET overflow_available = overflow_available - $3, "
              "overflow_held = overflow_held + $3, version = version + 1 "
              "WHERE service_id = $1 AND unit = $2 AND accepting = 1 AND overflow_available >= $3"
            : "UPDATE capacity SET available = available - $3, held = held + $3, "
              "version = version + 1 "
              "WHERE service_id = $1 AND unit = $2 AND accepting = 1 AND available >= $3";
    FAIRLEAD_ASSIGN(const int64_t changed, tx.Execute(sql, {hold.service_id,
                                                            static_cast<int>(hold.unit),
                                                            hold.quantity}));
    return changed == 1;
  }

  Result<void> GiveBack(Write& tx, const Hold& hold, bool consumed) const override {
    std::string sql = "UPDATE capacity SET ";
    sql.append(hold.overflow ? "overflow_held = overflow_held - $3" : "held = held - $3");
    if (!consumed) {
      sql.append(hold.overflow ? ", overflow_available = overflow_available + $3"
                               : ", available = available + $3");
      sql.append(", version = version + 1");
    }
    sql.append(" WHERE service_id = $1 AND unit = $2");
    return Done(tx.Execute(sql, {hold.service_id, static_cast<int>(hold.unit), hold.quantity}));
  }

  Result<void> AddSnapshot(Write& tx, const CapacitySnapshot& snapshot) const override {
    const Capacity& c = snapshot.capacity;
    return Done(tx.Execute(
        "INSERT INTO capacity_snapshot (id, service_id, unit, cause, as_of_ms, available, held, "
        "maximum, overflow_available, overflow_held, accepting, waitlist, version, "
        "actor_agency_id, actor_staff_id, hold_id) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        {snapshot.id, c.service_id, static_cast<int>(c.unit), static_cast<int>(snapshot.cause),
         snapshot.as_of_ms, c.available, c.held, c.maximum, c.overflow_available, c.overflow_held,
         c.accepting, c.waitlist, c.version, snapshot.actor_agency_id, snapshot.actor_staff_id,
         snapshot.hold_id}));
  }

  Result<std::vector<CapacitySnapshot>> Snapshots(Read& tx, std::string_view service_id,
                                                  CapacityUnit unit, std::string_view before_id,
                                                  int limit) const override {
    FAIRLEAD_ASSIGN(
        const auto rows,
        tx.Query("SELECT id, cause, as_of_ms, actor_agency_id, actor_staff_id, hold_id, available, "
                 "held, maximum, overflow_available, overflow_held, accepting, waitlist, version "
                 "FROM capacity_snapshot WHERE service_id = $1 AND unit = $2 AND id < $3 "
                 "ORDER BY id DESC LIMIT $4",
                 {service_id, static_cast<int>(unit), Below(before_id), limit}));
    return Each(rows, ToSnapshot);
  }

  Result<void> InsertHold(Write& tx, const Hold& hold) const override {
    FAIRLEAD_ASSIGN(const auto rows,
                    tx.Query("SELECT id FROM capacity_hold WHERE holder_agency_id = $1 AND "
                             "reference_id = $2 AND service_id = $3 AND unit = $4 AND state = 1",
                             {hold.holder_agency_id, hold.reference_id, hold.service_id,
                              static_cast<int>(hold.unit)}));
    if (!rows.empty()) {
      return Fail(Code::kAlreadyExists, "HOLD_EXISTS",
                  "Your agency holds this already under this reference.",
                  {{"hold_id", rows.front().Text(0)}});
    }
    return Done(tx.Execute(
        "INSERT INTO capacity_hold (id, service_id, agency_id, unit, holder_agency_id, "
        "holder_staff_id, reference_id, quantity, overflow, state, place_ms, expire_ms, end_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        {hold.id, hold.service_id, hold.agency_id, static_cast<int>(hold.unit),
         hold.holder_agency_id, hold.holder_staff_id, hold.reference_id, hold.quantity,
         hold.overflow, static_cast<int>(hold.state), hold.place_ms, hold.expire_ms, hold.end_ms}));
  }

  Result<std::optional<StoredHold>> FindHold(Read& tx, std::string_view id) const override {
    FAIRLEAD_ASSIGN(const auto rows, tx.Query(NamedHolds("h.id = $1", ""), {id}));
    if (rows.empty()) return std::optional<StoredHold>();
    return std::optional<StoredHold>(ToStoredHold(rows.front()));
  }

  Result<bool> EndHold(Write& tx, std::string_view id, HoldState end,
                       int64_t now_ms) const override {
    FAIRLEAD_ASSIGN(
        const int64_t changed,
        tx.Execute("UPDATE capacity_hold SET state = $2, end_ms = $3 WHERE id = $1 AND state = 1",
                   {id, static_cast<int>(end), now_ms}));
    return changed == 1;
  }

  Result<int64_t> UnitsHeld(Read& tx, std::string_view holder_agency_id) const override {
    FAIRLEAD_ASSIGN(
        const auto rows,
        tx.Query("SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM capacity_hold "
                 "WHERE holder_agency_id = $1 AND state = 1",
                 {holder_agency_id}));
    return rows.at(0).Int(0);
  }

  Result<std::vector<StoredHold>> Holds(Read& tx, HoldBox box, std::string_view agency_id,
                                        bool include_ended, std::string_view before_id,
                                        int limit) const override {
    std::string where =
        box == HoldBox::kPlaced ? "h.holder_agency_id = $1" : "h.agency_id = $1";
    where.append(" AND h.id < $2");
    if (!include_ended) where.append(" AND h.state = 1");
    FAIRLEAD_ASSIGN(const auto rows, tx.Query(NamedHolds(where, " ORDER BY h.id DESC LIMIT $3"),
                                              {agency_id, Below(before_id), limit}));
    return Each(rows, ToStoredHold);
  }

  Result<std::vector<Hold>> DueOf(Read& tx, std::string_view service_id, CapacityUnit unit,
                                  int64_t now_ms, int limit) const override {
    FAIRLEAD_ASSIGN(const auto rows,
                    tx.Query(Select({kHoldColumns,
                                    "FROM capacity_hold h WHERE h.service_id = $1 AND h.unit = $2 "
                                    "AND h.state = 1 AND h.expire_ms <= $3 "
                                    "ORDER BY h.expire_ms, h.id LIMIT $4"}),
                             {service_id, static_cast<int>(unit), now_ms, limit}));
    return Each(rows, ToHold);
  }

  Result<std::vector<Hold>> Due(Read& tx, int64_t now_ms, int limit) const override {
    FAIRLEAD_ASSIGN(const auto rows,
                    tx.Query(Select({kHoldColumns,
                                    "FROM capacity_hold h WHERE h.state = 1 AND h.expire_ms <= $1 "
                                    "ORDER BY h.expire_ms, h.id LIMIT $2"}),
                             {now_ms, limit}));
    return Each(rows, ToHold);
  }

  Result<std::vector<Hold>> Orphans(Read& tx, int limit) const override {
    FAIRLEAD_ASSIGN(
        const auto rows,
        tx.Query(Select({kHoldColumns,
                        "FROM capacity_hold h LEFT JOIN listing l ON l.id = h.service_id "
                        "LEFT JOIN agency a ON a.id = h.holder_agency_id WHERE h.state = 1 AND "
                        "(l.id IS NULL OR l.offered = 0 OR a.membership <> $1) "
                        "ORDER BY h.id LIMIT $2"}),
                 {kActiveState, limit}));
    return Each(rows, ToHold);
  }

  Result<int64_t> Purge(Write& tx, int64_t now_ms, int limit) const override {
    FAIRLEAD_ASSIGN(const int64_t snapshots,
                    tx.Execute("DELETE FROM capacity_snapshot WHERE id IN (SELECT id FROM "
                               "capacity_snapshot WHERE as_of_ms < $1 ORDER BY as_of_ms LIMIT $2)",
                               {now_ms - kKeepSnapshotsMs, limit}));
    FAIRLEAD_ASSIGN(
        const int64_t holds,
        tx.Execute("DELETE FROM capacity_hold WHERE id IN (SELECT id FROM capacity_hold "
                   "WHERE state <> 1 AND end_ms < $1 ORDER BY end_ms LIMIT $2)",
                   {now_ms - kKeepEndedHoldsMs, limit}));
    return snapshots + holds;
  }

  Result<bool> IsPurgeDue(Read& tx, int64_t now_ms) const override {
    FAIRLEAD_ASSIGN(
        const auto rows,
        tx.Query("SELECT 1 WHERE EXISTS (SELECT 1 FROM capacity_snapshot WHERE as_of_ms < $1) OR "
                 "EXISTS (SELECT 1 FROM capacity_hold WHERE state <> 1 AND end_ms < $2)",
                 {now_ms - kKeepSnapshotsMs, now_ms - kKeepEndedHoldsMs}));
    return !rows.empty();
  }

 private:
  // Ids are of hexadecimal digits: "g" is above them all.
  static std::string Below(std::string_view before_id) {
    return before_id.empty() ? "g" : std::string(before_id);
  }

  static std::string NamedHolds(std::string_view where, std::string_view rest) {
    return Select({kHoldColumns,
                   ", l.name FROM capacity_hold h LEFT JOIN listing l ON l.id = h.service_id ",
                   "WHERE ", where, rest});
  }
};

}  // namespace

std::unique_ptr<CapacityStore> MakeSqlCapacityStore() {
  return std::make_unique<SqlCapacityStore>();
}

}  // namespace fairlead::directory
