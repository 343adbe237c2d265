// A real PostgreSQL server for one test program: initdb in a folder of its own, a Unix socket in
// that folder, no TCP port.
//
//   Result<PostgresServer*> server = PostgresServer::Shared();
//   ASSERT_TRUE(server.has_value()) << ToString(server.error());
//   Result<std::string> url = (*server)->NewDatabase();   // "postgres:host=… dbname=…"
//
// PostgreSQL refuses to run as root: as root, it is started as the user postgres.
#ifndef SERVICES_COMMON_TESTING_POSTGRES_SERVER_H_
#define SERVICES_COMMON_TESTING_POSTGRES_SERVER_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "services/common/base/result.h"
#include "services/common/testing/child_process.h"
#include "services/common/testing/temp_dir.h"

namespace fairlead::testing {

// Whether what is committed is forced to the disk (PostgreSQL's `fsync`).
enum class Flush { kAtCommit, kNever };

class PostgresServer {
 public:
  // Takes one to three seconds (initdb). Error: UNAVAILABLE POSTGRES_NOT_STARTED with the end of
  // its log; the folder of its programs is sought in $FAIRLEAD_POSTGRES_BIN, /usr/lib/postgresql/*
  // and PATH.
  static Result<std::unique_ptr<PostgresServer>> Start(Flush flush = Flush::kAtCommit);
  // One server for the whole test program, started at the first call. It flushes nothing: what it
  // wrote outlives its processes (Kill9), though not the machine.
  static Result<PostgresServer*> Shared();
  ~PostgresServer();

  // A database of a name never used before: empty, or a copy of one that nobody has open.
  Result<std::string> NewDatabase(const std::string& copy_of = "template1");
  // The url of a database that exists ("postgres" always does).
  std::string Url(std::string_view database) const;
  // SIGKILL to the server and to every process of it, as a crash would.
  void Kill9();
  // After Kill9 (or instead of it): recovers from its journal and takes connections again.
  Result<void> Restart();
  bool Running() { return child_ && child_->Running(); }

 private:
  explicit PostgresServer(Flush flush) : flush_(flush) {}
  Result<void> Init();
  Result<void> Launch();
  std::string LogPath() const { return folder_.File("postgres.log"); }

  const Flush flush_;
  TempDir folder_;
  std::string user_;  // empty: as we are
  std::string bin_;
  std::optional<ChildProcess> child_;
  std::atomic<int> next_database_ = 0;
};

}  // namespace fairlead::testing

#endif  // SERVICES_COMMON_TESTING_POSTGRES_SERVER_H_
