#include "services/common/storage/sqlite/attached.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "services/common/base/random.h"
#include "services/common/storage/sqlite/redo_cipher.h"

namespace fairlead::storage {
namespace {

constexpr char kCreateMainTables[] =
    "CREATE TABLE IF NOT EXISTS main.storage_commit (schema TEXT PRIMARY KEY, batch INTEGER NOT "
    "NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS main.storage_redo (schema TEXT NOT NULL, slot INTEGER NOT NULL, "
    "batch INTEGER NOT NULL, redo BLOB NOT NULL, PRIMARY KEY (schema, slot)) STRICT";

std::string RedoContext(const std::string& schema, int64_t batch) {
  return "fairlead storage redo 1:" + schema + ":" + std::to_string(batch);
}

// Numbers and lengths in 8 bytes of the machine's order: the record never leaves the machine.
void Append(std::string& out, int64_t number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof number);
}
void Append(std::string& out, std::string_view bytes) {
  Append(out, static_cast<int64_t>(bytes.size()));
  out.append(bytes);
}

bool Take(std::string_view& in, int64_t& number) {
  if (in.size() < sizeof number) return false;
  std::memcpy(&number, in.data(), sizeof number);
  in.remove_prefix(sizeof number);
  return true;
}
bool Take(std::string_view& in, std::string& bytes) {
  int64_t size = 0;
  if (!Take(in, size) || size < 0 || static_cast<uint64_t>(size) > in.size()) return false;
  bytes.assign(in.substr(0, static_cast<size_t>(size)));
  in.remove_prefix(static_cast<size_t>(size));
  return true;
}

enum ValueKind : int64_t { kNullValue = 0, kIntegerValue = 1, kTextValue = 2, kBytesValue = 3 };

void Append(std::string& out, const Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value.variant())) {
    Append(out, int64_t{kIntegerValue});
    Append(out, *number);
  } else if (const auto* text = std::get_if<std::string>(&value.variant())) {
    Append(out, int64_t{kTextValue});
    Append(out, std::string_view(*text));
  } else if (const auto* blob = std::get_if<Blob>(&value.variant())) {
    Append(out, int64_t{kBytesValue});
    Append(out, std::string_view(blob->bytes));
  } else {
    Append(out, int64_t{kNullValue});
  }
}

bool Take(std::string_view& in, Value& value) {
  int64_t kind = 0;
  int64_t number = 0;
  std::string bytes;
  if (!Take(in, kind)) return false;
  switch (kind) {
    case kNullValue:
      value = Value();
      return true;
    case kIntegerValue:
      if (!Take(in, number)) return false;
      value = Value(number);
      return true;
    case kTextValue:
      if (!Take(in, bytes)) return false;
      value = Value(std::move(bytes));
      return true;
    case kBytesValue:
      if (!Take(in, bytes)) return false;
      value = Value(Blob{std::move(bytes)});
      return true;
    default:
      return false;
  }
}

tl::unexpected<Error> Mismatch(const std::string& schema, const std::string& why) {
  return Fail(Code::kFailedPrecondition, "ATTACHED_DATABASE_MISMATCH",
              "the file of the attached database " + schema + " " + why +
                  ": start with the files that belong together, or without that file",
              {{"schema", schema}});
}

}  // namespace

AttachedBooks::AttachedBooks(SqliteConnection& connection,
                             const SqliteConnection::Settings& settings)
    : connection_(connection), settings_(settings) {
  for (const std::string& schema : settings.attached) books_.push_back(Book{.schema = schema});
  connection_.OnAttachedWrite([this](int schema, std::string_view sql, Params params) {
    if (replaying_) return;
    entries_.push_back(Entry{schema, std::string(sql), {params.begin(), params.end()}});
  });
}

Result<void> AttachedBooks::Open(const std::vector<Migrations>& sets) {
  if (books_.empty()) return {};
  replaying_ = true;  // the books themselves are not recorded
  Result<void> opened = connection_.RunScript(kCreateMainTables);
  for (Book& book : books_)
    if (opened) opened = OpenOne(book, sets);
  replaying_ = false;
  return opened;
}

