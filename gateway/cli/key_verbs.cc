// key init|show|import|accept. Private halves are made and stay here; the hub gets public ones.
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/agency_keys.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = identity::v1;
namespace json = boost::json;

constexpr size_t kMaxKeyBytes = 4 * 1024;

void Report(Context& context, const PublicKeys& keys, const std::string& state) {
  if (context.json()) {
    context.out() << json::serialize(
                         json::object{{"agencyId", keys.agency_id},
                                      {"epoch", keys.epoch},
                                      {"epochKid", keys.epoch_key.kid},
                                      {"epochFingerprint", Fingerprint(keys.epoch_key.kid)},
                                      {"signingKid", keys.signing_key.kid},
                                      {"signingFingerprint", Fingerprint(keys.signing_key.kid)},
                                      {"state", state}})
                  << '\n';
    return;
  }
  PrintFields(context.out(), {{"Agency", context.AgencyName(keys.agency_id)},
                              {"Epoch", std::to_string(keys.epoch)},
                              {"Packets are sealed to", Fingerprint(keys.epoch_key.kid)},
                              {"Packets are signed by", Fingerprint(keys.signing_key.kid)},
                              {"Here", state}});
}

// Publishes, and only then uses. The private halves are on disk before the hub hears of the
// public ones, so that no packet can be sealed to a key that was lost.
Result<void> Publish(Context& context, const std::string& agency_id, const seal::PrivateKey& epoch,
                     const seal::PrivateKey& signing) {
  FAIRLEAD_RETURN_IF_ERROR(context.home().SaveKey(agency_id, epoch));
  FAIRLEAD_RETURN_IF_ERROR(context.home().SaveKey(agency_id, signing));
  v1::PublishAgencyKeysRequest request;
  request.set_request_id(context.RequestId());
  request.set_epoch_jwk(seal::ToJwk(epoch.public_key));
  request.set_signing_jwk(seal::ToJwk(signing.public_key));
  FAIRLEAD_ASSIGN(const auto response, context.client().Call<v1::PublishAgencyKeysResponse>(
                                           kPublishAgencyKeys, request));
  FAIRLEAD_RETURN_IF_ERROR(context.home().MakeCurrent(
      agency_id, epoch.public_key.kid, signing.public_key.kid, response.keys().epoch()));
  Report(context,
         {.agency_id = agency_id,
          .epoch = response.keys().epoch(),
          .epoch_key = epoch.public_key,
          .signing_key = signing.public_key},
         "private keys kept in " + context.home().KeyFolder(agency_id));
  context.Say(
      "Keep a copy of that folder in a safe place: without it no packet can be opened, "
      "and nobody can help.");
  context.Next("directory search");
  return {};
}

struct KeyFiles {
  std::vector<std::string> files;
  bool publish = false;
};

Result<void> Import(Context& context, const KeyFiles& options) {
  FAIRLEAD_ASSIGN(const std::string agency_id, context.OwnAgencyId());
  std::optional<seal::PrivateKey> epoch;
  std::optional<seal::PrivateKey> signing;
  for (const std::string& path : options.files) {
    FAIRLEAD_ASSIGN(const std::string text, ReadFile(path, kMaxKeyBytes));
    auto key = seal::ParsePrivateJwk(text);
    if (!key) {
      Error error = key.error();
      error.metadata["file"] = path;
      return Fail(std::move(error));
    }
    auto& slot = key->public_key.use == seal::KeyUse::kEpoch ? epoch : signing;
    if (slot) return Usage("Give one key for sealing and one for signing, not two of a kind.");
    slot = std::move(*key);
  }
  if (!epoch || !signing) {
    return Usage("Give two files: the epoch key (ECDH-ES+A256KW) and the signing key (ES256).");
  }
  if (options.publish) return Publish(context, agency_id, *epoch, *signing);
  const auto published = FetchKeys(context, agency_id, epoch->public_key.kid);
  if (!published || published->epoch_key != epoch->public_key ||
      published->signing_key != signing->public_key) {
    return Fail(Code::kFailedPrecondition, "KEYS_NOT_PUBLISHED",
                "The hub does not list these as keys of your agency.");
  }
  FAIRLEAD_RETURN_IF_ERROR(context.home().SaveKey(agency_id, *epoch));
  FAIRLEAD_RETURN_IF_ERROR(context.home().SaveKey(agency_id, *signing));
  // An earlier epoch is kept for reading old packets; only the newest becomes the current one.
  FAIRLEAD_ASSIGN(const PublicKeys current, FetchKeys(context, agency_id));
  if (current.epoch == published->epoch) {
    FAIRLEAD_RETURN_IF_ERROR(context.home().MakeCurrent(agency_id, epoch->public_key.kid,
                                                        signing->public_key.kid, published->epoch));
  }
  Report(context, *published, "private keys kept in " + context.home().KeyFolder(agency_id));
  context.Next("doctor");
  return {};
}

struct InitOptions {
  bool rotate = false;
  std::vector<std::string> from;
};

