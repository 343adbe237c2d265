#include "services/identity/commands/attempt.h"

#include <algorithm>

namespace fairlead::identity {
namespace {

struct Counted {
  std::string of;
  bool of_account;
  int most;
};

// For whom an attempt counts.
std::vector<Counted> Counts(std::string_view account, std::string_view network) {
  const std::string who(account);
  const std::string where(network);
  std::vector<Counted> counts;
  if (!who.empty()) {
    counts.push_back({"account from\n" + where + "\n" + who, true, kAttemptsPerWindow});
    counts.push_back({"account\n" + who, true, kAttemptsPerAccount});
  }
  if (!where.empty()) counts.push_back({"network\n" + where, false, kAttemptsPerNetwork});
  return counts;
}

// To all of them, or to none.
Result<Attempt> Charge(const Deps& deps, storage::Transaction& tx,
                       const std::vector<Counted>& counts) {
  const int64_t now_ms = deps.clock.NowMs();
  Attempt attempt;
  std::vector<Throttle> next;
  for (const Counted& counted : counts) {
    const std::string key = deps.secrets.Digest(counted.of);
    FAIRLEAD_ASSIGN(const Throttle throttle, deps.store.GetThrottle(tx, key));
    const ThrottleDecision decision = Decide(throttle, now_ms, counted.most);
    attempt.open = attempt.open && decision.open;
    attempt.retry_after_s = std::max(attempt.retry_after_s, decision.retry_after_s);
    attempt.charges.push_back({key, counted.of_account, decision.next.window_ms});
    next.push_back(decision.next);
  }
  if (!attempt.open) return attempt;
  for (size_t i = 0; i < next.size(); ++i) {
    FAIRLEAD_RETURN_IF_ERROR(deps.store.PutThrottle(tx, attempt.charges[i].key, next[i]));
  }
  return attempt;
}

}  // namespace

Result<Attempt> ChargeAttempt(const Deps& deps, storage::Transaction& tx, std::string_view account,
                              std::string_view network) {
  return Charge(deps, tx, Counts(account, network));
}

Result<Attempt> ChargeUnknownPasskey(const Deps& deps, storage::Transaction& tx,
                                     std::string_view account, std::string_view network) {
  std::vector<Counted> counts = Counts(account, network);
  counts.push_back({"passkey of nobody", false, kUnknownPasskeys});
  return Charge(deps, tx, counts);
}

Result<Attempt> ChargeInvitation(const Deps& deps, storage::Transaction& tx,
                                 std::string_view invitation_id) {
  return Charge(deps, tx,
                {{"invitation\n" + std::string(invitation_id), true, kAttemptsPerWindow}});
}

Result<void> ForgiveAttempt(const Deps& deps, storage::Transaction& tx, const Attempt& attempt) {
  for (const Attempt::Charge& charge : attempt.charges) {
    if (charge.of_account) {
      FAIRLEAD_RETURN_IF_ERROR(deps.store.ClearThrottle(tx, charge.key));
    } else if (attempt.open) {
      FAIRLEAD_RETURN_IF_ERROR(deps.store.RefundAttempt(tx, charge.key, charge.window_ms));
    }
  }
  return {};
}

Task<bool> GiveBackAttempt(const Deps& deps, Attempt attempt) {
  if (!attempt.open) co_return true;  // nothing was charged
  std::function<Result<bool>(storage::Transaction&)> refund =
      [&deps, &attempt](storage::Transaction& tx) -> Result<bool> {
    for (const Attempt::Charge& charge : attempt.charges) {
      FAIRLEAD_RETURN_IF_ERROR(deps.store.RefundAttempt(tx, charge.key, charge.window_ms));
    }
    return true;
  };
  Task<Result<bool>> writing = deps.database.Write<bool>(refund);
  Result<bool> done = co_await std::move(writing);
  co_return done.has_value();
}

Error TooManyAttempts(const Attempt& attempt) {
  return {Code::kResourceExhausted,
          "TOO_MANY_ATTEMPTS",
          "Too many attempts. A right, unused code with its passphrase still signs in, and so does "
          "a passkey; else wait.",
          {{"retry_after_s", std::to_string(attempt.retry_after_s)}}};
}

}  // namespace fairlead::identity
