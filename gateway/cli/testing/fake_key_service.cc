#include "gateway/cli/testing/fake_key_service.h"

#include "gateway/cli/methods.h"
#include "services/common/base/ids.h"

namespace fairlead::cli {

namespace v1 = identity::v1;

FakeKeyService::FakeKeyService(FakeHub& hub, std::string staff_id)
    : staff_id_(std::move(staff_id)) {
  hub.OnCall(kGetKeyList, [this](const FakeRequest& request) { return GetList(request); });
  hub.OnCall(kPublishKeyList, [this](const FakeRequest& request) { return Publish(request); });
  hub.OnCall(kRegisterDevice, [this](const FakeRequest& request) { return Register(request); });
  hub.OnCall(kListKeyWraps, [this](const FakeRequest& request) { return ListWraps(request); });
  hub.OnCall(kListDevices, [this](const FakeRequest&) {
    v1::ListDevicesResponse response;
    for (const v1::Device& device : devices) *response.add_devices() = device;
    return Protobuf(response);
  });
  hub.OnCall(kRemoveDevice, [this](const FakeRequest& request) {
    v1::RemoveDeviceRequest asked;
    asked.ParseFromString(request.body);
    v1::RemoveDeviceResponse response;
    for (v1::Device& device : devices) {
      if (device.id() != asked.device_id()) continue;
      device.mutable_remove_time()->set_seconds(1);
      *response.mutable_device() = device;
    }
    return Protobuf(response);
  });
  hub.OnCall(kGetCoalitionRoot, [this](const FakeRequest&) {
    if (roots.empty()) {
      return Refusal(400, {Code::kFailedPrecondition, "NO_COALITION_ROOT", "None.", {}});
    }
    v1::GetCoalitionRootResponse response;
    for (const std::string& root : roots) response.add_statements(root);
    return Protobuf(response);
  });
  hub.OnCall(kPublishCoalitionRoot, [this](const FakeRequest& request) {
    v1::PublishCoalitionRootRequest asked;
    asked.ParseFromString(request.body);
    roots.push_back(asked.statement());
    return Protobuf(v1::PublishCoalitionRootResponse());
  });
  hub.OnCall(kPublishAgencyCertificate, [this](const FakeRequest& request) {
    v1::PublishAgencyCertificateRequest asked;
    asked.ParseFromString(request.body);
    certificates[kOwnAgency] = asked.certificate();
    return Protobuf(v1::PublishAgencyCertificateResponse());
  });
}

keys::KeyList FakeKeyService::ListOf(const std::string& agency_id) const {
  return keys::ParseKeyList(lists.at(agency_id), SystemClock().NowMs() / 1'000).value();
}

void FakeKeyService::Certify(const std::map<std::string, std::string>& names) {
  const int64_t made_s = SystemClock().NowMs() / 1'000 - 60;
  const seal::PrivateKey root = keys::SigningKey();
  const keys::RootStatement first{.number = 1,
                                  .root = root.public_key,
                                  .coalition = "Coast",
                                  .previous = "",
                                  .issued_s = made_s};
  roots = {keys::SignRoot(first, root).value()};
  for (const auto& [id, name] : names) {
    const keys::AgencyCertificate certificate{.agency_id = id,
                                              .name = name,
                                              .agency_key = ListOf(id).agency_key,
                                              .issued_s = made_s,
                                              .expires_s = made_s + keys::kMaxLifeS};
    certificates[id] = keys::SignCertificate(certificate, root).value();
  }
}

FakeAnswer FakeKeyService::GetList(const FakeRequest& request) const {
  v1::GetKeyListRequest asked;
  asked.ParseFromString(request.body);
  const auto found = lists.find(asked.agency_id());
  if (found == lists.end()) {
    return Refusal(404, {Code::kNotFound, "AGENCY_HAS_NO_KEYS", "It has no keys.", {}});
  }
  v1::GetKeyListResponse response;
  response.set_key_list(found->second);
  const auto certificate = certificates.find(asked.agency_id());
  if (certificate != certificates.end()) response.set_certificate(certificate->second);
  return Protobuf(response);
}

FakeAnswer FakeKeyService::Publish(const FakeRequest& request) {
  v1::PublishKeyListRequest asked;
  asked.ParseFromString(request.body);
  lists[kOwnAgency] = asked.key_list();
  for (const v1::KeyWrap& wrap : asked.wraps()) wraps.push_back(wrap);
  const keys::KeyList list = ListOf(kOwnAgency);
  for (v1::Device& device : devices) {
    const auto key = seal::ParseJwk(device.device_jwk());
    if (key && keys::ListsDevice(list, key->kid)) device.mutable_confirm_time()->set_seconds(1);
  }
  v1::PublishKeyListResponse response;
  response.set_version(list.version);
  response.set_epoch(list.epoch);
  return Protobuf(response);
}

FakeAnswer FakeKeyService::Register(const FakeRequest& request) {
  v1::RegisterDeviceRequest asked;
  asked.ParseFromString(request.body);
  IdGenerator ids(SystemClock(), SystemRandom());
  v1::Device& device = devices.emplace_back();
  device.set_id(ids.New());
  device.set_staff_id(staff_id_);
  device.set_device_jwk(asked.device_jwk());
  v1::RegisterDeviceResponse response;
  *response.mutable_device() = device;
  return Protobuf(response);
}

FakeAnswer FakeKeyService::ListWraps(const FakeRequest& request) const {
  v1::ListKeyWrapsRequest asked;
  asked.ParseFromString(request.body);
  v1::ListKeyWrapsResponse response;
  for (const v1::Device& device : devices) {
    if (device.id() == asked.device_id() && !device.has_confirm_time()) {
      return Refusal(400, {Code::kFailedPrecondition, "DEVICE_NOT_CONFIRMED", "Not yet.", {}});
    }
  }
  for (const v1::KeyWrap& wrap : wraps) {
    if (wrap.device_id() == asked.device_id()) *response.add_wraps() = wrap;
  }
  return Protobuf(response);
}

}  // namespace fairlead::cli
