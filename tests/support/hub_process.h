// A real hub under a test or a measurement: the program itself, in a data folder of its own, on a
// free port; killed, restarted, spoken to over its gRPC socket.
//
//   auto hub = HubProcess::Start({.data_dir = folder.File("data")});
//   auto reply = SyncWait(rpc::Call<…>((*hub)->channel(), …));
//   (*hub)->Kill9();
//   (*hub)->Restart();
#ifndef TESTS_SUPPORT_HUB_PROCESS_H_
#define TESTS_SUPPORT_HUB_PROCESS_H_

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "services/common/auth/assertion.h"
#include "services/common/base/result.h"
#include "services/common/rpc/channel.h"
#include "services/common/testing/child_process.h"

namespace fairlead::testing {

struct HubProcessOptions {
  std::string data_dir = {};
  std::vector<std::string> arguments = {};  // beside --data and --listen
  std::vector<std::string> extra_env = {};
  std::string log_path = {};                // its standard error; empty: data_dir + ".log"
};

class HubProcess {
 public:
  // Waits for "ready", at most 60 s. The program: $FAIRLEAD_PROGRAM, else the one this very
  // process runs when it is named fairlead, else the one beside it. Errors: HUB_NOT_READY.
  static Result<std::unique_ptr<HubProcess>> Start(HubProcessOptions options);

  // SIGKILL to it; its Redis dies with it.
  void Kill9() { child_->Kill9(); }
  // After Kill9, or after a clean stop.
  Result<void> Restart();
  // SIGTERM; the exit code.
  Result<int> Stop(int64_t within_ms = 20'000);

  const std::string& url() const { return url_; }          // "http://localhost:40123"
  const std::string& data_dir() const { return options_.data_dir; }
  pid_t pid() const { return child_->pid(); }
  bool Running() { return child_ && child_->Running(); }
  int64_t ready_ms() const { return ready_ms_; }            // from start to "ready"
  int64_t resident_kib() const;                             // VmRSS
  // gRPC to its socket, signed with the key in its data folder. New after each Restart; the old
  // one lives as long as somebody calls through it. Null while it is being restarted.
  std::shared_ptr<rpc::Channel> shared_channel() {
    const std::lock_guard lock(mutex_);
    return channel_;
  }
  rpc::Channel& channel() { return *shared_channel(); }

 private:
  explicit HubProcess(HubProcessOptions options) : options_(std::move(options)) {}
  Result<void> Launch();

  HubProcessOptions options_;
  std::optional<ChildProcess> child_;
  std::string url_;
  int64_t ready_ms_ = 0;
  std::unique_ptr<auth::AssertionSigner> signer_;
  std::mutex mutex_;
  std::shared_ptr<rpc::Channel> channel_;
  // A channel must not end on a thread of its own, where the last caller may be: kept to the end.
  std::vector<std::shared_ptr<rpc::Channel>> retired_;
};

// The program under test.
std::string FairleadProgram();

}  // namespace fairlead::testing

#endif  // TESTS_SUPPORT_HUB_PROCESS_H_
