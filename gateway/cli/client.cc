#include "gateway/cli/client.h"

#include <curl/curl.h>

#include <boost/json/object.hpp>
#include <charconv>
#include <chrono>
#include <thread>

#include "gateway/signature/http_signature.h"
#include "services/common/base/check.h"
#include "services/common/base/clock.h"
#include "services/common/base/encoding.h"
#include "services/common/base/random.h"
#include "services/common/base/strict_json.h"
#include "services/common/rpc/error_detail.h"

namespace fairlead::cli {
namespace {

namespace json = boost::json;

constexpr size_t kMaxErrorBytes = 64 * 1024;
constexpr size_t kMaxHeaders = 100;
constexpr long kConnectTimeoutMs = 5'000;
constexpr int64_t kMostWaitS = 60;

struct CurlDeleter {
  std::shared_ptr<curl_slist> addresses = {};  // read for as long as the handle lives
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Curl = std::unique_ptr<CURL, CurlDeleter>;
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

void InitialiseOnce() {
  static const CURLcode kDone = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(kDone);
}

void AddHeader(HeaderList* list, const std::string& line) {
  list->reset(curl_slist_append(list->release(), line.c_str()));
}

std::string HostOf(std::string_view url) {
  const size_t start = url.find("://") + 3;
  std::string_view rest = url.substr(start);
  if (rest.starts_with("[")) return std::string(rest.substr(0, rest.find(']') + 1));
  return std::string(rest.substr(0, rest.find(':')));
}

bool IsLoopback(std::string_view host) {
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") &&
          host.find_first_not_of("0123456789.") == std::string_view::npos);
}

size_t OnHeader(char* data, size_t size, size_t count, void* user) {
  auto* headers = static_cast<std::map<std::string, std::string>*>(user);
  std::string_view line(data, size * count);
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || headers->size() >= kMaxHeaders) return size * count;
  std::string name(line.substr(0, colon));
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  std::string_view value = line.substr(colon + 1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  headers->insert_or_assign(std::move(name), std::string(value));
  return size * count;
}

struct Body {
  std::string bytes;
  bool too_large = false;
};

size_t OnBody(char* data, size_t size, size_t count, void* user) {
  auto* body = static_cast<Body*>(user);
  if (body->bytes.size() + size * count > Client::kMaxAnswerBytes) {
    body->too_large = true;
    return 0;
  }
  body->bytes.append(data, size * count);
  return size * count;
}

// curl would ask [::1] too. The hub listens on 127.0.0.1 as a rule, and at the other address any
// user of the machine may wait for passphrases: whoever has a hub there names it.
void PinIpv4Loopback(Curl& curl, std::string_view url) {
  if (HostOf(url) != "localhost") return;
  const size_t colon = url.rfind(':');
  const std::string port = colon > url.find("://") ? std::string(url.substr(colon + 1))
                           : url.starts_with("https") ? "443"
                                                      : "80";
  const std::string entry = "localhost:" + port + ":127.0.0.1";
  curl.get_deleter().addresses = std::shared_ptr<curl_slist>(
      curl_slist_append(nullptr, entry.c_str()), curl_slist_free_all);
  FAIRLEAD_CHECK(curl.get_deleter().addresses != nullptr);
  curl_easy_setopt(curl.get(), CURLOPT_RESOLVE, curl.get_deleter().addresses.get());
}

Curl NewHandle(const ClientOptions& options, std::string_view path) {
  InitialiseOnce();
  Curl curl(curl_easy_init());
  if (!curl) return curl;
  const std::string url = options.url + std::string(path);
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  curl_easy_setopt(curl.get(), CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(curl.get(), CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  if (!options.ca_file.empty()) {
    curl_easy_setopt(curl.get(), CURLOPT_CAINFO, options.ca_file.c_str());
  }
  PinIpv4Loopback(curl, options.url);
  if (IsLoopback(HostOf(options.url))) curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  return curl;
}

// W3C Trace Context, so that the hub's log and ours name the same request.
std::string NewTraceparent() {
  return "00-" + HexEncode(SystemRandom().Bytes(16)) + "-" + HexEncode(SystemRandom().Bytes(8)) +
         "-01";
}

// Lost after it was sent: with its request_id the call may be made again.
bool MayRepeat(CURLcode code) {
  return code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR;
}

Error TransportError(CURLcode code, const ClientOptions& options, const Body& body) {
  if (body.too_large) {
    return {Code::kInternal, "ANSWER_TOO_LARGE", "The hub's answer is too large.", {}};
  }
  const std::string why = curl_easy_strerror(code);
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return {Code::kDeadlineExceeded,
            "DEADLINE_EXCEEDED",
            "The hub did not answer in time.",
            {{"url", options.url}}};
  }
  if (MayRepeat(code) || code == CURLE_PARTIAL_FILE) {
    return {Code::kUnavailable,
            "ANSWER_LOST",
            "The connection to the hub ended before its answer came: " + why + ".",
            {{"url", options.url}}};
  }
  return {Code::kUnavailable,
          "HUB_UNREACHABLE",
          "The hub at " + options.url + " cannot be reached: " + why + ".",
          {}};
}

HeaderList CallHeaders(const ClientOptions& options, const std::string& traceparent) {
  HeaderList list;
  AddHeader(&list, "content-type: application/proto");
  AddHeader(&list, "accept: application/proto, application/json");
  AddHeader(&list, "connect-protocol-version: 1");
  AddHeader(&list, "connect-timeout-ms: " + std::to_string(options.timeout_ms));
  AddHeader(&list, "traceparent: " + traceparent);
  AddHeader(&list, "expect:");
  if (!options.token.empty()) AddHeader(&list, "authorization: Bearer " + options.token);
  return list;
}

// Signed anew for each attempt: a signature counts once.
Result<void> AddSignature(HeaderList* list, const ClientOptions& options, std::string_view path,
                          const std::string& body) {
  const size_t host = options.url.find("://") + 3;
  const gateway::SignedParts parts{
      .method = "POST",
      .authority = gateway::NormalAuthority(std::string_view(options.url).substr(host),
                                            options.url.starts_with("https://")),
      .path = std::string(path),
      .query = ""};
  FAIRLEAD_ASSIGN(const gateway::SignatureHeaders signature,
                  gateway::SignHttpMessage(parts, body, *options.machine_key,
                                           SystemClock().NowMs() / 1000,
                                           Base64UrlEncode(SystemRandom().Bytes(16))));
  AddHeader(list, "content-digest: " + signature.content_digest);
  AddHeader(list, "signature-input: " + signature.signature_input);
  AddHeader(list, "signature: " + signature.signature);
  return {};
}

// Seconds that the hub asks to wait before the same call; 0: waiting is no help.
int64_t WaitS(const Error& error) {
  const auto found = error.metadata.find("retry_after_s");
  if (error.reason != "RATE_LIMITED" || found == error.metadata.end()) return 0;
  const std::string& text = found->second;
  int64_t wait_s = 0;
  std::from_chars(text.data(), text.data() + text.size(), wait_s);
  return wait_s > 0 ? wait_s : 0;
}

Code CodeFromHttp(int status) {
  switch (status) {
    case 400:
    case 413:
    case 415:
      return Code::kInvalidArgument;
    case 401:
      return Code::kUnauthenticated;
    case 403:
      return Code::kPermissionDenied;
    case 404:
      return Code::kUnimplemented;  // no such method: the Connect protocol's own table
    case 429:
    case 502:
    case 503:
    case 504:
      return Code::kUnavailable;
    default:
      return Code::kUnknown;
  }
}

}  // namespace

Result<std::string> CheckUrl(std::string_view url, bool allow_plain_http) {
  constexpr size_t kMaxUrlBytes = 300;
  std::string clean(url);
  while (clean.ends_with('/')) clean.pop_back();
  const bool https = clean.starts_with("https://");
  const bool http = clean.starts_with("http://");
  const std::string rest = https || http ? clean.substr(clean.find("://") + 3) : "";
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
  if (rest.empty() || clean.size() > kMaxUrlBytes ||
      rest.find_first_not_of(kAllowed) != std::string::npos) {
    return Fail(Code::kInvalidArgument, "USAGE",
                "The hub's address is http://HOST[:PORT] or https://HOST[:PORT].");
  }
  if (http && !allow_plain_http && !IsLoopback(HostOf(clean))) {
    return Fail(Code::kFailedPrecondition, "INSECURE_URL",
                "http:// would send your session to another machine in clear.", {{"url", clean}});
  }
  return clean;
}

std::string BrowserUrl(const std::string& url) {
  for (const std::string_view number : {"http://127.0.0.1", "http://[::1]"}) {
    const std::string_view rest = std::string_view(url).substr(std::min(number.size(), url.size()));
    if (url.starts_with(number) && (rest.empty() || rest.front() == ':')) {
      return "http://localhost" + std::string(rest);
    }
  }
  return url;
}

bool MayHaveHappened(const Error& error) {
  if (error.metadata.contains("tries")) return true;
  switch (error.code) {
    case Code::kUnavailable:
      return error.reason != "HUB_UNREACHABLE" && error.reason != "RATE_LIMITED";
    case Code::kDeadlineExceeded:
    case Code::kCancelled:
    case Code::kUnknown:
    case Code::kInternal:
    case Code::kDataLoss:
      return true;
    default:
      return false;
  }
}

tl::unexpected<Error> Client::Unexpected(const std::string& what) {
  return Fail(Code::kInternal, "UNEXPECTED_ANSWER",
              "What answers there does not speak like a Fairlead hub: " + what + ".");
}

Error ErrorFromAnswer(const Answer& answer) {
  Error error{CodeFromHttp(answer.status), "", "", {}};
  const auto value = ParseStrictJson(answer.body, kMaxErrorBytes, 8);
  const json::object* body = value && value->is_object() ? &value->as_object() : nullptr;
  const auto text = [&](const json::object& object, std::string_view name) {
    const json::value* member = object.if_contains(name);
    return member != nullptr && member->is_string() ? std::string(member->as_string()) : "";
  };
  if (body != nullptr && !text(*body, "code").empty()) {
    error.code = CodeFromName(text(*body, "code"));
    error.message = text(*body, "message");
    const json::value* details = body->if_contains("details");
    if (details != nullptr && details->is_array()) {
      for (const json::value& detail : details->as_array()) {
        if (!detail.is_object() || text(detail.as_object(), "type") != rpc::kErrorInfoType)
          continue;
        const auto bytes = Base64Decode(text(detail.as_object(), "value"));
        if (bytes) error = rpc::DecodeErrorInfo(error.code, error.message, *bytes);
        break;
      }
    }
  }
  if (error.message.empty()) {
    error.message = "The hub answered with HTTP status " + std::to_string(answer.status) + ".";
  }
  if (error.reason.empty()) {
    error.reason = std::string(CodeName(error.code));
    for (char& c : error.reason) {
      c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
  }
  const auto request = answer.headers.find("x-request-id");
  if (request != answer.headers.end()) error.metadata["request"] = request->second;
  return error;
}

Result<std::string> Client::CallBytes(std::string_view method, const std::string& body) {
  Result<std::string> answer = CallInTime(method, body);
  const bool needs_step_up = !answer && answer.error().reason == "STEP_UP_REQUIRED";
  if (!needs_step_up || !options_.step_up || stepping_up_) return answer;
  stepping_up_ = true;
  const Result<void> done = options_.step_up();
  stepping_up_ = false;
  if (!done) return Fail(done.error());
  return CallInTime(method, body);
}

Result<std::string> Client::CallInTime(std::string_view method, const std::string& body) {
  int64_t left_s = kMostWaitS;
  while (true) {
    Result<std::string> answer = CallOnce(method, body);
    const int64_t wait_s = answer ? 0 : WaitS(answer.error());
    if (wait_s == 0 || wait_s > left_s) return answer;
    left_s -= wait_s;
    if (options_.wait) {
      options_.wait(wait_s);
    } else {
      std::this_thread::sleep_for(std::chrono::seconds(wait_s));
    }
  }
}

Result<std::string> Client::CallOnce(std::string_view method, const std::string& body) {
  constexpr int kTries = 2;
  const std::string traceparent = NewTraceparent();
  const std::string path = "/" + std::string(method);
  for (int attempt = 1;; ++attempt) {
    HeaderList list = CallHeaders(options_, traceparent);
    if (options_.machine_key != nullptr) {
      FAIRLEAD_RETURN_IF_ERROR(AddSignature(&list, options_, path, body));
    }
    Curl curl = NewHandle(options_, path);
    if (!curl) return Unexpected("out of memory");
    Answer answer;
    Body received;
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, list.get());
    // A little longer than the hub has, so that its own answer is the one that arrives.
    curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout_ms + 500));
    curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, OnHeader);
    curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &answer.headers);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, OnBody);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &received);
    const CURLcode code = curl_easy_perform(curl.get());
    if (MayRepeat(code) && attempt < kTries) continue;
    const auto failed = [attempt](Error error) {
      // Of an earlier try nobody knows whether it did something.
      if (attempt > 1) error.metadata["tries"] = std::to_string(attempt);
      return Fail(std::move(error));
    };
    if (code != CURLE_OK) return failed(TransportError(code, options_, received));
    long status = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    answer.body = std::move(received.bytes);
    if (answer.status != 200) {
      Error error = ErrorFromAnswer(answer);
      error.metadata.try_emplace("request", traceparent.substr(3, 32));
      return failed(std::move(error));
    }
    if (!answer.headers["content-type"].starts_with("application/proto")) {
      return Unexpected("the answer is not protobuf");
    }
    return std::move(answer.body);
  }
}

