#include "services/common/pki/certificates.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>

#include "services/common/base/openssl_handles.h"

namespace fairlead::pki {
namespace {

constexpr std::string_view kSuffix = ".fairlead.internal";
constexpr size_t kMaxNameBytes = 32;
constexpr int64_t kAuthorityLifetimeS = 10LL * 365 * 86'400;
constexpr int64_t kBackdateS = 300;
constexpr size_t kSerialBytes = 16;

void FreeNames(GENERAL_NAMES* names) { sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free); }
using Key = openssl::EvpKey;
using Certificate = std::unique_ptr<X509, openssl::Freer<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, openssl::Freer<X509_EXTENSION_free>>;
using Store = std::unique_ptr<X509_STORE, openssl::Freer<X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, openssl::Freer<X509_STORE_CTX_free>>;
using Bio = std::unique_ptr<BIO, openssl::Freer<BIO_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, openssl::Freer<FreeNames>>;

tl::unexpected<Error> CannotMake() {
  return Fail(Code::kInternal, "CERTIFICATE_NOT_MADE", "The certificate could not be made.");
}
tl::unexpected<Error> Invalid(const std::string& what) {
  return Fail(Code::kFailedPrecondition, "CERTIFICATE_INVALID", "The certificate: " + what + ".");
}
tl::unexpected<Error> BadAuthority(const std::string& what) {
  return Fail(Code::kInvalidArgument, "AUTHORITY_INVALID", "The authority: " + what + ".");
}

Bio Reading(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}
std::string Written(const Bio& bio) {
  char* data = nullptr;
  const int64_t size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}
// An encrypted file must be refused, not asked about at the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

Certificate ReadCertificate(const std::string& pem) {
  return Certificate(PEM_read_bio_X509(Reading(pem).get(), nullptr, NoPassphrase, nullptr));
}
Key ReadKey(const std::string& pem) {
  return Key(PEM_read_bio_PrivateKey(Reading(pem).get(), nullptr, NoPassphrase, nullptr));
}

bool AddExtension(X509* to, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  const Extension made(X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
  return made && X509_add_ext(to, made.get(), -1) == 1;
}

bool SetSerial(X509* certificate) {
  std::array<unsigned char, kSerialBytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7F) | 0x40);  // positive, of full length
  const std::unique_ptr<BIGNUM, openssl::Freer<BN_free>> number(
      BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

// Everything but extensions and signature.
Certificate Begin(EVP_PKEY* key, const std::string& name, int64_t from_s, int64_t to_s) {
  Certificate made(X509_new());
  if (!made || X509_set_version(made.get(), X509_VERSION_3) != 1 || !SetSerial(made.get()) ||
      X509_set_pubkey(made.get(), key) != 1 ||
      ASN1_TIME_set(X509_getm_notBefore(made.get()), from_s) == nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(made.get()), to_s) == nullptr)
    return nullptr;
  const auto* text = reinterpret_cast<const unsigned char*>(name.data());
  if (X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8, text,
                                 static_cast<int>(name.size()), -1, 0) != 1)
    return nullptr;
  return made;
}

Result<KeyAndCertificate> Finish(X509* certificate, EVP_PKEY* key, EVP_PKEY* signer) {
  const Bio key_text(BIO_new(BIO_s_mem()));
  const Bio certificate_text(BIO_new(BIO_s_mem()));
  if (X509_sign(certificate, signer, EVP_sha256()) == 0 || !key_text || !certificate_text ||
      PEM_write_bio_PKCS8PrivateKey(key_text.get(), key, nullptr, nullptr, 0, nullptr, nullptr) !=
          1 ||
      PEM_write_bio_X509(certificate_text.get(), certificate) != 1)
    return CannotMake();
  return KeyAndCertificate{Written(key_text), Written(certificate_text)};
}

bool IsServiceName(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::all_of(name.begin(), name.end(), allowed);
}

Result<void> CheckNames(const std::vector<std::string>& services) {
  if (!services.empty() && services.size() <= kMaxNames &&
      std::all_of(services.begin(), services.end(), IsServiceName))
    return {};
  return Fail(Code::kInvalidArgument, "INVALID_SERVICE_NAME",
              "1 to 8 services, each named by at most 32 of a-z, 0-9 and \"-\".");
}

std::vector<std::string> ServicesIn(X509* certificate) {
  std::vector<std::string> services;
  const Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS) continue;
    const std::string_view text(
        reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
        static_cast<size_t>(ASN1_STRING_length(name->d.dNSName)));
    if (std::string service = ServiceOf(text); !service.empty())
      services.push_back(std::move(service));
  }
  return services;
}

Result<Store> StoreOf(const std::string& authorities_pem) {
  Store store(X509_STORE_new());
  const Bio bio = Reading(authorities_pem);
  int count = 0;
  const auto next = [&bio] {
    return Certificate(PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr));
  };
  while (const Certificate authority = next()) {
    if (X509_STORE_add_cert(store.get(), authority.get()) != 1) return CannotMake();
    ++count;
  }
  if (count == 0) return Invalid("the file of authorities holds none");
  return store;
}

