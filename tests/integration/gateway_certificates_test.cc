// Machine clients that show a TLS certificate, by OpenSSL's own client.
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <memory>

#include "gateway/http/gateway.h"
#include "services/common/base/encoding.h"
#include "services/common/testing/temp_dir.h"
#include "tests/support/toy_services.h"

namespace fairlead::gateway {
namespace {

using testing::ToyServices;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

struct Identity {
  Key key{nullptr, &EVP_PKEY_free};
  Certificate certificate{nullptr, &X509_free};

  // As RFC 8705 has it.
  std::string Hash() const {
    std::array<unsigned char, 32> hash;
    unsigned int size = 0;
    X509_digest(certificate.get(), EVP_sha256(), hash.data(), &size);
    return Base64UrlEncode({reinterpret_cast<const char*>(hash.data()), size});
  }
};

// Signed by `issuer`, or by itself and then an authority; good until `until_s` from now.
Identity Make(const char* name, const Identity* issuer, long until_s = 3600) {
  Identity made;
  made.key.reset(EVP_EC_gen("P-256"));
  made.certificate.reset(X509_new());
  X509* x509 = made.certificate.get();
  static long serial = 1;
  ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial);
  X509_set_version(x509, X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(x509), -7200);
  X509_gmtime_adj(X509_getm_notAfter(x509), until_s);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(x509, X509_get_subject_name(issuer ? issuer->certificate.get() : x509));
  X509_set_pubkey(x509, made.key.get());
  if (issuer == nullptr) {
    X509_EXTENSION* authority =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE");
    X509_add_ext(x509, authority, -1);
    X509_EXTENSION_free(authority);
  }
  X509_sign(x509, issuer ? issuer->key.get() : made.key.get(), EVP_sha256());
  return made;
}

void Write(const Identity& identity, const std::string& certificate, const std::string& key) {
  std::FILE* file = std::fopen(certificate.c_str(), "w");
  ASSERT_NE(file, nullptr);
  PEM_write_X509(file, identity.certificate.get());
  std::fclose(file);
  if (key.empty()) return;
  file = std::fopen(key.c_str(), "w");
  ASSERT_NE(file, nullptr);
  PEM_write_PrivateKey(file, identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
}

class GatewayCertificatesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.listen = "127.0.0.1:0";
    options_.tls_certificate_file = folder_.File("cert.pem");
    options_.tls_key_file = folder_.File("key.pem");
    options_.tls_client_ca_file = folder_.File("clients.pem");
    Write(Make("localhost", nullptr), options_.tls_certificate_file, options_.tls_key_file);
    Write(authority_, options_.tls_client_ca_file, "");
  }
  void Start() {
    auto started = StartGateway(options_, toys_.Environment());
    ASSERT_TRUE(started) << ToString(started.error());
    gateway_ = std::move(*started);
  }

  // The answer to a search; empty when there was none.
  std::string Search(const Identity* who, const std::string& headers = "",
                     int version = TLS1_3_VERSION) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
        SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    SSL_CTX_set_max_proto_version(context.get(), version);
    if (who != nullptr) {
      SSL_CTX_use_certificate(context.get(), who->certificate.get());
      SSL_CTX_use_PrivateKey(context.get(), who->key.get());
    }
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new_ssl_connect(context.get()),
                                                            &BIO_free_all);
    BIO_set_conn_hostname(bio.get(), ("127.0.0.1:" + std::to_string(gateway_->port())).c_str());
    if (BIO_do_connect(bio.get()) <= 0 || BIO_do_handshake(bio.get()) <= 0) return "";
    const std::string request =
        "POST /fairlead.directory.v1.DirectoryService/SearchServices HTTP/1.1\r\nHost: a\r\n"
        "Connection: close\r\nContent-Type: application/json\r\n" +
        headers + "Content-Length: 2\r\n\r\n{}";
    BIO_write(bio.get(), request.data(), static_cast<int>(request.size()));
    std::string answer;
    char bytes[4096];
    for (int count = 0; (count = BIO_read(bio.get(), bytes, sizeof bytes)) > 0;) {
      answer.append(bytes, static_cast<size_t>(count));
    }
    return answer;
  }

  const Identity authority_ = Make("Clients", nullptr);
  ToyServices toys_;
  testing::TempDir folder_;
  GatewayOptions options_;
  std::unique_ptr<Gateway> gateway_;
};

