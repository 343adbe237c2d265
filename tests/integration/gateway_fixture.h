// A gateway on a free port before toy services. For the gateway's tests.
#ifndef TESTS_INTEGRATION_GATEWAY_FIXTURE_H_
#define TESTS_INTEGRATION_GATEWAY_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "gateway/http/gateway.h"
#include "services/common/testing/wait_until.h"
#include "tests/support/raw_http.h"
#include "tests/support/toy_services.h"

namespace fairlead::gateway {

using testing::kToyAgency;
using testing::kToyOtherAgency;
using testing::RawAnswer;
using testing::RawHttp;
using testing::ToyServices;
using testing::WaitUntil;

inline constexpr const char* kSignIn = "/fairlead.identity.v1.IdentityService/SignIn";
inline constexpr const char* kSignOut = "/fairlead.identity.v1.IdentityService/SignOut";
inline constexpr const char* kGetMe = "/fairlead.identity.v1.IdentityService/GetMe";
inline constexpr const char* kKeys = "/fairlead.identity.v1.IdentityService/GetAgencyKeys";
inline constexpr const char* kSearch = "/fairlead.directory.v1.DirectoryService/SearchServices";
inline constexpr const char* kImport = "/fairlead.directory.v1.DirectoryService/ImportListings";
inline constexpr const char* kHangs = "/fairlead.referral.v1.ReferralService/GetReferral";
inline const std::string kHangsBody = R"({"referralId":"0190f000-0000-7000-8000-0000000000c1"})";

class GatewayTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.listen = "127.0.0.1:0";
    options_.admin_listen = "127.0.0.1:0";
    options_.io_threads = 2;  // more than one, so that a race has a chance
  }
  void Start() {
    auto started = StartGateway(options_, toys_.Environment());
    ASSERT_TRUE(started) << ToString(started.error());
    gateway_ = std::move(*started);
  }
  RawHttp Connect() { return RawHttp(gateway_->port()); }
  std::string Bearer(const std::string& agency = kToyAgency) {
    return "Authorization: Bearer " + toys_.NewToken(agency) + "\r\n";
  }
  std::string Origin() { return "Origin: http://127.0.0.1:" + std::to_string(gateway_->port()); }

  // A call that is answered when the toys are told to.
  std::string HangingCall() {
    return "POST " + std::string(kHangs) + " HTTP/1.1\r\nHost: a\r\n" + Bearer() +
           "Content-Type: application/json\r\nContent-Length: " +
           std::to_string(kHangsBody.size()) + "\r\n\r\n" + kHangsBody;
  }

  ToyServices toys_;
  GatewayOptions options_;
  std::unique_ptr<Gateway> gateway_;
};

}  // namespace fairlead::gateway

#endif  // TESTS_INTEGRATION_GATEWAY_FIXTURE_H_
