// Who is behind a request: reads the session token, asks the identity service each time (no
// decision is cached), and guards cookies against other sites.
//
// A browser holds its token in a cookie: `__Host-fairlead` where the page is served over HTTPS
// (TLS here, or `public_origin` says so for a front proxy), `fairlead-session` over plain HTTP on
// the loopback, since the prefix __Host- demands Secure (RFC 6265bis, section 4.1.3). Everyone else
// sends `Authorization: Bearer TOKEN`, which no other site can make a browser do.
//
//   Result<SignedIn> who = co_await gate.Authenticate(request, Use::kActive);
//   if (!who) co_return ErrorResponse(who.error());
#ifndef GATEWAY_SESSION_SESSION_H_
#define GATEWAY_SESSION_SESSION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/http/message.h"
#include "services/common/auth/actor.h"
#include "services/common/base/result.h"
#include "services/common/base/task.h"
#include "services/common/rpc/channel.h"

namespace fairlead::gateway {

// The header by which a page of ours says so. Another site cannot send it without asking first
// (CORS), and nobody here says yes.
inline constexpr std::string_view kClientHeader = "fairlead-client";
inline constexpr std::string_view kWebClient = "web";

struct Credentials {
  std::string token;  // empty: none given
  bool by_cookie = false;
};

struct SignedIn {
  auth::Actor actor;
  bool by_cookie = false;
};

// What a check means for the idle limit of the session.
enum class Use {
  kActive,   // a person did something
  kPassive,  // a stream looks whether the session still stands; the idle limit is not extended
};

// How strictly another site is kept out.
enum class Csrf {
  kHeader,  // the custom header, Sec-Fetch-Site and Origin: every RPC
  kSite,    // Sec-Fetch-Site and Origin: a GET that no script can add headers to (EventSource)
};

struct SessionOptions {
  std::string public_origin;  // "https://hub.example.org" behind a proxy; empty: what Host says
};

// UNAUTHENTICATED SIGN_IN_REQUIRED.
Error SignInRequired();

class SessionGate {
 public:
  // `services` outlives the gate.
  SessionGate(rpc::Channel& services, SessionOptions options)
      : services_(services), options_(std::move(options)) {}

  // Errors: UNAUTHENTICATED SESSION_INVALID for a header or cookies that cannot be read.
  Result<Credentials> Read(const Request& request) const;
  // Whether it names a session at all: a header or a cookie that cannot be read does, wrongly.
  bool HasCredentials(const Request& request) const;
  // The token alone, unchecked; empty when there is none that can be read.
  std::string Token(const Request& request) const;
  // Errors: PERMISSION_DENIED CSRF_CHECK_FAILED with metadata {"check"}.
  Result<void> CheckCsrf(const Request& request, Csrf strictness) const;
  // Reads, checks the site when a cookie was used, and asks the identity service. Errors also:
  // UNAUTHENTICATED SIGN_IN_REQUIRED, SESSION_INVALID, and what the call may fail with.
  Task<Result<SignedIn>> Authenticate(std::shared_ptr<const Request> request, Csrf strictness,
                                      Use use) const;
  // The same for a token known to be a session's.
  Task<Result<auth::Actor>> Check(std::string token, Use use, int64_t deadline_steady_ms) const;

  // The page is ours and asks for a cookie.
  static bool IsBrowser(const Request& request) {
    return request.Header(kClientHeader) == kWebClient;
  }
  // set-cookie values. Session cookies: gone when the browser closes.
  std::string SetCookie(const Request& request, std::string_view token) const;
  std::string ClearCookie(const Request& request) const;

 private:
  bool IsHttps(const Request& request) const {
    return request.tls || options_.public_origin.starts_with("https://");
  }
  std::string_view CookieName(const Request& request) const {
    return IsHttps(request) ? "__Host-fairlead" : "fairlead-session";
  }

  rpc::Channel& services_;
  const SessionOptions options_;
};

}  // namespace fairlead::gateway

#endif  // GATEWAY_SESSION_SESSION_H_