TEST_F(GatewayCertificatesTest, ARegisteredCertificateIsAMachineClient) {
  Start();
  const Identity machine = Make("case system", &authority_);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const std::string unknown = Search(&machine, "", version);
    EXPECT_TRUE(unknown.starts_with("HTTP/1.1 401")) << unknown;
    EXPECT_NE(unknown.find("MACHINE_NOT_RECOGNISED"), std::string::npos) << unknown;
  }
  toys_.AllowCertificate(machine.Hash());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const std::string answer = Search(&machine, "", version);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  }
  const Identity other = Make("case system", &authority_);
  EXPECT_NE(Search(&other).find("MACHINE_NOT_RECOGNISED"), std::string::npos)
      << "the same name is another certificate";
}

TEST_F(GatewayCertificatesTest, NoCertificateIsNobodyWhateverTheHeadersSay) {
  Start();
  const Identity machine = Make("case system", &authority_);
  toys_.AllowCertificate(machine.Hash());
  const std::string hash = machine.Hash();
  for (const std::string& header :
       {std::string(), "X-Client-Cert: " + hash + "\r\n",
        std::string("X-SSL-Client-Verify: SUCCESS\r\n"), "Client-Cert: :" + hash + ":\r\n",
        "X-Forwarded-Client-Cert: Hash=" + hash + "\r\n"}) {
    const std::string answer = Search(nullptr, header);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 401")) << header << answer;
    EXPECT_NE(answer.find("SIGN_IN_REQUIRED"), std::string::npos) << header << answer;
  }
}

TEST_F(GatewayCertificatesTest, OneThatDoesNotStandEndsTheHandshake) {
  Start();
  const Identity strangers = Make("Clients", nullptr);
  const Identity foreign = Make("case system", &strangers);
  const Identity expired = Make("case system", &authority_, -60);
  const Identity selfmade = Make("case system", nullptr);
  for (const Identity* each : {&foreign, &expired, &selfmade}) {
    toys_.AllowCertificate(each->Hash());  // TLS alone keeps them out
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      EXPECT_EQ(Search(each, "", version), "");
    }
  }
}

TEST_F(GatewayCertificatesTest, APersonsSessionGoesBeforeTheCertificate) {
  Start();
  const Identity laptop = Make("laptop", &authority_);  // of no machine client
  const std::string bearer = "Authorization: Bearer " + toys_.NewToken() + "\r\n";
  const std::string answer = Search(&laptop, bearer);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  toys_.AllowCertificate(laptop.Hash());
  const std::string ended = Search(&laptop, "Authorization: Bearer nonsense\r\n");
  EXPECT_NE(ended.find("SESSION_INVALID"), std::string::npos) << ended;
}

TEST_F(GatewayCertificatesTest, NoneIsAskedForUnlessToldTo) {
  options_.tls_client_ca_file.clear();
  Start();
  const Identity machine = Make("case system", &authority_);
  toys_.AllowCertificate(machine.Hash());
  EXPECT_NE(Search(&machine).find("SIGN_IN_REQUIRED"), std::string::npos);
}

TEST_F(GatewayCertificatesTest, AFileThatHoldsNoAuthorityIsRefusedAtTheStart) {
  options_.tls_client_ca_file = folder_.File("nothing.pem");
  auto started = StartGateway(options_, toys_.Environment());
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, "TLS_FILES_INVALID");
  EXPECT_EQ(started.error().metadata.at("file"), options_.tls_client_ca_file);
}

}  // namespace
}  // namespace fairlead::gateway
