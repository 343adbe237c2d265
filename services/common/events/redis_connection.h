// A blocking connection to Redis over hiredis 0.14.1, with that version's traps closed: only the
// Argv forms are used (a format string would split or misread binary data), any error ends the
// connection for good, and every wait has a time-out.
//
//   FAIRLEAD_ASSIGN(auto redis, RedisConnection::Open("/run/fairlead/redis.sock", 5'000));
//   FAIRLEAD_ASSIGN(Reply pong, redis->Call({"PING"}));
//
// One thread owns a connection. It must have called BlockSigpipe: hiredis writes with write(2).
#ifndef SERVICES_COMMON_EVENTS_REDIS_CONNECTION_H_
#define SERVICES_COMMON_EVENTS_REDIS_CONNECTION_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "services/common/base/result.h"
#include "services/common/events/wake.h"

struct redisContext;
struct redisReply;

namespace fairlead::events {

// Of those who wait for a stream's entries: longer than they ask the server to hold an answer.
inline constexpr int64_t kRedisTimeoutMs = 5'000;
// Between two tries to reach it.
inline constexpr int64_t kMinPauseMs = 5;
inline constexpr int64_t kMaxPauseMs = 500;

// Part of an answer; valid as long as the Reply it came from.
class ReplyView {
 public:
  explicit ReplyView(const redisReply* reply) : reply_(reply) {}
  bool IsError() const;
  bool IsNil() const;
  bool IsArray() const;
  // The bytes of a string, status or error; else "".
  std::string_view Text() const;
  // The number; a string is read as one; else 0.
  int64_t Int() const;
  // Elements of an array; else 0.
  size_t size() const;
  // A nil view when there is no such element.
  ReplyView operator[](size_t index) const;
  // The value after `name` in a flat list of names and values; a nil view when it is not there.
  ReplyView Field(std::string_view name) const;

 private:
  const redisReply* reply_;
};

// A whole answer.
class Reply : public ReplyView {
 public:
  explicit Reply(redisReply* reply);

 private:
  struct Free {
    void operator()(redisReply* reply) const;
  };
  std::unique_ptr<redisReply, Free> owned_;
};

enum class Waited { kReadable, kWoken, kTimeout };

class RedisConnection {
 public:
  using Args = std::span<const std::string_view>;

  // `address`: the path of a Unix socket (it begins with '/'), or "host:port". `timeout_ms` bounds
  // connecting and each wait for an answer. Error: UNAVAILABLE REDIS_UNAVAILABLE.
  static Result<std::unique_ptr<RedisConnection>> Open(const std::string& address,
                                                       int64_t timeout_ms);
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  // Sends a command and waits for its answer. An answer that is an error of Redis' is a success
  // here: ask IsError(). Error: UNAVAILABLE REDIS_UNAVAILABLE; the connection is dead then.
  Result<Reply> Call(Args args);
  Result<Reply> Call(std::initializer_list<std::string_view> args) {
    return Call(Args(args.begin(), args.size()));
  }
  // The same, with an error answer as Error UNAVAILABLE REDIS_REFUSED.
  Result<Reply> MustCall(std::initializer_list<std::string_view> args);

  // Pipelining: Queue each command, then take as many answers with Next, in order.
  Result<void> Queue(Args args);
  Result<void> Queue(std::initializer_list<std::string_view> args) {
    return Queue(Args(args.begin(), args.size()));
  }
  Result<Reply> Next();
  // Sends what is queued without waiting for answers.
  Result<void> Flush();

  // Sends what is queued, then waits until an answer (or the end of the connection) can be read,
  // `wake` is notified, or the time is up.
  Result<Waited> Wait(const Wake& wake, int64_t timeout_ms);

 private:
  explicit RedisConnection(redisContext* context);
  Error Broken() const;
  struct Free {
    void operator()(redisContext* context) const;
  };
  std::unique_ptr<redisContext, Free> context_;
  std::optional<Reply> read_ahead_;  // an answer that Wait found complete in the buffer
};

// Blocks SIGPIPE on the calling thread. Call it first on each thread that owns a connection.
void BlockSigpipe();

}  // namespace fairlead::events

#endif  // SERVICES_COMMON_EVENTS_REDIS_CONNECTION_H_
