// key recovery split|combine: all private keys of an agency in a file that no single officer opens.
#include "gateway/cli/own_keys.h"
#include "gateway/cli/verbs.h"
#include "services/common/keys/recovery.h"

namespace fairlead::cli {
namespace {

struct SplitWords {
  int64_t needed = 2;
  int64_t shares = 3;
  std::string file;
};

Result<void> SplitVerb(Context& context, const SplitWords& words) {
  FAIRLEAD_ASSIGN(const std::string agency_id, context.OwnAgencyId());
  FAIRLEAD_ASSIGN(const AgencyKeys current, FetchKeys(context, agency_id));
  keys::AgencyKeySet set{.agency_id = agency_id, .agency_key = {}, .epochs = {}};
  FAIRLEAD_ASSIGN(set.agency_key, context.home().LoadKey(agency_id, kAgencyKeyName));
  FAIRLEAD_ASSIGN(set.epochs, HeldEpochs(context, current.verdict.list));
  FAIRLEAD_ASSIGN(
      const keys::RecoveryKit kit,
      keys::SplitKeys(
          set, {.needed = static_cast<int>(words.needed), .shares = static_cast<int>(words.shares)},
          SystemRandom()));
  FAIRLEAD_RETURN_IF_ERROR(WriteNewFile(words.file, kit.file, false));
  // A file for each officer: a share never meets another one again until it is needed.
  for (size_t i = 0; i < kit.shares.size(); ++i) {
    const std::string path = words.file + ".share-" + std::to_string(i + 1);
    FAIRLEAD_RETURN_IF_ERROR(WriteNewFile(path, kit.shares[i] + "\n", false));
    context.out() << path << '\n';
  }
  context.Say("Give each officer one share and delete it here. Keep " + words.file +
              " where any of them finds it: " + std::to_string(words.needed) + " of " +
              std::to_string(words.shares) + " shares open it, fewer say nothing.");
  context.Say("Split again after each new epoch: these shares know the keys of today.");
  return {};
}

struct CombineWords {
  std::string file;
  std::vector<std::string> shares;
};

Result<void> CombineVerb(Context& context, const CombineWords& words) {
  FAIRLEAD_ASSIGN(const std::string file, ReadFile(words.file, keys::kMaxRecoveryFileBytes));
  std::vector<std::string> lines;
  for (const std::string& path : words.shares) {
    FAIRLEAD_ASSIGN(std::string line, ReadFile(path, keys::kMaxShareChars + 2));
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
    lines.push_back(std::move(line));
  }
  FAIRLEAD_ASSIGN(const keys::AgencyKeySet set, keys::CombineShares(file, lines));
  Home& home = context.home();
  FAIRLEAD_RETURN_IF_ERROR(home.SaveKeyAs(set.agency_id, kAgencyKeyName, set.agency_key));
  const keys::EpochKeys* latest = nullptr;
  for (const keys::EpochKeys& each : set.epochs) {
    FAIRLEAD_RETURN_IF_ERROR(home.SaveKey(set.agency_id, each.epoch_key));
    FAIRLEAD_RETURN_IF_ERROR(home.SaveKey(set.agency_id, each.signing_key));
    if (latest == nullptr || each.epoch > latest->epoch) latest = &each;
  }
  if (latest != nullptr) {
    FAIRLEAD_RETURN_IF_ERROR(home.MakeCurrent(set.agency_id, latest->epoch_key.public_key.kid,
                                              latest->signing_key.public_key.kid, latest->epoch));
  }
  context.out() << "The keys of " << set.epochs.size() << " epochs are in "
                << home.KeyFolder(set.agency_id) << '\n';
  context.Next("key rotate");
  return {};
}

}  // namespace

void AddKeyRecoveryVerbs(Args key, Context& context) {
  Args recovery = key.Group("recovery", "Shares among officers, for when all devices are lost");
  {
    auto words = std::make_shared<SplitWords>();
    Args verb = recovery.Verb("split", "Seal all keys into a file and split its key into shares");
    verb.Option("--needed", &words->needed, 2, keys::kMaxShares, "How many open it; default 2");
    verb.Option("--shares", &words->shares, 2, keys::kMaxShares, "How many are made; default 3");
    verb.Option("--file", &words->file, "The sealed file; the shares are written beside it",
                Need::kRequired);
    verb.Do([&context, words] { return SplitVerb(context, *words); });
  }
  auto words = std::make_shared<CombineWords>();
  Args verb = recovery.Verb("combine", "Bring all keys back to this machine");
  verb.Positional("shares", &words->shares, "Files with a share each, as many as are needed");
  verb.Option("--file", &words->file, "The sealed file", Need::kRequired);
  verb.Do([&context, words] { return CombineVerb(context, *words); });
}

}  // namespace fairlead::cli
