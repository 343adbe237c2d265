#include "gateway/cli/agency_keys.h"

#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/methods.h"
#include "services/common/base/encoding.h"

namespace fairlead::cli {
namespace {

namespace v1 = identity::v1;

tl::unexpected<Error> Changed(Context& context, const std::string& agency_id, const Pin& pin,
                              const std::string& expected_kid, const std::string& offered_kid) {
  const std::string name = pin.name.empty() ? context.AgencyName(agency_id) : pin.name;
  return Fail(Code::kFailedPrecondition, "KEY_CHANGED",
              "The hub gives out other keys for " + Printable(name) +
                  " than this machine knows. It may have new keys, or somebody may be posing as "
                  "it. Nothing was sealed or opened.",
              {{"agency", agency_id},
               {"known", Fingerprint(expected_kid)},
               {"offered", Fingerprint(offered_kid)}});
}

std::string AnySigningKid(const Pin& pin) {
  return pin.signing_kids.empty() ? pin.epoch_kid : *pin.signing_kids.begin();
}

// The name is what people send by: it belongs to one agency.
Result<void> PinFirst(Context& context, const std::string& agency_id, const Pin& pin) {
  FAIRLEAD_ASSIGN(const auto pins, context.home().LoadPins());
  for (const auto& [id, other] : pins) {
    if (id != agency_id && other.name == pin.name) return AgencyIdChanged(pin.name, id, agency_id);
  }
  return context.home().SavePin(agency_id, pin);
}

std::string Fingerprints(const PublicKeys& keys) {
  return Fingerprint(keys.epoch_key.kid) + " (sealing), " + Fingerprint(keys.signing_key.kid) +
         " (signing)";
}

// The hub alone has said whose keys these are: a person decides, not the hub.
Result<void> ConfirmFirstUse(Context& context, const PublicKeys& keys, const std::string& name,
                             bool first_use) {
  if (first_use) {
    context.Say("First use of the keys of " + name + ". Compare the fingerprints: " +
                Fingerprints(keys));
    return {};
  }
  if (!context.terminal().in_is_terminal) {
    return Fail(Code::kFailedPrecondition, "FIRST_USE_UNCONFIRMED",
                "This machine has never sealed to " + Printable(name) +
                    ", and there is no terminal to ask on. Nothing was sealed or sent.",
                {{"agency", keys.agency_id},
                 {"sealing", Fingerprint(keys.epoch_key.kid)},
                 {"signing", Fingerprint(keys.signing_key.kid)}});
  }
  return Confirm(context, false,
                 "First use of the keys of " + name + " (" + keys.agency_id +
                     "): " + Fingerprints(keys) +
                     ".\nHas the agency confirmed them, on a number you know?");
}

}  // namespace

Result<PublicKeys> FetchKeys(Context& context, const std::string& agency_id,
                             const std::string& kid) {
  v1::GetAgencyKeysRequest request;
  request.set_agency_id(agency_id);
  request.set_kid(kid);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::GetAgencyKeysResponse>(kGetAgencyKeys, request));
  PublicKeys keys{
      .agency_id = agency_id, .epoch = response.keys().epoch(), .epoch_key = {}, .signing_key = {}};
  FAIRLEAD_ASSIGN(keys.epoch_key, seal::ParseJwk(response.keys().epoch_jwk()));
  FAIRLEAD_ASSIGN(keys.signing_key, seal::ParseJwk(response.keys().signing_jwk()));
  const bool kid_fits = kid.empty() || kid == keys.epoch_key.kid || kid == keys.signing_key.kid;
  if (response.keys().agency_id() != agency_id || !kid_fits ||
      keys.epoch_key.use != seal::KeyUse::kEpoch ||
      keys.signing_key.use != seal::KeyUse::kSigning) {
    return Fail(Code::kDataLoss, "KEY_ANSWER_MISMATCH",
                "The hub answered with keys that were not asked for.", {{"agency", agency_id}});
  }
  return keys;
}

