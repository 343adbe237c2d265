// key init|join|confirm|sync|rotate|devices|remove: the own agency's keys and who holds them.
// Private halves are made here and leave this machine only wrapped to a device that a person named.
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "gateway/cli/key_holders.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/own_keys.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/reseal.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = identity::v1;
namespace json = boost::json;

std::string DeviceFingerprint(const v1::Device& device) {
  const auto key = seal::ParseJwk(device.device_jwk());
  return key ? keys::Fingerprint(key->kid) : "?";
}

void ReportDone(Context& context, const keys::KeyList& list, const std::string& done) {
  const std::string fingerprint = keys::Fingerprint(list.agency_key.kid);
  if (context.json()) {
    context.out() << json::serialize(json::object{{"agencyId", list.agency_id},
                                                  {"version", list.version},
                                                  {"epoch", list.epoch},
                                                  {"agencyFingerprint", fingerprint},
                                                  {"devices", list.devices.size()}})
                  << '\n';
    return;
  }
  PrintFields(context.out(), {{"Done", done},
                              {"Agency key", fingerprint},
                              {"Key list", std::to_string(list.version)},
                              {"Epoch", std::to_string(list.epoch)},
                              {"Devices", std::to_string(list.devices.size())}});
}

Result<void> Init(Context& context) {
  FAIRLEAD_ASSIGN(const std::string agency_id, context.OwnAgencyId());
  const auto published = FetchKeys(context, agency_id);
  if (published) {
    return Fail(Code::kAlreadyExists, "KEYS_EXIST",
                "Your agency has keys already (epoch " +
                    std::to_string(published->verdict.list.epoch) + ").",
                {{"fingerprint", keys::Fingerprint(published->verdict.list.agency_key.kid)}});
  }
  if (published.error().reason != "AGENCY_HAS_NO_KEYS") return Fail(published.error());
  FAIRLEAD_ASSIGN(const OwnDevice device, EnsureDevice(context, agency_id));
  // One that was made before the hub was reached is used.
  auto agency = context.home().LoadKey(agency_id, kAgencyKeyName);
  if (!agency) {
    if (agency.error().reason != "KEY_MISSING") return Fail(agency.error());
    agency = seal::GenerateKey(seal::KeyUse::kSigning);
    if (!agency) return Fail(agency.error());
    FAIRLEAD_RETURN_IF_ERROR(context.home().SaveKeyAs(agency_id, kAgencyKeyName, *agency));
  }
  FAIRLEAD_ASSIGN(keys::EpochKeys epoch, MakeEpoch(context, agency_id, 1));
  keys::KeyList list = keys::FirstList(agency_id, agency->public_key, epoch.epoch_key.public_key,
                                       epoch.signing_key.public_key, context.NowMs() / 1'000);
  const keys::ListedDevice own{.key = device.key.public_key, .staff_id = device.record.staff_id()};
  PutDevice(list, own);
  std::vector<keys::EpochKeys> epochs;
  epochs.push_back(std::move(epoch));
  v1::PublishKeyListRequest request;
  FAIRLEAD_RETURN_IF_ERROR(AddWraps(request, list, epochs, device.record));
  FAIRLEAD_RETURN_IF_ERROR(PublishList(context, list, std::move(request)));
  FAIRLEAD_RETURN_IF_ERROR(RememberHolder(context, agency_id, own));
  ReportDone(context, list, "private keys kept in " + context.home().KeyFolder(agency_id));
  context.Say(
      "Whoever loses them all can open no packet, and nobody can help: split them among officers "
      "before you need it.");
  context.Next("key recovery split --needed 2 --shares 3 --file recovery.jwe");
  return {};
}

Result<void> Join(Context& context) {
  FAIRLEAD_ASSIGN(const std::string agency_id, context.OwnAgencyId());
  FAIRLEAD_ASSIGN(const OwnDevice device, EnsureDevice(context, agency_id));
  const std::string fingerprint = keys::Fingerprint(device.key.public_key.kid);
  if (context.json()) {
    context.out() << json::serialize(json::object{{"deviceId", device.record.id()},
                                                  {"fingerprint", fingerprint},
                                                  {"confirmed", device.record.has_confirm_time()}})
                  << '\n';
    return {};
  }
  PrintFields(context.out(), {{"Device", device.record.id()},
                              {"Fingerprint", fingerprint},
                              {"You are", context.session().staff_id}});
  if (device.record.has_confirm_time()) {
    context.Next("key sync");
    return {};
  }
  if (HasNoKeysYet(context, agency_id)) {
    context.Say(
        "Your agency has no keys yet. An administrator makes the first ones, on their machine:");
    context.Say("  " + context.CommandOfAnother("key init"));
    context.Say("If that is you, do it here, and this device needs nobody to confirm it.");
  }
  context.Say(
      "Read the fingerprint, and who you are, to an administrator, who confirms this device with:");
  const std::string& self = context.session().staff_id;
  context.Say("  " + context.CommandOfAnother("key confirm " + device.record.id()) +
              (self.empty() ? "" : " --person " + self));
  context.Say("Then, here: " + context.Command("key sync"));
  return {};
}

Result<v1::Device> FindDevice(Context& context, const std::string& id_or_fingerprint) {
  FAIRLEAD_ASSIGN(const auto devices, ListDevices(context));
  for (const v1::Device& device : devices) {
    if (device.id() == id_or_fingerprint || DeviceFingerprint(device) == id_or_fingerprint) {
      return device;
    }
  }
  return Fail(Code::kNotFound, "DEVICE_NOT_FOUND", "Your agency has no such device.");
}

struct ConfirmWords {
  std::string device;
  std::string person;  // the staff id that the colleague has told; empty: not told
  bool yes = false;
};

Result<void> ConfirmDevice(Context& context, const ConfirmWords& words) {
  // A name would be compared with what the hub calls that person, and proves nothing.
  if (!words.person.empty() && !IsUuid(words.person)) {
    return Usage("--person is the colleague's id, as `key join` shows it to them, and no name.");
  }
  FAIRLEAD_ASSIGN(const std::string agency_id, context.OwnAgencyId());
  FAIRLEAD_ASSIGN(const v1::Device device, FindDevice(context, words.device));
  if (device.has_remove_time() || device.has_confirm_time()) {
    return Fail(Code::kFailedPrecondition, "DEVICE_NOT_WAITING",
                device.has_remove_time() ? "That device was removed." : "It is confirmed already.");
  }
  FAIRLEAD_ASSIGN(const AgencyKeys current, FetchKeys(context, agency_id));
  FAIRLEAD_ASSIGN(const auto epochs, HeldEpochs(context, current.verdict.list));
  FAIRLEAD_ASSIGN(const seal::PublicKey key, seal::ParseJwk(device.device_jwk()));
  const keys::ListedDevice holder{.key = key, .staff_id = device.staff_id()};
  FAIRLEAD_ASSIGN(const DeviceBook book, context.home().LoadDevices(agency_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckHolder(book, holder));
  if (!words.person.empty() && words.person != holder.staff_id) {
    return Fail(Code::kFailedPrecondition, "DEVICE_PERSON_CHANGED",
                "The hub shows that device as another person's.",
                {{"device", keys::Fingerprint(key.kid)},
                 {"known", words.person},
                 {"offered", holder.staff_id}});
  }
  const std::string shown = PersonOf(context, book, holder);
  if (words.yes) context.Say("The device " + keys::Fingerprint(key.kid) + " of " + shown + ":");
  FAIRLEAD_RETURN_IF_ERROR(Confirm(context, words.yes,
                                   "Is it " + shown + ", and does that person's device show " +
                                       keys::Fingerprint(key.kid) +
                                       "? It will open every packet of your agency."));
  keys::KeyList next = keys::NextList(current.jws, current.verdict.list, context.NowMs() / 1'000);
  PutDevice(next, holder);
  v1::PublishKeyListRequest request;
  FAIRLEAD_RETURN_IF_ERROR(AddWraps(request, next, epochs, device));
  FAIRLEAD_RETURN_IF_ERROR(PublishList(context, next, std::move(request)));
  FAIRLEAD_RETURN_IF_ERROR(RememberHolder(context, agency_id, holder));
  ReportDone(context, next, "the device may fetch the keys");
  return {};
}

// The wraps of this device, the latest epoch first.
Result<std::vector<v1::KeyWrap>> FetchWraps(Context& context, const std::string& device_id) {
  v1::ListKeyWrapsRequest request;
  request.set_device_id(device_id);
  FAIRLEAD_ASSIGN(const auto all,
                  AllPages<v1::ListKeyWrapsResponse>(context, kListKeyWraps, request));
  return std::vector<v1::KeyWrap>(all.wraps().begin(), all.wraps().end());
}

Result<void> Sync(Context& context, bool yes) {
  FAIRLEAD_ASSIGN(const std::string agency_id, context.OwnAgencyId());
  FAIRLEAD_ASSIGN(const OwnDevice device, EnsureDevice(context, agency_id));
  FAIRLEAD_ASSIGN(const auto wraps, FetchWraps(context, device.record.id()));
  FAIRLEAD_ASSIGN(const AgencyKeys current, FetchKeys(context, agency_id));
  const keys::Verdict& verdict = current.verdict;
  const keys::KeyList& list = verdict.list;
  if (verdict.first_use && !verdict.certified) {
    // Whose keys these are, the hub alone has said so far.
    FAIRLEAD_RETURN_IF_ERROR(Confirm(context, yes,
                                     "Does the administrator who confirmed this device have " +
                                         keys::Fingerprint(list.agency_key.kid) +
                                         " as your agency's key?"));
  }
  bool has_current = false;
  for (const v1::KeyWrap& wrap : wraps) {
    FAIRLEAD_ASSIGN(const keys::EpochKeys epoch, keys::UnwrapKeys(wrap.jwe(), device.key, list));
    FAIRLEAD_RETURN_IF_ERROR(context.home().SaveKey(agency_id, epoch.epoch_key));
    FAIRLEAD_RETURN_IF_ERROR(context.home().SaveKey(agency_id, epoch.signing_key));
    has_current = has_current || epoch.epoch == list.epoch;
  }
  if (!has_current) {
    return Fail(Code::kFailedPrecondition, "WRAP_MISSING",
                "The hub holds no keys of the current epoch for this device.");
  }
  FAIRLEAD_RETURN_IF_ERROR(AcceptKeys(context, agency_id, verdict));
  FAIRLEAD_RETURN_IF_ERROR(
      context.home().MakeCurrent(agency_id, list.epoch_key.kid, list.signing_key.kid, list.epoch));
  ReportDone(context, list, std::to_string(wraps.size()) + " epochs are here");
  return {};
}

// Removed devices, and those of people who have left, stay out of the next list.
Result<void> Rotate(Context& context, bool reseal, bool yes) {
  FAIRLEAD_ASSIGN(const std::string agency_id, context.OwnAgencyId());
  FAIRLEAD_ASSIGN(const SignedList next, NextEpoch(context, agency_id, "", yes));
  FAIRLEAD_RETURN_IF_ERROR(PublishSigned(context, next));
  if (reseal) {
    context.Say("Epoch " + std::to_string(next.list.epoch) + ": new packets are sealed to it.");
    return ResealOpenPackets(context);
  }
  ReportDone(context, next.list, "new packets are sealed to new keys");
  context.Say("What is open is still sealed to the keys before.");
  context.Next("key reseal");
  return {};
}

Result<void> Devices(Context& context) {
  FAIRLEAD_ASSIGN(const auto devices, ListDevices(context));
  if (context.json()) {
    v1::ListDevicesResponse all;
    for (const v1::Device& device : devices) *all.add_devices() = device;
    context.out() << ToJsonText(all);
    return {};
  }
  Table table({"DEVICE", "PERSON", "FINGERPRINT", "STATE"});
  for (const v1::Device& device : devices) {
    table.Add({device.id(), device.staff_id(), DeviceFingerprint(device),
               device.has_remove_time()    ? "removed"
               : device.has_confirm_time() ? "holds the keys"
                                           : "waits for confirmation"});
  }
  context.Print(table);
  return {};
}

Result<void> Remove(Context& context, const std::string& which, bool yes) {
  FAIRLEAD_ASSIGN(const v1::Device device, FindDevice(context, which));
  FAIRLEAD_RETURN_IF_ERROR(Confirm(context, yes,
                                   "Remove the device " + DeviceFingerprint(device) + " of " +
                                       device.staff_id() + "? It gets no more keys."));
  v1::RemoveDeviceRequest request;
  request.set_request_id(context.RequestId());
  request.set_device_id(device.id());
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::RemoveDeviceResponse>(kRemoveDevice, request));
  FAIRLEAD_ASSIGN(const seal::PublicKey key, seal::ParseJwk(device.device_jwk()));
  FAIRLEAD_ASSIGN(const std::string agency_id, context.OwnAgencyId());
  FAIRLEAD_RETURN_IF_ERROR(RememberRemoved(context, agency_id, key.kid));
  context.Emit(response, [&] { context.out() << "Removed.\n"; });
  if (device.has_confirm_time()) {
    context.Say("It still has the keys that it had: an administrator makes new ones.");
    context.Next("key rotate");
  }
  return {};
}

}  // namespace

void AddKeyDeviceVerbs(Args key, Context& context) {
  key.Verb("init", "Make your agency's keys here and publish its first key list").Do([&context] {
    return Init(context);
  });
  key.Verb("join", "Make this machine a device of yours and show its fingerprint").Do([&context] {
    return Join(context);
  });
  {
    auto words = std::make_shared<ConfirmWords>();
    Args verb = key.Verb("confirm", "Give a colleague's device the keys, after comparing");
    verb.Positional("device", &words->device, "Its id or its fingerprint");
    verb.Option("--person", &words->person, "Whose it is, by their own word: their id (key join)");
    verb.Flag("--yes", &words->yes, "Do not ask: fingerprint and person were compared");
    verb.Do([&context, words] { return ConfirmDevice(context, *words); });
  }
  {
    auto yes = std::make_shared<bool>(false);
    Args verb = key.Verb("sync", "Fetch the keys that were wrapped to this device");
    verb.Flag("--yes", yes.get(), "Do not ask: the agency's fingerprint was compared");
    verb.Do([&context, yes] { return Sync(context, *yes); });
  }
  {
    auto reseal = std::make_shared<bool>(false);
    Args verb = key.Verb("rotate", "A new epoch: new keys, for the devices that are still there");
    verb.Flag("--reseal", reseal.get(), "Then seal what is open to them: key reseal");
    auto yes = std::make_shared<bool>(false);
    verb.Flag("--yes", yes.get(), "Do not ask, where all devices were confirmed at this machine");
    verb.Do([&context, reseal, yes] { return Rotate(context, *reseal, *yes); });
  }
  AddResealVerb(key, context);
  key.Verb("devices", "List your agency's devices").Do([&context] { return Devices(context); });
  auto device = std::make_shared<std::string>();
  auto yes = std::make_shared<bool>(false);
  Args verb = key.Verb("remove", "Take a device out: lost, or of somebody who has left");
  verb.Positional("device", device.get(), "Its id or its fingerprint");
  verb.Flag("--yes", yes.get(), "Do not ask");
  verb.Do([&context, device, yes] { return Remove(context, *device, *yes); });
}

}  // namespace fairlead::cli
