#include "gateway/session/session.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/session/agency_words.h"

namespace fairlead::gateway {
namespace {

namespace identity = fairlead::identity::v1;

constexpr const char* kCheckSession = "/fairlead.identity.v1.IdentityService/CheckSession";
constexpr size_t kMaxTokenLength = 64;

tl::unexpected<Error> SessionInvalid() {
  return Fail(Code::kUnauthenticated, "SESSION_INVALID", "The session has ended. Sign in again.");
}

bool IsToken(std::string_view text) {
  return !text.empty() && text.size() <= kMaxTokenLength &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

// The value of the one cookie of this name; an error when there are two (another application on
// the same host may plant one).
Result<std::optional<std::string>> FindCookie(std::string_view header, std::string_view name) {
  std::optional<std::string> found;
  while (!header.empty()) {
    const size_t end = header.find(';');
    std::string_view pair = header.substr(0, end);
    header.remove_prefix(end == std::string_view::npos ? header.size() : end + 1);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
    if (found) return SessionInvalid();
    found = std::string(pair.substr(equals + 1));
  }
  return found;
}

auth::Actor ToActor(const identity::CheckSessionResponse& response) {
  auth::Actor actor;
  actor.kind = auth::ActorKind::kStaff;
  actor.staff_id = response.staff().id();
  actor.agency_id = response.staff().agency_id();
  actor.agency_kind = KindFromText(response.agency_kind());
  actor.membership = MembershipFromText(response.membership());
  for (const int role : response.staff().roles()) {
    // The numbers of the two enums are the same; what this program does not know grants nothing.
    if (role >= identity::ROLE_CASEWORKER && role <= identity::ROLE_INTEGRATION) {
      actor.roles.insert(static_cast<auth::Role>(role));
    }
  }
  actor.session_id = response.session().id();
  actor.assurance = response.assurance();
  return actor;
}

}  // namespace

Result<Credentials> SessionGate::Read(const Request& request) const {
  const std::string_view header = request.Header("authorization");
  if (!header.empty()) {
    constexpr std::string_view kScheme = "Bearer ";
    if (!header.starts_with(kScheme) || !IsToken(header.substr(kScheme.size()))) {
      return SessionInvalid();
    }
    return Credentials{std::string(header.substr(kScheme.size())), false};
  }
  FAIRLEAD_ASSIGN(const std::optional<std::string> cookie,
                  FindCookie(request.Header("cookie"), CookieName(request)));
  if (!cookie || cookie->empty()) return Credentials{};
  if (!IsToken(*cookie)) return SessionInvalid();
  return Credentials{*cookie, true};
}

Error SignInRequired() {
  return {Code::kUnauthenticated, "SIGN_IN_REQUIRED", "Sign in first.", {}};
}

bool SessionGate::HasCredentials(const Request& request) const {
  const Result<Credentials> credentials = Read(request);
  return !credentials || !credentials->token.empty();
}

std::string SessionGate::Token(const Request& request) const {
  Result<Credentials> credentials = Read(request);
  return credentials ? std::move(credentials->token) : std::string();
}

Result<void> SessionGate::CheckCsrf(const Request& request, Csrf strictness) const {
  const auto failed = [](const char* check) {
    return Fail(Code::kPermissionDenied, "CSRF_CHECK_FAILED",
                "A request with a cookie must come from a page of this hub.", {{"check", check}});
  };
  if (strictness == Csrf::kHeader && !IsBrowser(request)) return failed("header");
  const std::string_view site = request.Header("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none") return failed("sec_fetch_site");
  const std::string_view origin = request.Header("origin");
  if (origin.empty()) {
    // Every browser names the origin or the site of a POST; one that does neither is not trusted.
    if (site.empty() && request.method != "GET") return failed("origin");
    return {};
  }
  const std::string expected =
      options_.public_origin.empty()
          ? std::string(request.tls ? "https://" : "http://") + std::string(request.Header("host"))
          : options_.public_origin;
  if (origin != expected) return failed("origin");
  return {};
}

Task<Result<SignedIn>> SessionGate::Authenticate(std::shared_ptr<const Request> request,
                                                 Csrf strictness, Use use) const {
  Result<Credentials> credentials = Read(*request);
  if (!credentials) co_return Fail(std::move(credentials.error()));
  if (credentials->token.empty()) {
    co_return Fail(SignInRequired());
  }
  if (credentials->by_cookie) {
    Result<void> checked = CheckCsrf(*request, strictness);
    if (!checked) co_return Fail(std::move(checked.error()));
  }
  Task<Result<auth::Actor>> check = Check(credentials->token, use, request->deadline_steady_ms);
  Result<auth::Actor> actor = co_await std::move(check);
  if (!actor) co_return Fail(std::move(actor.error()));
  co_return SignedIn{std::move(*actor), credentials->by_cookie};
}

Task<Result<auth::Actor>> SessionGate::Check(std::string token, Use use,
                                             int64_t deadline_steady_ms) const {
  identity::CheckSessionRequest request;
  request.set_session_token(std::move(token));
  request.set_passive(use == Use::kPassive);
  rpc::CallOptions options;
  options.actor = auth::ServiceActor("gateway");
  options.on_behalf_of_service = "gateway";
  options.deadline_steady_ms = deadline_steady_ms;
  Task<Result<identity::CheckSessionResponse>> call = rpc::Call<identity::CheckSessionResponse>(
      services_, kCheckSession, request, std::move(options));
  Result<identity::CheckSessionResponse> response = co_await std::move(call);
  if (!response) co_return Fail(std::move(response.error()));
  if (response->staff().id().empty() || response->session().id().empty()) {
    co_return SessionInvalid();
  }
  co_return ToActor(*response);
}

std::string SessionGate::SetCookie(const Request& request, std::string_view token) const {
  std::string cookie(CookieName(request));
  cookie += "=";
  cookie += token;
  cookie += "; Path=/; HttpOnly; SameSite=Strict";
  if (IsHttps(request)) cookie += "; Secure";
  return cookie;
}

std::string SessionGate::ClearCookie(const Request& request) const {
  return SetCookie(request, "") + "; Max-Age=0";
}

}  // namespace fairlead::gateway
