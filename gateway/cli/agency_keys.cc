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

Result<void> PinFirst(Context& context, const PublicKeys& keys) {
  const Pin pin{.name = context.AgencyName(keys.agency_id),
                .epoch = keys.epoch,
                .epoch_kid = keys.epoch_key.kid,
                .signing_kids = {keys.signing_key.kid}};
  FAIRLEAD_RETURN_IF_ERROR(context.home().SavePin(keys.agency_id, pin));
  context.Say("First use of the keys of " + Printable(pin.name) +
              ". They are remembered; compare the fingerprint with the agency when you can: " +
              Fingerprint(pin.epoch_kid));
  return {};
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

Result<seal::PublicKey> KeyToSealTo(Context& context, const std::string& agency_id) {
  FAIRLEAD_ASSIGN(const PublicKeys keys, FetchKeys(context, agency_id));
  FAIRLEAD_ASSIGN(const auto pins, context.home().LoadPins());
  const auto pin = pins.find(agency_id);
  if (pin == pins.end()) {
    FAIRLEAD_RETURN_IF_ERROR(PinFirst(context, keys));
    return keys.epoch_key;
  }
  if (pin->second.epoch_kid != keys.epoch_key.kid) {
    return Changed(context, agency_id, pin->second, pin->second.epoch_kid, keys.epoch_key.kid);
  }
  return keys.epoch_key;
}

Result<seal::PublicKey> KeyToVerifyWith(Context& context, const std::string& agency_id,
                                        const std::string& kid) {
  FAIRLEAD_ASSIGN(const PublicKeys keys, FetchKeys(context, agency_id, kid));
  FAIRLEAD_ASSIGN(const auto pins, context.home().LoadPins());
  const auto pin = pins.find(agency_id);
  if (pin == pins.end()) {
    // The packet may be of an earlier epoch: what is pinned for sealing are the current keys.
    FAIRLEAD_ASSIGN(PublicKeys current, FetchKeys(context, agency_id));
    FAIRLEAD_RETURN_IF_ERROR(PinFirst(context, current));
    if (current.signing_key.kid != keys.signing_key.kid) {
      Pin both{.name = context.AgencyName(agency_id),
               .epoch = current.epoch,
               .epoch_kid = current.epoch_key.kid,
               .signing_kids = {current.signing_key.kid, keys.signing_key.kid}};
      FAIRLEAD_RETURN_IF_ERROR(context.home().SavePin(agency_id, both));
    }
    return keys.signing_key;
  }
  if (!pin->second.signing_kids.contains(keys.signing_key.kid)) {
    const std::string known = pin->second.signing_kids.empty() ? pin->second.epoch_kid
                                                               : *pin->second.signing_kids.begin();
    return Changed(context, agency_id, pin->second, known, keys.signing_key.kid);
  }
  return keys.signing_key;
}

Result<PublicKeys> AcceptKeys(Context& context, const std::string& agency_id) {
  FAIRLEAD_ASSIGN(PublicKeys keys, FetchKeys(context, agency_id));
  FAIRLEAD_ASSIGN(auto pins, context.home().LoadPins());
  Pin& pin = pins[agency_id];
  pin.name = context.AgencyName(agency_id);
  pin.epoch = keys.epoch;
  pin.epoch_kid = keys.epoch_key.kid;
  pin.signing_kids.insert(keys.signing_key.kid);
  FAIRLEAD_RETURN_IF_ERROR(context.home().SavePin(agency_id, pin));
  return keys;
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
