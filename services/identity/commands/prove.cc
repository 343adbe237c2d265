#include "services/identity/commands/prove.h"

#include <optional>

#include "services/common/base/encoding.h"
#include "services/identity/commands/attempt.h"
#include "services/identity/commands/credential.h"
#include "services/identity/commands/note.h"
#include "services/identity/domain/totp.h"

namespace fairlead::identity {
namespace {

constexpr int kPurgeAtOnce = 100;
// What an unknown name's code is compared with: as much work as for a known one.
constexpr std::string_view kDummySecret = "an-unknown-name-here";

// What is known of an attempt before the passphrase is looked at.
struct Begun {
  Attempt attempt;
  std::optional<Account> account;
  bool looked_at = false;            // false: refused without a look at the passphrase
  std::optional<int64_t> totp_step;  // the code is right
  std::string recovery_sha256;       // not empty: the recovery code is right
  bool spent = false;                // the code is used up already
  bool CodeIsRight() const { return totp_step || !recovery_sha256.empty(); }
};

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

tl::unexpected<Error> Refused(const Attempt& attempt) {
  if (!attempt.open) return tl::unexpected(TooManyAttempts(attempt));
  return Fail(Code::kUnauthenticated, "SIGN_IN_FAILED",
              "The name, the passphrase or the code is not right.");
}

// Uses up the code; false when it has been used meanwhile.
Result<bool> Spend(const Deps& deps, storage::Transaction& tx, const Begun& begun) {
  const std::string& id = begun.account->staff.id;
  if (begun.totp_step) return deps.store.SpendTotpStep(tx, id, *begun.totp_step);
  return deps.store.SpendRecoveryCode(tx, id, begun.recovery_sha256);
}

Result<void> MatchCode(const Deps& deps, storage::Transaction& tx, const Proof& proof,
                       Begun* begun) {
  std::optional<std::string> secret;
  int64_t last_step = 0;
  if (begun->account && !begun->account->totp_sealed.empty()) {
    secret =
        deps.secrets.Unseal(begun->account->totp_sealed, TotpContext(begun->account->staff.id));
    last_step = begun->account->totp_last_step;
  }
  const std::optional<int64_t> step =
      MatchTotp(secret ? *secret : kDummySecret, proof.totp_code, deps.clock.NowMs(), last_step);
  if (secret) begun->totp_step = step;
  if (proof.recovery_code.empty() || begun->totp_step) return {};
  const std::string code_sha256 = Sha256(proof.recovery_code);
  const std::string id = begun->account ? begun->account->staff.id : "";
  FAIRLEAD_ASSIGN(const bool has, deps.store.HasRecoveryCode(tx, id, code_sha256));
  if (has) begun->recovery_sha256 = code_sha256;
  return {};
}

// Charges the attempt before anything is known of the passphrase.
Result<Begun> Begin(const Deps& deps, storage::Transaction& tx, const Proof& proof,
                    const std::string& network) {
  Begun begun;
  FAIRLEAD_RETURN_IF_ERROR(deps.store.Purge(tx, deps.clock.NowMs(), kPurgeAtOnce));
  FAIRLEAD_ASSIGN(begun.attempt, ChargeAttempt(deps, tx, proof.sign_in_name, network));
  FAIRLEAD_ASSIGN(begun.account, deps.store.FindAccount(tx, proof.sign_in_name));
  FAIRLEAD_RETURN_IF_ERROR(MatchCode(deps, tx, proof, &begun));
  if (begun.attempt.open) {
    begun.looked_at = true;
  } else if (begun.CodeIsRight()) {
    // Spent whatever the passphrase is: each right code is worth one try at it.
    FAIRLEAD_ASSIGN(begun.spent, Spend(deps, tx, begun));
    begun.looked_at = begun.spent;
  }
  return begun;
}

struct Verdict {
  const Begun& begun;
  const rpc::CallContext& context;
  audit::Action failure;
  bool passphrase_right;
};

// Written for unknown names too: it must not take longer when there is somebody of that name.
Result<std::optional<Proven>> Failed(const Deps& deps, storage::Transaction& tx,
                                     const Verdict& verdict) {
  const std::optional<Account>& account = verdict.begun.account;
  audit::Record record =
      RecordOf(verdict.failure, verdict.context, account ? account->staff : Staff{});
  record.refused = audit::Refusal(Refused(verdict.begun.attempt).value());
  FAIRLEAD_RETURN_IF_ERROR(Note(deps, tx, record));
  return std::optional<Proven>();
}

// Runs for every attempt that was looked at, right or wrong, so that both take as long.
Result<std::optional<Proven>> Finish(const Deps& deps, storage::Transaction& tx,
                                     const Verdict& verdict, const AfterProof& then) {
  const Begun& begun = verdict.begun;
  const std::string id = begun.account ? begun.account->staff.id : "";
  FAIRLEAD_ASSIGN(const auto staff, deps.store.FindStaff(tx, id));
  if (!staff || staff->disable_ms != 0 || !verdict.passphrase_right || !begun.CodeIsRight()) {
    return Failed(deps, tx, verdict);
  }
  if (!begun.spent) {
    FAIRLEAD_ASSIGN(const bool spent, Spend(deps, tx, begun));
    if (!spent) return Failed(deps, tx, verdict);
  }
  FAIRLEAD_RETURN_IF_ERROR(ForgiveAttempt(deps, tx, begun.attempt));
  FAIRLEAD_ASSIGN(Session session, then(tx, *staff,
                                        begun.totp_step ? SignInMethod::kPassphraseTotp
                                                        : SignInMethod::kPassphraseRecoveryCode));
  return std::optional<Proven>(Proven{*staff, std::move(session)});
}

}  // namespace

Task<Result<Proven>> Prove(const Deps& deps, rpc::CallContext context, audit::Action failure,
                           Proof proof, AfterProof then) {
  proof.sign_in_name = Lower(std::move(proof.sign_in_name));
  std::function<Result<Begun>(storage::Transaction&)> begin = [&](storage::Transaction& tx) {
    return Begin(deps, tx, proof, context.actor.network);
  };
  Task<Result<Begun>> beginning = deps.database.Write<Begun>(begin);
  Result<Begun> begun = co_await std::move(beginning);
  if (!begun) co_return Fail(std::move(begun.error()));
  if (!begun->looked_at) co_return Refused(begun->attempt);

  const bool has_passphrase = begun->account && !begun->account->passphrase_hash.empty();
  std::string hash = has_passphrase ? begun->account->passphrase_hash : deps.hashes.DummyHash();
  const HashPool::Turn turn{
      begun->CodeIsRight() ? HashPool::Lane::kProven : HashPool::Lane::kOrdinary,
      context.deadline_steady_ms};
  Task<Result<bool>> verifying =
      deps.hashes.Verify(std::move(hash), std::move(proof.passphrase), turn);
  Result<bool> right = co_await std::move(verifying);
  if (!right) {
    // A full queue, or the hub stops: nothing was said of the passphrase.
    Task<bool> giving_back = GiveBackAttempt(deps, std::move(begun->attempt));
    static_cast<void>(co_await std::move(giving_back));
    co_return Fail(std::move(right.error()));
  }
  const Verdict verdict{*begun, context, failure, *right && has_passphrase};
  std::function<Result<std::optional<Proven>>(storage::Transaction&)> finish =
      [&](storage::Transaction& tx) { return Finish(deps, tx, verdict, then); };
  Task<Result<std::optional<Proven>>> finishing =
      deps.database.Write<std::optional<Proven>>(finish);
  Result<std::optional<Proven>> proven = co_await std::move(finishing);
  if (!proven) co_return Fail(std::move(proven.error()));
  if (!proven->has_value()) co_return Refused(begun->attempt);
  co_return std::move(**proven);
}

}  // namespace fairlead::identity
