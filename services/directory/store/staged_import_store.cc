#include "services/directory/store/staged_import_store.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "services/common/base/text.h"
#include "services/common/storage/answers.h"

namespace fairlead::directory {
namespace {

namespace json = boost::json;
using storage::Blob;
using storage::Done;
using storage::ReadTransaction;
using storage::Row;
using storage::Transaction;

// Rows of megabytes: a few at a time keep nobody else waiting.
constexpr int kSweptAtOnce = 4;

constexpr std::string_view kStagedColumns =
    "SELECT id, agency_id, state, is_json, need_codes, counties, time_zone, fingerprint, "
    "expire_ms, staged_bytes, run_id, touch_ms, is_preview, percent, previewed, created, updated, "
    "unchanged, problems, failure_reason, actor_agency_id, actor_is_machine, actor_is_admin, "
    "traceparent, hides_places, change_count FROM staged_import ";

std::string ProblemsText(const std::vector<ImportProblem>& problems) {
  json::array all;
  for (const ImportProblem& problem : problems) {
    all.push_back(json::array{problem.file, problem.row, problem.column, problem.reason});
  }
  return json::serialize(all);
}

std::vector<ImportProblem> ProblemsFromText(const std::string& text) {
  std::vector<ImportProblem> problems;
  boost::system::error_code error;
  const json::value all = json::parse(text, error);
  if (error || !all.is_array()) return problems;
  for (const json::value& one : all.get_array()) {
    if (!one.is_array() || one.get_array().size() != 4) continue;
    const json::array& parts = one.get_array();
    if (!parts[0].is_string() || !parts[1].is_int64() || !parts[2].is_string() ||
        !parts[3].is_string()) {
      continue;
    }
    problems.push_back({std::string(parts[0].get_string()), static_cast<int>(parts[1].get_int64()),
                        std::string(parts[2].get_string()), std::string(parts[3].get_string())});
  }
  return problems;
}

StagedImport ToStagedImport(const Row& row) {
  return {.id = row.Text(0),
          .agency_id = row.Text(1),
          .state = static_cast<StagedState>(row.Int(2)),
          .is_json = row.Bool(3),
          .need_codes = Split(row.Text(4), '\n'),
          .counties = Split(row.Text(5), '\n'),
          .time_zone = row.Text(6),
          .fingerprint = row.Text(7),
          .expire_ms = row.Int(8),
          .staged_bytes = row.Int(9),
          .run_id = row.Text(10),
          .touch_ms = row.Int(11),
          .is_preview = row.Bool(12),
          .percent = static_cast<int>(row.Int(13)),
          .previewed = row.Bool(14),
          .created = static_cast<int>(row.Int(15)),
          .updated = static_cast<int>(row.Int(16)),
          .unchanged = static_cast<int>(row.Int(17)),
          .problems = ProblemsFromText(row.Text(18)),
          .failure_reason = row.Text(19),
          .actor_agency_id = row.Text(20),
          .actor_is_machine = row.Bool(21),
          .actor_is_admin = row.Bool(22),
          .traceparent = row.Text(23),
          .hides_places = row.Bool(24),
          .change_count = static_cast<int>(row.Int(25))};
}

std::string StagedSql(std::string_view rest) {
  std::string sql(kStagedColumns);
  sql.append(rest);
  return sql;
}

}  // namespace

Result<std::optional<StagedImport>> FindStagedImport(ReadTransaction& tx, std::string_view id) {
  FAIRLEAD_ASSIGN(const auto rows, tx.Query(StagedSql("WHERE id = $1"), {id}));
  if (rows.empty()) return std::optional<StagedImport>();
  return std::optional<StagedImport>(ToStagedImport(rows.front()));
}

Result<std::vector<StagedImport>> OpenStagedImports(ReadTransaction& tx) {
  FAIRLEAD_ASSIGN(const auto rows,
                  tx.Query(StagedSql("WHERE state <= $1 ORDER BY id LIMIT 100"),
                           {static_cast<int>(StagedState::kApplying)}));
  std::vector<StagedImport> imports;
  for (const Row& row : rows) imports.push_back(ToStagedImport(row));
  return imports;
}

Result<void> PutStagedImport(Transaction& tx, const StagedImport& import) {
  FAIRLEAD_RETURN_IF_ERROR(DeleteStagedImport(tx, import.id));
  return Done(tx.Execute(
      "INSERT INTO staged_import (id, agency_id, state, is_json, need_codes, counties, time_zone, "
      "fingerprint, expire_ms, staged_bytes, run_id, touch_ms, is_preview, percent, previewed, "
      "created, updated, unchanged, problems, failure_reason, actor_agency_id, actor_is_machine, "
      "actor_is_admin, traceparent, hides_places, change_count) VALUES ($1, $2, $3, $4, $5, $6, "
      "$7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, "
      "$25, $26)",
      {import.id,
       import.agency_id,
       static_cast<int>(import.state),
       import.is_json,
       Join(import.need_codes, '\n'),
       Join(import.counties, '\n'),
       import.time_zone,
       import.fingerprint,
       import.expire_ms,
       import.staged_bytes,
       import.run_id,
       import.touch_ms,
       import.is_preview,
       import.percent,
       import.previewed,
       import.created,
       import.updated,
       import.unchanged,
       ProblemsText(import.problems),
       import.failure_reason,
       import.actor_agency_id,
       import.actor_is_machine,
       import.actor_is_admin,
       import.traceparent,
       import.hides_places,
       import.change_count}));
}

Result<void> DeleteStagedImport(Transaction& tx, const std::string& id) {
  return Done(tx.Execute("DELETE FROM staged_import WHERE id = $1", {id}));
}

Result<void> CheckNoneUnderWay(ReadTransaction& tx, int64_t now_ms) {
  FAIRLEAD_ASSIGN(const std::vector<StagedImport> open, OpenStagedImports(tx));
  for (const StagedImport& stored : open) {
    const StagedImport import = AsOf(stored, now_ms);
    const bool is_checked = import.state == StagedState::kChecking && !import.is_preview;
    if (!is_checked && import.state != StagedState::kApplying) continue;
    return Fail(Code::kUnavailable, "IMPORT_UNDER_WAY",
                "A large import is being made: try again in a minute.",
                {{"retry_after_s", "10"}});
  }
  return {};
}

Result<std::vector<int>> PartNumbers(ReadTransaction& tx, const std::string& import_id) {
  FAIRLEAD_ASSIGN(const auto rows,
                  tx.Query("SELECT number FROM staged_import_part WHERE import_id = $1 "
                           "ORDER BY number LIMIT $2",
                           {import_id, kMaxParts}));
  std::vector<int> numbers;
  for (const Row& row : rows) numbers.push_back(static_cast<int>(row.Int(0)));
  return numbers;
}

Result<std::optional<std::string>> FindPart(ReadTransaction& tx, const std::string& import_id,
                                            int number) {
  FAIRLEAD_ASSIGN(const auto rows,
                  tx.Query("SELECT sealed FROM staged_import_part WHERE import_id = $1 AND "
                           "number = $2",
                           {import_id, number}));
  if (rows.empty()) return std::optional<std::string>();
  return std::optional<std::string>(rows.front().Bytes(0));
}

Result<void> InsertPart(Transaction& tx, const std::string& import_id, int number,
                        const std::string& sealed) {
  return Done(
      tx.Execute("INSERT INTO staged_import_part (import_id, number, sealed) VALUES ($1, $2, $3)",
                 {import_id, number, Blob{sealed}}));
}

Result<void> InsertChanges(Transaction& tx, const std::string& import_id,
                           const StoredChanges& changes) {
  return Done(tx.Execute(
      "INSERT INTO staged_import_change (import_id, number, changes) VALUES ($1, $2, $3)",
      {import_id, changes.number, changes.changes}));
}

Result<std::optional<StoredChanges>> NextChanges(ReadTransaction& tx,
                                                 const std::string& import_id) {
  FAIRLEAD_ASSIGN(const auto rows,
                  tx.Query("SELECT number, changes FROM staged_import_change WHERE "
                           "import_id = $1 ORDER BY number LIMIT 1",
                           {import_id}));
  if (rows.empty()) return std::optional<StoredChanges>();
  return std::optional<StoredChanges>(
      StoredChanges{static_cast<int>(rows.front().Int(0)), rows.front().Text(1)});
}

Result<void> DeleteChanges(Transaction& tx, const std::string& import_id, int number) {
  return Done(
      tx.Execute("DELETE FROM staged_import_change WHERE import_id = $1 AND number = $2",
                 {import_id, number}));
}

Result<int64_t> DeleteSomeChanges(Transaction& tx, const std::string& import_id) {
  return tx.Execute(
      "DELETE FROM staged_import_change WHERE import_id = $1 AND number IN (SELECT number FROM "
      "staged_import_change WHERE import_id = $1 ORDER BY number LIMIT $2)",
      {import_id, kSweptAtOnce});
}

Result<int64_t> SweepStagedImports(Transaction& tx, int64_t now_ms) {
  FAIRLEAD_ASSIGN(const int64_t lapsed,
                  tx.Execute("DELETE FROM staged_import WHERE expire_ms <= $1 AND (state IN (1, 4, "
                             "5) OR (state = 2 AND touch_ms < $2))",
                             {now_ms, now_ms - kCheckSilentMs}));
  FAIRLEAD_ASSIGN(const int64_t parts,
                  tx.Execute("DELETE FROM staged_import_part WHERE (import_id, number) IN (SELECT "
                             "p.import_id, p.number FROM staged_import_part p WHERE NOT EXISTS "
                             "(SELECT 1 FROM staged_import i WHERE i.id = p.import_id AND "
                             "i.state IN (1, 2)) LIMIT $1)",
                             {kSweptAtOnce}));
  FAIRLEAD_ASSIGN(const int64_t changes,
                  tx.Execute("DELETE FROM staged_import_change WHERE (import_id, number) IN "
                             "(SELECT c.import_id, c.number FROM staged_import_change c WHERE NOT "
                             "EXISTS (SELECT 1 FROM staged_import i WHERE i.id = c.import_id AND "
                             "i.state IN (2, 3)) LIMIT $1)",
                             {kSweptAtOnce}));
  return lapsed + parts + changes;
}

}  // namespace fairlead::directory
