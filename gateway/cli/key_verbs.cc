// key show|accept, and the groups of verbs about devices, the root and recovery.
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "gateway/cli/agency_keys.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace json = boost::json;

void Report(Context& context, const keys::KeyList& list, const std::string& state) {
  const std::string agency = keys::Fingerprint(list.agency_key.kid);
  if (context.json()) {
    context.out() << json::serialize(
                         json::object{{"agencyId", list.agency_id},
                                      {"agencyJwk", seal::ToJwk(list.agency_key)},
                                      {"agencyFingerprint", agency},
                                      {"version", list.version},
                                      {"epoch", list.epoch},
                                      {"epochKid", list.epoch_key.kid},
                                      {"epochFingerprint", keys::Fingerprint(list.epoch_key.kid)},
                                      {"signingKid", list.signing_key.kid},
                                      {"devices", list.devices.size()},
                                      {"state", state}})
                  << '\n';
    return;
  }
  PrintFields(context.out(), {{"Agency", context.AgencyName(list.agency_id)},
                              {"Agency key", agency},
                              {"Key list", std::to_string(list.version)},
                              {"Epoch", std::to_string(list.epoch)},
                              {"Packets are sealed to", keys::Fingerprint(list.epoch_key.kid)},
                              {"Packets are signed by", keys::Fingerprint(list.signing_key.kid)},
                              {"Devices", std::to_string(list.devices.size())},
                              {"Here", state}});
}

std::string OwnState(Context& context, const keys::KeyList& list) {
  const auto local = context.home().LoadKeys(list.agency_id);
  if (!local) return "private keys missing";
  return local->epoch.public_key == list.epoch_key && local->signing.public_key == list.signing_key
             ? "private keys present"
             : "other private keys than the current ones: " + context.Command("key sync");
}

std::string HereState(Context& context, const AgencyKeys& current) {
  const keys::KeyList& list = current.verdict.list;
  if (list.agency_id == context.session().agency_id) return OwnState(context, list);
  const auto pins = context.home().LoadPins();
  if (!pins) return "not known: the pins cannot be read";
  const std::string name = NameToAccept(context, list.agency_id, current.verdict);
  for (const auto& [id, other] : *pins) {
    if (id != list.agency_id && other.name == name) return "CHANGED: the name is pinned to " + id;
  }
  const std::string vouched = current.verdict.certified ? ", certified by the root" : "";
  const auto pin = pins->find(list.agency_id);
  if (pin == pins->end()) return "not seen before" + vouched;
  if (!pin->second.sealed_to) return "seen as a sender; nothing was sealed to it yet" + vouched;
  return "the pinned agency key" + vouched;
}

Result<void> Show(Context& context, const std::string& agency) {
  FAIRLEAD_ASSIGN(const std::string id,
                  agency.empty() ? context.OwnAgencyId() : context.AgencyIdAtHub(agency));
  const auto current = FetchKeys(context, id);
  if (!current && current.error().reason == "AGENCY_KEY_CHANGED") {
    FAIRLEAD_ASSIGN(const keys::KeyList list, PeekKeys(context, id));
    Report(context, list, "CHANGED: pinned is " + current.error().metadata.at("known"));
    return {};
  }
  if (!current) return Fail(current.error());
  Report(context, current->verdict.list, HereState(context, *current));
  return {};
}

Result<void> Accept(Context& context, const std::string& agency, bool yes) {
  FAIRLEAD_ASSIGN(const std::string id, context.AgencyIdAtHub(agency));
  FAIRLEAD_ASSIGN(const keys::KeyList shown, PeekKeys(context, id));
  // Whatever a person says, all else must hold: this answers for the agency key alone.
  FAIRLEAD_ASSIGN(const AgencyKeys current, FetchKeys(context, id, shown.agency_key.kid));
  FAIRLEAD_RETURN_IF_ERROR(Confirm(context, yes,
                                   "Has " + NameToAccept(context, id, current.verdict) +
                                       (current.verdict.certified ? "" : ", as the hub names it") +
                                       " (" + id + ") confirmed the fingerprint " +
                                       keys::Fingerprint(shown.agency_key.kid) +
                                       " on a number you know?"));
  FAIRLEAD_RETURN_IF_ERROR(AcceptKeys(context, id, current.verdict));
  Report(context, current.verdict.list, "the pinned agency key");
  return {};
}

}  // namespace

void AddKeyVerbs(Args root, Context& context) {
  Args key = root.Group("key", "Keys of your agency, and those of others that are trusted");
  {
    auto agency = std::make_shared<std::string>();
    Args verb = key.Verb("show", "Show an agency's keys and what this machine believes of them");
    verb.Positional("agency", agency.get(), "Id or exact name; default: your own", Need::kOptional);
    verb.Do([&context, agency] { return Show(context, *agency); });
  }
  {
    auto agency = std::make_shared<std::string>();
    auto yes = std::make_shared<bool>(false);
    Args verb = key.Verb("accept", "Trust an agency's new key after comparing the fingerprint");
    verb.Positional("agency", agency.get(), "Id or exact name");
    verb.Flag("--yes", yes.get(), "Do not ask");
    verb.Do([&context, agency, yes] { return Accept(context, *agency, *yes); });
  }
  AddKeyDeviceVerbs(key, context);
  AddKeyAgencyVerbs(key, context);
  AddKeyRecoveryVerbs(key, context);
  AddKeyRootVerbs(key, context);
}

}  // namespace fairlead::cli
