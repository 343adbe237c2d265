// The devices to which an agency's private keys are wrapped.
#ifndef SERVICES_IDENTITY_COMMANDS_DEVICES_H_
#define SERVICES_IDENTITY_COMMANDS_DEVICES_H_

#include <string>
#include <vector>

#include "services/identity/commands/key_deps.h"

namespace fairlead::identity {

inline constexpr size_t kMaxDevicesPerStaff = 10;

// Makes the caller's device known; it can do nothing until a key list names it. Errors:
// INVALID_KEY, ALREADY_EXISTS DEVICE_EXISTS, RESOURCE_EXHAUSTED TOO_MANY_DEVICES.
Result<Device> RegisterDevice(const KeyDeps& deps, storage::Transaction& tx,
                              const rpc::CallContext& context, const std::string& device_jwk);

// One's own, or (administrator) a colleague's: removed, with its wraps. The agency's keys are due
// for a change when it held any. A second time changes nothing. Error: DEVICE_NOT_FOUND.
Result<Device> RemoveDevice(const KeyDeps& deps, storage::Transaction& tx,
                            const rpc::CallContext& context, const std::string& device_id);

// All devices of somebody who leaves, inside the transaction that ends the person's access. Publish
// the next key list after it, in the same transaction: else the keys stay due for a change.
Result<void> RemoveDevicesOf(const KeyDeps& deps, storage::Transaction& tx,
                             const rpc::CallContext& context, const std::string& agency_id,
                             const std::string& staff_id, int64_t now_ms);

struct DevicePage {
  std::vector<Device> devices;
  bool key_change_due = false;
};
Task<Result<DevicePage>> FindDevices(const KeyDeps& deps, std::string agency_id,
                                     std::string after_id, int limit);

// The wraps of one of the caller's own devices, latest epoch first. Errors: DEVICE_NOT_FOUND,
// FAILED_PRECONDITION DEVICE_NOT_CONFIRMED.
Task<Result<std::vector<StoredWrap>>> FindWraps(const KeyDeps& deps, rpc::CallContext context,
                                                std::string device_id, int64_t before_epoch,
                                                int limit);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_DEVICES_H_