Result<void> AttachedBooks::OpenOne(Book& book, const std::vector<Migrations>& sets) {
  const Value name(book.schema);
  FAIRLEAD_ASSIGN(std::vector<Row> tables,
                  connection_.Query("SELECT count(*) FROM " + book.schema +
                                        ".sqlite_schema WHERE name = 'storage_commit'",
                                    Params()));
  FAIRLEAD_ASSIGN(std::vector<Row> main_rows,
                  connection_.Query("SELECT batch FROM main.storage_commit WHERE schema = $1",
                                    Params(&name, 1)));
  if (tables[0].Int(0) == 0)
    FAIRLEAD_RETURN_IF_ERROR(CreateFile(book, sets, main_rows.empty() ? 0 : main_rows[0].Int(0)));
  if (main_rows.empty()) {
    FAIRLEAD_RETURN_IF_ERROR(connection_.Execute(
        "INSERT INTO main.storage_commit SELECT $1, batch FROM " + book.schema + ".storage_commit",
        Params(&name, 1)));
  }
  FAIRLEAD_RETURN_IF_ERROR(RepairOne(book));
  return Sync(book);
}

// The file alone, in one transaction: what the migrations applied so far made in that schema. They
// run over a main database in memory that is thrown away.
Result<void> AttachedBooks::CreateFile(Book& book, const std::vector<Migrations>& sets,
                                       int64_t batch) {
  std::string script;
  FAIRLEAD_ASSIGN(
      std::vector<Row> known,
      connection_.Query("SELECT count(*) FROM main.sqlite_schema WHERE name = 'schema_migrations'",
                        Params()));
  for (const Migrations& set : sets) {
    if (known[0].Int(0) == 0) break;
    const Value service{std::string(set.service)};
    FAIRLEAD_ASSIGN(std::vector<Row> applied,
                    connection_.Query("SELECT count(*) FROM schema_migrations WHERE service = $1",
                                      Params(&service, 1)));
    for (const Migration& migration : set.sqlite)
      if (migration.number <= applied[0].Int(0)) script.append(migration.sql).append("\n;\n");
  }
  SqliteConnection::Settings settings = settings_;
  settings.attached = {book.schema};
  settings.scratch_main = true;
  FAIRLEAD_ASSIGN(std::unique_ptr<SqliteConnection> scratch, SqliteConnection::Open(settings));
  FAIRLEAD_RETURN_IF_ERROR(scratch->RunScript("BEGIN IMMEDIATE"));
  FAIRLEAD_RETURN_IF_ERROR(scratch->RunScript(script));
  FAIRLEAD_RETURN_IF_ERROR(scratch->RunScript(
      "CREATE TABLE " + book.schema +
      ".storage_commit (id INTEGER PRIMARY KEY CHECK (id = 1), batch INTEGER NOT NULL, key BLOB "
      "NOT NULL) STRICT"));
  const std::vector<Value> values = {batch, Blob{SystemRandom().Bytes(kRedoKeyBytes)}};
  FAIRLEAD_RETURN_IF_ERROR(scratch->Execute(
      "INSERT INTO " + book.schema + ".storage_commit VALUES (1, $1, $2)", values));
  return scratch->RunScript("COMMIT");
}

Result<void> AttachedBooks::Repair() {
  replaying_ = true;
  Result<void> repaired;
  for (Book& book : books_)
    if (repaired) repaired = RepairOne(book);
  replaying_ = false;
  return repaired;
}

