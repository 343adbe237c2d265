#include "services/audit/store/sql_audit_store.h"

#include <limits>

namespace fairlead::audit {
namespace {

using storage::Row;
using storage::Value;

constexpr std::string_view kColumns =
    "service, sequence, id, time_ms, action, refused_reason, staff_id, agency_id, session_id, "
    "subject_staff_id, subject_agency_id, case_handle, referral_id, release_id, record_id, "
    "method, count";

Entry ToEntry(const Row& row) {
  return {.service = row.Text(0),
          .sequence = row.Int(1),
          .id = row.Text(2),
          .time_ms = row.Int(3),
          .action = row.Text(4),
          .refused_reason = row.Text(5),
          .staff_id = row.Text(6),
          .agency_id = row.Text(7),
          .session_id = row.Text(8),
          .subject_staff_id = row.Text(9),
          .subject_agency_id = row.Text(10),
          .case_handle = row.Text(11),
          .referral_id = row.Text(12),
          .release_id = row.Text(13),
          .record_id = row.Text(14),
          .method = row.Text(15),
          .count = row.Int(16)};
}

// A query built from the conditions that were asked for, so that each finds its index.
class Query {
 public:
  std::string Param(Value value) {
    params_.push_back(std::move(value));
    return "$" + std::to_string(params_.size());
  }
  // `column`: a constant of this file. The second half lets the partial index be used.
  void Equal(const std::string& column, const std::string& value) {
    if (value.empty()) return;
    And(column + " = " + Param(value) + " AND " + column + " <> ''");
  }
  void And(const std::string& condition) { where_ += " AND " + condition; }
  const std::string& where() const { return where_; }
  const std::vector<Value>& params() const { return params_; }

 private:
  std::string where_;
  std::vector<Value> params_;
};

template <class Base, class Tx>
class Reader : public Base {
 public:
  explicit Reader(Tx& tx) : tx_(tx) {}

  Result<std::vector<Entry>> Find(const Selection& selection, const std::optional<Position>& after,
                                  int limit) override {
    const Filter& filter = selection.filter;
    Query query;
    query.Equal("staff_id", filter.staff_id);
    query.Equal("agency_id", filter.agency_id);
    query.Equal("case_handle", filter.case_handle);
    query.Equal("referral_id", filter.referral_id);
    query.Equal("release_id", filter.release_id);
    query.Equal("subject_agency_id", selection.subject_agency_id);
    query.Equal("action", filter.action);
    if (filter.start_ms > 0) query.And("time_ms >= " + query.Param(filter.start_ms));
    if (filter.end_ms > 0) query.And("time_ms < " + query.Param(filter.end_ms));
    if (filter.refused_only) query.And("refused_reason <> ''");
    if (selection.done_only) query.And("refused_reason = ''");
    if (!selection.not_by_agency_id.empty()) {
      query.And("agency_id <> " + query.Param(selection.not_by_agency_id));
    }
    const Position from =
        after.value_or(Position{std::numeric_limits<int64_t>::max(), std::string()});
    const std::string time = query.Param(from.time_ms);
    query.And("(time_ms, id) < (" + time + ", " + query.Param(from.id) + ")");
    const std::string sql = "SELECT " + std::string(kColumns) + " FROM audit_entry WHERE 1 = 1" +
                            query.where() + " ORDER BY time_ms DESC, id DESC LIMIT " +
                            query.Param(limit);
    FAIRLEAD_ASSIGN(const std::vector<Row> rows, tx_.Query(sql, query.params()));
    std::vector<Entry> entries;
    entries.reserve(rows.size());
    for (const Row& row : rows) entries.push_back(ToEntry(row));
    return entries;
  }

  Result<std::vector<int64_t>> ExportsSince(const std::string& staff_id, int64_t since_ms,
                                            int limit) override {
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx_.Query("SELECT time_ms FROM export_run WHERE staff_id = $1 AND "
                              "time_ms > $2 ORDER BY time_ms LIMIT $3",
                              {staff_id, since_ms, limit}));
    std::vector<int64_t> times;
    for (const Row& row : rows) times.push_back(row.Int(0));
    return times;
  }

  Result<std::optional<ExportRun>> FindExport(const std::string& staff_id,
                                              const std::string& request_id) override {
    FAIRLEAD_ASSIGN(
        const std::vector<Row> rows,
        tx_.Query("SELECT time_ms, query FROM export_run WHERE staff_id = $1 AND request_id = $2",
                  {staff_id, request_id}));
    if (rows.empty()) return std::optional<ExportRun>();
    return std::optional<ExportRun>({.time_ms = rows[0].Int(0), .query = rows[0].Text(1)});
  }

 protected:
  Tx& tx_;
};

class Store final : public Reader<AuditStore, storage::Transaction> {
 public:
  using Reader::Reader;

  Result<void> Add(Entry e) override {
    FAIRLEAD_ASSIGN(const std::vector<Row> known,
                    tx_.Query("SELECT 1 FROM audit_entry WHERE id = $1", {e.id}));
    if (!known.empty()) return {};
    FAIRLEAD_ASSIGN(
        const std::vector<Row> last,
        tx_.Query("SELECT max(sequence) FROM audit_entry WHERE service = $1", {e.service}));
    e.sequence = last[0].Int(0) + 1;
    static const std::string kSql =
        "INSERT INTO audit_entry (" + std::string(kColumns) +
        ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
    FAIRLEAD_RETURN_IF_ERROR(tx_.Execute(
        kSql, {e.service, e.sequence, e.id, e.time_ms, e.action, e.refused_reason, e.staff_id,
               e.agency_id, e.session_id, e.subject_staff_id, e.subject_agency_id, e.case_handle,
               e.referral_id, e.release_id, e.record_id, e.method, e.count}));
    return {};
  }

  Result<void> AddExport(const std::string& staff_id, const std::string& request_id,
                         const ExportRun& run) override {
    FAIRLEAD_RETURN_IF_ERROR(
        tx_.Execute("INSERT INTO export_run (staff_id, request_id, time_ms, query) "
                    "VALUES ($1, $2, $3, $4)",
                    {staff_id, request_id, run.time_ms, run.query}));
    return {};
  }
};

}  // namespace

std::unique_ptr<AuditReader> MakeSqlAuditReader(storage::ReadTransaction& tx) {
  return std::make_unique<Reader<AuditReader, storage::ReadTransaction>>(tx);
}

std::unique_ptr<AuditStore> MakeSqlAuditStore(storage::Transaction& tx) {
  return std::make_unique<Store>(tx);
}

}  // namespace fairlead::audit
