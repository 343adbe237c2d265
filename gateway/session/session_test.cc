#include "gateway/session/session.h"

#include <gtest/gtest.h>

#include "fairlead/identity/v1/identity.pb.h"

namespace fairlead::gateway {
namespace {

namespace identity = fairlead::identity::v1;

// Answers CheckSession for one token, and remembers what it was asked.
class FakeServices final : public rpc::Channel {
 public:
  Task<rpc::Reply> Call(std::string method, const rpc::Message& request, const rpc::Message&,
                        rpc::CallOptions call_options) override {
    EXPECT_EQ(method, "/fairlead.identity.v1.IdentityService/CheckSession");
    asked = static_cast<const identity::CheckSessionRequest&>(request);
    options = std::move(call_options);
    if (asked.session_token() != "good") {
      co_return Fail(Code::kUnauthenticated, "SESSION_INVALID", "no");
    }
    auto response = std::make_unique<identity::CheckSessionResponse>();
    response->mutable_staff()->set_id("staff");
    response->mutable_staff()->set_agency_id("agency");
    response->mutable_staff()->add_roles(identity::ROLE_CASEWORKER);
    response->mutable_staff()->add_roles(identity::ROLE_AGENCY_ADMIN);
    response->mutable_staff()->add_roles(static_cast<identity::Role>(99));
    response->mutable_session()->set_id("session");
    response->set_agency_kind("health_provider");
    response->set_membership("active");
    response->set_assurance(3);
    co_return response;
  }
  identity::CheckSessionRequest asked;
  rpc::CallOptions options;
};

std::shared_ptr<Request> Post(Headers headers) {
  auto request = std::make_shared<Request>();
  request->method = "POST";
  request->headers = std::move(headers);
  request->headers.emplace_back("host", "hub.example:7420");
  request->deadline_steady_ms = 1234;
  return request;
}

class SessionGateTest : public ::testing::Test {
 protected:
  std::string ReasonOf(Headers headers, Csrf strictness = Csrf::kHeader) {
    const auto who =
        SyncWait(gate_.Authenticate(Post(std::move(headers)), strictness, Use::kActive));
    return who ? "" : who.error().reason;
  }
  FakeServices services_;
  SessionGate gate_{services_, {}};
};

TEST_F(SessionGateTest, MakesAnActorOfABearer) {
  const auto who = SyncWait(
      gate_.Authenticate(Post({{"authorization", "Bearer good"}}), Csrf::kHeader, Use::kPassive));
  ASSERT_TRUE(who) << ToString(who.error());
  EXPECT_FALSE(who->by_cookie);
  EXPECT_EQ(who->actor.kind, auth::ActorKind::kStaff);
  EXPECT_EQ(who->actor.staff_id, "staff");
  EXPECT_EQ(who->actor.agency_id, "agency");
  EXPECT_EQ(who->actor.agency_kind, auth::AgencyKind::kHealthProvider);
  EXPECT_EQ(who->actor.membership, auth::Membership::kActive);
  EXPECT_EQ(who->actor.roles, (std::set{auth::Role::kCaseworker, auth::Role::kAgencyAdmin}));
  EXPECT_EQ(who->actor.session_id, "session");
  EXPECT_EQ(who->actor.assurance, 3);
  EXPECT_TRUE(services_.asked.passive());
  EXPECT_EQ(services_.options.actor.kind, auth::ActorKind::kService);
  EXPECT_EQ(services_.options.on_behalf_of_service, "gateway");
  EXPECT_EQ(services_.options.deadline_steady_ms, 1234);
}

TEST_F(SessionGateTest, RefusesWhatIsNotAToken) {
  EXPECT_EQ(ReasonOf({}), "SIGN_IN_REQUIRED");
  EXPECT_EQ(ReasonOf({{"cookie", "fairlead-session="}}), "SIGN_IN_REQUIRED");
  EXPECT_EQ(ReasonOf({{"cookie", "__Host-fairlead=good"}}), "SIGN_IN_REQUIRED")
      << "that cookie is for HTTPS";
  EXPECT_EQ(ReasonOf({{"authorization", "Bearer bad"}}), "SESSION_INVALID");
  for (const char* header : {"Basic good", "bearer good", "Bearer", "Bearer ", "Bearer a b",
                             "Bearer a,b", "Bearer \xc3\xa9"}) {
    EXPECT_EQ(ReasonOf({{"authorization", header}}), "SESSION_INVALID") << header;
  }
  EXPECT_EQ(ReasonOf({{"authorization", "Bearer " + std::string(65, 'a')}}), "SESSION_INVALID");
  EXPECT_EQ(ReasonOf({{"cookie", "fairlead-session=good; fairlead-session=evil"}}),
            "SESSION_INVALID");
}

TEST_F(SessionGateTest, GuardsCookiesAgainstOtherSites) {
  const std::pair<std::string, std::string> cookie{"cookie", "a=b; fairlead-session=good"};
  const std::pair<std::string, std::string> ours{"fairlead-client", "web"};
  const std::pair<std::string, std::string> origin{"origin", "http://hub.example:7420"};
  EXPECT_EQ(ReasonOf({cookie, ours, origin, {"sec-fetch-site", "same-origin"}}), "");
  EXPECT_EQ(ReasonOf({cookie, ours, origin}), "") << "an older browser";
  EXPECT_EQ(ReasonOf({cookie, ours, {"sec-fetch-site", "same-origin"}}), "");
  EXPECT_EQ(ReasonOf({cookie, origin, {"sec-fetch-site", "same-origin"}}), "CSRF_CHECK_FAILED");
  EXPECT_EQ(ReasonOf({cookie, {"fairlead-client", "cli"}, origin}), "CSRF_CHECK_FAILED");
  EXPECT_EQ(ReasonOf({cookie, ours}), "CSRF_CHECK_FAILED");
  for (const char* site : {"cross-site", "same-site"}) {
    EXPECT_EQ(ReasonOf({cookie, ours, origin, {"sec-fetch-site", site}}), "CSRF_CHECK_FAILED");
  }
  for (const char* other : {"http://evil.example", "https://hub.example:7420", "null",
                            "http://hub.example", "http://hub.example:7420.evil.example"}) {
    EXPECT_EQ(ReasonOf({cookie, ours, {"origin", other}}), "CSRF_CHECK_FAILED") << other;
  }
  // A stream cannot carry our header, and is held to the rest.
  EXPECT_EQ(ReasonOf({cookie, {"sec-fetch-site", "same-origin"}}, Csrf::kSite), "");
  EXPECT_EQ(ReasonOf({cookie, {"sec-fetch-site", "cross-site"}}, Csrf::kSite), "CSRF_CHECK_FAILED");
  // A bearer is not sent by a browser on its own.
  EXPECT_EQ(ReasonOf({{"authorization", "Bearer good"}, {"origin", "http://evil.example"}}), "");
}

TEST_F(SessionGateTest, NamesTheCookieByTheScheme) {
  const auto plain = Post({});
  EXPECT_EQ(gate_.SetCookie(*plain, "t"), "fairlead-session=t; Path=/; HttpOnly; SameSite=Strict");
  EXPECT_EQ(gate_.ClearCookie(*plain),
            "fairlead-session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
  plain->tls = true;
  EXPECT_EQ(gate_.SetCookie(*plain, "t"),
            "__Host-fairlead=t; Path=/; HttpOnly; SameSite=Strict; Secure");

  const SessionGate behind_proxy(services_, {"https://hub.example.org"});
  const auto proxied = Post({{"cookie", "__Host-fairlead=good"},
                             {"fairlead-client", "web"},
                             {"origin", "https://hub.example.org"}});
  EXPECT_TRUE(SyncWait(behind_proxy.Authenticate(proxied, Csrf::kHeader, Use::kActive)));
  EXPECT_NE(behind_proxy.SetCookie(*proxied, "t").find("; Secure"), std::string::npos);
}

}  // namespace
}  // namespace fairlead::gateway
