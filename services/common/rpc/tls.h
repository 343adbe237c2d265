// Mutual TLS between the hub's processes on different machines: whose certificate, and whose word.
#ifndef SERVICES_COMMON_RPC_TLS_H_
#define SERVICES_COMMON_RPC_TLS_H_

#include <string>

#include "services/common/base/clock.h"
#include "services/common/base/result.h"

namespace fairlead::rpc {

// PEM files as `fairlead pki issue` writes them. They are read again every `reread_s`: connections
// made after that use what is there then, and those that live on end within
// ServerOptions::max_connection_age_ms. So certificates are renewed without a restart.
struct TlsFiles {
  std::string authorities;  // one or several; during a change of authority, the old and the new
  std::string certificate;
  std::string key;
  int reread_s = 60;

  bool empty() const { return certificate.empty(); }
};

// Whether a process can start with these now. Errors: FAILED_PRECONDITION TLS_FILE_UNREADABLE,
// CERTIFICATE_INVALID, CERTIFICATE_EXPIRED (pki/certificates.h).
Result<void> CheckTls(const TlsFiles& files, const Clock& clock);

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_TLS_H_
