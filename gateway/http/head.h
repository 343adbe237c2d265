// The head of an HTTP/1.1 request (RFC 9112), taken strictly. What two servers in a row might read
// differently (request smuggling, section 11.2) is refused here, before any other code sees it:
// bare CR or LF, folded lines, white space before a colon, a second Content-Length or one beside
// Transfer-Encoding, any coding but "chunked", a missing or second Host, absolute-form targets.
//
//   Expected<Head> head = ParseHead("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
//   if (!head) answer(head.error().status, head.error().detail);
#ifndef GATEWAY_HTTP_HEAD_H_
#define GATEWAY_HTTP_HEAD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/http/message.h"

namespace fairlead::gateway {

inline constexpr size_t kMaxHeadBytes = 16 * 1024;
inline constexpr size_t kMaxTargetBytes = 8 * 1024;
inline constexpr size_t kMaxHeaders = 64;

struct Head {
  std::string method;
  std::string path;
  std::string query;
  Headers headers;  // names in lower case, values without the white space around them
  std::optional<uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = true;
  bool expects_continue = false;
  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

struct HeadFault {
  int status = 400;         // 400, 414, 417, 431, 501 or 505
  std::string_view detail;  // "folded_line": stable, from a fixed set; never what was sent
};

// `bytes` ends with the empty line.
tl::expected<Head, HeadFault> ParseHead(std::string_view bytes);

// "a=1&b=%20" taken apart and decoded; the first value of `name`. nullopt: absent. An invalid
// escape makes the whole query absent.
std::optional<std::string> QueryParameter(std::string_view query, std::string_view name);

}  // namespace fairlead::gateway

#endif  // GATEWAY_HTTP_HEAD_H_
