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

// The key to seal to: the current one, which must be the pinned one. At first use a person says
// yes to the fingerprints on a terminal, or did so before (`first_use`). Errors
// (FAILED_PRECONDITION): KEY_CHANGED with both fingerprints, AGENCY_ID_CHANGED (the name is pinned
// to another id), FIRST_USE_UNCONFIRMED (nobody to ask).
Result<seal::PublicKey> KeyToSealTo(Context& context, const std::string& agency_id,
                                    bool first_use);

// The key that a packet's signature must verify with. Must be pinned; pins at first use, and then
// for reading only: nothing is sealed to an agency because the hub delivered something in its
// name. Errors: KEY_CHANGED, AGENCY_ID_CHANGED.
Result<seal::PublicKey> KeyToVerifyWith(Context& context, const std::string& agency_id,
                                        const std::string& kid);

// Takes exactly these keys, which a person has seen, as the agency's own from now on, and the
// agency as the one of its name; earlier signatures stay valid.
Result<void> AcceptKeys(Context& context, const PublicKeys& keys);

// An agency that is known from elsewhere than the hub (the files of a demonstration): pinned with
// its name unless its keys are pinned already.
Result<void> PinTrusted(Context& context, const std::string& agency_id, const Pin& pin);

// A kid in a form that two people can compare on the telephone: 128 bits of it in hex groups.
std::string Fingerprint(const std::string& kid);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_AGENCY_KEYS_H_
