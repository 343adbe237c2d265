// The hub's own redis-server: a child process on a Unix socket inside the data folder, without a
// port, without a file on disk. Redis is disposable: when it dies it is started again, empty, and
// everything heals from the outboxes.
#ifndef SERVICES_HUB_REDIS_CHILD_H_
#define SERVICES_HUB_REDIS_CHILD_H_

#include <sys/types.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "services/common/base/result.h"

namespace fairlead::hub {

class RedisChild {
 public:
  // `directory` is made (0700). Errors: DATA_FOLDER_IN_USE, REDIS_START_FAILED (it did not answer a
  // PING within 5 s).
  static Result<std::unique_ptr<RedisChild>> Start(const std::string& directory);
  ~RedisChild() { Stop(); }
  RedisChild(const RedisChild&) = delete;
  RedisChild& operator=(const RedisChild&) = delete;

  const std::string& socket_path() const { return socket_path_; }
  int restarts() const { return restarts_.load(); }
  void Stop();

 private:
  explicit RedisChild(std::string directory);
  bool Spawn();
  bool WaitUntilReady(int64_t within_ms);
  void Watch();

  const std::string directory_;
  const std::string socket_path_;
  std::mutex mutex_;  // guards pid_ and stopping_
  pid_t pid_ = -1;
  bool stopping_ = false;
  int lock_fd_ = -1;  // held while the socket is ours; its path must not be taken from another
  std::atomic<int> restarts_{0};
  std::thread watcher_;
};

}  // namespace fairlead::hub

#endif  // SERVICES_HUB_REDIS_CHILD_H_
