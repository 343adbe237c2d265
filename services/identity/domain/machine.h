// Machine clients: an agency's systems, and how long a request they sign counts
// (docs/decisions/0017-machine-clients.md).
#ifndef SERVICES_IDENTITY_DOMAIN_MACHINE_H_
#define SERVICES_IDENTITY_DOMAIN_MACHINE_H_

#include <cstdint>
#include <string>

namespace fairlead::identity {

inline constexpr int kMaxMachineClients = 20;  // of one agency, at work
inline constexpr int64_t kSignatureWindowS = 60;
// A used signature is remembered for twice as long as it could be used: a clock that is set back by
// less than a minute forgets none.
inline constexpr int64_t kNonceKeptS = 2 * kSignatureWindowS;
// Of one client at once: twenty calls a second, all the time.
inline constexpr int kMaxNonces = 20 * static_cast<int>(kNonceKeptS);

struct MachineClient {
  std::string id;         // UUID
  std::string agency_id;  // UUID
  std::string label;      // "case_system"
  std::string signing_jwk;         // empty: it does not sign
  std::string key_id;              // thumbprint (RFC 7638) of signing_jwk
  std::string certificate_sha256;  // base64url of the DER's hash (RFC 8705); empty: none
  std::string creator_staff_id;
  int64_t create_ms = 0;
  int64_t disable_ms = 0;  // 0: may call
};

// Whether a signature made then counts now; within the window to either side, for clocks differ.
// `expires_s` 0: only the window ends it.
inline bool IsTimely(int64_t created_s, int64_t expires_s, int64_t now_s) {
  if (created_s > now_s + kSignatureWindowS || now_s > created_s + kSignatureWindowS) return false;
  return expires_s == 0 || now_s <= expires_s;
}

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_DOMAIN_MACHINE_H_
