#include "gateway/http/head.h"

#include <algorithm>
#include <array>

namespace fairlead::gateway {
namespace {

using Fault = tl::unexpected<HeadFault>;

Fault Bad(std::string_view detail, int status = 400) { return Fault(HeadFault{status, detail}); }

bool IsAlnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool IsHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
// RFC 9110, section 5.6.2.
bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return IsAlnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}
// RFC 3986: pchar, '/' and '?'; every '%' begins an escape.
bool IsTarget(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || !IsHex(text[i + 1]) || !IsHex(text[i + 2])) return false;
      i += 2;
    } else if (!IsAlnum(c) &&
               std::string_view("-._~!$&'()*+,;=:@/?").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}
// HTAB, visible characters and bytes above 127; no other control character.
bool IsFieldValue(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}
bool IsHost(std::string_view text) {
  return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), [](char c) {
    return IsAlnum(c) || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
  });
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

tl::expected<void, HeadFault> ParseRequestLine(std::string_view line, Head& head) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return Bad("request_line");
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (method.size() > 16 || !IsToken(method)) return Bad("method");
  if (version != "HTTP/1.1") {
    const bool is_http = version.size() == 8 && version.starts_with("HTTP/") && version[5] >= '0' &&
                         version[5] <= '9' && version[6] == '.' && version[7] >= '0' &&
                         version[7] <= '9';
    return is_http ? Bad("version", 505) : Bad("request_line");
  }
  if (target.size() > kMaxTargetBytes) return Bad("target_too_long", 414);
  // Origin-form only: no proxy is here, so absolute-form and "*" are someone's confusion.
  if (!target.starts_with('/')) return Bad("target_form");
  if (!IsTarget(target)) return Bad("target");
  const size_t mark = target.find('?');
  head.method = method;
  head.path = target.substr(0, mark);
  if (mark != std::string_view::npos) head.query = target.substr(mark + 1);
  return {};
}

// Headers that mean one thing: a second one is refused, not joined.
bool IsSingle(std::string_view name) {
  constexpr std::array<std::string_view, 17> kSingle = {
      "host",          "content-length",     "transfer-encoding",
      "content-type",  "authorization",      "cookie",
      "origin",        "content-encoding",   "expect",
      "traceparent",   "connect-timeout-ms", "connect-protocol-version",
      "last-event-id", "sec-fetch-site",     "signature",
      "signature-input", "content-digest"};
  return std::find(kSingle.begin(), kSingle.end(), name) != kSingle.end();
}

tl::expected<void, HeadFault> ParseField(std::string_view line, Head& head) {
  if (line.front() == ' ' || line.front() == '\t') return Bad("folded_line");
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return Bad("header_line");
  if (!IsToken(line.substr(0, colon))) return Bad("header_name");
  const std::string_view value = Trim(line.substr(colon + 1));
  if (!IsFieldValue(value)) return Bad("header_value");
  std::string name = Lower(line.substr(0, colon));
  if (IsSingle(name)) {
    for (const auto& [known, ignored] : head.headers) {
      if (known == name) return Bad(name == "host" ? "second_host" : "second_header");
    }
  }
  if (head.headers.size() >= kMaxHeaders) return Bad("too_many_headers", 431);
  head.headers.emplace_back(std::move(name), std::string(value));
  return {};
}

tl::expected<void, HeadFault> ReadFraming(Head& head) {
  bool has_host = false;
  bool has_transfer_encoding = false;
  for (const auto& [name, value] : head.headers) {
    if (name == "host") {
      if (!IsHost(value)) return Bad("host");
      has_host = true;
    } else if (name == "content-length") {
      // Up to 15 digits: no overflow, no sign, no list.
      if (value.empty() || value.size() > 15 ||
          !std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        return Bad("content_length");
      }
      head.content_length = std::stoull(value);
    } else if (name == "transfer-encoding") {
      has_transfer_encoding = true;
      if (Lower(value) != "chunked") return Bad("transfer_encoding", 501);
      head.chunked = true;
    } else if (name == "connection") {
      const std::string lower = Lower(value);
      if (lower.find("close") != std::string::npos) head.keep_alive = false;
    } else if (name == "expect") {
      if (Lower(value) != "100-continue") return Bad("expect", 417);
      head.expects_continue = true;
    }
  }
  if (!has_host) return Bad("no_host");
  if (has_transfer_encoding && head.content_length) return Bad("length_and_transfer_encoding");
  if (head.has_body() && (head.method == "GET" || head.method == "HEAD")) {
    return Bad("unexpected_body");
  }
  return {};
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return (c >= 'a' ? c - 'a' : c - 'A') + 10;
}

std::optional<std::string> FormDecode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      if (i + 2 >= text.size() || !IsHex(text[i + 1]) || !IsHex(text[i + 2])) return std::nullopt;
      out.push_back(static_cast<char>(HexValue(text[i + 1]) * 16 + HexValue(text[i + 2])));
      i += 2;
    }
  }
  return out;
}

}  // namespace

tl::expected<Head, HeadFault> ParseHead(std::string_view bytes) {
  if (bytes.size() > kMaxHeadBytes) return Bad("head_too_large", 431);
  Head head;
  bool first = true;
  while (true) {
    const size_t end = bytes.find_first_of(std::string_view("\r\n\0", 3));
    if (end == std::string_view::npos || end + 1 >= bytes.size() || bytes[end] != '\r' ||
        bytes[end + 1] != '\n') {
      return Bad("line_end");
    }
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end + 2);
    if (line.empty()) break;
    const auto parsed = first ? ParseRequestLine(line, head) : ParseField(line, head);
    if (!parsed) return Fault(parsed.error());
    first = false;
  }
  if (first) return Bad("request_line");
  if (!bytes.empty()) return Bad("line_end");
  const auto framing = ReadFraming(head);
  if (!framing) return Fault(framing.error());
  return head;
}

std::optional<std::string> QueryParameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    const size_t equals = pair.find('=');
    const std::optional<std::string> key = FormDecode(pair.substr(0, equals));
    if (!key) return std::nullopt;
    if (*key != name) continue;
    return FormDecode(equals == std::string_view::npos ? std::string_view()
                                                       : pair.substr(equals + 1));
  }
  return std::nullopt;
}

}  // namespace fairlead::gateway
