// Key wraps: an epoch's private keys, sealed to one device by a colleague who holds them.
//
//   Result<std::string> jwe = WrapKeys(agency_id, list.version, keys, device,
//                                      SystemRandom());
//   Result<EpochKeys> keys = UnwrapKeys(*jwe, device_key, list);   // list: believed already
//
// A wrap is not signed: whoever can make one can only give keys away, and the device takes no keys
// but those which the agency's signed list names.
#ifndef SERVICES_COMMON_KEYS_WRAP_H_
#define SERVICES_COMMON_KEYS_WRAP_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "services/common/base/random.h"
#include "services/common/base/result.h"
#include "services/common/keys/statements.h"
#include "services/common/seal/seal.h"

namespace fairlead::keys {

inline constexpr size_t kMaxWrapBytes = 8192;

// One epoch's private halves.
struct EpochKeys {
  int64_t epoch = 0;
  seal::PrivateKey epoch_key;
  seal::PrivateKey signing_key;
};

// What a wrap says in clear. `version`: of the list that it was made for.
struct WrapHeader {
  std::string agency_id;
  int64_t epoch = 0;
  std::string device_kid;
  int64_t version = 0;
  bool operator==(const WrapHeader&) const = default;
};

// Errors: INVALID_KEY, CRYPTO_FAILED.
Result<std::string> WrapKeys(const std::string& agency_id, int64_t version, const EpochKeys& keys,
                             const seal::PublicKey& device, Random& random);

// The form alone, without any key: what the hub checks. Error: INVALID_ARGUMENT WRAP_INVALID with
// metadata {"check": "<stable code>"}.
Result<WrapHeader> ReadWrap(std::string_view jwe);

// Opens a wrap and holds its keys against the list. Errors: WRAP_INVALID (another agency, epoch or
// device; check "decrypt": not for this device, or changed), WRAP_KEY_MISMATCH
// (FAILED_PRECONDITION: the keys are not those that the list names for the epoch),
// DEVICE_NOT_LISTED.
Result<EpochKeys> UnwrapKeys(std::string_view jwe, const seal::PrivateKey& device,
                             const KeyList& list);

// Whether these are the keys that the list names for their epoch. Error: WRAP_KEY_MISMATCH.
Result<void> CheckListed(const EpochKeys& keys, const KeyList& list);

}  // namespace fairlead::keys

#endif  // SERVICES_COMMON_KEYS_WRAP_H_
