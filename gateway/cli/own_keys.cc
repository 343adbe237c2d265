#include "gateway/cli/own_keys.h"

#include "gateway/cli/key_holders.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"

namespace fairlead::cli {
namespace {

namespace v1 = identity::v1;

Result<std::optional<v1::Device>> FindRecord(Context& context, const seal::PublicKey& key) {
  FAIRLEAD_ASSIGN(const auto devices, ListDevices(context));
  const std::string jwk = seal::ToJwk(key);
  for (const v1::Device& device : devices) {
    if (device.device_jwk() == jwk && !device.has_remove_time()) {
      return std::optional<v1::Device>(device);
    }
  }
  return std::optional<v1::Device>();
}

Result<std::optional<keys::EpochKeys>> Held(Context& context, const std::string& agency_id,
                                            int64_t epoch, const std::string& epoch_kid,
                                            const std::string& signing_kid) {
  auto epoch_key = context.home().LoadKey(agency_id, epoch_kid);
  auto signing_key = context.home().LoadKey(agency_id, signing_kid);
  for (const auto* key : {&epoch_key, &signing_key}) {
    if (*key) continue;
    if (key->error().reason == "KEY_MISSING") return std::optional<keys::EpochKeys>();
    return Fail(key->error());
  }
  return std::optional<keys::EpochKeys>(
      keys::EpochKeys{.epoch = epoch, .epoch_key = *epoch_key, .signing_key = *signing_key});
}

struct Staying {
  std::vector<keys::ListedDevice> listed;
  std::vector<v1::Device> records;  // theirs, in the same order
};

// Of the devices in the agency's signed list those that the hub still has, less those that are out
// by what was done here.
Result<Staying> WhoStays(Context& context, const keys::KeyList& list,
                         const std::string& leaving_staff_id) {
  FAIRLEAD_ASSIGN(const auto devices, ListDevices(context));
  FAIRLEAD_ASSIGN(const DeviceBook book, context.home().LoadDevices(list.agency_id));
  Staying staying;
  for (const keys::ListedDevice& each : list.devices) {
    if (each.staff_id == leaving_staff_id || IsOut(book, each)) continue;
    const std::string jwk = seal::ToJwk(each.key);
    const auto record = std::find_if(devices.begin(), devices.end(), [&](const v1::Device& device) {
      return device.device_jwk() == jwk && !device.has_remove_time();
    });
    if (record == devices.end()) continue;
    if (record->staff_id() != each.staff_id) {
      return Fail(Code::kFailedPrecondition, "DEVICE_PERSON_CHANGED",
                  "The hub shows a device as another person's than your agency's list does.",
                  {{"device", keys::Fingerprint(each.key.kid)},
                   {"known", each.staff_id},
                   {"offered", record->staff_id()}});
    }
    staying.listed.push_back(each);
    staying.records.push_back(*record);
  }
  return staying;
}

}  // namespace

Result<std::vector<v1::Device>> ListDevices(Context& context) {
  FAIRLEAD_ASSIGN(const auto all, AllPages<v1::ListDevicesResponse>(context, kListDevices,
                                                                    v1::ListDevicesRequest()));
  return std::vector<v1::Device>(all.devices().begin(), all.devices().end());
}

Result<OwnDevice> EnsureDevice(Context& context, const std::string& agency_id) {
  auto key = context.home().LoadKey(agency_id, kDeviceKeyName);
  if (!key && key.error().reason != "KEY_MISSING") return Fail(key.error());
  if (key) {
    FAIRLEAD_ASSIGN(auto record, FindRecord(context, key->public_key));
    if (record) return OwnDevice{.key = std::move(*key), .record = std::move(*record)};
  }
  // None yet, or the hub has removed it: then it is a new device with a new key.
  FAIRLEAD_ASSIGN(seal::PrivateKey fresh, seal::GenerateKey(seal::KeyUse::kEpoch));
  FAIRLEAD_RETURN_IF_ERROR(context.home().SaveKeyAs(agency_id, kDeviceKeyName, fresh));
  v1::RegisterDeviceRequest request;
  request.set_request_id(context.NewId());
  request.set_device_jwk(seal::ToJwk(fresh.public_key));
  FAIRLEAD_ASSIGN(auto response,
                  context.client().Call<v1::RegisterDeviceResponse>(kRegisterDevice, request));
  return OwnDevice{.key = std::move(fresh), .record = std::move(*response.mutable_device())};
}

Result<std::vector<keys::EpochKeys>> HeldEpochs(Context& context, const keys::KeyList& list) {
  std::vector<keys::EpochKeys> epochs;
  for (const keys::PastEpoch& past : list.past) {
    FAIRLEAD_ASSIGN(
        auto held, Held(context, list.agency_id, past.epoch, past.epoch_kid, past.signing_key.kid));
    if (held) epochs.push_back(std::move(*held));
  }
  FAIRLEAD_ASSIGN(auto held, Held(context, list.agency_id, list.epoch, list.epoch_key.kid,
                                  list.signing_key.kid));
  if (!held) {
    return Fail(Code::kFailedPrecondition, "KEY_MISSING",
                "The keys of the current epoch are not on this machine.");
  }
  epochs.push_back(std::move(*held));
  return epochs;
}

Result<void> AddWraps(v1::PublishKeyListRequest& request, const keys::KeyList& list,
                      const std::vector<keys::EpochKeys>& epochs, const v1::Device& device) {
  FAIRLEAD_ASSIGN(const seal::PublicKey key, seal::ParseJwk(device.device_jwk()));
  for (const keys::EpochKeys& each : epochs) {
    FAIRLEAD_ASSIGN(std::string jwe,
                    keys::WrapKeys(list.agency_id, list.version, each, key, SystemRandom()));
    v1::KeyWrap& wrap = *request.add_wraps();
    wrap.set_device_id(device.id());
    wrap.set_epoch(each.epoch);
    wrap.set_jwe(std::move(jwe));
  }
  return {};
}

Result<void> TakeAsCurrent(Context& context, const SignedList& published) {
  const keys::KeyList& list = published.list;
  FAIRLEAD_ASSIGN(const auto pins, context.home().LoadPins());
  const auto known = pins.find(list.agency_id);
  Pin pin = known == pins.end() ? Pin{} : known->second;
  if (pin.name.empty()) pin.name = context.session().agency_name;
  pin.sealed_to = true;
  pin.keys.agency_kid = list.agency_key.kid;
  pin.keys.version = list.version;
  pin.keys.list_hash = keys::ListHash(published.request.key_list());
  pin.keys.epoch = list.epoch;
  pin.keys.epoch_kid = list.epoch_key.kid;
  pin.keys.signing_kid = list.signing_key.kid;
  pin.keys.kids = keys::AgencyKids(list);
  FAIRLEAD_RETURN_IF_ERROR(context.home().SavePin(list.agency_id, pin));
  return context.home().MakeCurrent(list.agency_id, list.epoch_key.kid, list.signing_key.kid,
                                    list.epoch);
}

Result<void> PublishList(Context& context, const keys::KeyList& list,
                         v1::PublishKeyListRequest request) {
  FAIRLEAD_ASSIGN(const seal::PrivateKey agency,
                  context.home().LoadKey(list.agency_id, kAgencyKeyName));
  FAIRLEAD_ASSIGN(*request.mutable_key_list(), keys::SignKeyList(list, agency));
  return PublishSigned(context, {.list = list, .request = std::move(request)});
}

Result<void> PublishSigned(Context& context, SignedList next) {
  next.request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::PublishKeyListResponse>(kPublishKeyList, next.request));
  return TakeAsCurrent(context, next);
}

