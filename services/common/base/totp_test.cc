#include "services/common/base/totp.h"

#include <gtest/gtest.h>

namespace fairlead {
namespace {

constexpr const char* kRfcSecret = "12345678901234567890";

// RFC 6238, appendix B, the column of SHA-1; the last six of its eight digits.
TEST(TotpTest, VectorsOfTheStandard) {
  const std::pair<int64_t, const char*> rows[] = {{59, "287082"},         {1111111109, "081804"},
                                                  {1111111111, "050471"}, {1234567890, "005924"},
                                                  {2000000000, "279037"}, {20000000000, "353130"}};
  for (const auto& [time_s, code] : rows) {
    EXPECT_EQ(TotpCode(kRfcSecret, TotpStep(time_s * 1000)), code) << time_s;
  }
}

// RFC 4226, appendix D.
TEST(TotpTest, VectorsOfTheCounterForm) {
  const char* codes[] = {"755224", "287082", "359152", "969429", "338314",
                         "254676", "287922", "162583", "399871", "520489"};
  for (int64_t i = 0; i < 10; ++i) EXPECT_EQ(TotpCode(kRfcSecret, i), codes[i]);
}

TEST(TotpTest, Base32) {
  // RFC 4648, section 10.
  const std::pair<const char*, const char*> rows[] = {{"", ""},
                                                      {"f", "MY"},
                                                      {"fo", "MZXQ"},
                                                      {"foo", "MZXW6"},
                                                      {"foob", "MZXW6YQ"},
                                                      {"fooba", "MZXW6YTB"},
                                                      {"foobar", "MZXW6YTBOI"}};
  for (const auto& [bytes, text] : rows) {
    EXPECT_EQ(Base32Encode(bytes), text);
    EXPECT_EQ(Base32Decode(text), bytes);
  }
  EXPECT_EQ(Base32Decode("mzxw 6ytb-oi======"), "foobar");
  EXPECT_EQ(Base32Decode("MZ1"), std::nullopt);
  EXPECT_EQ(Base32Decode("MZ"), std::nullopt) << "left-over bits";
}

TEST(TotpTest, AUriCarriesTheSecretAndNothingElseIsTakenForOne) {
  const std::string uri = OtpauthUri(kRfcSecret, "Harbor Coalition", "rosa@office");
  EXPECT_EQ(uri,
            "otpauth://totp/Harbor%20Coalition:rosa%40office?secret="
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Harbor%20Coalition&algorithm=SHA1&digits=6&"
            "period=30");
  EXPECT_EQ(SecretOfOtpauthUri(uri), kRfcSecret);
  EXPECT_EQ(SecretOfOtpauthUri("otpauth://totp/x?secret=MZXW6"), "foo");
  for (const char* wrong :
       {"", "MZXW6", "otpauth://hotp/x?secret=MZXW6", "otpauth://totp/x",
        "otpauth://totp/x?secret=", "otpauth://totp/x?secret=1",
        "otpauth://totp/x?secret=MZXW6&digits=8", "otpauth://totp/x?secret=MZXW6&algorithm=SHA256",
        "otpauth://totp/x?secret=MZXW6&period=60", "otpauth://totp/x?secret=MZXW6&secret=MZXW6"}) {
    EXPECT_EQ(SecretOfOtpauthUri(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace fairlead
