// All services in this very process, with a real Redis, on either engine, behind the same
// pipeline as ever: for tests that need the services and not the program.
#ifndef TESTS_SUPPORT_IN_PROCESS_HUB_H_
#define TESTS_SUPPORT_IN_PROCESS_HUB_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/common/audit/denials.h"
#include "services/common/base/clock.h"
#include "services/common/base/ids.h"
#include "services/common/host/service.h"
#include "services/common/rpc/dispatcher.h"
#include "services/common/storage/database.h"
#include "services/common/testing/redis_server.h"
#include "services/common/testing/temp_dir.h"

namespace fairlead::testing {

// Where people would open it: passkeys belong to it.
inline constexpr char kInProcessUrl[] = "http://localhost:7420";

// For a hub that is killed and started again: where what it had is kept.
struct InProcessKeep {
  std::string folder = {};
  std::map<std::string, std::string> database_urls = {};  // by service; none: SQLite in the folder
  const Clock* clock = nullptr;                           // what the services take for the time
};

class InProcessHub {
 public:
  // With fresh databases.
  static Result<std::unique_ptr<InProcessHub>> Start(storage::Transaction::Engine engine);
  static Result<std::unique_ptr<InProcessHub>> Start(const InProcessKeep& keep);
  // Of PostgreSQL, one for each service.
  static Result<std::map<std::string, std::string>> NewDatabases();
  ~InProcessHub();

  rpc::Channel& channel() { return *channel_; }
  rpc::Dispatcher& dispatcher() { return *dispatcher_; }
  const std::string& folder() const { return keep_.folder; }
  RedisServer& redis() { return *redis_; }
  // The services see this clock; steady time is the machine's.
  class ShiftedClock final : public Clock {
   public:
    int64_t NowMs() const override { return SystemClock().NowMs() + shift_ms_.load(); }
    int64_t SteadyMs() const override { return SystemClock().SteadyMs(); }
    void Shift(int64_t by_ms) { shift_ms_ += by_ms; }

   private:
    std::atomic<int64_t> shift_ms_{0};
  };
  ShiftedClock& clock() { return clock_; }

 private:
  explicit InProcessHub(const InProcessKeep& keep);
  Result<void> StartServices();

  TempDir own_folder_;
  ShiftedClock clock_;
  const InProcessKeep keep_;
  IdGenerator ids_;
  std::unique_ptr<RedisServer> redis_;
  rpc::Registry registry_;
  audit::Denials denials_;
  std::unique_ptr<rpc::Dispatcher> dispatcher_;
  std::unique_ptr<rpc::Channel> channel_;
  std::vector<std::unique_ptr<host::Service>> services_;
};

}  // namespace fairlead::testing

#endif  // TESTS_SUPPORT_IN_PROCESS_HUB_H_
