// Refused calls in the audit trail, without letting whoever is refused write to it at will: a
// bounded queue between the callers and the service's writer. The first refusal of a kind (same
// caller, method and reason) is written within a second; those alike that follow within the minute
// become one more row with their count. What does not fit is counted, logged and recorded as
// denials_not_recorded: the trail then says that it is not whole, and by how much.
//
//   DenialWriter writer(database, ids, clock);          // one a service, in its own database
//   Denials denials;                                    // one a process
//   denials.Route("/fairlead.consent.v1.", writer);
//   denials.Add(actor, method, error);                  // from the dispatcher: never blocks
#ifndef SERVICES_COMMON_AUDIT_DENIALS_H_
#define SERVICES_COMMON_AUDIT_DENIALS_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "services/common/audit/audit.h"
#include "services/common/auth/actor.h"
#include "services/common/base/clock.h"
#include "services/common/base/periodic.h"

namespace fairlead::audit {

struct DenialOptions {
  size_t max_kinds = 4096;  // different refusals remembered at once
  int64_t window_ms = 60'000;
  int64_t flush_every_ms = 1'000;  // 0: only Flush does, for tests
};

// Thread-safe. Stop it before the database closes.
class DenialWriter {
 public:
  DenialWriter(storage::Database& database, IdGenerator& ids, const Clock& clock,
               DenialOptions options = {});
  ~DenialWriter() { Stop(); }
  DenialWriter(const DenialWriter&) = delete;
  DenialWriter& operator=(const DenialWriter&) = delete;

  void Add(const auth::Actor& actor, std::string_view method, const Error& error,
           Action action = Action::kCallDenied);
  // Writes what is due. Blocks.
  void Flush();
  // Writes everything there is; what comes afterwards is dropped. Blocks. Once is enough.
  void Stop();

 private:
  using Kind = std::tuple<std::string, std::string, std::string>;  // staff, method, reason
  struct Window {
    Record record;         // `count` is what is not written yet
    int64_t since_ms = 0;  // steady
    bool begun = false;    // its first row is written
  };
  std::vector<Record> TakeDue(bool all);
  Result<bool> Write(const std::vector<Record>& records);
  void WriteAll(const std::vector<Record>& due);

  storage::Database& database_;
  IdGenerator& ids_;
  const Clock& clock_;
  const DenialOptions options_;
  std::mutex mutex_;
  std::map<Kind, Window> windows_;
  int64_t not_recorded_ = 0;
  bool stopped_ = false;
  std::optional<Periodic> timer_;
};

// To whose trail a refused call belongs, by its method. Filled before the first call.
class Denials {
 public:
  void Route(std::string prefix, DenialWriter& writer);
  void Add(const auth::Actor& actor, std::string_view method, const Error& error) const;

 private:
  std::map<std::string, DenialWriter*> routes_;
};

}  // namespace fairlead::audit

#endif  // SERVICES_COMMON_AUDIT_DENIALS_H_
