// One service in a process of its own, behind a real gRPC server, for tests that kill it. The
// process is the test program itself:
//
//   int main(int argc, char** argv) {
//     if (const auto code = testing::ServeIfChild(argc, argv, StartConsentService)) return *code;
//     …
//   }
//
//   ServiceProcess process("sqlite:" + folder.File("consent.db"), folder);
//   ASSERT_TRUE(process.Launch());
//   process.SetClock(-3'600'000);
//   process.Kill();
//   ASSERT_TRUE(process.Launch());   // on what the other left behind
#ifndef SERVICES_COMMON_TESTING_SERVICE_PROCESS_H_
#define SERVICES_COMMON_TESTING_SERVICE_PROCESS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/common/auth/assertion.h"
#include "services/common/base/result.h"
#include "services/common/host/service.h"
#include "services/common/rpc/channel.h"
#include "services/common/testing/child_process.h"
#include "services/common/testing/temp_dir.h"

namespace fairlead::testing {

using ServiceStarter =
    std::function<Result<std::unique_ptr<host::Service>>(const host::Environment&)>;

// When this program was started by Launch: serves until it is told to stop, and gives the exit
// code. Else nothing.
std::optional<int> ServeIfChild(int argc, char** argv, const ServiceStarter& start);

class ServiceProcess {
 public:
  // Keeps its socket, its key and its log in `folder`, which outlives it.
  ServiceProcess(std::string database_url, const TempDir& folder);

  // Starts it, or starts it again; answers when it is ready, with the clock that was set last.
  bool Launch();
  void Kill();  // SIGKILL
  // As an operator would. The exit code; nullopt: it did not stop by itself.
  std::optional<int> Stop();
  // From the next call on, the service's clock is that far from the machine's.
  bool SetClock(int64_t offset_ms);

  int kills() const { return kills_; }
  rpc::Channel& channel() { return *channel_; }
  // For `actor`, through that service of ours when one is named (a service for itself needs none).
  rpc::CallOptions Options(const auth::Actor& actor, const std::string& through = "") const;
  template <class Response, class Request>
  Result<Response> Call(const auth::Actor& actor, const std::string& method,
                        const Request& request) {
    return SyncWait(rpc::Call<Response>(*channel_, method, request, Options(actor)));
  }

 private:
  bool WaitForLine(const std::string& awaited);

  const std::string url_;
  const std::string socket_;
  const std::string key_file_;
  const std::string log_;
  std::unique_ptr<auth::AssertionSigner> signer_;
  std::optional<ChildProcess> child_;
  std::unique_ptr<rpc::Channel> channel_;
  // A channel must not end on a thread of its own, where the last caller may be: kept to the end.
  std::vector<std::unique_ptr<rpc::Channel>> retired_;
  int64_t offset_ms_ = 0;
  int kills_ = 0;
};

}  // namespace fairlead::testing

#endif  // SERVICES_COMMON_TESTING_SERVICE_PROCESS_H_
