// Whose devices get the own agency's keys, by what a person has said at this machine: the hub lists
// devices and names people, and could keep a leaver's device in or show it as a colleague's.
#ifndef GATEWAY_CLI_KEY_HOLDERS_H_
#define GATEWAY_CLI_KEY_HOLDERS_H_

#include <string>
#include <vector>

#include "gateway/cli/context.h"
#include "services/common/keys/statements.h"

namespace fairlead::cli {

// For a person to read: the name that was shown when the device was confirmed here, else the one
// that the hub gives, and the id.
std::string PersonOf(Context& context, const DeviceBook& book, const keys::ListedDevice& device);

// Whether a removal or a leaving that was done here keeps this device out.
bool IsOut(const DeviceBook& book, const keys::ListedDevice& device);

// Errors (FAILED_PRECONDITION): DEVICE_REMOVED_HERE, PERSON_HAS_LEFT, DEVICE_PERSON_CHANGED (it was
// confirmed here as another person's; metadata known, offered: staff ids).
Result<void> CheckHolder(const DeviceBook& book, const keys::ListedDevice& device);

// Before keys are given to these devices: each is shown with its person. On a terminal a person
// says yes, unless `yes` and all were confirmed here before; elsewhere they must have been. What a
// person says yes to is remembered. Errors: those of CheckHolder, DEVICES_UNCONFIRMED (nobody to
// ask; metadata devices: fingerprints), NOT_CONFIRMED.
Result<void> ConfirmHolders(Context& context, const std::string& agency_id,
                            const std::vector<keys::ListedDevice>& devices, bool yes);

// From now on these count as confirmed here; as removed; as left.
Result<void> RememberHolder(Context& context, const std::string& agency_id,
                            const keys::ListedDevice& device);
Result<void> RememberRemoved(Context& context, const std::string& agency_id,
                             const std::string& kid);
Result<void> RememberLeft(Context& context, const std::string& agency_id,
                          const std::string& staff_id);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_KEY_HOLDERS_H_
