// The keys of one's own agency at this machine: the device, what is held of each epoch, and the
// next key list.
#ifndef GATEWAY_CLI_OWN_KEYS_H_
#define GATEWAY_CLI_OWN_KEYS_H_

#include <optional>
#include <string>
#include <vector>

#include "fairlead/identity/v1/keys.pb.h"
#include "gateway/cli/agency_keys.h"
#include "gateway/cli/context.h"
#include "services/common/keys/wrap.h"

namespace fairlead::cli {

// This machine's key, made when there is none, and its record at the hub, made likewise.
struct OwnDevice {
  seal::PrivateKey key;
  identity::v1::Device record;
};
Result<OwnDevice> EnsureDevice(Context& context, const std::string& agency_id);

// Every device of the own agency; at most 1,000.
Result<std::vector<identity::v1::Device>> ListDevices(Context& context);

// The epochs that the list names and whose private halves are here, the earliest first.
Result<std::vector<keys::EpochKeys>> HeldEpochs(Context& context, const keys::KeyList& list);

// Wraps `epochs` to one device, for the list of this version.
Result<void> AddWraps(identity::v1::PublishKeyListRequest& request, const keys::KeyList& list,
                      const std::vector<keys::EpochKeys>& epochs,
                      const identity::v1::Device& device);

// A list and the wraps that belong to it, signed with the agency key of this machine; the request
// id is not set. Error: KEY_MISSING (no administrator's machine).
struct SignedList {
  keys::KeyList list;
  identity::v1::PublishKeyListRequest request;
};
// The list that begins a new epoch, with new keys (on disk already) for the devices that are still
// there. Left out are those of `leaving_staff_id`, and those that were removed or whose people have
// left by what was done at this machine, whatever the hub says. The others are confirmed as
// ConfirmHolders has it. Errors: those of FetchKeys, SignedList and ConfirmHolders,
// DEVICE_PERSON_CHANGED (the hub shows a device as another person's than the signed list does).
Result<SignedList> NextEpoch(Context& context, const std::string& agency_id,
                             const std::string& leaving_staff_id, bool yes);
// The same after `current`, signed by that agency key, which the list names from then on.
Result<SignedList> NextEpochSignedBy(Context& context, const AgencyKeys& current,
                                     const seal::PrivateKey& agency,
                                     const std::string& leaving_staff_id, bool yes);
// Signed already: publishes it and takes it as current. Errors: those of PublishKeyList.
Result<void> PublishSigned(Context& context, SignedList next);
// Believes a list that the hub has taken as the own agency's, and its keys as the current ones.
Result<void> TakeAsCurrent(Context& context, const SignedList& published);

// Signs the list, publishes it and takes it as current. Errors: KEY_MISSING, those of
// PublishKeyList.
Result<void> PublishList(Context& context, const keys::KeyList& list,
                         identity::v1::PublishKeyListRequest request);

// New keys for one epoch, on disk before anybody hears of them.
Result<keys::EpochKeys> MakeEpoch(Context& context, const std::string& agency_id, int64_t epoch);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_OWN_KEYS_H_