Result<void> AttachedBooks::RepairOne(Book& book) {
  const Value name(book.schema);
  FAIRLEAD_ASSIGN(std::vector<Row> mains,
                  connection_.Query("SELECT batch FROM main.storage_commit WHERE schema = $1",
                                    Params(&name, 1)));
  FAIRLEAD_ASSIGN(
      std::vector<Row> owns,
      connection_.Query("SELECT batch, key FROM " + book.schema + ".storage_commit", Params()));
  if (mains.size() != 1 || owns.size() != 1)
    return Mismatch(book.schema, "has no transaction number");
  const int64_t batch = mains[0].Int(0);
  book.batch = owns[0].Int(0);
  book.key = owns[0].Bytes(1);
  if (batch == book.batch) return {};
  if (batch < book.batch) {
    // The main file was restored from a backup. What was deleted here since stays deleted.
    const std::vector<Value> values = {book.batch, book.schema};
    FAIRLEAD_RETURN_IF_ERROR(
        connection_.Execute("UPDATE main.storage_commit SET batch = $1 WHERE schema = $2", values));
    return {};
  }
  FAIRLEAD_RETURN_IF_ERROR(connection_.RunScript("BEGIN IMMEDIATE"));
  Result<void> done = RepeatMissing(book, batch);
  if (done) done = connection_.RunScript("COMMIT");
  if (!done) {
    if (connection_.InTransaction()) (void)connection_.RunScript("ROLLBACK");
    return done;
  }
  book.batch = batch;
  book.scrub_due = true;
  book.sync_due = true;
  return {};
}

Result<void> AttachedBooks::RepeatMissing(Book& book, int64_t until_batch) {
  for (int64_t batch = book.batch + 1; batch <= until_batch; ++batch) {
    const std::vector<Value> which = {book.schema, batch};
    FAIRLEAD_ASSIGN(
        const std::vector<Row> records,
        connection_.Query("SELECT redo FROM main.storage_redo WHERE schema = $1 AND batch = $2",
                          which));
    // Going on with an older file here would bring back what was deleted.
    if (records.empty()) return Mismatch(book.schema, "is older than the main one");
    const std::optional<std::string> redo =
        OpenRedo(book.key, RedoContext(book.schema, batch), records[0].Bytes(0));
    if (!redo) return Mismatch(book.schema, "is not the one that the main one was used with");
    FAIRLEAD_RETURN_IF_ERROR(Replay(*redo));
  }
  // A fresh key and a scrub, in case the last of them had asked for one.
  book.key = SystemRandom().Bytes(kRedoKeyBytes);
  const std::vector<Value> values = {until_batch, Blob{book.key}};
  FAIRLEAD_RETURN_IF_ERROR(connection_.Execute(
      "UPDATE " + book.schema + ".storage_commit SET batch = $1, key = $2", values));
  return {};
}

// The journal is the file that transactions are written to; a checkpoint syncs both by itself. No
// lock of SQLite's is on it, so that opening and closing it here releases none.
Result<void> AttachedBooks::Sync(Book& book) const {
  const std::string path = AttachedPath(settings_.path, book.schema) + "-wal";
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool absent = fd < 0 && errno == ENOENT;  // all was in the file when it was opened
  const bool synced = absent || (fd >= 0 && ::fdatasync(fd) == 0);
  if (fd >= 0) ::close(fd);
  if (!synced) return Fail(Code::kUnavailable, "STORAGE_UNAVAILABLE", "cannot sync " + path);
  book.synced_batch = book.batch;
  book.sync_due = false;
  return {};
}

Result<void> AttachedBooks::SyncWhereDue(bool early) {
  const int64_t most = early ? kSyncWanted : kMostUnsynced;
  for (Book& book : books_) {
    if (!book.sync_due && book.batch - book.synced_batch < most) continue;
    FAIRLEAD_RETURN_IF_ERROR(Sync(book));
  }
  return {};
}

std::string AttachedBooks::EncodeEntries(int schema) const {
  std::string out;
  for (const Entry& entry : entries_) {
    if (entry.schema != schema) continue;
    Append(out, std::string_view(entry.sql));
    Append(out, static_cast<int64_t>(entry.params.size()));
    for (const Value& value : entry.params) Append(out, value);
  }
  return out;
}

