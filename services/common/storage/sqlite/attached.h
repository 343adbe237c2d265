// One transaction over two files.
//
// SQLite commits a transaction over several files in WAL mode file by file, the main one first: a
// crash in between leaves the main file one transaction ahead
// (https://www.sqlite.org/lang_attach.html). So each transaction that writes an attached schema
// also writes, into the main file, how to repeat those writes, and a number into both files. When
// the numbers differ at the next start, the missing writes are repeated.
//
// So the main file alone makes a transaction durable, and only it is synced at every commit. An
// attached file is synced at least every kMostUnsynced transactions, of which the main file keeps
// the records: one fdatasync less for every group. A lost power supply then costs the attached
// file a few transactions, which are repeated. A kill costs it at most one: what was written
// outlives the process.
//
// What an attached schema deletes must be gone, from backups of the main file too. So the redo
// record is encrypted (AES-256-GCM) under a key that lives only in the attached file, and a
// scrub replaces that key in the very transaction that deletes. Records after that one could not be
// read under a key that was lost with the attached file: so that transaction is synced in both
// files before the next begins.
//
//   main.storage_commit(schema, batch)           <schema>.storage_commit(id, batch, key)
//   main.storage_redo(schema, slot, batch, redo)    slot = batch modulo kMostUnsynced
#ifndef SERVICES_COMMON_STORAGE_SQLITE_ATTACHED_H_
#define SERVICES_COMMON_STORAGE_SQLITE_ATTACHED_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/common/storage/sqlite/connection.h"

namespace fairlead::storage {

// The books of all attached schemas of the writer's connection. Used by one thread.
class AttachedBooks {
 public:
  // Transactions whose writes to an attached file may be in no more than the main file's records.
  static constexpr int64_t kMostUnsynced = 32;
  // From here on the writer syncs when it has told its callers.
  static constexpr int64_t kSyncWanted = 8;

  AttachedBooks(SqliteConnection& connection, const SqliteConnection::Settings& settings);

  // At the start, outside a transaction: makes the tables above; makes the tables of an attached
  // file that is new while the main one is not (restored from a backup, which never holds the
  // attached file); repeats what a crash left out. Error: FAILED_PRECONDITION
  // ATTACHED_DATABASE_MISMATCH when an attached file is older than the main one.
  Result<void> Open(const std::vector<Migrations>& sets);
  // After a failed COMMIT, outside a transaction: repeats what it left out.
  Result<void> Repair();

  // Before a transaction: syncs the attached files that must be synced before another one, with
  // `early` also those that should be. Error: UNAVAILABLE, and it must not begin.
  Result<void> SyncWhereDue(bool early);

  // A rolled-back job takes its entries along: log.RewindTo(mark).
  size_t Mark() const { return entries_.size(); }
  void RewindTo(size_t mark) { entries_.resize(mark); }
  // Leaves no copy of what was deleted; false when there is no such schema.
  bool RequestScrub(std::string_view schema);

  // Inside the transaction, last of all.
  Result<void> BeforeCommit();
  // After a durable commit.
  void AfterCommit();
  void AfterRollback();
  bool ScrubWanted() const;
  // Truncates the journals of the schemas to be scrubbed. No reader may be in a transaction. After
  // an error ScrubWanted() still holds.
  Result<void> Scrub();
  bool TouchesAttached() const;

  // For readers: SELECTs 1 when every file shows the same transaction, 0 in between.
  static std::string ConsistencySql(const std::vector<std::string>& schemas);

 private:
  struct Entry {
    int schema = 0;
    std::string sql;
    std::vector<Value> params;
  };
  struct Book {
    std::string schema;
    int64_t batch = 0;
    int64_t synced_batch = 0;  // up to here it is certainly on disk
    bool sync_due = false;     // the key was replaced: before the next transaction
    std::string key = {};
    int64_t next_batch = 0;  // 0: the transaction does not touch it
    std::string next_key = {};
    bool rotate = false;    // the transaction asks for a scrub
    bool scrub_due = true;  // a committed one asked; at the start, one before a crash may have
  };
  Result<void> OpenOne(Book& book, const std::vector<Migrations>& sets);
  Result<void> CreateFile(Book& book, const std::vector<Migrations>& sets, int64_t batch);
  Result<void> RepairOne(Book& book);
  Result<void> RepeatMissing(Book& book, int64_t until_batch);
  Result<void> Sync(Book& book) const;
  std::string EncodeEntries(int schema) const;
  Result<void> Replay(std::string_view encoded);

  SqliteConnection& connection_;
  SqliteConnection::Settings settings_;
  std::vector<Book> books_;
  std::vector<Entry> entries_;
  bool replaying_ = false;
};

}  // namespace fairlead::storage

#endif  // SERVICES_COMMON_STORAGE_SQLITE_ATTACHED_H_
