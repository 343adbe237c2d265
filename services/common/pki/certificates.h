// The hub's own certificate authority, for its processes on several machines to know each other by
// (mutual TLS). Browsers and agencies never see it.
//
//   FAIRLEAD_ASSIGN(const pki::KeyAndCertificate authority, pki::MakeAuthority(now_s));
//   FAIRLEAD_ASSIGN(const auto issued, pki::Issue(authority, {"consent"}, now_s, 86'400));
#ifndef SERVICES_COMMON_PKI_CERTIFICATES_H_
#define SERVICES_COMMON_PKI_CERTIFICATES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"

namespace fairlead::pki {

struct KeyAndCertificate {
  std::string key_pem;          // PKCS #8 (RFC 5958), ECDSA P-256: secret
  std::string certificate_pem;  // X.509 (RFC 5280)
};

// The lifetimes that are allowed: long enough to renew at leisure, short enough that a stolen key
// is soon worth nothing (there is no revocation list).
inline constexpr int64_t kMinLifetimeS = 3'600;
inline constexpr int64_t kMaxLifetimeS = 7 * 86'400;
inline constexpr size_t kMaxNames = 8;

// The DNS name that stands for a service in certificates: "consent.fairlead.internal".
std::string DnsName(std::string_view service);
// And back: "consent"; empty when it is no such name.
std::string ServiceOf(std::string_view dns_name);

// A new authority: signs leaves only (pathlen 0), for ten years from `now_s` (Unix seconds).
Result<KeyAndCertificate> MakeAuthority(int64_t now_s);

// A key and a certificate for the process that runs `services` (1 to 8 names of a-z, 0-9 and "-"):
// for client and server authentication, from five minutes ago (clocks differ) to `lifetime_s` from
// now. Errors: INVALID_ARGUMENT INVALID_SERVICE_NAME, LIFETIME_OUT_OF_RANGE, AUTHORITY_INVALID (not
// one that may sign, not its key, or it ends before the certificate would).
Result<KeyAndCertificate> Issue(const KeyAndCertificate& authority,
                                const std::vector<std::string>& services, int64_t now_s,
                                int64_t lifetime_s);

// Whether a process can use these at `now_s`: the certificate's first is by `authority_pem` (one
// or several, in PEM), valid now, for both purposes, and the key is its own. Answers the services
// it names. Errors: FAILED_PRECONDITION CERTIFICATE_INVALID with what is wrong, and CERTIFICATE_
// EXPIRED (or not valid yet).
Result<std::vector<std::string>> Check(const std::string& authority_pem,
                                       const KeyAndCertificate& own, int64_t now_s);

}  // namespace fairlead::pki

#endif  // SERVICES_COMMON_PKI_CERTIFICATES_H_