Result<keys::EpochKeys> MakeEpoch(Context& context, const std::string& agency_id, int64_t epoch) {
  keys::EpochKeys keys{.epoch = epoch, .epoch_key = {}, .signing_key = {}};
  FAIRLEAD_ASSIGN(keys.epoch_key, seal::GenerateKey(seal::KeyUse::kEpoch));
  FAIRLEAD_ASSIGN(keys.signing_key, seal::GenerateKey(seal::KeyUse::kSigning));
  FAIRLEAD_RETURN_IF_ERROR(context.home().SaveKey(agency_id, keys.epoch_key));
  FAIRLEAD_RETURN_IF_ERROR(context.home().SaveKey(agency_id, keys.signing_key));
  return keys;
}

Result<SignedList> NextEpoch(Context& context, const std::string& agency_id,
                             const std::string& leaving_staff_id, bool yes) {
  // An administrator's machine, or nothing is made.
  FAIRLEAD_ASSIGN(const seal::PrivateKey agency, context.home().LoadKey(agency_id, kAgencyKeyName));
  FAIRLEAD_ASSIGN(const AgencyKeys current, FetchKeys(context, agency_id));
  return NextEpochSignedBy(context, current, agency, leaving_staff_id, yes);
}

Result<SignedList> NextEpochSignedBy(Context& context, const AgencyKeys& current,
                                     const seal::PrivateKey& agency,
                                     const std::string& leaving_staff_id, bool yes) {
  const std::string& agency_id = current.verdict.list.agency_id;
  const int64_t now_s = context.NowMs() / 1'000;
  SignedList next{.list = keys::NextList(current.jws, current.verdict.list, now_s), .request = {}};
  next.list.agency_key = agency.public_key;
  FAIRLEAD_ASSIGN(Staying staying, WhoStays(context, next.list, leaving_staff_id));
  FAIRLEAD_RETURN_IF_ERROR(ConfirmHolders(context, agency_id, staying.listed, yes));
  next.list.devices = std::move(staying.listed);
  std::vector<keys::EpochKeys> epochs(1);
  FAIRLEAD_ASSIGN(epochs[0], MakeEpoch(context, agency_id, next.list.epoch + 1));
  BeginEpoch(next.list, epochs[0].epoch_key.public_key, epochs[0].signing_key.public_key, now_s);
  for (const v1::Device& device : staying.records) {
    FAIRLEAD_RETURN_IF_ERROR(AddWraps(next.request, next.list, epochs, device));
  }
  FAIRLEAD_ASSIGN(*next.request.mutable_key_list(), keys::SignKeyList(next.list, agency));
  return next;
}

}  // namespace fairlead::cli