Result<void> Init(Context& context, const InitOptions& options) {
  FAIRLEAD_ASSIGN(const std::string agency_id, context.OwnAgencyId());
  const auto published = FetchKeys(context, agency_id);
  if (!published && published.error().reason != "AGENCY_HAS_NO_KEYS") {
    return Fail(published.error());
  }
  if (published && !options.rotate) {
    return Fail(Code::kAlreadyExists, "KEYS_EXIST",
                "Your agency has keys already (epoch " + std::to_string(published->epoch) + ").",
                {{"fingerprint", Fingerprint(published->epoch_key.kid)}});
  }
  if (!options.from.empty()) return Import(context, {.files = options.from, .publish = true});
  FAIRLEAD_ASSIGN(const seal::PrivateKey epoch, seal::GenerateKey(seal::KeyUse::kEpoch));
  FAIRLEAD_ASSIGN(const seal::PrivateKey signing, seal::GenerateKey(seal::KeyUse::kSigning));
  return Publish(context, agency_id, epoch, signing);
}

std::string HereState(Context& context, const PublicKeys& keys, bool own) {
  if (own) {
    const auto local = context.home().LoadKeys(keys.agency_id);
    if (!local) return "private keys missing";
    return local->epoch.public_key == keys.epoch_key &&
                   local->signing.public_key == keys.signing_key
               ? "private keys present"
               : "other private keys than the published ones";
  }
  const auto pins = context.home().LoadPins();
  if (!pins) return "not known: the pins cannot be read";
  const std::string name = context.AgencyName(keys.agency_id);
  for (const auto& [id, other] : *pins) {
    if (id != keys.agency_id && other.name == name) return "CHANGED: the name is pinned to " + id;
  }
  if (!pins->contains(keys.agency_id)) return "not seen before";
  const Pin& pin = pins->at(keys.agency_id);
  if (pin.epoch_kid.empty()) {
    return pin.signing_kids.contains(keys.signing_key.kid)
               ? "seen as a sender; nothing was sealed to it yet"
               : "CHANGED: another signing key is pinned";
  }
  const bool same =
      pin.epoch_kid == keys.epoch_key.kid && pin.signing_kids.contains(keys.signing_key.kid);
  return same ? "the pinned keys" : "CHANGED: pinned is " + Fingerprint(pin.epoch_kid);
}

Result<void> Show(Context& context, const std::string& agency) {
  FAIRLEAD_ASSIGN(const std::string id,
                  agency.empty() ? context.OwnAgencyId() : context.AgencyIdAtHub(agency));
  FAIRLEAD_ASSIGN(const PublicKeys keys, FetchKeys(context, id));
  Report(context, keys, HereState(context, keys, id == context.session().agency_id));
  return {};
}

Result<void> Accept(Context& context, const std::string& agency, bool yes) {
  FAIRLEAD_ASSIGN(const std::string id, context.AgencyIdAtHub(agency));
  FAIRLEAD_ASSIGN(const PublicKeys keys, FetchKeys(context, id));
  FAIRLEAD_RETURN_IF_ERROR(Confirm(
      context, yes,
      "Has " + context.AgencyName(id) + " (" + id + ") confirmed the fingerprints " +
          Fingerprint(keys.epoch_key.kid) + " (sealing) and " +
          Fingerprint(keys.signing_key.kid) + " (signing) on a number you know?"));
  FAIRLEAD_RETURN_IF_ERROR(AcceptKeys(context, keys));  // the ones shown: not fetched again
  Report(context, keys, "the pinned keys");
  return {};
}

}  // namespace

void AddKeyVerbs(Args root, Context& context) {
  Args key = root.Group("key", "Keys of your agency, and those of others that are trusted");
  {
    auto options = std::make_shared<InitOptions>();
    Args verb = key.Verb("init", "Make your agency's keys here and publish the public halves");
    verb.Flag("--rotate", &options->rotate, "Replace the published keys: a new epoch");
    verb.Option("--from", &options->from, "Take these two key files instead of new keys");
    verb.Do([&context, options] { return Init(context, *options); });
  }
  {
    auto options = std::make_shared<KeyFiles>();
    Args verb = key.Verb("import", "Take your agency's keys from a colleague's files");
    verb.Positional("files", &options->files, "Two files, each a private JWK (RFC 7517)");
    verb.Flag("--publish", &options->publish, "Publish them too: a new epoch");
    verb.Do([&context, options] { return Import(context, *options); });
  }
  {
    auto agency = std::make_shared<std::string>();
    Args verb = key.Verb("show", "Show an agency's published keys");
    verb.Positional("agency", agency.get(), "Id or exact name; default: your own", Need::kOptional);
    verb.Do([&context, agency] { return Show(context, *agency); });
  }
  auto agency = std::make_shared<std::string>();
  auto yes = std::make_shared<bool>(false);
  Args verb = key.Verb("accept", "Trust an agency's new keys after comparing the fingerprint");
  verb.Positional("agency", agency.get(), "Id or exact name");
  verb.Flag("--yes", yes.get(), "Do not ask");
  verb.Do([&context, agency, yes] { return Accept(context, *agency, *yes); });
}

}  // namespace fairlead::cli
