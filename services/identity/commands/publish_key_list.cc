#include "services/identity/commands/publish_key_list.h"

#include <map>
#include <set>

#include "services/common/audit/audit.h"
#include "services/identity/commands/agency_keys.h"
#include "services/identity/commands/coalition_root.h"

namespace fairlead::identity {
namespace {

tl::unexpected<Error> Outdated(int64_t current) {
  return Fail(Code::kAborted, "KEY_LIST_OUTDATED",
              "Another list was published meanwhile: fetch it and make the next one.",
              {{"current", std::to_string(current)}});
}

tl::unexpected<Error> WrapUnexpected(int64_t epoch) {
  return Fail(Code::kInvalidArgument, "WRAP_UNEXPECTED",
              "A wrap is for a device or an epoch that the list does not name, or stands twice.",
              {{"epoch", std::to_string(epoch)}});
}

struct Before {
  StoredKeyList stored;
  keys::KeyList list;
};

Result<std::optional<Before>> FindBefore(const KeyDeps& deps, storage::Transaction& tx,
                                         const keys::KeyList& next, int64_t now_s) {
  FAIRLEAD_ASSIGN(auto stored, deps.keys.FindKeyList(tx, next.agency_id, 0));
  const int64_t current = stored ? stored->version : 0;
  if (next.version != current + 1) return Outdated(current);
  if (!stored) return std::optional<Before>();
  FAIRLEAD_ASSIGN(auto list, keys::ParseKeyList(stored->key_list, now_s));
  FAIRLEAD_RETURN_IF_ERROR(keys::CheckFollows(stored->key_list, list, next));
  return std::optional<Before>(Before{std::move(*stored), std::move(list)});
}

// Another agency key than before is taken from the root only; and where the root in force has
// spoken, no other than the one that it names.
Result<void> CheckAgencyKey(const KeyDeps& deps, storage::Transaction& tx,
                            const keys::KeyList& next, const std::optional<Before>& before,
                            int64_t now_s) {
  const std::string& kid = next.agency_key.kid;
  FAIRLEAD_ASSIGN(const auto certificate, deps.keys.FindCertificate(tx, next.agency_id));
  bool certified = false;
  if (certificate) {
    FAIRLEAD_ASSIGN(const auto root, CurrentRoot(deps, tx, now_s));
    certified = certificate->root_kid == root.root.kid;
  }
  const bool same = !before || before->stored.agency_kid == kid;
  if (certified ? certificate->agency_kid == kid : same) return {};
  return Fail(Code::kFailedPrecondition, "AGENCY_KEY_CHANGED",
              "The list is signed by another agency key than the one that is known.");
}

using Devices = std::map<std::string, Device>;  // by kid

// What the list names must be what was registered, by the person it names.
Result<Devices> FindListed(const KeyDeps& deps, storage::Transaction& tx,
                           const keys::KeyList& next) {
  Devices devices;
  for (const keys::ListedDevice& listed : next.devices) {
    FAIRLEAD_ASSIGN(auto device, deps.keys.FindDeviceByKid(tx, listed.key.kid));
    if (!device || device->agency_id != next.agency_id || device->staff_id != listed.staff_id ||
        device->device_jwk != seal::ToJwk(listed.key) || device->remove_ms) {
      return Fail(Code::kNotFound, "DEVICE_NOT_FOUND",
                  "The list names a device that is not registered here, or was removed.",
                  {{"kid", listed.key.kid}});
    }
    devices.emplace(listed.key.kid, std::move(*device));
  }
  return devices;
}

bool NamesEpoch(const keys::KeyList& list, int64_t epoch) {
  return epoch <= list.epoch && epoch >= list.epoch - static_cast<int64_t>(list.past.size());
}

Result<void> CheckWraps(const NewKeyList& next, const std::optional<Before>& before,
                        const Devices& devices) {
  std::map<std::string, std::string> kid_by_id;
  for (const auto& [kid, device] : devices) kid_by_id.emplace(device.id, kid);
  std::set<std::string> holders;  // of the current epoch, by these wraps
  for (const StoredWrap& wrap : next.wraps) {
    const auto kid = kid_by_id.find(wrap.device_id);
    FAIRLEAD_ASSIGN(const auto header, keys::ReadWrap(wrap.jwe));
    if (kid == kid_by_id.end() || header.device_kid != kid->second ||
        !NamesEpoch(next.list, wrap.epoch)) {
      return WrapUnexpected(wrap.epoch);
    }
    if (wrap.epoch == next.list.epoch) holders.insert(kid->second);
  }
  const bool new_epoch = !before || before->list.epoch != next.list.epoch;
  for (const auto& [kid, device] : devices) {
    if (!new_epoch && keys::ListsDevice(before->list, kid)) continue;
    if (!holders.contains(kid)) {
      return Fail(Code::kInvalidArgument, "WRAP_MISSING",
                  "Each device needs the keys of a new epoch, and a new device those of this one.",
                  {{"kid", kid}});
    }
  }
  return {};
}

// A device that the list no longer names.
Result<void> DropDevice(const KeyDeps& deps, storage::Transaction& tx,
                        const rpc::CallContext& context, const Device& device, int64_t now_ms) {
  FAIRLEAD_RETURN_IF_ERROR(deps.keys.RemoveDevice(tx, device.id, now_ms));
  if (device.remove_ms) return {};  // its owner removed it, and the trail has that
  audit::Record record{.action = audit::Action::kDeviceRemoved, .by = audit::ByCaller(context)};
  record.subject_staff_id = device.staff_id;
  record.subject_agency_id = device.agency_id;
  record.record_id = device.id;
  return audit::Append(tx, deps.base.ids, now_ms, record);
}

Result<void> StoreDevices(const KeyDeps& deps, storage::Transaction& tx,
                          const rpc::CallContext& context, const NewKeyList& next,
                          const std::optional<Before>& before, const Devices& devices,
                          int64_t now_ms) {
  for (const auto& [kid, device] : devices) {
    FAIRLEAD_RETURN_IF_ERROR(deps.keys.ConfirmDevice(tx, device.id, now_ms));
  }
  if (before) {
    for (const keys::ListedDevice& old : before->list.devices) {
      if (devices.contains(old.key.kid)) continue;
      FAIRLEAD_ASSIGN(const auto gone, deps.keys.FindDeviceByKid(tx, old.key.kid));
      if (gone) FAIRLEAD_RETURN_IF_ERROR(DropDevice(deps, tx, context, *gone, now_ms));
      // It has the keys: they change, or stay due for it.
      FAIRLEAD_RETURN_IF_ERROR(deps.keys.MarkKeyChangeDue(tx, next.list.agency_id, now_ms));
    }
  }
  for (const StoredWrap& wrap : next.wraps) {
    FAIRLEAD_RETURN_IF_ERROR(deps.keys.PutWrap(tx, wrap));
  }
  return {};
}

// The view of epochs that other services read, and the event that tells them.
Result<void> PublishEpoch(const KeyDeps& deps, storage::Transaction& tx,
                          const rpc::CallContext& context, const keys::KeyList& list,
                          int64_t now_ms) {
  const AgencyKeys keys{.agency_id = list.agency_id,
                        .epoch = 0,
                        .epoch_jwk = seal::ToJwk(list.epoch_key),
                        .signing_jwk = seal::ToJwk(list.signing_key),
                        .epoch_kid = list.epoch_key.kid,
                        .signing_kid = list.signing_key.kid,
                        .create_ms = now_ms};
  FAIRLEAD_ASSIGN(const AgencyKeys stored, PublishKeys(deps.base, tx, context, keys));
  if (stored.epoch != list.epoch) return StatementInvalid("epoch");
  return deps.keys.ClearKeyChangeDue(tx, list.agency_id);
}

}  // namespace

Result<NewKeyList> ReadKeyList(const std::string& agency_id, std::string jws,
                               std::vector<StoredWrap> wraps, int64_t now_s) {
  NewKeyList next{.jws = std::move(jws), .list = {}, .wraps = std::move(wraps)};
  FAIRLEAD_ASSIGN(next.list, keys::ParseKeyList(next.jws, now_s));
  if (next.list.agency_id != agency_id) return StatementInvalid("agency_id");
  if (keys::IsExpired(next.list.expires_s, now_s)) return StatementInvalid("exp");
  std::set<std::pair<std::string, int64_t>> seen;
  for (const StoredWrap& wrap : next.wraps) {
    FAIRLEAD_ASSIGN(const auto header, keys::ReadWrap(wrap.jwe));
    if (header.agency_id != agency_id || header.epoch != wrap.epoch ||
        header.version != next.list.version || !seen.emplace(wrap.device_id, wrap.epoch).second) {
      return WrapUnexpected(wrap.epoch);
    }
  }
  return next;
}

Result<void> PublishKeyList(const KeyDeps& deps, storage::Transaction& tx,
                            const rpc::CallContext& context, const NewKeyList& next) {
  const int64_t now_ms = deps.base.clock.NowMs();
  const int64_t now_s = now_ms / 1000;
  const keys::KeyList& list = next.list;
  FAIRLEAD_ASSIGN(const auto before, FindBefore(deps, tx, list, now_s));
  FAIRLEAD_RETURN_IF_ERROR(CheckAgencyKey(deps, tx, list, before, now_s));
  FAIRLEAD_ASSIGN(const Devices devices, FindListed(deps, tx, list));
  FAIRLEAD_RETURN_IF_ERROR(CheckWraps(next, before, devices));
  FAIRLEAD_RETURN_IF_ERROR(deps.keys.InsertKeyList(tx, {.agency_id = list.agency_id,
                                                        .version = list.version,
                                                        .key_list = next.jws,
                                                        .agency_kid = list.agency_key.kid,
                                                        .create_ms = now_ms}));
  FAIRLEAD_RETURN_IF_ERROR(StoreDevices(deps, tx, context, next, before, devices, now_ms));
  audit::Record record{.action = audit::Action::kKeyListPublished, .by = audit::ByCaller(context)};
  record.subject_agency_id = list.agency_id;
  record.record_id = list.agency_key.kid;
  FAIRLEAD_RETURN_IF_ERROR(audit::Append(tx, deps.base.ids, now_ms, record));
  if (before && before->list.epoch == list.epoch) return {};
  return PublishEpoch(deps, tx, context, list, now_ms);
}

}  // namespace fairlead::identity