Result<void> VerifyFor(int purpose, X509_STORE* store, X509* certificate, int64_t now_s) {
  const StoreContext context(X509_STORE_CTX_new());
  if (!context || X509_STORE_CTX_init(context.get(), store, certificate, nullptr) != 1)
    return CannotMake();
  X509_STORE_CTX_set_purpose(context.get(), purpose);
  X509_STORE_CTX_set_time(context.get(), 0, now_s);
  if (X509_verify_cert(context.get()) == 1) return {};
  const int problem = X509_STORE_CTX_get_error(context.get());
  if (problem == X509_V_ERR_CERT_HAS_EXPIRED || problem == X509_V_ERR_CERT_NOT_YET_VALID)
    return Fail(Code::kFailedPrecondition, "CERTIFICATE_EXPIRED",
                "The certificate has expired, or is not valid yet: issue another.");
  return Invalid(X509_verify_cert_error_string(problem));
}

}  // namespace

std::string DnsName(std::string_view service) {
  return std::string(service) + std::string(kSuffix);
}

std::string ServiceOf(std::string_view dns_name) {
  if (!dns_name.ends_with(kSuffix)) return {};
  dns_name.remove_suffix(kSuffix.size());
  return IsServiceName(dns_name) ? std::string(dns_name) : std::string();
}

Result<KeyAndCertificate> MakeAuthority(int64_t now_s) {
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return CannotMake();
  const Certificate made = Begin(key.get(), "Fairlead service authority", now_s - kBackdateS,
                                 now_s + kAuthorityLifetimeS);
  if (!made || X509_set_issuer_name(made.get(), X509_get_subject_name(made.get())) != 1 ||
      !AddExtension(made.get(), made.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !AddExtension(made.get(), made.get(), NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !AddExtension(made.get(), made.get(), NID_subject_key_identifier, "hash"))
    return CannotMake();
  return Finish(made.get(), key.get(), key.get());
}

Result<KeyAndCertificate> Issue(const KeyAndCertificate& authority,
                                const std::vector<std::string>& services, int64_t now_s,
                                int64_t lifetime_s) {
  FAIRLEAD_RETURN_IF_ERROR(CheckNames(services));
  if (lifetime_s < kMinLifetimeS || lifetime_s > kMaxLifetimeS)
    return Fail(Code::kInvalidArgument, "LIFETIME_OUT_OF_RANGE",
                "A certificate lives one hour to seven days.");
  const Certificate issuer = ReadCertificate(authority.certificate_pem);
  const Key signer = ReadKey(authority.key_pem);
  if (!issuer || !signer) return BadAuthority("key or certificate cannot be read");
  if (X509_check_ca(issuer.get()) != 1) return BadAuthority("it may not sign certificates");
  if (X509_check_private_key(issuer.get(), signer.get()) != 1)
    return BadAuthority("the key is another's");
  time_t end = now_s + lifetime_s;
  if (X509_cmp_time(X509_get0_notAfter(issuer.get()), &end) < 0)
    return BadAuthority("it ends before the certificate would: make a new one");
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return CannotMake();
  const Certificate made =
      Begin(key.get(), DnsName(services.front()), now_s - kBackdateS, now_s + lifetime_s);
  std::string names;
  for (const std::string& service : services)
    names += (names.empty() ? "DNS:" : ",DNS:") + DnsName(service);
  if (!made || X509_set_issuer_name(made.get(), X509_get_subject_name(issuer.get())) != 1 ||
      !AddExtension(made.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE") ||
      !AddExtension(made.get(), issuer.get(), NID_key_usage, "critical,digitalSignature") ||
      !AddExtension(made.get(), issuer.get(), NID_ext_key_usage, "serverAuth,clientAuth") ||
      !AddExtension(made.get(), issuer.get(), NID_authority_key_identifier, "keyid:always") ||
      !AddExtension(made.get(), issuer.get(), NID_subject_alt_name, names))
    return CannotMake();
  return Finish(made.get(), key.get(), signer.get());
}

Result<std::vector<std::string>> Check(const std::string& authority_pem,
                                       const KeyAndCertificate& own, int64_t now_s) {
  const Certificate certificate = ReadCertificate(own.certificate_pem);
  const Key key = ReadKey(own.key_pem);
  if (!certificate) return Invalid("it cannot be read");
  if (!key) return Invalid("its key cannot be read");
  if (X509_check_private_key(certificate.get(), key.get()) != 1)
    return Invalid("the key is another's");
  FAIRLEAD_ASSIGN(const Store store, StoreOf(authority_pem));
  for (const int purpose : {X509_PURPOSE_SSL_SERVER, X509_PURPOSE_SSL_CLIENT})
    FAIRLEAD_RETURN_IF_ERROR(VerifyFor(purpose, store.get(), certificate.get(), now_s));
  std::vector<std::string> services = ServicesIn(certificate.get());
  if (services.empty()) return Invalid("it names no service");
  return services;
}

}  // namespace fairlead::pki
