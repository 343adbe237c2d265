// The two halves of a backup key. The hub's half can make backups and cannot open them; the
// keeper's half, kept away from the hub, opens them and knows them from a stranger's.
//
//   {"type": "fairlead-backup-hub-1",    "public": …, "origin": …}
//   {"type": "fairlead-backup-keeper-1", "public": …, "origin": …, "secret": …}
//
// `public` and `secret` are an X25519 pair (RFC 7748), `origin` a secret of both halves that goes
// into every backup's key; all are 32 bytes in base64url.
#ifndef SERVICES_COMMON_BACKUP_KEYS_H_
#define SERVICES_COMMON_BACKUP_KEYS_H_

#include <string>
#include <string_view>

#include "services/common/base/result.h"

namespace fairlead::backup {

inline constexpr size_t kMaxKeyFileBytes = 4096;

struct HubKey {
  std::string public_key;
  std::string origin;
};

struct KeeperKey {
  HubKey hub;
  std::string secret_key;
};

KeeperKey GenerateKey();
std::string ToJson(const HubKey& key);
std::string ToJson(const KeeperKey& key);
// Errors: INVALID_ARGUMENT INVALID_BACKUP_KEY, with metadata {"expected": the half}.
Result<HubKey> ParseHubKey(std::string_view json);
Result<KeeperKey> ParseKeeperKey(std::string_view json);

}  // namespace fairlead::backup

#endif  // SERVICES_COMMON_BACKUP_KEYS_H_
