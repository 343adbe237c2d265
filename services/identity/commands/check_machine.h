// Who signed a request, or holds a certificate: the gateway asks for each call of a machine client.
#ifndef SERVICES_IDENTITY_COMMANDS_CHECK_MACHINE_H_
#define SERVICES_IDENTITY_COMMANDS_CHECK_MACHINE_H_

#include <string>

#include "services/identity/commands/machine_deps.h"

namespace fairlead::identity {

// What the gateway has read. Either a signature or a certificate.
struct MachineEvidence {
  std::string key_id;  // empty: a certificate
  std::string base;    // the bytes that were signed
  std::string signature;
  int64_t created_s = 0;
  int64_t expires_s = 0;  // 0: with the window
  std::string nonce;
  std::string certificate_sha256;  // base64url
};

struct MachineCaller {
  MachineClient client;
  Agency agency;
};

// Checks the signature and then its time, and spends the nonce: durably, so that a signature counts
// once, whatever is started anew meanwhile. What a known client is refused is in the trail. Errors
// (UNAUTHENTICATED): MACHINE_NOT_RECOGNISED, SIGNATURE_TIME with metadata server_time,
// SIGNATURE_REPLAYED, MACHINE_CLIENT_DISABLED; RESOURCE_EXHAUSTED TOO_MANY_CALLS. Whether the
// agency is in good standing is for the policy table to say.
Task<Result<MachineCaller>> CheckMachine(const MachineDeps& deps, rpc::CallContext context,
                                         MachineEvidence evidence);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_CHECK_MACHINE_H_
