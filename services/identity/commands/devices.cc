#include "services/identity/commands/devices.h"

#include "services/common/audit/audit.h"
#include "services/common/seal/seal.h"

namespace fairlead::identity {
namespace {

// One answer for "not there" and "not yours".
tl::unexpected<Error> NotFound() {
  return Fail(Code::kNotFound, "DEVICE_NOT_FOUND", "There is no such device of yours.");
}

Result<void> NoteDevice(const KeyDeps& deps, storage::Transaction& tx,
                        const rpc::CallContext& context, audit::Action action,
                        const Device& device) {
  audit::Record record{.action = action, .by = audit::ByCaller(context)};
  record.subject_staff_id = device.staff_id;
  record.subject_agency_id = device.agency_id;
  record.record_id = device.id;
  return audit::Append(tx, deps.base.ids, deps.base.clock.NowMs(), record);
}

Result<void> Remove(const KeyDeps& deps, storage::Transaction& tx, const rpc::CallContext& context,
                    const Device& device, int64_t now_ms) {
  if (device.confirm_ms) {
    FAIRLEAD_RETURN_IF_ERROR(deps.keys.MarkKeyChangeDue(tx, device.agency_id, now_ms));
  }
  FAIRLEAD_RETURN_IF_ERROR(deps.keys.RemoveDevice(tx, device.id, now_ms));
  return NoteDevice(deps, tx, context, audit::Action::kDeviceRemoved, device);
}

}  // namespace

Result<Device> RegisterDevice(const KeyDeps& deps, storage::Transaction& tx,
                              const rpc::CallContext& context, const std::string& device_jwk) {
  auto key = seal::ParseJwk(device_jwk);
  if (!key) {
    Error error = std::move(key.error());
    error.metadata["field"] = "device_jwk";
    return Fail(std::move(error));
  }
  if (key->use != seal::KeyUse::kEpoch) {
    return Fail(Code::kInvalidArgument, "INVALID_KEY", "Keys cannot be wrapped to a signing key.",
                {{"field", "device_jwk"}, {"detail", "wrong_alg"}});
  }
  FAIRLEAD_ASSIGN(const auto own, deps.keys.DevicesOfStaff(tx, context.actor.staff_id));
  if (own.size() >= kMaxDevicesPerStaff) {
    return Fail(Code::kResourceExhausted, "TOO_MANY_DEVICES",
                "A person has at most 10 devices: remove one first.");
  }
  const Device device{.id = deps.base.ids.New(),
                      .agency_id = context.actor.agency_id,
                      .staff_id = context.actor.staff_id,
                      .kid = key->kid,
                      .device_jwk = seal::ToJwk(*key),
                      .create_ms = deps.base.clock.NowMs(),
                      .confirm_ms = {},
                      .remove_ms = {}};
  FAIRLEAD_RETURN_IF_ERROR(deps.keys.InsertDevice(tx, device));
  FAIRLEAD_RETURN_IF_ERROR(NoteDevice(deps, tx, context, audit::Action::kDeviceRegistered, device));
  return device;
}

Result<Device> RemoveDevice(const KeyDeps& deps, storage::Transaction& tx,
                            const rpc::CallContext& context, const std::string& device_id) {
  const auth::Actor& actor = context.actor;
  FAIRLEAD_ASSIGN(auto device, deps.keys.FindDevice(tx, device_id));
  const bool ours = device && device->agency_id == actor.agency_id;
  const bool mine = ours && device->staff_id == actor.staff_id;
  if (!mine && !(ours && actor.roles.contains(auth::Role::kAgencyAdmin))) return NotFound();
  if (device->remove_ms) return *device;
  const int64_t now_ms = deps.base.clock.NowMs();
  FAIRLEAD_RETURN_IF_ERROR(Remove(deps, tx, context, *device, now_ms));
  device->remove_ms = now_ms;
  return *device;
}

Result<void> RemoveDevicesOf(const KeyDeps& deps, storage::Transaction& tx,
                             const rpc::CallContext& context, const std::string& agency_id,
                             const std::string& staff_id, int64_t now_ms) {
  FAIRLEAD_ASSIGN(const auto devices, deps.keys.DevicesOfStaff(tx, staff_id));
  for (const Device& device : devices) {
    FAIRLEAD_RETURN_IF_ERROR(Remove(deps, tx, context, device, now_ms));
  }
  // Whoever had no device of their own may have worked at a colleague's.
  return deps.keys.MarkKeyChangeDue(tx, agency_id, now_ms);
}

Task<Result<DevicePage>> FindDevices(const KeyDeps& deps, std::string agency_id,
                                     std::string after_id, int limit) {
  std::function<Result<DevicePage>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) -> Result<DevicePage> {
    DevicePage page;
    FAIRLEAD_ASSIGN(page.devices, deps.keys.ListDevices(tx, agency_id, after_id, limit));
    FAIRLEAD_ASSIGN(page.key_change_due, deps.keys.IsKeyChangeDue(tx, agency_id));
    return page;
  };
  co_return co_await deps.base.database.Read<DevicePage>(read);
}

Task<Result<std::vector<StoredWrap>>> FindWraps(const KeyDeps& deps, rpc::CallContext context,
                                                std::string device_id, int64_t before_epoch,
                                                int limit) {
  std::function<Result<std::vector<StoredWrap>>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) -> Result<std::vector<StoredWrap>> {
    FAIRLEAD_ASSIGN(const auto device, deps.keys.FindDevice(tx, device_id));
    if (!device || device->staff_id != context.actor.staff_id ||
        device->agency_id != context.actor.agency_id || device->remove_ms) {
      return NotFound();
    }
    if (!device->confirm_ms) {
      return Fail(Code::kFailedPrecondition, "DEVICE_NOT_CONFIRMED",
                  "An administrator has not confirmed this device yet.");
    }
    return deps.keys.ListWraps(tx, device_id, before_epoch, limit);
  };
  co_return co_await deps.base.database.Read<std::vector<StoredWrap>>(read);
}

}  // namespace fairlead::identity
