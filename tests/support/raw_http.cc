#include "tests/support/raw_http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

namespace fairlead::testing {

std::string RawAnswer::reason() const {
  const size_t at = body.find("\"reason\":\"");
  if (at == std::string::npos) return "";
  return body.substr(at + 10, body.find('"', at + 10) - at - 10);
}

RawHttp::RawHttp(int port, const std::string& ip) : port_(port) {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in own{};
  own.sin_family = AF_INET;
  if (!ip.empty() && (inet_pton(AF_INET, ip.c_str(), &own.sin_addr) != 1 ||
                      bind(fd_, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0)) {
    close(fd_);
    fd_ = -1;
    return;
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(fd_);
    fd_ = -1;
  }
}

RawHttp::~RawHttp() {
  if (fd_ >= 0) close(fd_);
}

bool RawHttp::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool RawHttp::Fill(int timeout_ms) {
  pollfd waiting{fd_, POLLIN, 0};
  if (poll(&waiting, 1, timeout_ms) <= 0) return false;
  char bytes[16 * 1024];
  const ssize_t count = recv(fd_, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  buffer_.append(bytes, static_cast<size_t>(count));
  return true;
}

std::string RawHttp::ReadUntil(std::string_view text, int timeout_ms) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  size_t found = 0;
  while ((found = buffer_.find(text)) == std::string::npos) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    if (left.count() <= 0 || !Fill(static_cast<int>(left.count()))) break;
  }
  const size_t length = found == std::string::npos ? buffer_.size() : found + text.size();
  const std::string seen = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return seen;
}

bool RawHttp::Closed(int timeout_ms) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    pollfd waiting{fd_, POLLIN, 0};
    if (left.count() <= 0 || poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return false;
    char bytes[4096];
    if (recv(fd_, bytes, sizeof bytes, 0) <= 0) return true;
  }
}

RawAnswer RawHttp::Read(bool head_only) {
  RawAnswer answer;
  const std::string head = ReadUntil("\r\n\r\n");
  if (!head.starts_with("HTTP/1.1 ") || !head.ends_with("\r\n\r\n")) return answer;
  for (size_t at = head.find("\r\n") + 2; at + 2 < head.size();) {
    const size_t end = head.find("\r\n", at);
    const size_t colon = head.find(": ", at);
    answer.headers[head.substr(at, colon - at)] = head.substr(colon + 2, end - colon - 2);
    at = end + 2;
  }
  if (!head_only && answer.headers.contains("content-length")) {
    const size_t length = std::stoul(answer.headers["content-length"]);
    while (buffer_.size() < length) {
      if (!Fill(10'000)) return answer;
    }
    answer.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
  }
  answer.status = std::stoi(head.substr(9, 3));
  return answer;
}

RawAnswer RawHttp::Ask(const std::string& method, const std::string& target,
                       const std::string& headers, const std::string& body) {
  std::string request = method + " " + target +
                        " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) + "\r\n" + headers;
  if (!body.empty() || method == "POST") {
    request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  Send(request + "\r\n" + body);
  return Read(method == "HEAD");
}

RawAnswer RawHttp::Call(const std::string& path, const std::string& json,
                        const std::string& headers) {
  return Ask("POST", path, "Content-Type: application/json\r\n" + headers, json);
}

}  // namespace fairlead::testing
