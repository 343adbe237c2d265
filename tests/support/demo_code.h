// The one-time code that somebody of the demonstration would type now.
#ifndef TESTS_SUPPORT_DEMO_CODE_H_
#define TESTS_SUPPORT_DEMO_CODE_H_

#include <boost/json.hpp>
#include <string>

#include "services/common/base/clock.h"
#include "services/common/base/totp.h"

namespace fairlead::testing {

// `demo`: DATA/demo/sign-ins.json. Empty: nobody is called so.
inline std::string DemoCode(const boost::json::value& demo, const std::string& sign_in_name) {
  for (const boost::json::value& each : demo.at("people").as_array()) {
    if (each.at("sign_in_name").as_string() != sign_in_name) continue;
    const auto secret = SecretOfOtpauthUri(std::string(each.at("totp_uri").as_string()));
    if (secret) return TotpCode(*secret, TotpStep(SystemClock().NowMs()));
  }
  return "";
}

}  // namespace fairlead::testing

#endif  // TESTS_SUPPORT_DEMO_CODE_H_
