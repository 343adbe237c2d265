#include "tests/bench/sse_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <limits>
#include <utility>
#include <vector>

#include "services/common/base/clock.h"

namespace fairlead::bench {
namespace {

constexpr std::string_view kScheme = "http://localhost:";
constexpr std::string_view kSubject = "\"subject\":\"";
constexpr std::string_view kTime = "\"time\":\"";
constexpr size_t kMaxHeadBytes = 16 * 1024;

// What the line's JSON has under a key, given with its quotes up to the value's; "" without it.
std::string Member(std::string_view line, std::string_view key) {
  const size_t at = line.find(key);
  if (at == std::string_view::npos) return "";
  const size_t begin = at + key.size();
  return std::string(line.substr(begin, line.find('"', begin) - begin));
}

tl::unexpected<Error> NotOpened(const std::string& why) {
  return Fail(Code::kUnavailable, "STREAM_NOT_OPENED", "The event stream did not open: " + why);
}

}  // namespace

Result<std::unique_ptr<SseClient>> SseClient::Connect(const std::string& url,
                                                      const std::string& session_token) {
  if (!url.starts_with(kScheme)) return NotOpened(url);
  const int port = std::atoi(url.c_str() + kScheme.size());
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::unique_ptr<SseClient> client(new SseClient(fd));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 ||
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return NotOpened("no connection");
  }
  const timeval patience{.tv_sec = 1, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  FAIRLEAD_RETURN_IF_ERROR(client->Open(url.substr(std::string_view("http://").size()),
                                        session_token));
  client->reader_ = std::thread([raw = client.get()] { raw->ReadAll(); });
  return client;
}

Result<void> SseClient::Open(const std::string& host, const std::string& session_token) {
  const std::string request = "GET /events HTTP/1.1\r\nHost: " + host +
                              "\r\nAuthorization: Bearer " + session_token +
                              "\r\nAccept: text/event-stream\r\n\r\n";
  if (::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return NotOpened("the request could not be sent");
  }
  // Up to "ready", the stream's first event.
  char piece[4096];
  while (buffered_.find("event: ready") == std::string::npos) {
    const ssize_t got = ::recv(fd_, piece, sizeof piece, 0);
    if (got <= 0 || buffered_.size() > kMaxHeadBytes) {
      return NotOpened(buffered_.substr(0, buffered_.find('\r')));
    }
    buffered_.append(piece, static_cast<size_t>(got));
  }
  return {};
}

SseClient::~SseClient() {
  if (fd_ >= 0) ::shutdown(fd_, SHUT_RDWR);
  if (reader_.joinable()) reader_.join();
  if (fd_ >= 0) ::close(fd_);
}

void SseClient::Await(const std::string& subject, Told told) {
  const std::lock_guard lock(mutex_);
  waiting_[subject] = {std::move(told), SystemClock().SteadyMs()};
}

void SseClient::Forget(const std::string& subject) {
  const std::lock_guard lock(mutex_);
  waiting_.erase(subject);
}

void SseClient::ReadAll() {
  char piece[64 * 1024];
  int64_t looked_ms = SystemClock().SteadyMs();
  while (true) {
    TakeLines();
    const ssize_t got = ::recv(fd_, piece, sizeof piece, 0);
    const bool quiet = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    if (got <= 0 && !quiet) break;
    if (got > 0) buffered_.append(piece, static_cast<size_t>(got));
    const int64_t now_ms = SystemClock().SteadyMs();
    if (now_ms - looked_ms < 1'000) continue;
    looked_ms = now_ms;
    FailOlderThan(now_ms - kPatienceMs, "EVENT_NOT_SEEN");
  }
  FailOlderThan(std::numeric_limits<int64_t>::max(), "STREAM_ENDED");
}

// Chunk sizes stand on lines of their own between the events' lines, and the gateway never ends a
// chunk inside a line: so they can be passed over like any other line.
void SseClient::TakeLines() {
  size_t from = 0;
  for (size_t end; (end = buffered_.find('\n', from)) != std::string::npos; from = end + 1) {
    const std::string_view line(buffered_.data() + from, end - from);
    if (!line.starts_with("data:")) continue;
    const std::string subject = Member(line, kSubject);
    if (!subject.empty()) Tell(subject, ParseTime(Member(line, kTime)).value_or(0));
  }
  buffered_.erase(0, from);
}

std::vector<int64_t> SseClient::TakeLagsMs() {
  const std::lock_guard lock(mutex_);
  return std::exchange(lags_ms_, {});
}

void SseClient::Tell(const std::string& subject, int64_t time_ms) {
  Told told;
  const int64_t lag_ms = SystemClock().NowMs() - time_ms;
  {
    const std::lock_guard lock(mutex_);
    const auto found = waiting_.find(subject);
    if (found == waiting_.end()) return;
    told = std::move(found->second.told);
    waiting_.erase(found);
    if (lags_ms_.size() < kMostLags) lags_ms_.push_back(lag_ms);
  }
  told({});
}

void SseClient::FailOlderThan(int64_t since_ms, const char* reason) {
  std::vector<Told> late;
  {
    const std::lock_guard lock(mutex_);
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      if (it->second.since_ms >= since_ms) {
        ++it;
        continue;
      }
      late.push_back(std::move(it->second.told));
      it = waiting_.erase(it);
    }
  }
  for (const Told& told : late) {
    told(Fail(Code::kDeadlineExceeded, reason, "The event did not arrive."));
  }
}

}  // namespace fairlead::bench
