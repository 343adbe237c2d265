// What identity keeps of keys: signed statements as they were sent, devices, and private keys
// wrapped to devices. Every function runs inside the caller's transaction.
#ifndef SERVICES_IDENTITY_STORE_KEY_STORE_H_
#define SERVICES_IDENTITY_STORE_KEY_STORE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"

namespace fairlead::identity {

struct StoredRoot {
  int64_t number = 0;
  std::string statement;
};

struct StoredCertificate {
  std::string agency_id;
  std::string certificate;
  std::string agency_kid;
  std::string root_kid;
  int64_t issued_s = 0;
};

struct StoredKeyList {
  std::string agency_id;
  int64_t version = 0;
  std::string key_list;
  std::string agency_kid;
  int64_t create_ms = 0;
};

struct Device {
  std::string id;
  std::string agency_id;
  std::string staff_id;
  std::string kid;
  std::string device_jwk;
  int64_t create_ms = 0;
  std::optional<int64_t> confirm_ms;
  std::optional<int64_t> remove_ms;
};

struct StoredWrap {
  std::string device_id;
  int64_t epoch = 0;
  std::string jwe;
};

class KeyStore {
 public:
  using Read = storage::ReadTransaction;
  using Write = storage::Transaction;
  virtual ~KeyStore() = default;

  // The latest `limit`, oldest first.
  virtual Result<std::vector<StoredRoot>> ListRoots(Read& tx, int limit) const = 0;
  virtual Result<void> InsertRoot(Write& tx, const StoredRoot& root, int64_t now_ms) const = 0;
  virtual Result<std::optional<StoredCertificate>> FindCertificate(
      Read& tx, std::string_view agency_id) const = 0;
  virtual Result<void> PutCertificate(Write& tx, const StoredCertificate& certificate) const = 0;

  // version 0: the latest.
  virtual Result<std::optional<StoredKeyList>> FindKeyList(Read& tx, std::string_view agency_id,
                                                           int64_t version) const = 0;
  // Error: ALREADY_EXISTS KEY_ALREADY_PUBLISHED (another agency's key signs it).
  virtual Result<void> InsertKeyList(Write& tx, const StoredKeyList& list) const = 0;

  // Error: ALREADY_EXISTS DEVICE_EXISTS.
  virtual Result<void> InsertDevice(Write& tx, const Device& device) const = 0;
  virtual Result<std::optional<Device>> FindDevice(Read& tx, std::string_view id) const = 0;
  virtual Result<std::optional<Device>> FindDeviceByKid(Read& tx, std::string_view kid) const = 0;
  // Those of a person that have not been removed; at most 100.
  virtual Result<std::vector<Device>> DevicesOfStaff(Read& tx, std::string_view staff_id) const = 0;
  // In id order, after `after_id` ("" for the first).
  virtual Result<std::vector<Device>> ListDevices(Read& tx, std::string_view agency_id,
                                                  std::string_view after_id, int limit) const = 0;
  virtual Result<void> ConfirmDevice(Write& tx, std::string_view id, int64_t now_ms) const = 0;
  // Its wraps go with it.
  virtual Result<void> RemoveDevice(Write& tx, std::string_view id, int64_t now_ms) const = 0;

  // Replaces the one of the same device and epoch.
  virtual Result<void> PutWrap(Write& tx, const StoredWrap& wrap) const = 0;
  // The latest epoch first, below `before_epoch` (0: all).
  virtual Result<std::vector<StoredWrap>> ListWraps(Read& tx, std::string_view device_id,
                                                    int64_t before_epoch, int limit) const = 0;

  virtual Result<void> MarkKeyChangeDue(Write& tx, std::string_view agency_id,
                                        int64_t now_ms) const = 0;
  virtual Result<void> ClearKeyChangeDue(Write& tx, std::string_view agency_id) const = 0;
  virtual Result<bool> IsKeyChangeDue(Read& tx, std::string_view agency_id) const = 0;
};

// The one SQL implementation, for SQLite and PostgreSQL. Stateless.
std::unique_ptr<KeyStore> MakeSqlKeyStore();

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_STORE_KEY_STORE_H_