Result<Answer> Client::Get(std::string_view path) {
  Curl curl = NewHandle(options_, path);
  if (!curl) return Unexpected("out of memory");
  Answer answer;
  Body received;
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout_ms));
  curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, OnHeader);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &answer.headers);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &received);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) return Fail(TransportError(code, options_, received));
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  answer.body = std::move(received.bytes);
  return answer;
}

namespace {

struct StreamState {
  CURL* handle = nullptr;
  const std::function<bool(std::string_view)>* on_bytes = nullptr;
  bool stopped = false;
  Body refusal;  // the body of an answer other than 200
};

size_t OnStream(char* data, size_t size, size_t count, void* user) {
  auto* state = static_cast<StreamState*>(user);
  long status = 0;
  curl_easy_getinfo(state->handle, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return OnBody(data, size, count, &state->refusal);
  if (!(*state->on_bytes)(std::string_view(data, size * count))) {
    state->stopped = true;
    return 0;
  }
  return size * count;
}

int OnTick(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto* state = static_cast<StreamState*>(user);
  if (!(*state->on_bytes)({})) state->stopped = true;
  return state->stopped ? 1 : 0;
}

}  // namespace

Result<void> Client::Stream(std::string_view path,
                            const std::map<std::string, std::string>& headers, int64_t timeout_ms,
                            const std::function<bool(std::string_view)>& on_bytes) {
  Curl curl = NewHandle(options_, path);
  if (!curl) return Unexpected("out of memory");
  HeaderList list;
  AddHeader(&list, "accept: text/event-stream");
  AddHeader(&list, "cache-control: no-cache");
  if (!options_.token.empty()) AddHeader(&list, "authorization: Bearer " + options_.token);
  for (const auto& [name, value] : headers) AddHeader(&list, name + ": " + value);
  StreamState state{.handle = curl.get(), .on_bytes = &on_bytes, .stopped = false, .refusal = {}};
  Answer answer;
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, list.get());
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_ms));
  curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, OnHeader);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &answer.headers);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, OnStream);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &state);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, OnTick);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &state);
  const CURLcode code = curl_easy_perform(curl.get());
  if (state.stopped) return {};
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (code == CURLE_OK && status != 200) {
    answer.status = static_cast<int>(status);
    answer.body = std::move(state.refusal.bytes);
    return Fail(ErrorFromAnswer(answer));
  }
  if (code == CURLE_OPERATION_TIMEDOUT || (code != CURLE_OK && status != 200)) {
    return Fail(TransportError(code, options_, state.refusal));
  }
  return Fail(Code::kUnavailable, "STREAM_ENDED", "The hub ended the stream of events.");
}

}  // namespace fairlead::cli