Result<seal::PublicKey> KeyToSealTo(Context& context, const std::string& agency_id,
                                    bool first_use) {
  FAIRLEAD_ASSIGN(const PublicKeys keys, FetchKeys(context, agency_id));
  FAIRLEAD_ASSIGN(const auto pins, context.home().LoadPins());
  const auto found = pins.find(agency_id);
  if (found != pins.end() && !found->second.epoch_kid.empty()) {
    const Pin& pin = found->second;
    if (pin.epoch_kid == keys.epoch_key.kid) return keys.epoch_key;
    return Changed(context, agency_id, pin, pin.epoch_kid, keys.epoch_key.kid);
  }
  Pin pin = found == pins.end() ? Pin{} : found->second;
  if (found != pins.end() && !pin.signing_kids.contains(keys.signing_key.kid)) {
    return Changed(context, agency_id, pin, AnySigningKid(pin), keys.signing_key.kid);
  }
  if (pin.name.empty()) pin.name = context.AgencyName(agency_id);
  pin.epoch = keys.epoch;
  pin.epoch_kid = keys.epoch_key.kid;
  pin.signing_kids.insert(keys.signing_key.kid);
  for (const auto& [id, other] : pins) {  // before anybody is asked to say yes to it
    if (id != agency_id && other.name == pin.name) return AgencyIdChanged(pin.name, id, agency_id);
  }
  FAIRLEAD_RETURN_IF_ERROR(ConfirmFirstUse(context, keys, pin.name, first_use));
  FAIRLEAD_RETURN_IF_ERROR(PinFirst(context, agency_id, pin));
  return keys.epoch_key;
}

Result<seal::PublicKey> KeyToVerifyWith(Context& context, const std::string& agency_id,
                                        const std::string& kid) {
  if (!IsUuid(agency_id)) {
    return Fail(Code::kDataLoss, "INVALID_ANSWER", "The hub names a sender that is not a UUID.");
  }
  FAIRLEAD_ASSIGN(const PublicKeys keys, FetchKeys(context, agency_id, kid));
  FAIRLEAD_ASSIGN(const auto pins, context.home().LoadPins());
  const auto pin = pins.find(agency_id);
  if (pin == pins.end()) {
    // The packet may be of an earlier epoch: the current key is pinned with it.
    FAIRLEAD_ASSIGN(const PublicKeys current, FetchKeys(context, agency_id));
    const std::string name = context.AgencyName(agency_id);
    FAIRLEAD_RETURN_IF_ERROR(
        PinFirst(context, agency_id,
                 {.name = name,
                  .epoch = 0,
                  .epoch_kid = {},
                  .signing_kids = {current.signing_key.kid, keys.signing_key.kid}}));
    context.Say("First use of the keys of " + name +
                ". They are remembered for reading; compare the fingerprint with the agency when "
                "you can: " +
                Fingerprint(keys.signing_key.kid) + " (signing)");
    return keys.signing_key;
  }
  if (!pin->second.signing_kids.contains(keys.signing_key.kid)) {
    return Changed(context, agency_id, pin->second, AnySigningKid(pin->second),
                   keys.signing_key.kid);
  }
  return keys.signing_key;
}

Result<void> AcceptKeys(Context& context, const PublicKeys& keys) {
  FAIRLEAD_ASSIGN(auto pins, context.home().LoadPins());
  Pin& pin = pins[keys.agency_id];
  pin.name = context.AgencyName(keys.agency_id);
  pin.epoch = keys.epoch;
  pin.epoch_kid = keys.epoch_key.kid;
  pin.signing_kids.insert(keys.signing_key.kid);
  return context.home().SavePin(keys.agency_id, pin, true);
}

Result<void> PinTrusted(Context& context, const std::string& agency_id, const Pin& pin) {
  FAIRLEAD_ASSIGN(const auto pins, context.home().LoadPins());
  const auto known = pins.find(agency_id);
  if (known != pins.end() && !known->second.epoch_kid.empty()) return {};
  return context.home().SavePin(agency_id, pin, true);
}

std::string Fingerprint(const std::string& kid) {
  constexpr size_t kBytes = 16;
  constexpr size_t kGroup = 4;
  const auto bytes = Base64UrlDecode(kid);
  if (!bytes || bytes->size() < kBytes) return Printable(kid);
  const std::string hex = HexEncode(std::string_view(*bytes).substr(0, kBytes));
  std::string groups;
  for (size_t i = 0; i < hex.size(); i += kGroup) {
    groups += (i == 0 ? "" : " ") + hex.substr(i, kGroup);
  }
  return groups;
}

}  // namespace fairlead::cli
