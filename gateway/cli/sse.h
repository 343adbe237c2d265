// Server-sent events as they come off the wire (WHATWG HTML, "Server-sent events", section 9.2.6).
//
//   SseParser parser;
//   parser.Feed(bytes, [](const SseEvent& event) { … });
#ifndef GATEWAY_CLI_SSE_H_
#define GATEWAY_CLI_SSE_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace fairlead::cli {

struct SseEvent {
  std::string name;  // "message" when the stream names none
  std::string data;
  std::string id;  // the last one seen so far
};

class SseParser {
 public:
  static constexpr size_t kMaxEventBytes = 256 * 1024;

  // Bytes may be cut anywhere. False when an event grows beyond kMaxEventBytes: drop the stream.
  bool Feed(std::string_view bytes, const std::function<void(const SseEvent&)>& on_event);
  const std::string& last_id() const { return last_id_; }
  // A new connection: what was half received is dropped, the id stays.
  void Reset();

 private:
  void Line(std::string_view line, const std::function<void(const SseEvent&)>& on_event);

  std::string pending_;
  std::string name_;
  std::string data_;
  bool has_data_ = false;
  bool after_cr_ = false;
  std::string last_id_;
};

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_SSE_H_
