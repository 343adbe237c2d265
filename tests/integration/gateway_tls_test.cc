// The gateway under TLS, with a certificate made for the test.
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <cstdlib>
#include <memory>

#include "gateway/http/gateway.h"
#include "services/common/testing/temp_dir.h"
#include "tests/support/raw_http.h"
#include "tests/support/toy_services.h"

namespace fairlead::gateway {
namespace {

using testing::RawHttp;
using testing::ToyServices;

// One request over TLS of at most this version; empty when the handshake fails.
std::string AskTls(int port, const std::string& request, int max_version = TLS1_3_VERSION) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  &SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), max_version);
  SSL_CTX_set_security_level(context.get(), 0);
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new_ssl_connect(context.get()),
                                                          &BIO_free_all);
  BIO_set_conn_hostname(bio.get(), ("127.0.0.1:" + std::to_string(port)).c_str());
  if (BIO_do_connect(bio.get()) <= 0 || BIO_do_handshake(bio.get()) <= 0) return "";
  BIO_write(bio.get(), request.data(), static_cast<int>(request.size()));
  std::string answer;
  char bytes[4096];
  for (int count = 0; (count = BIO_read(bio.get(), bytes, sizeof bytes)) > 0;) {
    answer.append(bytes, static_cast<size_t>(count));
  }
  return answer;
}

class GatewayTlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.listen = "127.0.0.1:0";
    options_.tls_certificate_file = folder_.File("cert.pem");
    options_.tls_key_file = folder_.File("key.pem");
    const std::string make =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 "
        "-subj /CN=localhost -keyout " +
        options_.tls_key_file + " -out " + options_.tls_certificate_file + " 2>/dev/null";
    ASSERT_EQ(std::system(make.c_str()), 0) << "openssl is needed";
  }
  ToyServices toys_;
  testing::TempDir folder_;
  GatewayOptions options_;
};

TEST_F(GatewayTlsTest, ServesOverTlsOnly) {
  const auto gateway = StartGateway(options_, toys_.Environment());
  ASSERT_TRUE(gateway) << ToString(gateway.error());
  EXPECT_TRUE((*gateway)->url().starts_with("https://"));
  const int port = (*gateway)->port();
  const std::string ask = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const std::string answer = AskTls(port, ask, version);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\nok\n")) << answer;
    EXPECT_NE(answer.find("strict-transport-security: max-age=31536000"), std::string::npos);
  }
  EXPECT_EQ(AskTls(port, ask, TLS1_1_VERSION), "") << "TLS 1.2 is the least";
  RawHttp plain(port);
  plain.Send(ask);
  EXPECT_TRUE(plain.Closed());
}

TEST_F(GatewayTlsTest, GivesAHostCookie) {
  const auto gateway = StartGateway(options_, toys_.Environment());
  ASSERT_TRUE(gateway) << ToString(gateway.error());
  const std::string body = R"({"signInName":"ana","passphrase":"a long enough passphrase"})";
  const std::string answer =
      AskTls((*gateway)->port(),
             "POST /fairlead.identity.v1.IdentityService/SignIn HTTP/1.1\r\nHost: hub.example\r\n"
             "Connection: close\r\nFairlead-Client: web\r\nOrigin: https://hub.example\r\n"
             "Content-Type: application/json\r\nContent-Length: " +
                 std::to_string(body.size()) + "\r\n\r\n" + body);
  EXPECT_NE(answer.find("\r\nset-cookie: __Host-fairlead="), std::string::npos) << answer;
  EXPECT_NE(answer.find("; Path=/; HttpOnly; SameSite=Strict; Secure\r\n"), std::string::npos);
}

TEST_F(GatewayTlsTest, StreamsEvents) {
  options_.limits.heartbeat_ms = 100;
  const auto gateway = StartGateway(options_, toys_.Environment());
  ASSERT_TRUE(gateway) << ToString(gateway.error());
  const std::string token = toys_.NewToken();
  std::thread end([&] {
    while ((*gateway)->event_streams() == 0) std::this_thread::yield();
    toys_.Publish("over-tls", {testing::kToyAgency});
    toys_.EndSession(token);
  });
  const std::string answer =
      AskTls((*gateway)->port(),
             "GET /events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token + "\r\n\r\n");
  end.join();
  EXPECT_NE(answer.find("over-tls"), std::string::npos) << answer;
  EXPECT_NE(answer.find("session_ended"), std::string::npos) << answer;
}

}  // namespace
}  // namespace fairlead::gateway
