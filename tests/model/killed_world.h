// All services in a process of their own, which is killed and started again; its clock is set from
// here. That process is the very program that calls this: its main must give way to RunHub.
//
//   int main(int argc, char** argv) {
//     if (const auto exit_code = KilledWorld::RunHub(argc, argv)) return *exit_code;
//     …
//   auto world = KilledWorld::Start(Engine::kSqlite);
//   (*world)->Kill();
#ifndef TESTS_MODEL_KILLED_WORLD_H_
#define TESTS_MODEL_KILLED_WORLD_H_

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "services/common/auth/assertion.h"
#include "services/common/storage/database.h"
#include "services/common/testing/child_process.h"
#include "services/common/testing/temp_dir.h"
#include "tests/model/world.h"
#include "tests/support/shared_clock.h"

namespace fairlead::model {

class KilledWorld final : public World {
 public:
  // Error: UNAVAILABLE HUB_NOT_READY.
  static Result<std::unique_ptr<KilledWorld>> Start(storage::Transaction::Engine engine);
  // In the process that is to be the hub: serves until it is killed. Else nothing.
  static std::optional<int> RunHub(int argc, char** argv);

  rpc::Channel& channel() override { return steady_; }
  const Clock& clock() const override { return clock_; }
  void Shift(int64_t by_ms) override { clock_.Jump(by_ms); }
  bool CanBeKilled() const override { return true; }
  void Kill() override;
  int kills() const { return kills_; }

 private:
  // Stays the same object while the hub behind it comes and goes.
  class SteadyChannel final : public rpc::Channel {
   public:
    explicit SteadyChannel(KilledWorld& world) : world_(world) {}
    Task<rpc::Reply> Call(std::string method, const rpc::Message& request,
                          const rpc::Message& response_prototype,
                          rpc::CallOptions options) override;

   private:
    KilledWorld& world_;
  };

  KilledWorld() : clock_(folder_.File("clock")), steady_(*this) {}
  Result<void> Launch();
  std::shared_ptr<rpc::Channel> Current();

  const testing::TempDir folder_;
  testing::SharedClock clock_;
  std::vector<std::string> database_urls_;  // name=url
  std::optional<testing::ChildProcess> hub_;
  std::unique_ptr<auth::AssertionSigner> signer_;
  std::mutex mutex_;
  std::shared_ptr<rpc::Channel> current_;
  // A channel must not end on a thread of its own, where the last caller may be: kept to the end.
  std::vector<std::shared_ptr<rpc::Channel>> retired_;
  SteadyChannel steady_;
  int kills_ = 0;
};

}  // namespace fairlead::model

#endif  // TESTS_MODEL_KILLED_WORLD_H_
