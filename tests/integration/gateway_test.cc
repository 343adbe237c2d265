// The gateway over real sockets, before services that answer from memory.
#include <gtest/gtest.h>

#include <set>

#include "fairlead/identity/v1/identity.pb.h"
#include "services/common/base/encoding.h"
#include "tests/integration/gateway_fixture.h"

namespace fairlead::gateway {
namespace {

TEST_F(GatewayTest, CarriesACallAndKeepsTheConnection) {
  Start();
  RawHttp http = Connect();
  const RawAnswer signed_in =
      http.Call(kSignIn, R"({"signInName":"ana","passphrase":"a long enough passphrase"})");
  ASSERT_EQ(signed_in.status, 200) << signed_in.body;
  EXPECT_EQ(signed_in.headers.at("content-type"), "application/json");
  EXPECT_EQ(signed_in.headers.at("cache-control"), "no-store");
  EXPECT_EQ(signed_in.headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(signed_in.headers.at("referrer-policy"), "no-referrer");
  EXPECT_TRUE(signed_in.headers.at("content-security-policy").starts_with("default-src 'none'"));
  EXPECT_EQ(signed_in.headers.at("x-request-id").size(), 36u);
  EXPECT_FALSE(signed_in.headers.contains("set-cookie"));
  const size_t at = signed_in.body.find("\"sessionToken\":\"");
  ASSERT_NE(at, std::string::npos);
  const std::string token = signed_in.body.substr(at + 16, 43);
  const RawAnswer me = http.Call(kGetMe, "{}", "Authorization: Bearer " + token + "\r\n");
  EXPECT_EQ(me.status, 200) << me.body;
  EXPECT_NE(me.body.find(kToyAgency), std::string::npos);
  EXPECT_NE(me.headers.at("x-request-id"), signed_in.headers.at("x-request-id"));
}

TEST_F(GatewayTest, SpeaksProtobufAndGet) {
  Start();
  RawHttp http = Connect();
  const std::string bearer = Bearer();
  identity::v1::GetAgencyKeysRequest request;
  request.set_agency_id(kToyAgency);
  request.set_epoch(1'000);
  const RawAnswer proto = http.Ask("POST", kKeys, bearer + "Content-Type: application/proto\r\n",
                                   request.SerializeAsString());
  ASSERT_EQ(proto.status, 200) << proto.body;
  EXPECT_EQ(proto.headers.at("content-type"), "application/proto");
  identity::v1::GetAgencyKeysResponse response;
  ASSERT_TRUE(response.ParseFromString(proto.body));
  EXPECT_EQ(response.keys().epoch(), 1'000);

  const std::string path = std::string(kKeys) + "?connect=v1&encoding=json&message=";
  const std::string json = std::string("{\"agencyId\":\"") + kToyAgency + "\",\"epoch\":\"7\"}";
  const RawAnswer get = http.Ask("GET", path + Base64UrlEncode(json) + "&base64=1", bearer);
  EXPECT_EQ(get.status, 200) << get.body;
  EXPECT_NE(get.body.find("\"epoch\":\"7\""), std::string::npos) << "64 bits are a string";
  EXPECT_NE(get.body.find("2023-11-14T22:13:20Z"), std::string::npos);
  EXPECT_EQ(http.Ask("GET", path + "%7B%22agencyId%22%3A%22x%22%7D", bearer).reason(),
            "INVALID_ID");
  EXPECT_EQ(http.Ask("GET", path + "!!&base64=1", bearer).reason(), "INVALID_BASE64");
  EXPECT_EQ(http.Ask("GET", std::string(kKeys) + "?encoding=json", bearer).reason(),
            "MESSAGE_MISSING");
  EXPECT_EQ(http.Ask("GET", std::string(kKeys) + "?encoding=xml&message=", bearer).status, 415);
  EXPECT_EQ(http.Ask("GET", path + "&compression=gzip", bearer).status, 501);
  EXPECT_EQ(http.Ask("GET", std::string(kKeys) + "?connect=v2&encoding=json&message=%7B%7D", bearer)
                .reason(),
            "UNSUPPORTED_CONNECT_VERSION");
  const RawAnswer not_get = http.Ask("GET", std::string(kSignIn) + "?encoding=json&message=%7B%7D");
  EXPECT_EQ(not_get.status, 405);
  EXPECT_EQ(not_get.headers.at("allow"), "POST");
}

// Each bad input has its own stable reason and status.
TEST_F(GatewayTest, RefusesBadInputWithItsOwnReason) {
  Start();
  const std::string bearer = Bearer();
  struct Case {
    const char* path;
    std::string headers;
    std::string body;
    int status;
    const char* reason;
  };
  const std::string json = "Content-Type: application/json\r\n";
  const Case cases[] = {
      {kSearch, bearer + json, "{\"text\":", 400, "MALFORMED_JSON"},
      {kSearch, bearer + json, "", 400, "MALFORMED_JSON"},
      {kSearch, bearer + json, R"({"text":"a","text":"b"})", 400, "MALFORMED_JSON"},
      {kSearch, bearer + json, R"({"colour":"red"})", 400, "UNKNOWN_FIELD"},
      {kSearch, bearer + json, "{\"text\":\"\xc3\x28\"}", 400, "INVALID_UTF8"},
      {kSearch, bearer + json, R"({"pageSize":"many"})", 400, "INVALID_VALUE"},
      {kSearch, bearer + json, R"({"pageSize":101})", 400, "OUT_OF_RANGE"},
      {kSearch, bearer + json, R"({"county":"1"})", 400, "INVALID_COUNTY"},
      {kSearch, bearer + "Content-Type: application/proto\r\n", "\xff\xff", 400, "INVALID_MESSAGE"},
      {kSearch, bearer + "Content-Type: application/proto\r\n", "\x22\x02\xc3\x28", 400,
       "INVALID_UTF8"},
      {kSearch, bearer + "Content-Type: text/plain\r\n", "{}", 415, "UNSUPPORTED_CONTENT_TYPE"},
      {kSearch, bearer + "Content-Type: application/connect+json\r\n", "{}", 415,
       "UNSUPPORTED_CONTENT_TYPE"},
      {kSearch, bearer, "{}", 415, "UNSUPPORTED_CONTENT_TYPE"},
      {kSearch, bearer + json + "Content-Encoding: gzip\r\n", "{}", 501, "UNSUPPORTED_COMPRESSION"},
      {kSearch, bearer + json + "Connect-Protocol-Version: 2\r\n", "{}", 400,
       "UNSUPPORTED_CONNECT_VERSION"},
      {kSearch, bearer + json + "Connect-Timeout-Ms: soon\r\n", "{}", 400, "INVALID_TIMEOUT"},
      {kSearch, bearer + json + "Connect-Timeout-Ms: 0\r\n", "{}", 400, "INVALID_TIMEOUT"},
      {kSearch, json, "{}", 401, "SIGN_IN_REQUIRED"},
      {kSearch, json + "Authorization: Bearer wrong\r\n", "{}", 401, "SESSION_INVALID"},
      {kSignIn, json, R"({"signInName":"ana","passphrase":"wrong"})", 401, "SIGN_IN_FAILED"},
      {kSignIn, json, R"({"signInName":"ana"})", 400, "FIELD_REQUIRED"},
      {"/fairlead.identity.v1.IdentityService/CheckSession", bearer + json,
       R"({"sessionToken":"a"})", 404, "UNKNOWN_METHOD"},
      {"/fairlead.consent.v1.ConsentService/ReleaseCustodyKey", bearer + json, "{}", 404,
       "UNKNOWN_METHOD"},
      {"/fairlead.identity.v1.IdentityService/Nothing", bearer + json, "{}", 404, "UNKNOWN_METHOD"},
      {"/fairlead.referral.v1.ReferralService/AcceptOffer", bearer + json,
       R"({"requestId":"0190f000-0000-7000-8000-0000000000d1",)"
       R"("offerId":"0190f000-0000-7000-8000-0000000000d2"})",
       501, "UNKNOWN_METHOD"},
  };
  for (const Case& c : cases) {
    RawHttp http = Connect();
    const RawAnswer answer = http.Ask("POST", c.path, c.headers, c.body);
    EXPECT_EQ(answer.status, c.status) << c.path << " " << c.body << " " << answer.body;
    EXPECT_EQ(answer.reason(), c.reason) << c.path << " " << c.body << " " << answer.body;
  }
}

TEST_F(GatewayTest, AnswersErrorsAsConnectDoes) {
  Start();
  RawHttp http = Connect();
  const RawAnswer answer =
      http.Call(kSignIn, R"({"signInName":"too.eager","passphrase":"whatever it may be"})");
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.headers.at("retry-after"), "30");
  EXPECT_EQ(answer.headers.at("content-type"), "application/json");
  EXPECT_TRUE(answer.body.starts_with(R"({"code":"resource_exhausted","message":"Wait.",)"))
      << answer.body;
  EXPECT_NE(answer.body.find(R"("type":"google.rpc.ErrorInfo","value":")"), std::string::npos);
  EXPECT_NE(answer.body.find(R"("metadata":{"retry_after_s":"30"})"), std::string::npos);
  EXPECT_EQ(http.Call(kSearch, "{}").headers.at("www-authenticate"), "Bearer");
}

TEST_F(GatewayTest, GivesBrowsersACookieAndGuardsIt) {
  Start();
  RawHttp http = Connect();
  const std::string web = "Fairlead-Client: web\r\n" + Origin() + "\r\n";
  const std::string body = R"({"signInName":"ana","passphrase":"a long enough passphrase"})";
  EXPECT_EQ(
      http.Call(kSignIn, body, "Fairlead-Client: web\r\nOrigin: http://evil.example\r\n").reason(),
      "CSRF_CHECK_FAILED");
  const RawAnswer signed_in = http.Call(kSignIn, body, web);
  ASSERT_EQ(signed_in.status, 200) << signed_in.body;
  EXPECT_EQ(signed_in.body.find("sessionToken"), std::string::npos) << "out of a script's reach";
  const std::string set = signed_in.headers.at("set-cookie");
  EXPECT_TRUE(set.starts_with("fairlead-session=")) << set;
  EXPECT_TRUE(set.ends_with("; Path=/; HttpOnly; SameSite=Strict")) << set;
  const std::string cookie = "Cookie: " + set.substr(0, set.find(';')) + "\r\n";

  EXPECT_EQ(http.Call(kGetMe, "{}", cookie + web).status, 200);
  const RawAnswer forged = http.Call(kGetMe, "{}", cookie + Origin() + "\r\n");
  EXPECT_EQ(forged.status, 403);
  EXPECT_EQ(forged.reason(), "CSRF_CHECK_FAILED");
  EXPECT_EQ(http.Call(kGetMe, "{}", cookie + web + "Sec-Fetch-Site: cross-site\r\n").reason(),
            "CSRF_CHECK_FAILED");

  const RawAnswer out = http.Call(kSignOut, "{}", cookie + web);
  EXPECT_EQ(out.status, 200) << out.body;
  EXPECT_EQ(out.headers.at("clear-site-data"), "\"cache\", \"cookies\", \"storage\"");
  EXPECT_TRUE(out.headers.at("set-cookie").ends_with("Max-Age=0"));
  const RawAnswer after = http.Call(kGetMe, "{}", cookie + web);
  EXPECT_EQ(after.reason(), "SESSION_INVALID");
  EXPECT_TRUE(after.headers.at("set-cookie").ends_with("Max-Age=0"));
}

TEST_F(GatewayTest, HoldsBodiesToTheMethodsLimit) {
  Start();
  const std::string bearer = Bearer();
  const std::string json = "Content-Type: application/json\r\n";
  {
    RawHttp http = Connect();
    const std::string large = "{\"text\":\"" + std::string(1024 * 1024, 'a') + "\"}";
    const RawAnswer answer = http.Ask("POST", kSearch, bearer + json, large);
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(answer.reason(), "BODY_TOO_LARGE");
    EXPECT_TRUE(http.Closed());
  }
  {
    // In chunks nobody says how much is to come.
    RawHttp http = Connect();
    http.Send("POST " + std::string(kSearch) + " HTTP/1.1\r\nHost: a\r\n" + bearer + json +
              "Transfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "40000\r\n" + std::string(0x40000, ' ') + "\r\n";
    for (int i = 0; i < 6; ++i) {
      if (!http.Send(chunk)) break;
    }
    EXPECT_EQ(http.Read().status, 413);
  }
  {
    RawHttp http = Connect();
    const std::string content(3 * 1024 * 1024, 'a');
    const std::string import =
        R"({"requestId":"0190f000-0000-7000-8000-0000000000d1",)"
        R"("agencyId":"0190f000-0000-7000-8000-0000000000a1","format":"IMPORT_FORMAT_HSDS_CSV",)"
        R"("files":[{"name":"services.csv","content":")" +
        Base64Encode(content) + "\"}]}";
    const RawAnswer answer = http.Call(kImport, import, bearer + "Expect: 100-continue\r\n");
    EXPECT_EQ(answer.status, 100) << "go on";
    const RawAnswer then = http.Read();
    EXPECT_EQ(then.status, 200) << then.body;
    EXPECT_EQ(then.body, R"({"created":3145728})");
  }
  {
    RawHttp http = Connect();
    EXPECT_EQ(http.Ask("POST", "/", "", "body").status, 405);
    RawHttp other = Connect();
    EXPECT_EQ(other.Ask("POST", "/nothing", "", "body").status, 404);
  }
}

TEST_F(GatewayTest, ReadsChunkedBodies) {
  options_.limits.body_ms = 500;
  Start();
  RawHttp http = Connect();
  const std::string head = "POST " + std::string(kSearch) + " HTTP/1.1\r\nHost: a\r\n" + Bearer() +
                           "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  http.Send(head + "5;a=b\r\n{\"tex\r\n7\r\nt\":\"x\"}\r\n0\r\nX: trailer\r\n\r\n");
  const RawAnswer answer = http.Read();
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_NE(answer.body.find("Ñandú x"), std::string::npos) << answer.body;
  EXPECT_EQ(http.Ask("GET", "/healthz").status, 200) << "the connection goes on";
  for (const char* body : {"zz\r\n{}\r\n0\r\n\r\n", "-2\r\n{}\r\n0\r\n\r\n", "2\n{}\n0\n\n",
                           "2\r\n{}x\r\n0\r\n\r\n", "fffffffffffffffff\r\n{}\r\n0\r\n\r\n"}) {
    RawHttp wrong = Connect();
    wrong.Send(head + body);
    const int status = wrong.Read().status;
    // Without a CR the line has not ended yet: more is waited for, in vain.
    EXPECT_TRUE(status == 400 || status == 413 || status == 408) << status << " " << body;
    EXPECT_TRUE(wrong.Closed()) << body;
  }
}

// Whatever cannot be read with certainty gets one answer and the connection ends: nothing that
// follows it can be taken for a request.
TEST_F(GatewayTest, EndsTheConnectionAfterMalformedRequests) {
  Start();
  const std::string host = "Host: a\r\n";
  const std::string smuggled = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::pair<std::string, int> corpus[] = {
      {"POST / HTTP/1.1\r\n" + host +
           "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"POST / HTTP/1.1\r\n" + host + "Content-Length: 0\r\nContent-Length: 44\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
      {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding : chunked\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nX: a\r\n b\r\n" + host + "\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n" + host + host + "\r\n", 400},
      {"GET http://a/ HTTP/1.1\r\n" + host + "\r\n", 400},
      {"GET / HTTP/1.0\r\n" + host + "\r\n", 505},
      {"GET / HTTP/1.1\r\n" + host + "Content-Length: 44\r\n\r\n", 400},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"nonsense\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n" + host + "X: " + std::string(20'000, 'a') + "\r\n\r\n", 431},
      {std::string("\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 11), 400},
  };
  for (const auto& [bytes, status] : corpus) {
    RawHttp http = Connect();
    http.Send(bytes + smuggled);
    const RawAnswer answer = http.Read();
    EXPECT_EQ(answer.status, status) << bytes.substr(0, 200);
    EXPECT_EQ(answer.reason(), "MALFORMED_REQUEST") << bytes.substr(0, 200);
    EXPECT_EQ(answer.headers.at("connection"), "close");
    EXPECT_EQ(http.Read().status, 0) << "no second answer: " << bytes.substr(0, 200);
  }
  RawHttp http = Connect();
  http.Send(smuggled + smuggled);
  EXPECT_EQ(http.Read().status, 200);
  EXPECT_EQ(http.Read().status, 200) << "honest pipelining works";
}

TEST_F(GatewayTest, CutsOffSlowClients) {
  options_.limits.header_ms = 300;
  options_.limits.body_ms = 300;
  options_.limits.idle_ms = 400;
  Start();
  RawHttp silent = Connect();
  RawHttp slow_body = Connect();
  slow_body.Send("POST " + std::string(kSignIn) +
                 " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                 "Content-Length: 100\r\n\r\n{");
  RawHttp slow_head = Connect();
  const std::string head = "GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: " + std::string(200, 'a');
  for (const char c : head) {
    // One byte at a time, never idle for long: the limit is on the whole head.
    if (!slow_head.Send(std::string_view(&c, 1))) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(slow_head.Read().status, 408);
  EXPECT_TRUE(slow_head.Closed());
  EXPECT_EQ(slow_body.Read().reason(), "REQUEST_TIMEOUT");
  EXPECT_TRUE(slow_body.Closed());
  EXPECT_TRUE(silent.Closed());
  EXPECT_EQ(silent.Read().status, 0) << "an idle connection is just closed";
  EXPECT_TRUE(WaitUntil([&] { return gateway_->connections() == 0; }));
}

TEST_F(GatewayTest, LimitsConnections) {
  options_.limits.max_connections = 3;
  Start();
  std::vector<std::unique_ptr<RawHttp>> open;
  for (int i = 0; i < 3; ++i) {
    open.push_back(std::make_unique<RawHttp>(gateway_->port()));
    EXPECT_TRUE(open.back()->Send(HangingCall()));  // whoever waits for an answer gives no way
  }
  ASSERT_TRUE(WaitUntil([&] { return toys_.hanging() == 3; }));
  RawHttp extra = Connect();
  const RawAnswer refused = extra.Ask("GET", "/healthz");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.reason(), "TOO_MANY_CONNECTIONS");
  EXPECT_EQ(refused.headers.at("retry-after"), "1");
  toys_.ReleaseHanging();
  EXPECT_EQ(open.back()->Read().status, 200);
  open.pop_back();
  EXPECT_TRUE(WaitUntil([&] { return gateway_->connections() < 3; }));
  RawHttp next = Connect();
  EXPECT_EQ(next.Ask("GET", "/healthz").status, 200);
}

// Who is nobody, or nobody any more, has no body read.
TEST_F(GatewayTest, ABodyIsReadOnlyForSomebody) {
  Start();
  const auto head = [](const std::string& who, const std::string& length) {
    return "POST " + std::string(kImport) + " HTTP/1.1\r\nHost: a\r\n" + who +
           "Content-Type: application/json\r\nContent-Length: " + length + "\r\n\r\n";
  };
  RawHttp nobody = Connect();
  ASSERT_TRUE(nobody.Send(head("", "2")));
  EXPECT_EQ(nobody.Read().reason(), "SIGN_IN_REQUIRED");
  EXPECT_TRUE(nobody.Closed());
  const int checks = toys_.session_checks();
  RawHttp invented = Connect();
  ASSERT_TRUE(invented.Send(head("Authorization: Bearer invented\r\n", "5000000")));
  EXPECT_EQ(invented.Read().reason(), "SESSION_INVALID");
  EXPECT_TRUE(invented.Closed());
  EXPECT_EQ(toys_.session_checks(), checks + 1);
  // Chunks may become anything.
  RawHttp chunked = Connect();
  ASSERT_TRUE(chunked.Send("POST " + std::string(kImport) +
                           " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer invented\r\n"
                           "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"));
  EXPECT_EQ(chunked.Read().reason(), "SESSION_INVALID");
}

TEST_F(GatewayTest, AnswersAtTheDeadlineAndForgetsTheLateAnswer) {
  Start();
  RawHttp http = Connect();
  const auto before = std::chrono::steady_clock::now();
  const RawAnswer late = http.Call(kHangs, kHangsBody, Bearer() + "Connect-Timeout-Ms: 200\r\n");
  EXPECT_EQ(late.status, 504);
  EXPECT_EQ(late.reason(), "DEADLINE_EXCEEDED");
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
  EXPECT_EQ(toys_.hanging(), 1);
  toys_.ReleaseHanging();
  EXPECT_EQ(http.Ask("GET", "/healthz").status, 200) << "nothing of the late answer";
}

TEST_F(GatewayTest, APersonReadsAPageWhereThereIsNothing) {
  Start();
  RawHttp http = Connect();
  const std::string browser = "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n";
  for (const auto& [path, words] : {std::pair{"/nope", "There is no page"},
                                    std::pair{"/es/nope", "No hay ninguna página"},
                                    std::pair{"/../etc/passwd", "There is no page"}}) {
    const RawAnswer answer = http.Ask("GET", path, browser);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(answer.headers.at("content-type"), "text/html; charset=utf-8");
    EXPECT_TRUE(answer.headers.contains("content-security-policy"));
    EXPECT_NE(answer.body.find(words), std::string::npos);
    EXPECT_EQ(answer.body.find("nope"), std::string::npos) << "what was asked is not repeated";
    EXPECT_EQ(http.Ask("GET", path, "Accept: application/json\r\n").headers.at("content-type"),
              "application/json");
  }
}

TEST_F(GatewayTest, ServesPagesAndNothingElse) {
  Start();
  RawHttp http = Connect();
  std::set<std::string> titles;
  for (const char* page : {"/", "/es", "/join", "/es/join", "/sign-in", "/es/sign-in"}) {
    const RawAnswer answer = http.Ask("GET", page);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.at("content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(answer.headers.at("content-security-policy"),
              "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
              "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
              "require-trusted-types-for 'script'; trusted-types 'none'");
    EXPECT_NE(answer.body.find("<!doctype html>"), std::string::npos);
    const size_t title = answer.body.find("<title>");
    titles.insert(answer.body.substr(title, answer.body.find("</title>") - title));
    const std::string tag = answer.headers.at("etag");
    const RawAnswer again = http.Ask("GET", page, "If-None-Match: " + tag + "\r\n");
    EXPECT_EQ(again.status, 304);
    const RawAnswer head = http.Ask("HEAD", page);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.headers.at("content-length"), std::to_string(answer.body.size()));
  }
  EXPECT_EQ(titles.size(), 6U) << "each says where one is";
  EXPECT_EQ(http.Ask("GET", "/style.css").headers.at("content-type"), "text/css; charset=utf-8");
  for (const char* path :
       {"/../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/style.css", "//style.css",
        "/style.css/", "/./style.css", "/index.html", "/fairlead.binpb", "/metrics", "/admin",
        "/a.b/../style.css", "/style.css%00", "/STYLE.CSS"}) {
    const RawAnswer answer = http.Ask("GET", path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(answer.headers.at("content-type"), "application/json");
  }
  const RawAnswer wrong = http.Ask("PUT", "/healthz");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.headers.at("allow"), "GET, HEAD");
  const RawAnswer openapi = http.Ask("GET", "/openapi.json");
  EXPECT_EQ(openapi.status, 200);
  EXPECT_NE(openapi.body.find("SIGN_IN_FAILED"), std::string::npos) << "with the comments";
}

TEST_F(GatewayTest, KeepsMetricsOnTheAdminListener) {
  Start();
  RawHttp admin(gateway_->admin_port());
  EXPECT_EQ(admin.Ask("GET", "/metrics").body, "fairlead_toys 1\n");
  EXPECT_EQ(admin.Ask("GET", "/readyz").status, 200);
  toys_.ready = false;
  EXPECT_EQ(admin.Ask("GET", "/readyz").status, 503);
  RawHttp http = Connect();
  EXPECT_EQ(http.Ask("GET", "/readyz").status, 503);
  EXPECT_EQ(http.Ask("GET", "/healthz").status, 200);
  EXPECT_EQ(http.Ask("GET", "/metrics").status, 404);
}

TEST_F(GatewayTest, OutlivesACallThatDoesNotEndAndIsGoneAfterIt) {
  auto held = std::make_shared<int>(0);
  const std::weak_ptr<int> server_state = held;  // of which every connection has a share
  GatewayEnvironment environment = toys_.Environment();
  environment.on_request = [held = std::move(held)](const RequestRecord&) {};
  auto started = StartGateway(options_, environment);
  environment.on_request = nullptr;
  ASSERT_TRUE(started) << ToString(started.error());
  gateway_ = std::move(*started);
  RawHttp busy = Connect();
  busy.Send(HangingCall());
  ASSERT_TRUE(WaitUntil([&] { return toys_.hanging() == 1; }));
  gateway_->Shutdown(50);
  gateway_.reset();
  EXPECT_FALSE(server_state.expired()) << "the call still needs what it uses";
  toys_.ReleaseHanging();  // its answer has nowhere to go
  EXPECT_EQ(toys_.hanging(), 0);
  EXPECT_TRUE(server_state.expired()) << "the connection and what it shares have leaked";
}

TEST_F(GatewayTest, SaysWhyItCannotStart) {
  for (const char* listen : {"nowhere", "127.0.0.1", "127.0.0.1:99999", "example.org:80", ":80"}) {
    options_.listen = listen;
    const auto started = StartGateway(options_, toys_.Environment());
    ASSERT_FALSE(started) << listen;
    EXPECT_EQ(started.error().reason, "LISTEN_INVALID") << listen;
  }
  options_.listen = "127.0.0.1:0";
  Start();
  options_.listen = "127.0.0.1:" + std::to_string(gateway_->port());
  const auto twice = StartGateway(options_, toys_.Environment());
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().reason, "LISTEN_FAILED");
  options_.tls_certificate_file = "/nonexistent/cert.pem";
  const auto tls = StartGateway(options_, toys_.Environment());
  ASSERT_FALSE(tls);
  EXPECT_EQ(tls.error().reason, "TLS_FILES_INVALID");
}

}  // namespace
}  // namespace fairlead::gateway
