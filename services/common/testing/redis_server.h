// A real redis-server for one test: on a Unix socket in a folder of its own, no TCP port.
//
//   Result<std::unique_ptr<RedisServer>> redis = RedisServer::Start();
//   Connect((*redis)->socket_path());
//   (*redis)->EraseAndRestart();     // what the design promises to survive
#ifndef SERVICES_COMMON_TESTING_REDIS_SERVER_H_
#define SERVICES_COMMON_TESTING_REDIS_SERVER_H_

#include <memory>
#include <optional>
#include <string>

#include "services/common/base/result.h"
#include "services/common/testing/child_process.h"
#include "services/common/testing/temp_dir.h"

namespace fairlead::testing {

class RedisServer {
 public:
  // Ready for commands when it returns. `append_only`: keep data across Restart (an fsync each
  // second). Error: UNAVAILABLE REDIS_NOT_STARTED with the end of its log.
  static Result<std::unique_ptr<RedisServer>> Start(bool append_only = true);

  // Stays the same across restarts.
  const std::string& socket_path() const { return socket_path_; }
  const std::string& folder() const { return folder_.path(); }
  bool Running() { return child_ && child_->Running(); }
  // Pauses the process without ending it, and lets it go on: a hung server.
  void Freeze();
  void Thaw();
  void Kill9();
  // Kill9, then a start on the files it left.
  Result<void> Restart();
  // Kill9, all files removed, a start from nothing.
  Result<void> EraseAndRestart();
  // FLUSHALL: all data gone, the connections stay.
  Result<void> FlushAll();

 private:
  explicit RedisServer(bool append_only) : append_only_(append_only) {}
  Result<void> Launch();
  // Sends one command without arguments; the first line of the answer.
  std::optional<std::string> Command(const std::string& name) const;

  TempDir folder_;
  std::string socket_path_ = folder_.File("redis.sock");
  bool append_only_;
  std::optional<ChildProcess> child_;
};

}  // namespace fairlead::testing

#endif  // SERVICES_COMMON_TESTING_REDIS_SERVER_H_
