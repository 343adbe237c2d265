#include "gateway/http/response.h"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <cstdio>

#include "services/common/base/encoding.h"
#include "services/common/rpc/error_detail.h"

namespace fairlead::gateway {
namespace {

namespace json = boost::json;

std::string_view ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

bool Has(const Response& response, std::string_view name) {
  return std::any_of(response.headers.begin(), response.headers.end(),
                     [name](const auto& header) { return header.first == name; });
}

}  // namespace

int HttpStatus(Code code) {
  switch (code) {
    case Code::kOk:
      return 200;
    case Code::kCancelled:
      return 499;
    case Code::kInvalidArgument:
    case Code::kFailedPrecondition:
    case Code::kOutOfRange:
      return 400;
    case Code::kUnauthenticated:
      return 401;
    case Code::kPermissionDenied:
      return 403;
    case Code::kNotFound:
      return 404;
    case Code::kAlreadyExists:
    case Code::kAborted:
      return 409;
    case Code::kResourceExhausted:
      return 429;
    case Code::kUnimplemented:
      return 501;
    case Code::kUnavailable:
      return 503;
    case Code::kDeadlineExceeded:
      return 504;
    case Code::kUnknown:
    case Code::kInternal:
    case Code::kDataLoss:
      return 500;
  }
  return 500;
}

Response ErrorResponse(const Error& error, int status) {
  json::object metadata;
  for (const auto& [key, value] : error.metadata) metadata[key] = value;
  json::object debug;
  debug["reason"] = error.reason;
  debug["domain"] = json::string(rpc::kErrorDomain);
  debug["metadata"] = std::move(metadata);
  json::object detail;
  detail["type"] = json::string(rpc::kErrorInfoType);
  detail["value"] = Base64EncodeUnpadded(rpc::EncodeErrorInfo(error));
  detail["debug"] = std::move(debug);
  json::array details;
  details.emplace_back(std::move(detail));
  json::object body;
  body["code"] = json::string(CodeName(error.code));
  body["message"] = error.message;
  body["details"] = std::move(details);

  Response response;
  response.status = status == 0 ? HttpStatus(error.code) : status;
  response.Set("content-type", "application/json");
  if (response.status == 401) response.Set("www-authenticate", "Bearer");
  const auto retry = error.metadata.find("retry_after_s");
  if (retry != error.metadata.end()) response.Set("retry-after", retry->second);
  response.body = json::serialize(body);
  return response;
}

Response NotFound() {
  return ErrorResponse({Code::kNotFound, "NOT_FOUND", "There is nothing at this address.", {}});
}

Response MethodNotAllowed(std::string_view allow) {
  Response response = ErrorResponse(
      {Code::kUnimplemented, "METHOD_NOT_ALLOWED", "This address takes other methods.", {}}, 405);
  response.Set("allow", allow);
  return response;
}

void AddSecurityHeaders(Response& response, bool tls) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kHeaders = {{
      {"x-content-type-options", "nosniff"},
      {"referrer-policy", "no-referrer"},
      {"cross-origin-opener-policy", "same-origin"},
      {"cross-origin-embedder-policy", "require-corp"},
      {"cross-origin-resource-policy", "same-origin"},
      {"x-frame-options", "DENY"},
      {"permissions-policy", "camera=(), geolocation=(), microphone=()"},
      {"content-security-policy",
       "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
      {"cache-control", "no-store"},
  }};
  for (const auto& [name, value] : kHeaders) {
    if (!Has(response, name)) response.Set(name, value);
  }
  if (tls) response.Set("strict-transport-security", "max-age=31536000");
}

std::string RenderHead(const Response& response, std::string_view date, bool chunked, bool close) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head.reserve(1024);
  head += ReasonPhrase(response.status);
  head += "\r\ndate: ";
  head += date;
  for (const auto& [name, value] : response.headers) {
    const bool is_clean = std::none_of(value.begin(), value.end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
    if (!is_clean) continue;
    head += "\r\n";
    head += name;
    head += ": ";
    head += value;
  }
  if (chunked) {
    head += "\r\ntransfer-encoding: chunked";
  } else if (response.status != 304 && response.status != 204) {
    head += "\r\ncontent-length: " + std::to_string(response.body.size());
  }
  if (close) head += "\r\nconnection: close";
  head += "\r\n\r\n";
  return head;
}

std::string HttpDate(int64_t unix_ms) {
  using namespace std::chrono;
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const sys_time<milliseconds> time{milliseconds(unix_ms)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<seconds>(time - day));
  char text[48];
  std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT",
                kDays[weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

}  // namespace fairlead::gateway
