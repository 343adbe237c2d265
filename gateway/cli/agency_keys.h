// Public keys of agencies as the hub gives them out, and the pins that keep the hub honest: the
// first keys seen of an agency are remembered, and other ones are an error until a person accepts.
#ifndef GATEWAY_CLI_AGENCY_KEYS_H_
#define GATEWAY_CLI_AGENCY_KEYS_H_

#include <cstdint>
#include <string>

#include "gateway/cli/context.h"
#include "services/common/seal/seal.h"

namespace fairlead::cli {

struct PublicKeys {
  std::string agency_id;
  int64_t epoch = 0;
  seal::PublicKey epoch_key;
  seal::PublicKey signing_key;
};

// From the hub, unpinned. `kid` empty: the current ones. Errors: AGENCY_HAS_NO_KEYS, INVALID_KEY,
// KEY_ANSWER_MISMATCH (the hub answered with keys of another agency or another kid).
Result<PublicKeys> FetchKeys(Context& context, const std::string& agency_id,
                             const std::string& kid = {});

// The key to seal to: the current one, which must be the pinned one. Pins at first use.
// Error: FAILED_PRECONDITION KEY_CHANGED with both fingerprints.
Result<seal::PublicKey> KeyToSealTo(Context& context, const std::string& agency_id);

// The key that a packet's signature must verify with. Must be pinned; pins at first use.
// Error: KEY_CHANGED.
Result<seal::PublicKey> KeyToVerifyWith(Context& context, const std::string& agency_id,
                                        const std::string& kid);

// Takes the current keys as the agency's own from now on; earlier signatures stay valid.
Result<PublicKeys> AcceptKeys(Context& context, const std::string& agency_id);

// A kid in a form that two people can compare on the telephone: 128 bits of it in hex groups.
std::string Fingerprint(const std::string& kid);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_AGENCY_KEYS_H_
