// A process to be killed: writes rows with many in flight, and prints the number of each row once
// it has been acknowledged.
//
//   storage_child rows|vault URL FIRST COUNT
//
// `rows` writes one row each; `vault` one row into the main database and one into the attached
// one, and takes the pair before the last one away again, with a scrub. Prints "+N" when row N is
// acknowledged and "!N REASON" when it is refused; "ready" first and "end" last.
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "services/common/storage/database.h"
#include "tests/storage/migrations.h"
#include "tests/storage/vault_migrations.h"

namespace fairlead::storage {
namespace {

constexpr int kInFlight = 32;

// One write(2) a line: whole, and out of the process at once.
void Print(const std::string& line) {
  const std::string text = line + "\n";
  if (::write(STDOUT_FILENO, text.data(), text.size()) < 0) ::_exit(3);
}

Result<void> WriteRow(Transaction& tx, int64_t number) {
  FAIRLEAD_RETURN_IF_ERROR(tx.Execute("INSERT INTO item VALUES ($1, $2, $3, NULL)",
                                      {std::to_string(number), number, std::string(500, 'w')}));
  return {};
}

Result<void> WritePair(Transaction& tx, int64_t number) {
  const std::string id = std::to_string(number);
  FAIRLEAD_RETURN_IF_ERROR(tx.Execute("INSERT INTO secret_log VALUES ($1)", {id}));
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("INSERT INTO vault.secret VALUES ($1, $2)", {id, Blob{std::string(100, 's')}}));
  if (number % 16 != 0) return {};
  const std::string old = std::to_string(number - 8);
  FAIRLEAD_RETURN_IF_ERROR(tx.Execute("DELETE FROM secret_log WHERE id = $1", {old}));
  FAIRLEAD_RETURN_IF_ERROR(tx.Execute("DELETE FROM vault.secret WHERE id = $1", {old}));
  tx.ScrubAfterCommit("vault");
  return {};
}

int Run(const std::string& mode, const std::string& url, int64_t first, int64_t count) {
  DatabaseOptions options{.url = url};
  std::vector<Migrations> sets = {storage_test::Migrations()};
  if (mode == "vault") {
    options.attached = {"vault"};
    sets.push_back(VaultMigrations());
  }
  Result<std::unique_ptr<Database>> database = OpenDatabase(options, sets);
  if (!database) {
    Print("!0 " + ToString(database.error()));
    return 1;
  }
  Print("ready");
  std::atomic<int64_t> next = first;
  const auto write = mode == "vault" ? &WritePair : &WriteRow;
  std::function<void()> submit = [&] {
    const int64_t number = next++;
    if (number >= first + count) return;
    (*database)->Write([write, number](Transaction& tx) { return write(tx, number); },
                       [&, number](const Result<void>& result) {
                         Print(result ? "+" + std::to_string(number)
                                      : "!" + std::to_string(number) + " " + result.error().reason);
                         submit();
                       });
  };
  for (int i = 0; i < kInFlight; ++i) submit();
  while (next < first + count + kInFlight) ::usleep(1'000);
  (*database)->Close();
  Print("end");
  return 0;
}

}  // namespace
}  // namespace fairlead::storage

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: storage_child rows|vault URL FIRST COUNT\n", stderr);
    return 2;
  }
  return fairlead::storage::Run(argv[1], argv[2], std::atoll(argv[3]), std::atoll(argv[4]));
}
