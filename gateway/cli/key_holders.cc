#include "gateway/cli/key_holders.h"

#include <algorithm>

#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"

namespace fairlead::cli {
namespace {

namespace v1 = identity::v1;

// Empty: the hub does not say. A matter of words: what counts is the id, and the person asked.
std::string NameAtHub(Context& context, const std::string& staff_id) {
  v1::ListStaffRequest request;
  request.set_agency_id(context.session().agency_id);
  std::string name;
  const auto look = [&](const v1::ListStaffResponse& page) -> Result<bool> {
    for (const v1::Staff& staff : page.staff()) {
      if (staff.id() == staff_id) name = staff.display_name();
    }
    return name.empty();
  };
  const auto asked = EachPage<v1::ListStaffResponse>(context, kListStaff, request, look);
  return asked ? name : "";
}

bool IsConfirmed(const DeviceBook& book, const keys::ListedDevice& device) {
  const auto holder = book.confirmed.find(device.key.kid);
  return holder != book.confirmed.end() && holder->second.staff_id == device.staff_id;
}

tl::unexpected<Error> Unconfirmed(const DeviceBook& book,
                                  const std::vector<keys::ListedDevice>& devices) {
  std::string fingerprints;
  for (const keys::ListedDevice& device : devices) {
    if (IsConfirmed(book, device)) continue;
    fingerprints += (fingerprints.empty() ? "" : " ") + keys::Fingerprint(device.key.kid);
  }
  return Fail(Code::kFailedPrecondition, "DEVICES_UNCONFIRMED",
              "Devices would get the agency's new keys that nobody has confirmed at this machine, "
              "and there is no terminal to ask on. No keys were given out.",
              {{"devices", fingerprints}});
}

}  // namespace

std::string PersonOf(Context& context, const DeviceBook& book, const keys::ListedDevice& device) {
  const auto holder = book.confirmed.find(device.key.kid);
  std::string name = holder != book.confirmed.end() && holder->second.staff_id == device.staff_id
                         ? holder->second.name
                         : NameAtHub(context, device.staff_id);
  return name.empty() ? device.staff_id : name + " (" + device.staff_id + ")";
}

bool IsOut(const DeviceBook& book, const keys::ListedDevice& device) {
  return book.removed.contains(device.key.kid) || book.left.contains(device.staff_id);
}

Result<void> CheckHolder(const DeviceBook& book, const keys::ListedDevice& device) {
  const std::string fingerprint = keys::Fingerprint(device.key.kid);
  if (book.removed.contains(device.key.kid)) {
    return Fail(Code::kFailedPrecondition, "DEVICE_REMOVED_HERE",
                "That device was removed at this machine. The hub shows it as if it were not.",
                {{"device", fingerprint}});
  }
  if (book.left.contains(device.staff_id)) {
    return Fail(Code::kFailedPrecondition, "PERSON_HAS_LEFT",
                "The person whose device it is has left, by what was done at this machine.",
                {{"device", fingerprint}, {"person", device.staff_id}});
  }
  const auto holder = book.confirmed.find(device.key.kid);
  if (holder == book.confirmed.end() || holder->second.staff_id == device.staff_id) return {};
  return Fail(
      Code::kFailedPrecondition, "DEVICE_PERSON_CHANGED",
      "That device was confirmed here as another person's than it is said to be now.",
      {{"device", fingerprint}, {"known", holder->second.staff_id}, {"offered", device.staff_id}});
}

Result<void> ConfirmHolders(Context& context, const std::string& agency_id,
                            const std::vector<keys::ListedDevice>& devices, bool yes) {
  FAIRLEAD_ASSIGN(DeviceBook book, context.home().LoadDevices(agency_id));
  std::string shown;
  for (const keys::ListedDevice& device : devices) {
    FAIRLEAD_RETURN_IF_ERROR(CheckHolder(book, device));
    shown += "\n  " + keys::Fingerprint(device.key.kid) + "  " + PersonOf(context, book, device) +
             (IsConfirmed(book, device) ? "" : "  NOT CONFIRMED HERE BEFORE");
  }
  const bool all = std::all_of(devices.begin(), devices.end(),
                               [&](const auto& device) { return IsConfirmed(book, device); });
  const bool can_ask = context.terminal().in_is_terminal;
  if (all && (yes || !can_ask)) {
    context.Say("These devices get the agency's new keys:" + shown);
    return {};
  }
  if (!can_ask) return Unconfirmed(book, devices);
  FAIRLEAD_RETURN_IF_ERROR(Confirm(context, false,
                                   "These devices get the agency's new keys:" + shown +
                                       "\nIs each of them with the person who stands beside it?"));
  for (const keys::ListedDevice& device : devices) {
    if (!IsConfirmed(book, device)) {
      FAIRLEAD_RETURN_IF_ERROR(RememberHolder(context, agency_id, device));
    }
  }
  return {};
}

Result<void> RememberHolder(Context& context, const std::string& agency_id,
                            const keys::ListedDevice& device) {
  FAIRLEAD_ASSIGN(DeviceBook book, context.home().LoadDevices(agency_id));
  book.confirmed[device.key.kid] = {.staff_id = device.staff_id,
                                    .name = NameAtHub(context, device.staff_id)};
  return context.home().SaveDevices(agency_id, book);
}

Result<void> RememberRemoved(Context& context, const std::string& agency_id,
                             const std::string& kid) {
  FAIRLEAD_ASSIGN(DeviceBook book, context.home().LoadDevices(agency_id));
  book.removed.insert(kid);
  return context.home().SaveDevices(agency_id, book);
}

Result<void> RememberLeft(Context& context, const std::string& agency_id,
                          const std::string& staff_id) {
  FAIRLEAD_ASSIGN(DeviceBook book, context.home().LoadDevices(agency_id));
  book.left.insert(staff_id);
  return context.home().SaveDevices(agency_id, book);
}

}  // namespace fairlead::cli
