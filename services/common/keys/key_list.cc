// An agency's key list: its form, and what may come after what.
#include <boost/json/array.hpp>
#include <set>

#include "services/common/base/encoding.h"
#include "services/common/keys/jws.h"
#include "services/common/keys/statements.h"
#include "services/common/seal/profile.h"

namespace fairlead::keys {
namespace {

namespace json = boost::json;
namespace profile = seal::internal;
using internal::kStatementInvalid;
using internal::RefuseStatement;
using seal::KeyUse;

constexpr std::string_view kListType = "fairlead-keys+jwt";

Result<const json::array*> ArrayOf(const json::object& payload, std::string_view name,
                                   size_t max_items) {
  const json::value* value = payload.if_contains(name);
  if (value == nullptr || !value->is_array() || value->as_array().size() > max_items) {
    return RefuseStatement(name);
  }
  return &value->as_array();
}

Result<PastEpoch> ReadPast(const json::value& value) {
  if (!value.is_object()) return RefuseStatement("past");
  const json::object& object = value.as_object();
  FAIRLEAD_RETURN_IF_ERROR(profile::CheckMembers(kStatementInvalid, object,
                                                 {"epoch", "epoch_kid", "signing_jwk", "until"}));
  PastEpoch past;
  FAIRLEAD_ASSIGN(past.epoch, internal::NumberOf(object, "epoch", 1));
  FAIRLEAD_ASSIGN(past.epoch_kid, profile::TextOf(kStatementInvalid, object, "epoch_kid"));
  FAIRLEAD_ASSIGN(past.signing_key, internal::KeyOf(object, "signing_jwk", KeyUse::kSigning));
  FAIRLEAD_ASSIGN(past.until_s, profile::IntegerOf(kStatementInvalid, object, "until"));
  if (!profile::IsHash(past.epoch_kid)) return RefuseStatement("epoch_kid");
  return past;
}

// Every earlier epoch, or the latest 100, in rising order and up to the current one.
Result<std::vector<PastEpoch>> ReadPasts(const json::object& payload, int64_t epoch) {
  FAIRLEAD_ASSIGN(const json::array* items, ArrayOf(payload, "past", kMaxPastEpochs));
  const auto wanted = std::min<int64_t>(epoch - 1, kMaxPastEpochs);
  if (static_cast<int64_t>(items->size()) != wanted) return RefuseStatement("past");
  std::vector<PastEpoch> pasts;
  int64_t expected = epoch - wanted;
  for (const json::value& item : *items) {
    FAIRLEAD_ASSIGN(PastEpoch past, ReadPast(item));
    if (past.epoch != expected++) return RefuseStatement("past");
    const int64_t from_s = pasts.empty() ? 1 : pasts.back().until_s;
    if (past.until_s < from_s || past.until_s > profile::kMaxTimeS) return RefuseStatement("until");
    pasts.push_back(std::move(past));
  }
  return pasts;
}

Result<std::vector<ListedDevice>> ReadDevices(const json::object& payload) {
  FAIRLEAD_ASSIGN(const json::array* items, ArrayOf(payload, "devices", kMaxDevices));
  std::vector<ListedDevice> devices;
  for (const json::value& item : *items) {
    if (!item.is_object()) return RefuseStatement("devices");
    const json::object& object = item.as_object();
    FAIRLEAD_RETURN_IF_ERROR(
        profile::CheckMembers(kStatementInvalid, object, {"kid", "device_jwk", "staff_id"}));
    ListedDevice device;
    FAIRLEAD_ASSIGN(device.key, internal::KeyOf(object, "device_jwk", KeyUse::kEpoch));
    FAIRLEAD_ASSIGN(device.staff_id, internal::UuidOf(object, "staff_id"));
    FAIRLEAD_RETURN_IF_ERROR(profile::ExpectText(kStatementInvalid, object, "kid", device.key.kid));
    if (!devices.empty() && devices.back().key.kid >= device.key.kid) {
      return RefuseStatement("devices");
    }
    devices.push_back(std::move(device));
  }
  return devices;
}

// No key has two uses, and none is used again.
Result<void> CheckDistinct(const KeyList& list) {
  std::set<std::string_view> kids{list.agency_key.kid};
  if (!kids.insert(list.epoch_key.kid).second) return RefuseStatement("epoch_jwk");
  if (!kids.insert(list.signing_key.kid).second) return RefuseStatement("signing_jwk");
  for (const PastEpoch& past : list.past) {
    if (!kids.insert(past.epoch_kid).second || !kids.insert(past.signing_key.kid).second) {
      return RefuseStatement("past");
    }
  }
  for (const ListedDevice& device : list.devices) {
    if (!kids.insert(device.key.kid).second) return RefuseStatement("devices");
  }
  return {};
}

Result<KeyList> Read(std::string_view jws, int64_t now_s) {
  FAIRLEAD_ASSIGN(const internal::Statement statement,
                  internal::Take(jws, kListType, kMaxKeyListBytes,
                                 {"v", "agency_id", "agency_jwk", "version", "previous", "epoch",
                                  "epoch_jwk", "signing_jwk", "past", "devices", "iat", "exp"}));
  const json::object& payload = statement.payload;
  KeyList list;
  FAIRLEAD_ASSIGN(list.agency_key, internal::KeyOf(payload, "agency_jwk", KeyUse::kSigning));
  FAIRLEAD_RETURN_IF_ERROR(internal::CheckSignature(statement, list.agency_key));
  FAIRLEAD_ASSIGN(list.agency_id, internal::UuidOf(payload, "agency_id"));
  FAIRLEAD_ASSIGN(list.version, internal::NumberOf(payload, "version", 1));
  FAIRLEAD_ASSIGN(list.previous, profile::TextOf(kStatementInvalid, payload, "previous"));
  if (list.version == 1 ? !list.previous.empty() : !profile::IsHash(list.previous)) {
    return RefuseStatement("previous");
  }
  FAIRLEAD_ASSIGN(list.epoch, internal::NumberOf(payload, "epoch", 1));
  if (list.epoch > list.version) return RefuseStatement("epoch");
  FAIRLEAD_ASSIGN(list.epoch_key, internal::KeyOf(payload, "epoch_jwk", KeyUse::kEpoch));
  FAIRLEAD_ASSIGN(list.signing_key, internal::KeyOf(payload, "signing_jwk", KeyUse::kSigning));
  FAIRLEAD_ASSIGN(list.past, ReadPasts(payload, list.epoch));
  FAIRLEAD_ASSIGN(list.devices, ReadDevices(payload));
  FAIRLEAD_ASSIGN(list.issued_s, internal::IssuedOf(payload, now_s));
  FAIRLEAD_ASSIGN(list.expires_s, internal::ExpiresOf(payload, list.issued_s));
  FAIRLEAD_RETURN_IF_ERROR(CheckDistinct(list));
  return list;
}

json::object ToObject(const KeyList& list) {
  json::object payload;
  payload["v"] = profile::kVersion;
  payload["agency_id"] = list.agency_id;
  payload["agency_jwk"] = internal::KeyObject(list.agency_key);
  payload["version"] = list.version;
  payload["previous"] = list.previous;
  payload["epoch"] = list.epoch;
  payload["epoch_jwk"] = internal::KeyObject(list.epoch_key);
  payload["signing_jwk"] = internal::KeyObject(list.signing_key);
  json::array& pasts = payload["past"].emplace_array();
  for (const PastEpoch& past : list.past) {
    pasts.push_back(json::object{{"epoch", past.epoch},
                                 {"epoch_kid", past.epoch_kid},
                                 {"signing_jwk", internal::KeyObject(past.signing_key)},
                                 {"until", past.until_s}});
  }
  json::array& devices = payload["devices"].emplace_array();
  for (const ListedDevice& device : list.devices) {
    devices.push_back(json::object{{"kid", device.key.kid},
                                   {"device_jwk", internal::KeyObject(device.key)},
                                   {"staff_id", device.staff_id}});
  }
  payload["iat"] = list.issued_s;
  payload["exp"] = list.expires_s;
  return payload;
}

// What `list` says once its epoch is over.
std::vector<PastEpoch> PastAfter(const KeyList& list, int64_t until_s) {
  std::vector<PastEpoch> past = list.past;
  past.push_back({.epoch = list.epoch,
                  .epoch_kid = list.epoch_key.kid,
                  .signing_key = list.signing_key,
                  .until_s = until_s});
  if (past.size() > kMaxPastEpochs) past.erase(past.begin());
  return past;
}

}  // namespace

Result<std::string> SignKeyList(const KeyList& list, const seal::PrivateKey& agency_key) {
  if (agency_key.public_key != list.agency_key) return RefuseStatement("agency_jwk");
  FAIRLEAD_ASSIGN(std::string jws,
                  internal::Sign(kListType, ToObject(list), agency_key, kMaxKeyListBytes));
  FAIRLEAD_ASSIGN(const KeyList read, ParseKeyList(jws, list.issued_s));
  if (read != list) return RefuseStatement("json");
  return jws;
}

Result<KeyList> ParseKeyList(std::string_view jws, int64_t now_s) {
  return internal::Checked(Read(jws, now_s));
}

std::string ListHash(std::string_view jws) { return Base64UrlEncode(Sha256(jws)); }

Result<void> CheckFollows(std::string_view before_jws, const KeyList& before, const KeyList& next) {
  if (next.agency_id != before.agency_id) return RefuseStatement("agency_id");
  if (next.version != before.version + 1) return RefuseStatement("version");
  if (next.previous != ListHash(before_jws)) return RefuseStatement("previous");
  if (next.epoch == before.epoch) {
    if (next.epoch_key != before.epoch_key) return RefuseStatement("epoch_jwk");
    if (next.signing_key != before.signing_key) return RefuseStatement("signing_jwk");
    if (next.past != before.past) return RefuseStatement("past");
    return {};
  }
  if (next.epoch != before.epoch + 1) return RefuseStatement("epoch");
  // The new keys differ from all listed ones, or the list would not have parsed.
  if (next.past != PastAfter(before, next.past.back().until_s)) return RefuseStatement("past");
  return {};
}

KeyList FirstList(const std::string& agency_id, const seal::PublicKey& agency_key,
                  const seal::PublicKey& epoch_key, const seal::PublicKey& signing_key,
                  int64_t now_s) {
  KeyList list;
  list.agency_id = agency_id;
  list.agency_key = agency_key;
  list.epoch_key = epoch_key;
  list.signing_key = signing_key;
  list.issued_s = now_s;
  list.expires_s = now_s + kMaxLifeS;
  return list;
}

KeyList NextList(std::string_view before_jws, const KeyList& before, int64_t now_s) {
  KeyList next = before;
  next.version = before.version + 1;
  next.previous = ListHash(before_jws);
  next.issued_s = now_s;
  next.expires_s = now_s + kMaxLifeS;
  return next;
}

void BeginEpoch(KeyList& list, const seal::PublicKey& epoch_key, const seal::PublicKey& signing_key,
                int64_t now_s) {
  // A clock that went back does not make the past go back.
  const int64_t until_s = list.past.empty() ? now_s : std::max(now_s, list.past.back().until_s);
  list.past = PastAfter(list, until_s);
  ++list.epoch;
  list.epoch_key = epoch_key;
  list.signing_key = signing_key;
}

void PutDevice(KeyList& list, const ListedDevice& device) {
  const auto by_kid = [](const ListedDevice& a, const ListedDevice& b) {
    return a.key.kid < b.key.kid;
  };
  const auto at = std::lower_bound(list.devices.begin(), list.devices.end(), device, by_kid);
  if (at != list.devices.end() && at->key.kid == device.key.kid) {
    *at = device;
  } else {
    list.devices.insert(at, device);
  }
}

bool ListsDevice(const KeyList& list, std::string_view kid) {
  return std::any_of(list.devices.begin(), list.devices.end(),
                     [&](const ListedDevice& device) { return device.key.kid == kid; });
}

std::vector<std::string> AgencyKids(const KeyList& list) {
  std::vector<std::string> kids{list.agency_key.kid, list.epoch_key.kid, list.signing_key.kid};
  for (const PastEpoch& past : list.past) {
    kids.push_back(past.epoch_kid);
    kids.push_back(past.signing_key.kid);
  }
  return kids;
}

}  // namespace fairlead::keys
