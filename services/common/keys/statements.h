// Signed statements about keys: what a program believes of a key it believes because somebody
// signed it, never because the hub said so (docs/decisions/0008-keys.md has the whole form).
//
// Each is a compact JWS (RFC 7515, section 3.1), ES256, with a type of its own:
//   fairlead-root+jwt     the coalition's root, signed by itself or by the root before it
//   fairlead-agency+jwt   the root's certificate of an agency's key
//   fairlead-keys+jwt     an agency's key list, signed by its agency key
//
//   Result<std::string> list = SignKeyList(next, agency_key);
//   Result<KeyList> read = ParseKeyList(*list, now_s);   // signature, form, everything but exp
//
// The one error is INVALID_ARGUMENT STATEMENT_INVALID with metadata {"check": "<stable code>"}:
// the name of the member that is wrong, or "shape", "json", "too_large", "duplicate_member",
// "unknown_member", "forbidden_member", "missing_member", "signature".
#ifndef SERVICES_COMMON_KEYS_STATEMENTS_H_
#define SERVICES_COMMON_KEYS_STATEMENTS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/seal/seal.h"

namespace fairlead::keys {

inline constexpr size_t kMaxShortStatementBytes = 4096;  // root statement, certificate
inline constexpr size_t kMaxKeyListBytes = 192 * 1024;
inline constexpr size_t kMaxNameBytes = 200;
inline constexpr size_t kMaxPastEpochs = 100;
inline constexpr size_t kMaxDevices = 200;
inline constexpr int64_t kMaxNumber = 1'000'000;         // versions, epochs, roots
inline constexpr int64_t kMaxLifeS = 400LL * 24 * 3600;  // exp - iat
inline constexpr int64_t kSkewS = 300;

// The coalition's root. `previous` is the kid of the root before; empty for the first.
struct RootStatement {
  int64_t number = 1;
  seal::PublicKey root;
  std::string coalition;
  std::string previous;
  int64_t issued_s = 0;
  bool operator==(const RootStatement&) const = default;
};

// `signer`: the first root itself, or the root before. Errors: STATEMENT_INVALID, CRYPTO_FAILED.
Result<std::string> SignRoot(const RootStatement& statement, const seal::PrivateKey& signer);
// A first root (number 1), signed by itself: whether it is the right one, its fingerprint tells.
Result<RootStatement> ParseFirstRoot(std::string_view jws, int64_t now_s);
// A later root, signed by `before`.
Result<RootStatement> ParseNextRoot(std::string_view jws, const seal::PublicKey& before,
                                    int64_t now_s);
// What a root statement says, its signature unchecked: only to find one's way in a list of them.
Result<RootStatement> PeekRoot(std::string_view jws, int64_t now_s);

struct AgencyCertificate {
  std::string agency_id;
  std::string name;
  seal::PublicKey agency_key;
  int64_t issued_s = 0;
  int64_t expires_s = 0;
  bool operator==(const AgencyCertificate&) const = default;
};

Result<std::string> SignCertificate(const AgencyCertificate& certificate,
                                    const seal::PrivateKey& root);
// Not whether it has expired: see IsExpired.
Result<AgencyCertificate> ParseCertificate(std::string_view jws, const seal::PublicKey& root,
                                           int64_t now_s);

struct PastEpoch {
  int64_t epoch = 0;
  std::string epoch_kid;
  seal::PublicKey signing_key;
  int64_t until_s = 0;
  bool operator==(const PastEpoch&) const = default;
};

struct ListedDevice {
  seal::PublicKey key;
  std::string staff_id;
  bool operator==(const ListedDevice&) const = default;
};

struct KeyList {
  std::string agency_id;
  seal::PublicKey agency_key;
  int64_t version = 1;
  std::string previous;  // ListHash of the list before; empty for version 1
  int64_t epoch = 1;
  seal::PublicKey epoch_key;
  seal::PublicKey signing_key;
  std::vector<PastEpoch> past;        // rising, up to epoch - 1; the latest 100
  std::vector<ListedDevice> devices;  // sorted by kid, unique
  int64_t issued_s = 0;
  int64_t expires_s = 0;
  bool operator==(const KeyList&) const = default;
};

// `agency_key` must be the pair of list.agency_key. What would not parse is not signed.
Result<std::string> SignKeyList(const KeyList& list, const seal::PrivateKey& agency_key);
// Signed by the agency key that it carries; whether that key is the agency's, a certificate or a
// pin tells (trust.h). Not whether it has expired.
Result<KeyList> ParseKeyList(std::string_view jws, int64_t now_s);
// base64url SHA-256 of the list as sent.
std::string ListHash(std::string_view jws);

// What may come after what: version, `previous`, epoch, and that what was said of earlier epochs
// stays said. `before_jws` is the list before, as sent. Error: STATEMENT_INVALID with check
// "agency_id", "version", "previous", "epoch", "epoch_jwk", "signing_jwk" or "past".
Result<void> CheckFollows(std::string_view before_jws, const KeyList& before, const KeyList& next);
// An agency's first list, unsigned, good for 400 days: version 1, epoch 1, no devices.
KeyList FirstList(const std::string& agency_id, const seal::PublicKey& agency_key,
                  const seal::PublicKey& epoch_key, const seal::PublicKey& signing_key,
                  int64_t now_s);
// The list that comes next, unsigned, good for 400 days: the same epoch, the same devices.
KeyList NextList(std::string_view before_jws, const KeyList& before, int64_t now_s);
// Turns `list`, a NextList, to a new epoch with these keys; what was current becomes past.
void BeginEpoch(KeyList& list, const seal::PublicKey& epoch_key, const seal::PublicKey& signing_key,
                int64_t now_s);
// In the order of their kids; a device of the same kid is replaced.
void PutDevice(KeyList& list, const ListedDevice& device);
bool ListsDevice(const KeyList& list, std::string_view kid);
// The agency's keys that the list names, by kid, now and in the past; devices are not among them.
std::vector<std::string> AgencyKids(const KeyList& list);

// With the skew allowed for.
bool IsExpired(int64_t expires_s, int64_t now_s);

// A key in a form that two people can compare on the telephone: the first 100 bits of its
// thumbprint (RFC 7638, SHA-256) in Crockford's base32: "7F3K-9QRT-0M2X-…", five groups of four.
// `kid` that is no thumbprint: "".
std::string Fingerprint(std::string_view kid);

}  // namespace fairlead::keys

#endif  // SERVICES_COMMON_KEYS_STATEMENTS_H_
