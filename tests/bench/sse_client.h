// One subscriber of a gateway's event stream, which others wait on.
//
//   auto events = SseClient::Connect(hub.url(), token);
//   (*events)->Await(referral_id, [](Result<void> told) { … });
#ifndef TESTS_BENCH_SSE_CLIENT_H_
#define TESTS_BENCH_SSE_CLIENT_H_

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "services/common/base/result.h"

namespace fairlead::bench {

class SseClient {
 public:
  using Told = std::function<void(Result<void>)>;
  static constexpr int64_t kPatienceMs = 10'000;

  // `url`: "http://localhost:7420". Returns once the stream is open. Error: STREAM_NOT_OPENED.
  static Result<std::unique_ptr<SseClient>> Connect(const std::string& url,
                                                    const std::string& session_token);
  ~SseClient();

  // Calls `told` when an event about `subject` has come, or with an error after kPatienceMs.
  void Await(const std::string& subject, Told told);
  // It will not come: nobody is told.
  void Forget(const std::string& subject);
  // From the time that the event gives itself, which is before its commit, until its line was here,
  // in milliseconds: of what was awaited and came since the last call. Both clocks are this
  // machine's. At most kMostLags.
  std::vector<int64_t> TakeLagsMs();
  static constexpr size_t kMostLags = 1'000'000;

 private:
  struct Waiting {
    Told told;
    int64_t since_ms = 0;
  };
  explicit SseClient(int fd) : fd_(fd) {}
  Result<void> Open(const std::string& host, const std::string& session_token);
  void ReadAll();
  void TakeLines();
  void Tell(const std::string& subject, int64_t time_ms);
  void FailOlderThan(int64_t since_ms, const char* reason);

  const int fd_;
  std::string buffered_;
  std::mutex mutex_;
  std::unordered_map<std::string, Waiting> waiting_;
  std::vector<int64_t> lags_ms_;
  std::thread reader_;
};

}  // namespace fairlead::bench

#endif  // TESTS_BENCH_SSE_CLIENT_H_