Result<void> AttachedBooks::Replay(std::string_view encoded) {
  while (!encoded.empty()) {
    std::string sql;
    int64_t count = 0;
    if (!Take(encoded, sql) || !Take(encoded, count) || count < 0 || count > 1'000)
      return Fail(Code::kDataLoss, "STORAGE_UNAVAILABLE", "a redo record is malformed");
    std::vector<Value> params(static_cast<size_t>(count));
    for (Value& value : params)
      if (!Take(encoded, value))
        return Fail(Code::kDataLoss, "STORAGE_UNAVAILABLE", "a redo record is malformed");
    FAIRLEAD_RETURN_IF_ERROR(connection_.Execute(sql, params));
  }
  return {};
}

bool AttachedBooks::RequestScrub(std::string_view schema) {
  for (Book& book : books_) {
    if (book.schema != schema) continue;
    book.rotate = true;
    return true;
  }
  return false;
}

bool AttachedBooks::TouchesAttached() const {
  for (const Book& book : books_)
    if (book.rotate) return true;
  return !entries_.empty();
}

Result<void> AttachedBooks::BeforeCommit() {
  for (size_t i = 0; i < books_.size(); ++i) {
    Book& book = books_[i];
    std::string encoded = EncodeEntries(static_cast<int>(i));
    if (encoded.empty() && !book.rotate) continue;
    book.next_batch = book.batch + 1;
    book.next_key = book.rotate ? SystemRandom().Bytes(kRedoKeyBytes) : book.key;
    const std::string context = RedoContext(book.schema, book.next_batch);
    const std::vector<Value> redo_values = {book.schema, book.next_batch % kMostUnsynced,
                                            book.next_batch,
                                            Blob{SealRedo(book.key, context, encoded)}};
    const std::vector<Value> main_values = {book.next_batch, book.schema};
    const std::vector<Value> own_values = {book.next_batch, Blob{book.next_key}};
    replaying_ = true;
    Result<int64_t> written = connection_.Execute(
        "INSERT INTO main.storage_redo VALUES ($1, $2, $3, $4) ON CONFLICT (schema, slot) DO "
        "UPDATE SET batch = excluded.batch, redo = excluded.redo",
        redo_values);
    if (written)
      written = connection_.Execute("UPDATE main.storage_commit SET batch = $1 WHERE schema = $2",
                                    main_values);
    if (written)
      written = connection_.Execute(
          "UPDATE " + book.schema + ".storage_commit SET batch = $1, key = $2", own_values);
    replaying_ = false;
    if (!written) return Fail(std::move(written.error()));
  }
  return {};
}

void AttachedBooks::AfterCommit() {
  for (Book& book : books_) {
    if (book.next_batch != 0) {
      book.batch = book.next_batch;
      book.key = book.next_key;
    }
    book.scrub_due |= book.rotate;
    book.sync_due |= book.rotate;
    book.rotate = false;
    book.next_batch = 0;
  }
  entries_.clear();
}

void AttachedBooks::AfterRollback() {
  for (Book& book : books_) {
    book.rotate = false;
    book.next_batch = 0;
  }
  entries_.clear();
}

bool AttachedBooks::ScrubWanted() const {
  for (const Book& book : books_)
    if (book.scrub_due) return true;
  return false;
}

Result<void> AttachedBooks::Scrub() {
  for (Book& book : books_) {
    if (!book.scrub_due) continue;
    FAIRLEAD_RETURN_IF_ERROR(connection_.Checkpoint(book.schema, SQLITE_CHECKPOINT_TRUNCATE));
    book.scrub_due = false;
    book.synced_batch = book.batch;
    book.sync_due = false;
  }
  return {};
}

std::string AttachedBooks::ConsistencySql(const std::vector<std::string>& schemas) {
  std::string sql = "SELECT 1";
  for (const std::string& schema : schemas)
    sql += " AND (SELECT batch FROM main.storage_commit WHERE schema = '" + schema +
           "') = (SELECT batch FROM " + schema + ".storage_commit)";
  return sql;
}

}  // namespace fairlead::storage
