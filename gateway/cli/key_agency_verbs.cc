// key agency make|use: another agency key, when a holder of the present one has left. The root
// certifies it; the next key list is signed by it and begins a new epoch; and everybody who pinned
// the key before is told, and asked.
#include "gateway/cli/own_keys.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

Result<void> Make(Context& context, const std::string& out) {
  FAIRLEAD_ASSIGN(const std::string agency_id, context.OwnAgencyId());
  // One that was made before is used: it may be with the root by now.
  auto next = context.home().LoadKey(agency_id, kNextAgencyKeyName);
  if (!next) {
    if (next.error().reason != "KEY_MISSING") return Fail(next.error());
    next = seal::GenerateKey(seal::KeyUse::kSigning);
    if (!next) return Fail(next.error());
    FAIRLEAD_RETURN_IF_ERROR(context.home().SaveKeyAs(agency_id, kNextAgencyKeyName, *next));
  }
  FAIRLEAD_RETURN_IF_ERROR(WriteNewFile(out, seal::ToJwk(next->public_key) + "\n", false));
  PrintFields(context.out(), {{"Agency", agency_id},
                              {"Next agency key", keys::Fingerprint(next->public_key.kid)},
                              {"Public half", out}});
  context.Say(
      "The key before stays in force until the coalition's root has certified this one and it is "
      "taken into use here.");
  context.Next("key certify " + agency_id + " --name NAME --key " + out +
               " --root ROOT --out CERTIFICATE");
  return {};
}

// What an administrator's machine has of the key that signs until now; empty: nothing.
Result<std::string> OldKid(Context& context, const std::string& agency_id) {
  const auto old = context.home().LoadKey(agency_id, kAgencyKeyName);
  if (old) return old->public_key.kid;
  if (old.error().reason == "KEY_MISSING") return std::string();
  return Fail(old.error());
}

Result<void> Use(Context& context, bool yes) {
  FAIRLEAD_ASSIGN(const std::string agency_id, context.OwnAgencyId());
  FAIRLEAD_ASSIGN(const seal::PrivateKey next,
                  context.home().LoadKey(agency_id, kNextAgencyKeyName));
  FAIRLEAD_ASSIGN(const keys::KeyList shown, PeekKeys(context, agency_id));
  if (shown.agency_key != next.public_key) {  // equal: published before, and interrupted
    FAIRLEAD_ASSIGN(const std::string old_kid, OldKid(context, agency_id));
    FAIRLEAD_ASSIGN(const AgencyKeys current, FetchOwnByPin(context, agency_id, old_kid));
    FAIRLEAD_ASSIGN(SignedList list, NextEpochSignedBy(context, current, next, "", yes));
    FAIRLEAD_RETURN_IF_ERROR(PublishSigned(context, std::move(list)));
  }
  FAIRLEAD_RETURN_IF_ERROR(context.home().SaveKeyAs(agency_id, kAgencyKeyName, next));
  context.home().DropKey(agency_id, kNextAgencyKeyName);
  // By the certificate where a person trusts the root here.
  FAIRLEAD_ASSIGN(const AgencyKeys current, FetchKeys(context, agency_id, next.public_key.kid));
  FAIRLEAD_RETURN_IF_ERROR(AcceptKeys(context, agency_id, current.verdict));
  const keys::KeyList& list = current.verdict.list;
  PrintFields(context.out(), {{"Agency key", keys::Fingerprint(next.public_key.kid)},
                              {"Key list", std::to_string(list.version)},
                              {"Epoch", std::to_string(list.epoch)}});
  context.Say(
      "Whoever pinned the key before stops with AGENCY_KEY_CHANGED until they have compared this "
      "fingerprint and said `fairlead key accept`. Colleagues run `fairlead key accept` for your "
      "own agency, then `fairlead key sync`. Split the shares for recovery again.");
  context.Next("key reseal");
  return {};
}

}  // namespace

void AddKeyAgencyVerbs(Args key, Context& context) {
  Args agency = key.Group("agency", "Another agency key, when a holder of it has left");
  auto out = std::make_shared<std::string>();
  Args make = agency.Verb("make", "Make the next agency key; its public half goes to the root");
  make.Option("--out", out.get(), "The public half's file", Need::kRequired);
  make.Do([&context, out] { return Make(context, *out); });
  auto yes = std::make_shared<bool>(false);
  Args use = agency.Verb("use", "When it is certified: a new epoch, signed by it");
  use.Flag("--yes", yes.get(), "Do not ask, where all devices were confirmed at this machine");
  use.Do([&context, yes] { return Use(context, *yes); });
}

}  // namespace fairlead::cli
