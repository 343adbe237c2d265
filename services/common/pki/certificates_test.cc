// What the authority issues, judged by our own check and by the openssl program.
#include "services/common/pki/certificates.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "services/common/testing/temp_dir.h"

namespace fairlead::pki {
namespace {

constexpr int64_t kDayS = 86'400;

class CertificatesTest : public ::testing::Test {
 protected:
  static void Write(const std::string& path, const std::string& contents) {
    std::ofstream(path) << contents;
  }
  // The openssl program's exit code: 0 when it agrees.
  static int OpenSsl(const std::string& arguments) {
    return std::system(("openssl " + arguments + " > /dev/null 2>&1").c_str());
  }

  const int64_t now_s_ = std::time(nullptr);
  const KeyAndCertificate authority_ = MakeAuthority(now_s_).value();
  const testing::TempDir folder_;
};

TEST_F(CertificatesTest, ServesBothPurposesByTheNamesAsked) {
  const auto issued = Issue(authority_, {"consent", "referral"}, now_s_, kDayS);
  ASSERT_TRUE(issued.has_value()) << ToString(issued.error());
  const auto services = Check(authority_.certificate_pem, *issued, now_s_);
  ASSERT_TRUE(services.has_value()) << ToString(services.error());
  EXPECT_EQ(*services, (std::vector<std::string>{"consent", "referral"}));

  const std::string ca = folder_.File("ca.pem");
  const std::string leaf = folder_.File("leaf.pem");
  Write(ca, authority_.certificate_pem);
  Write(leaf, issued->certificate_pem);
  const std::string verify = "verify -x509_strict -CAfile " + ca;
  EXPECT_EQ(OpenSsl(verify + " -purpose sslserver -verify_hostname consent.fairlead.internal " +
                    leaf), 0);
  EXPECT_EQ(OpenSsl(verify + " -purpose sslclient -verify_hostname referral.fairlead.internal " +
                    leaf), 0);
  EXPECT_NE(OpenSsl(verify + " -verify_hostname identity.fairlead.internal " + leaf), 0);
  EXPECT_NE(OpenSsl(verify + " -purpose crlsign " + leaf), 0);
}

TEST_F(CertificatesTest, IsRefusedOutOfItsTime) {
  const auto issued = Issue(authority_, {"consent"}, now_s_, kDayS);
  ASSERT_TRUE(issued.has_value());
  const auto reason_at = [&](int64_t at_s) {
    const auto checked = Check(authority_.certificate_pem, *issued, at_s);
    return checked ? "" : checked.error().reason;
  };
  EXPECT_EQ(reason_at(now_s_ + kDayS - 1), "");
  EXPECT_EQ(reason_at(now_s_ + kDayS + 1), "CERTIFICATE_EXPIRED");
  EXPECT_EQ(reason_at(now_s_ - 299), "");
  EXPECT_EQ(reason_at(now_s_ - 301), "CERTIFICATE_EXPIRED");
}

TEST_F(CertificatesTest, IsRefusedUnderAnotherAuthorityOrKey) {
  const KeyAndCertificate other = MakeAuthority(now_s_).value();
  const auto issued = Issue(authority_, {"consent"}, now_s_, kDayS);
  const auto second = Issue(authority_, {"consent"}, now_s_, kDayS);
  ASSERT_TRUE(issued && second);
  EXPECT_EQ(Check(other.certificate_pem, *issued, now_s_).error().reason, "CERTIFICATE_INVALID");
  const KeyAndCertificate mixed{second->key_pem, issued->certificate_pem};
  EXPECT_EQ(Check(authority_.certificate_pem, mixed, now_s_).error().reason, "CERTIFICATE_INVALID");
  EXPECT_EQ(Check("", *issued, now_s_).error().reason, "CERTIFICATE_INVALID");
  EXPECT_EQ(Check(authority_.certificate_pem, {}, now_s_).error().reason, "CERTIFICATE_INVALID");
  // While authorities change, both may stand in the file.
  EXPECT_TRUE(Check(other.certificate_pem + authority_.certificate_pem, *issued, now_s_));
}

TEST_F(CertificatesTest, ALeafSignsNothing) {
  const auto issued = Issue(authority_, {"consent"}, now_s_, kDayS);
  ASSERT_TRUE(issued.has_value());
  EXPECT_EQ(Issue(*issued, {"consent"}, now_s_, kDayS).error().reason, "AUTHORITY_INVALID");
  const KeyAndCertificate mixed{issued->key_pem, authority_.certificate_pem};
  EXPECT_EQ(Issue(mixed, {"consent"}, now_s_, kDayS).error().reason, "AUTHORITY_INVALID");
  EXPECT_EQ(Issue({}, {"consent"}, now_s_, kDayS).error().reason, "AUTHORITY_INVALID");
}

TEST_F(CertificatesTest, NamesAndLifetimesHaveBounds) {
  const auto reason = [&](const std::vector<std::string>& services, int64_t lifetime_s) {
    const auto issued = Issue(authority_, services, now_s_, lifetime_s);
    return issued ? "" : issued.error().reason;
  };
  EXPECT_EQ(reason({}, kDayS), "INVALID_SERVICE_NAME");
  EXPECT_EQ(reason(std::vector<std::string>(9, "a"), kDayS), "INVALID_SERVICE_NAME");
  for (const char* name : {"", "a.b", "a,DNS:evil", "*", "Consent", "consent\n"})
    EXPECT_EQ(reason({name}, kDayS), "INVALID_SERVICE_NAME") << name;
  EXPECT_EQ(reason({std::string(33, 'a')}, kDayS), "INVALID_SERVICE_NAME");
  EXPECT_EQ(reason({"a"}, kMinLifetimeS - 1), "LIFETIME_OUT_OF_RANGE");
  EXPECT_EQ(reason({"a"}, kMaxLifetimeS + 1), "LIFETIME_OUT_OF_RANGE");
  EXPECT_EQ(Issue(authority_, {"a"}, now_s_ + 3'650 * kDayS, kDayS).error().reason,
            "AUTHORITY_INVALID");
  EXPECT_EQ(ServiceOf("consent.fairlead.internal"), "consent");
  for (const char* name : {"consent", ".fairlead.internal", "a.b.fairlead.internal", "evil.org"})
    EXPECT_EQ(ServiceOf(name), "") << name;
}

}  // namespace
}  // namespace fairlead::pki
