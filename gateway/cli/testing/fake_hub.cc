#include "gateway/cli/testing/fake_hub.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "services/common/base/check.h"
#include "services/common/base/encoding.h"
#include "services/common/rpc/error_detail.h"

namespace fairlead::cli {
namespace {

constexpr size_t kMaxRequestBytes = 8 * 1024 * 1024;

bool Receive(int fd, std::string* buffer) {
  char bytes[4096];
  const ssize_t count = ::recv(fd, bytes, sizeof bytes, 0);
  if (count <= 0 || buffer->size() > kMaxRequestBytes) return false;
  buffer->append(bytes, static_cast<size_t>(count));
  return true;
}

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

FakeRequest ParseHead(const std::string& head) {
  FakeRequest request;
  const size_t first = head.find(' ');
  request.method = head.substr(0, first);
  request.path = head.substr(first + 1, head.find(' ', first + 1) - first - 1);
  size_t at = head.find("\r\n");
  while (at != std::string::npos && at + 2 < head.size()) {
    const size_t end = head.find("\r\n", at + 2);
    const std::string line = head.substr(at + 2, end - at - 2);
    const size_t colon = line.find(':');
    if (colon != std::string::npos && colon + 2 <= line.size()) {
      request.headers[Lower(line.substr(0, colon))] = line.substr(colon + 2);
    }
    at = end;
  }
  return request;
}

}  // namespace

FakeAnswer Protobuf(const google::protobuf::Message& message) {
  return {.body = message.SerializeAsString(), .extra_headers = {}};
}

FakeAnswer Refusal(int status, const Error& error) {
  boost::json::array details;
  details.push_back(boost::json::object{
      {"type", rpc::kErrorInfoType}, {"value", Base64EncodeUnpadded(rpc::EncodeErrorInfo(error))}});
  return {.status = status,
          .content_type = "application/json",
          .body = boost::json::serialize(boost::json::object{{"code", CodeName(error.code)},
                                                             {"message", error.message},
                                                             {"details", std::move(details)}}),
          .extra_headers = "x-request-id: request-of-the-hub\r\n"};
}

FakeHub::FakeHub() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  FAIRLEAD_CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
  FAIRLEAD_CHECK(::listen(listener_, 16) == 0);
  FAIRLEAD_CHECK(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

FakeHub::~FakeHub() {
  ::shutdown(listener_, SHUT_RDWR);  // wakes accept
  thread_.join();
  ::close(listener_);
}

void FakeHub::OnCall(std::string_view method, Handler handler) {
  const std::lock_guard lock(mutex_);
  const std::string path =
      method.starts_with('/') ? std::string(method) : "/" + std::string(method);
  handlers_[path] = std::move(handler);
}

std::vector<FakeRequest> FakeHub::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void FakeHub::Serve() {
  while (true) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    Handle(fd);
    ::close(fd);
  }
}

void FakeHub::Handle(int fd) {
  std::string buffer;
  size_t end = std::string::npos;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
    if (!Receive(fd, &buffer)) return;
  }
  FakeRequest request = ParseHead(buffer.substr(0, end + 2));
  const auto length = request.headers.find("content-length");
  const size_t body_bytes = length == request.headers.end() ? 0 : std::stoul(length->second);
  while (buffer.size() < end + 4 + body_bytes) {
    if (!Receive(fd, &buffer)) return;
  }
  request.body = buffer.substr(end + 4, body_bytes);
  Handler handler;
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    const auto found = handlers_.find(request.path);
    if (found != handlers_.end()) handler = found->second;
  }
  const FakeAnswer answer =
      handler ? handler(request)
              : Refusal(404, {Code::kUnimplemented, "UNKNOWN_METHOD", "No such method.", {}});
  if (answer.hang_up) return;
  const std::string text =
      "HTTP/1.1 " + std::to_string(answer.status) + " X\r\ncontent-type: " + answer.content_type +
      "\r\ncontent-length: " + std::to_string(answer.body.size()) + "\r\nconnection: close\r\n" +
      answer.extra_headers + "\r\n" + answer.body;
  static_cast<void>(::send(fd, text.data(), text.size(), MSG_NOSIGNAL));
}

}  // namespace fairlead::cli
