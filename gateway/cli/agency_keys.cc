#include "gateway/cli/agency_keys.h"

#include "fairlead/identity/v1/keys.pb.h"
#include "gateway/cli/methods.h"

namespace fairlead::cli {
namespace {

namespace v1 = identity::v1;

Result<v1::GetKeyListResponse> Ask(Context& context, const std::string& agency_id,
                                   int64_t version) {
  v1::GetKeyListRequest request;
  request.set_agency_id(agency_id);
  request.set_version(version);
  return context.client().Call<v1::GetKeyListResponse>(kGetKeyList, request);
}

// The root that a person trusts here, or the one that it has signed since.
Result<std::optional<keys::RootPin>> CurrentRoot(Context& context) {
  FAIRLEAD_ASSIGN(const auto pinned, context.home().LoadRoot());
  if (!pinned) return pinned;
  const auto shown = context.client().Call<v1::GetCoalitionRootResponse>(
      kGetCoalitionRoot, v1::GetCoalitionRootRequest());
  std::vector<std::string> statements;
  if (shown) {
    statements.assign(shown->statements().begin(), shown->statements().end());
  } else if (shown.error().reason != "NO_COALITION_ROOT") {
    return Fail(shown.error());
  }
  FAIRLEAD_ASSIGN(const keys::RootPin root,
                  keys::FollowRoots(*pinned, statements, context.NowMs() / 1'000));
  if (root != *pinned) {
    context.Say("The coalition has a new root, signed by the one that was trusted here: " +
                keys::Fingerprint(root.root.kid));
    FAIRLEAD_RETURN_IF_ERROR(context.home().SaveRoot(root));
  }
  return std::optional<keys::RootPin>(root);
}

// The name is what people send by: it belongs to one agency.
Result<void> CheckName(Context& context, const std::string& agency_id, const std::string& name) {
  FAIRLEAD_ASSIGN(const auto pins, context.home().LoadPins());
  for (const auto& [id, other] : pins) {
    if (id != agency_id && other.name == name) return AgencyIdChanged(name, id, agency_id);
  }
  return {};
}

// The hub alone has said whose keys these are: a person decides, not the hub.
Result<void> ConfirmFirstUse(Context& context, const keys::KeyList& list, const std::string& name,
                             bool first_use) {
  const std::string fingerprint = keys::Fingerprint(list.agency_key.kid);
  if (first_use) {
    context.Say("First use of the keys of " + name + ". Compare the fingerprint: " + fingerprint);
    return {};
  }
  if (!context.terminal().in_is_terminal) {
    return Fail(Code::kFailedPrecondition, "FIRST_USE_UNCONFIRMED",
                "This machine has never sealed to " + Printable(name) +
                    ", and there is no terminal to ask on. Nothing was sealed or sent.",
                {{"agency", list.agency_id}, {"fingerprint", fingerprint}});
  }
  return Confirm(context, false,
                 "First use of the keys of " + name + " (" + list.agency_id + "): " + fingerprint +
                     ".\nHas the agency confirmed it, on a number you know?");
}

// The pin with what is believed now. A name that a person has confirmed stays; one that the hub
// alone has said gives way to the root's.
Result<Pin> NextPin(Context& context, const std::string& agency_id, const keys::Verdict& verdict) {
  FAIRLEAD_ASSIGN(const auto pins, context.home().LoadPins());
  const auto known = pins.find(agency_id);
  Pin pin = known == pins.end() ? Pin{} : known->second;
  if (pin.name.empty() || (verdict.certified && !pin.sealed_to)) pin.name = verdict.pin.name;
  if (pin.name.empty()) pin.name = context.AgencyNameAtHub(agency_id);
  if (verdict.epoch_changed) {
    context.Say("New keys of " + pin.name + ", signed by its agency key: epoch " +
                std::to_string(verdict.list.epoch) + ".");
  }
  pin.keys = verdict.pin;
  return pin;
}

// What is remembered of this agency, and of all others whose keys it cannot have.
Result<keys::Known> KnownOf(Context& context, const std::string& agency_id) {
  keys::Known known;
  known.agency_id = agency_id;
  FAIRLEAD_ASSIGN(const auto pins, context.home().LoadPins());
  for (const auto& [id, pin] : pins) {
    if (id == agency_id) {
      known.agency = pin.keys;
      known.agency->name = pin.name;
      continue;
    }
    known.kids_of_others.insert(pin.keys.kids.begin(), pin.keys.kids.end());
    for (const std::string* kid :
         {&pin.keys.agency_kid, &pin.keys.epoch_kid, &pin.keys.signing_kid}) {
      if (!kid->empty()) known.kids_of_others.insert(*kid);
    }
  }
  return known;
}

Result<AgencyKeys> Fetch(Context& context, const keys::Known& known, bool reading) {
  const std::string& agency_id = known.agency_id;
  auto response = Ask(context, agency_id, 0);
  if (!response && response.error().reason == "AGENCY_KEYS_STOPPED" && reading && known.agency &&
      known.agency->version > 0) {
    // Nothing new is sealed to it; what it sent before can still be checked.
    response = Ask(context, agency_id, known.agency->version);
  }
  if (!response) return Fail(std::move(response.error()));
  auto verdict =
      keys::Judge(known, {.key_list = response->key_list(), .certificate = response->certificate()},
                  context.NowMs() / 1'000);
  if (!verdict) {
    Error error = std::move(verdict.error());
    error.metadata["name"] = context.AgencyName(agency_id);
    return Fail(std::move(error));
  }
  return AgencyKeys{.verdict = std::move(*verdict),
                    .jws = response->key_list(),
                    .key_change_due = response->key_change_due()};
}

}  // namespace

Result<AgencyKeys> FetchKeys(Context& context, const std::string& agency_id,
                             const std::string& accepted_agency_kid) {
  FAIRLEAD_ASSIGN(keys::Known known, KnownOf(context, agency_id));
  FAIRLEAD_ASSIGN(known.root, CurrentRoot(context));
  known.accepted_agency_kid = accepted_agency_kid;
  return Fetch(context, known, false);
}

bool HasNoKeysYet(Context& context, const std::string& agency_id) {
  const auto response = Ask(context, agency_id, 0);
  return !response && response.error().reason == "AGENCY_HAS_NO_KEYS";
}

Result<AgencyKeys> FetchOwnByPin(Context& context, const std::string& agency_id,
                                 const std::string& own_kid) {
  FAIRLEAD_ASSIGN(keys::Known known, KnownOf(context, agency_id));
  if (!known.agency) {
    known.agency.emplace();
    known.agency->agency_kid = own_kid;
  }
  return Fetch(context, known, false);
}

Result<std::string> AgencyForRelease(Context& context, const std::string& id_or_name) {
  FAIRLEAD_ASSIGN(const std::string id, context.AgencyId(id_or_name));
  const std::string name = NameTyped(id_or_name);
  if (name.empty()) return id;
  FAIRLEAD_ASSIGN(keys::Known known, KnownOf(context, id));
  FAIRLEAD_ASSIGN(known.root, CurrentRoot(context));
  known.expected_name = name;
  if (known.root) {
    const auto current = Fetch(context, known, false);
    if (current) return id;
    if (current.error().reason != "AGENCY_HAS_NO_KEYS") return Fail(current.error());
  }
  FAIRLEAD_ASSIGN(const auto pins, context.home().LoadPins());
  const auto pin = pins.find(id);
  if (pin == pins.end() || !pin->second.NameConfirmed()) {
    context.Say(name + " is the agency " + id + ", as the hub names it; nobody else has said so.");
  }
  return id;
}

Result<seal::PublicKey> KeyToSealTo(Context& context, const std::string& agency_id,
                                    const std::string& name, bool first_use) {
  FAIRLEAD_ASSIGN(keys::Known known, KnownOf(context, agency_id));
  FAIRLEAD_ASSIGN(known.root, CurrentRoot(context));
  known.expected_name = name;
  FAIRLEAD_ASSIGN(const AgencyKeys current, Fetch(context, known, false));
  const keys::Verdict& verdict = current.verdict;
  FAIRLEAD_ASSIGN(Pin pin, NextPin(context, agency_id, verdict));
  if (!pin.sealed_to) {
    FAIRLEAD_RETURN_IF_ERROR(CheckName(context, agency_id, pin.name));  // before anybody is asked
    if (verdict.certified) {
      context.Say("First use of the keys of " + pin.name + ", certified by the root.");
    } else {
      const std::string whose = name.empty() ? pin.name + " (as the hub names it)" : name;
      FAIRLEAD_RETURN_IF_ERROR(ConfirmFirstUse(context, verdict.list, whose, first_use));
    }
    pin.sealed_to = true;
  }
  FAIRLEAD_RETURN_IF_ERROR(context.home().SavePin(agency_id, pin));
  return verdict.list.epoch_key;
}

Result<Sender> KeyToVerifyWith(Context& context, const std::string& agency_id,
                               const std::string& kid, int64_t sent_s) {
  if (!IsUuid(agency_id)) {
    return Fail(Code::kDataLoss, "INVALID_ANSWER", "The hub names a sender that is not a UUID.");
  }
  FAIRLEAD_ASSIGN(keys::Known known, KnownOf(context, agency_id));
  FAIRLEAD_ASSIGN(known.root, CurrentRoot(context));
  FAIRLEAD_ASSIGN(const AgencyKeys current, Fetch(context, known, true));
  const keys::Verdict& verdict = current.verdict;
  FAIRLEAD_ASSIGN(const seal::PublicKey key, keys::SenderKey(verdict.list, kid, sent_s));
  FAIRLEAD_ASSIGN(const Pin pin, NextPin(context, agency_id, verdict));
  if (verdict.first_use) {
    FAIRLEAD_RETURN_IF_ERROR(CheckName(context, agency_id, pin.name));
    context.Say("First use of the keys of " + pin.name +
                (pin.NameConfirmed() ? "" : ", as the hub names it") +
                ". They are remembered for reading; compare the fingerprint with the agency when "
                "you can: " +
                keys::Fingerprint(verdict.list.agency_key.kid));
  }
  FAIRLEAD_RETURN_IF_ERROR(context.home().SavePin(agency_id, pin));
  return Sender{.key = key,
                .name = verdict.certified ? verdict.pin.name : pin.name,
                .name_confirmed = pin.NameConfirmed()};
}

Result<keys::KeyList> PeekKeys(Context& context, const std::string& agency_id) {
  FAIRLEAD_ASSIGN(const auto response, Ask(context, agency_id, 0));
  auto list = keys::ParseKeyList(response.key_list(), context.NowMs() / 1'000);
  if (!list || list->agency_id != agency_id) {
    return Fail(Code::kFailedPrecondition, "KEY_LIST_INVALID",
                "The hub shows a key list that the agency has not made.", {{"agency", agency_id}});
  }
  return list;
}

std::string NameToAccept(Context& context, const std::string& agency_id,
                         const keys::Verdict& verdict) {
  return verdict.certified ? verdict.pin.name : context.AgencyNameAtHub(agency_id);
}

Result<void> AcceptKeys(Context& context, const std::string& agency_id,
                        const keys::Verdict& verdict) {
  const std::string name = NameToAccept(context, agency_id, verdict);
  return context.home().SavePin(agency_id, {.name = name, .sealed_to = true, .keys = verdict.pin},
                                true);
}

Result<void> PinTrusted(Context& context, const std::string& agency_id, const std::string& name,
                        const std::string& agency_kid) {
  FAIRLEAD_ASSIGN(const auto pins, context.home().LoadPins());
  const auto known = pins.find(agency_id);
  if (known != pins.end() && known->second.sealed_to) return {};
  Pin pin{.name = name, .sealed_to = true, .keys = {}};
  // No list has been seen: whichever this key has signed will do.
  pin.keys.agency_kid = agency_kid;
  return context.home().SavePin(agency_id, pin, true);
}

}  // namespace fairlead::cli
