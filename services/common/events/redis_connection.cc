#include "services/common/events/redis_connection.h"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <pthread.h>
#include <sys/time.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <vector>

namespace fairlead::events {
namespace {

constexpr size_t kMaxArguments = 320;

timeval ToTimeval(int64_t ms) { return {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000}; }

bool HasText(const redisReply* reply) {
  return reply != nullptr &&
         (reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS ||
          reply->type == REDIS_REPLY_ERROR);
}

// "host:port"; hosts in brackets are not supported (private IPv4 networks and names only).
redisContext* ConnectTcp(const std::string& address, timeval timeout) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return nullptr;
  int port = 0;
  const char* end = address.data() + address.size();
  const auto parsed = std::from_chars(address.data() + colon + 1, end, port);
  if (parsed.ec != std::errc() || parsed.ptr != end || port <= 0 || port > 65'535) return nullptr;
  return redisConnectWithTimeout(address.substr(0, colon).c_str(), port, timeout);
}

}  // namespace

bool ReplyView::IsError() const { return reply_ != nullptr && reply_->type == REDIS_REPLY_ERROR; }
bool ReplyView::IsNil() const { return reply_ == nullptr || reply_->type == REDIS_REPLY_NIL; }
bool ReplyView::IsArray() const { return reply_ != nullptr && reply_->type == REDIS_REPLY_ARRAY; }

std::string_view ReplyView::Text() const {
  return HasText(reply_) ? std::string_view(reply_->str, reply_->len) : std::string_view();
}

int64_t ReplyView::Int() const {
  if (reply_ == nullptr) return 0;
  if (reply_->type == REDIS_REPLY_INTEGER) return reply_->integer;
  int64_t number = 0;
  const std::string_view text = Text();
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

size_t ReplyView::size() const { return IsArray() ? reply_->elements : 0; }

ReplyView ReplyView::operator[](size_t index) const {
  return ReplyView(index < size() ? reply_->element[index] : nullptr);
}

ReplyView ReplyView::Field(std::string_view name) const {
  for (size_t i = 0; i + 1 < size(); i += 2) {
    if ((*this)[i].Text() == name) return (*this)[i + 1];
  }
  return ReplyView(nullptr);
}

Reply::Reply(redisReply* reply) : ReplyView(reply), owned_(reply) {}
void Reply::Free::operator()(redisReply* reply) const { freeReplyObject(reply); }
void RedisConnection::Free::operator()(redisContext* context) const { redisFree(context); }

RedisConnection::RedisConnection(redisContext* context) : context_(context) {}
RedisConnection::~RedisConnection() = default;

Result<std::unique_ptr<RedisConnection>> RedisConnection::Open(const std::string& address,
                                                               int64_t timeout_ms) {
  const timeval timeout = ToTimeval(timeout_ms);
  redisContext* context = address.starts_with('/')
                              ? redisConnectUnixWithTimeout(address.c_str(), timeout)
                              : ConnectTcp(address, timeout);
  if (context == nullptr) {
    return Fail(Code::kUnavailable, "REDIS_UNAVAILABLE", "not an address of Redis: " + address);
  }
  std::unique_ptr<RedisConnection> connection(new RedisConnection(context));
  if (context->err != 0) return Fail(connection->Broken());
  if (redisSetTimeout(context, timeout) != REDIS_OK) return Fail(connection->Broken());
  return connection;
}

Error RedisConnection::Broken() const {
  return {Code::kUnavailable,
          "REDIS_UNAVAILABLE",
          context_->err != 0 ? std::string(context_->errstr) : "the connection to Redis ended",
          {}};
}

Result<void> RedisConnection::Queue(Args args) {
  if (args.size() > kMaxArguments) {
    return Fail(Code::kInternal, "REDIS_UNAVAILABLE", "a command with too many arguments");
  }
  std::array<const char*, kMaxArguments> texts;
  std::array<size_t, kMaxArguments> lengths;
  for (size_t i = 0; i < args.size(); ++i) {
    texts[i] = args[i].data();
    lengths[i] = args[i].size();
  }
  if (context_->err != 0 || redisAppendCommandArgv(context_.get(), static_cast<int>(args.size()),
                                                   texts.data(), lengths.data()) != REDIS_OK) {
    return Fail(Broken());
  }
  return {};
}

Result<Reply> RedisConnection::Next() {
  if (read_ahead_) {
    Reply answer = std::move(*read_ahead_);
    read_ahead_.reset();
    return answer;
  }
  void* reply = nullptr;
  if (context_->err != 0 || redisGetReply(context_.get(), &reply) != REDIS_OK || reply == nullptr) {
    return Fail(Broken());
  }
  return Reply(static_cast<redisReply*>(reply));
}

Result<void> RedisConnection::Flush() {
  int done = 0;
  while (done == 0) {
    if (context_->err != 0 || redisBufferWrite(context_.get(), &done) != REDIS_OK) {
      return Fail(Broken());
    }
  }
  return {};
}

Result<Reply> RedisConnection::Call(Args args) {
  FAIRLEAD_RETURN_IF_ERROR(Queue(args));
  return Next();
}

Result<Reply> RedisConnection::MustCall(std::initializer_list<std::string_view> args) {
  FAIRLEAD_ASSIGN(Reply reply, Call(args));
  if (reply.IsError()) {
    return Fail(Code::kUnavailable, "REDIS_REFUSED",
                std::string(*args.begin()) + ": " + std::string(reply.Text()));
  }
  return reply;
}

Result<Waited> RedisConnection::Wait(const Wake& wake, int64_t timeout_ms) {
  FAIRLEAD_RETURN_IF_ERROR(Flush());
  // Answers of a pipeline arrive together: what is in the buffer already, poll cannot see.
  void* buffered = nullptr;
  if (!read_ahead_) {
    if (redisGetReplyFromReader(context_.get(), &buffered) != REDIS_OK) return Fail(Broken());
    if (buffered != nullptr) read_ahead_.emplace(static_cast<redisReply*>(buffered));
  }
  if (read_ahead_) return Waited::kReadable;
  std::array<pollfd, 2> fds{pollfd{context_->fd, POLLIN, 0}, pollfd{wake.fd(), POLLIN, 0}};
  const int ready = ::poll(fds.data(), fds.size(), static_cast<int>(timeout_ms));
  if (ready < 0 && errno != EINTR) return Fail(Broken());
  if (ready <= 0) return Waited::kTimeout;
  if (fds[0].revents != 0) return Waited::kReadable;
  return Waited::kWoken;
}

void BlockSigpipe() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace fairlead::events
