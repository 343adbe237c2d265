#include "gateway/connect/connect.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/identity/v1/passkeys.pb.h"
#include "gateway/connect/json_codec.h"
#include "gateway/http/head.h"
#include "gateway/http/response.h"
#include "services/common/base/encoding.h"
#include "services/common/rpc/parse.h"
#include "services/common/telemetry/trace.h"

namespace fairlead::gateway {
namespace {

namespace pb = google::protobuf;
namespace identity = fairlead::identity::v1;

constexpr std::string_view kSignIn = "/fairlead.identity.v1.IdentityService/SignIn";
constexpr std::string_view kSignInWithPasskey =
    "/fairlead.identity.v1.PasskeyService/SignInWithPasskey";
constexpr std::string_view kSignOut = "/fairlead.identity.v1.IdentityService/SignOut";

enum class Encoding { kJson, kProto };

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

bool BeginsSession(std::string_view path) { return path == kSignIn || path == kSignInWithPasskey; }

// The part with the session's token, in the answer of a method that begins one.
identity::SignInResponse& SignInOf(std::string_view path, pb::Message& answer) {
  if (path == kSignIn) return static_cast<identity::SignInResponse&>(answer);
  return *static_cast<identity::SignInWithPasskeyResponse&>(answer).mutable_sign_in();
}

// "application/json", with charset=utf-8 or without, or "application/proto".
std::optional<Encoding> FromContentType(std::string_view header) {
  std::string type = Lower(header);
  std::erase(type, ' ');
  if (type == "application/json" || type == "application/json;charset=utf-8") {
    return Encoding::kJson;
  }
  if (type == "application/proto") return Encoding::kProto;
  return std::nullopt;
}

std::optional<Encoding> FromQuery(std::string_view query) {
  const std::optional<std::string> encoding = QueryParameter(query, "encoding");
  if (encoding == "json") return Encoding::kJson;
  if (encoding == "proto") return Encoding::kProto;
  return std::nullopt;
}

std::optional<Encoding> EncodingOf(const Request& request) {
  return request.method == "GET" ? FromQuery(request.query)
                                 : FromContentType(request.Header("content-type"));
}

Admission Refused(Response response) {
  Admission admission;
  admission.refused = true;
  admission.refusal = std::move(response);
  return admission;
}
Admission Refused(Code code, const char* reason, const char* message) {
  return Refused(ErrorResponse({code, reason, message, {}}));
}

// connect-timeout-ms: up to ten digits (Connect protocol, "Timeout").
Result<int64_t> TimeoutMs(const Request& head) {
  const std::string_view text = head.Header("connect-timeout-ms");
  if (text.empty()) return kDefaultTimeoutMs;
  int64_t ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (error != std::errc() || end != text.data() + text.size() || text.size() > 10 || ms <= 0) {
    return Fail(Code::kInvalidArgument, "INVALID_TIMEOUT",
                "connect-timeout-ms is a positive number of milliseconds.");
  }
  return std::min(ms, kMaxTimeoutMs);
}

bool IsIdentity(std::string_view coding) { return coding.empty() || coding == "identity"; }

// The message's bytes: the body, or what stands in the query of a GET.
Result<std::string> MessageBytes(const Request& request) {
  if (request.method != "GET") return request.body;
  std::optional<std::string> message = QueryParameter(request.query, "message");
  if (!message) {
    return Fail(Code::kInvalidArgument, "MESSAGE_MISSING", "The query has no message.");
  }
  if (QueryParameter(request.query, "base64") != "1") return std::move(*message);
  while (message->ends_with('=')) message->pop_back();
  std::optional<std::string> bytes = Base64UrlDecode(*message);
  if (!bytes) {
    return Fail(Code::kInvalidArgument, "INVALID_BASE64", "The query's message is not base64url.");
  }
  return std::move(*bytes);
}

Result<std::unique_ptr<pb::Message>> ReadMessage(const Request& request, const PublicMethod& method,
                                                 Encoding encoding) {
  FAIRLEAD_ASSIGN(const std::string bytes, MessageBytes(request));
  std::unique_ptr<pb::Message> message(method.request_prototype->New());
  FAIRLEAD_RETURN_IF_ERROR(encoding == Encoding::kJson ? ReadJson(bytes, *message)
                                                       : rpc::Parse(bytes, *message));
  return message;
}

Response WriteMessage(const pb::Message& message, Encoding encoding) {
  Response response;
  if (encoding == Encoding::kProto) {
    response.Set("content-type", "application/proto");
    response.body = message.SerializeAsString();
    return response;
  }
  Result<std::string> text = WriteJson(message);
  if (!text) return ErrorResponse(text.error());
  response.Set("content-type", "application/json");
  response.body = std::move(*text);
  return response;
}

}  // namespace

bool ConnectHandler::IsRpcPath(std::string_view path) {
  // "/fairlead.x.v1.Service/Method": one dot at least before the second slash.
  const size_t slash = path.find('/', 1);
  return path.starts_with('/') && slash != std::string_view::npos &&
         path.find('/', slash + 1) == std::string_view::npos &&
         path.substr(0, slash).find('.') != std::string_view::npos;
}

Admission ConnectHandler::Admit(const Request& head) const {
  const PublicMethod* method = methods_.Find(head.path);
  const bool signs_in = method != nullptr && method->unauthenticated;
  const Result<void> in_time = signs_in ? limits_.AdmitSignIn(head.client)
                                        : limits_.AdmitRequest(head.client, sessions_.Token(head));
  if (!in_time) return Refused(ErrorResponse(in_time.error()));
  if (method == nullptr) {
    // The same for a method that does not exist and one that is not for people.
    return Refused(ErrorResponse(
        {Code::kUnimplemented, "UNKNOWN_METHOD", "There is no such method.", {}}, 404));
  }
  const bool is_get = head.method == "GET" && method->no_side_effects;
  if (head.method != "POST" && !is_get) {
    return Refused(MethodNotAllowed(method->no_side_effects ? "GET, POST" : "POST"));
  }
  if (!EncodingOf(head)) {
    Response response = ErrorResponse({Code::kInvalidArgument,
                                       "UNSUPPORTED_CONTENT_TYPE",
                                       "The content must be application/json or application/proto.",
                                       {}},
                                      415);
    response.Set("accept-post", "application/json, application/proto");
    return Refused(std::move(response));
  }
  const std::optional<std::string> query_coding =
      is_get ? QueryParameter(head.query, "compression") : std::nullopt;
  if (!IsIdentity(head.Header("content-encoding")) || !IsIdentity(query_coding.value_or(""))) {
    return Refused(Code::kUnimplemented, "UNSUPPORTED_COMPRESSION",
                   "Requests must not be compressed.");
  }
  const std::string version(head.Header("connect-protocol-version"));
  const std::optional<std::string> query_version =
      is_get ? QueryParameter(head.query, "connect") : std::nullopt;
  if ((!version.empty() && version != "1") || query_version.value_or("v1") != "v1") {
    return Refused(Code::kInvalidArgument, "UNSUPPORTED_CONNECT_VERSION",
                   "Only version 1 of the Connect protocol is spoken here.");
  }
  const Result<int64_t> timeout_ms = TimeoutMs(head);
  if (!timeout_ms) return Refused(ErrorResponse(timeout_ms.error()));
  const bool claims = MachineGate::IsMachine(head) || sessions_.HasCredentials(head);
  if (!method->unauthenticated && !claims) {
    return Refused(ErrorResponse(SignInRequired()));
  }
  Admission admission;
  admission.max_body_bytes = method->max_body_bytes;
  admission.time_limit_ms = *timeout_ms;
  return admission;
}

Task<Result<SignedIn>> ConnectHandler::Authenticate(std::shared_ptr<const Request> request) const {
  if (!MachineGate::IsMachine(*request)) {
    Task<Result<SignedIn>> person = sessions_.Authenticate(request, Csrf::kHeader, Use::kActive);
    co_return co_await std::move(person);
  }
  Task<Result<auth::Actor>> machine = machines_.Authenticate(request);
  Result<auth::Actor> actor = co_await std::move(machine);
  if (!actor) co_return Fail(std::move(actor.error()));
  co_return SignedIn{std::move(*actor), false};
}

std::string ConnectHandler::BeginSession(const Request& request, std::string_view path,
                                         pb::Message& answer) const {
  identity::SignInResponse& sign_in = SignInOf(path, answer);
  const auto& roles = sign_in.staff().roles();
  if (std::find(roles.begin(), roles.end(), identity::ROLE_HOTLINE_OPERATOR) != roles.end()) {
    limits_.RememberHotline(sign_in.session_token());
  }
  if (!SessionGate::IsBrowser(request)) return "";
  std::string cookie = sessions_.SetCookie(request, sign_in.session_token());
  sign_in.clear_session_token();
  return cookie;
}

Response ConnectHandler::RefuseSession(const Request& request, const Error& why) const {
  Response refusal = ErrorResponse(why);
  if (why.reason != "SESSION_INVALID") return refusal;
  limits_.Forget(sessions_.Token(request));
  if (!request.Header("cookie").empty()) refusal.Set("set-cookie", sessions_.ClearCookie(request));
  return refusal;
}

Task<std::optional<Response>> ConnectHandler::RefuseUpload(
    std::shared_ptr<const Request> head) const {
  const PublicMethod* method = methods_.Find(head->path);
  // A machine's signature covers the body, so that comes first.
  if (method->unauthenticated || MachineGate::IsMachine(*head)) co_return std::nullopt;
  Task<Result<SignedIn>> authenticate =
      sessions_.Authenticate(head, Csrf::kHeader, Use::kPassive);
  Result<SignedIn> signed_in = co_await std::move(authenticate);
  if (signed_in) co_return std::nullopt;
  co_return RefuseSession(*head, signed_in.error());
}

Task<Response> ConnectHandler::Handle(std::shared_ptr<const Request> request) const {
  const PublicMethod* method = methods_.Find(request->path);
  const Encoding encoding = EncodingOf(*request).value_or(Encoding::kJson);
  rpc::CallOptions options;
  options.deadline_steady_ms = request->deadline_steady_ms;
  const std::string_view trace = request->Header("traceparent");
  if (telemetry::ParseTraceparent(trace)) options.traceparent = std::string(trace);

  const bool wants_cookie = BeginsSession(method->path) && SessionGate::IsBrowser(*request);
  bool by_cookie = false;
  if (!method->unauthenticated) {
    Task<Result<SignedIn>> authenticate = Authenticate(request);
    Result<SignedIn> signed_in = co_await std::move(authenticate);
    if (!signed_in) co_return RefuseSession(*request, signed_in.error());
    Result<void> in_time = limits_.AdmitCaller(signed_in->actor, sessions_.Token(*request));
    if (!in_time) co_return ErrorResponse(in_time.error());
    options.actor = std::move(signed_in->actor);
    by_cookie = signed_in->by_cookie;
  } else if (wants_cookie) {
    // Signing someone in to another's account is an attack as well.
    Result<void> checked = sessions_.CheckCsrf(*request, Csrf::kHeader);
    if (!checked) co_return ErrorResponse(checked.error());
  }

  // From the connection, never from what the caller wrote.
  options.actor.network = request->client;

  Result<std::unique_ptr<pb::Message>> message = ReadMessage(*request, *method, encoding);
  if (!message) co_return ErrorResponse(message.error());
  const std::string session_id = options.actor.session_id;
  const bool is_hotline = options.actor.Has(auth::Role::kHotlineOperator);
  Task<rpc::Reply> call =
      services_.Call(method->path, **message, *method->response_prototype, std::move(options));
  rpc::Reply reply = co_await std::move(call);
  if (!reply) co_return ErrorResponse(reply.error());

  std::string cookie;
  if (BeginsSession(method->path)) cookie = BeginSession(*request, method->path, **reply);
  Response response = WriteMessage(**reply, encoding);
  response.is_hotline = is_hotline;
  if (method->path == kSignOut) {
    on_signed_out_(session_id);
    if (by_cookie) {
      cookie = sessions_.ClearCookie(*request);
      response.Set("clear-site-data", "\"cache\", \"cookies\", \"storage\"");
    }
  }
  if (!cookie.empty()) response.Set("set-cookie", cookie);
  co_return response;
}

}  // namespace fairlead::gateway
