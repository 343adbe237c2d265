#include "services/identity/commands/sign_in.h"

#include <optional>

#include "services/common/base/encoding.h"
#include "services/identity/commands/find_agency.h"

namespace fairlead::identity {
namespace {

constexpr int kPurgeAtOnce = 100;

struct Begun {
  ThrottleDecision decision;
  std::optional<Account> account;
};

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

tl::unexpected<Error> Refused(const ThrottleDecision& decision) {
  if (decision.attempt == Attempt::kOpen) {
    return Fail(Code::kUnauthenticated, "SIGN_IN_FAILED",
                "The name or the passphrase is not right.");
  }
  return Fail(Code::kResourceExhausted, "TOO_MANY_ATTEMPTS",
              "Too many attempts on this name. Wait, or ask your administrator.",
              {{"retry_after_s", std::to_string(decision.retry_after_s)}});
}

// Charges the attempt before anything is known of the passphrase.
Result<Begun> BeginAttempt(const Deps& deps, storage::Transaction& tx, const std::string& name,
                           const std::string& name_sha256) {
  const int64_t now_ms = deps.clock.NowMs();
  FAIRLEAD_ASSIGN(const Throttle throttle, deps.store.GetThrottle(tx, name_sha256));
  Begun begun;
  begun.decision = Decide(throttle, now_ms);
  if (begun.decision.attempt == Attempt::kRefused) return begun;
  FAIRLEAD_RETURN_IF_ERROR(deps.store.PutThrottle(tx, name_sha256, begun.decision.next));
  FAIRLEAD_RETURN_IF_ERROR(deps.store.Purge(tx, now_ms, kPurgeAtOnce));
  FAIRLEAD_ASSIGN(begun.account, deps.store.FindAccount(tx, name));
  return begun;
}

Result<Session> BeginSession(const Deps& deps, storage::Transaction& tx, const Staff& staff,
                             const std::string& token, const std::string& name_sha256) {
  const int64_t now_ms = deps.clock.NowMs();
  Session session{.id = deps.ids.New(),
                  .staff_id = staff.id,
                  .create_ms = now_ms,
                  .last_used_ms = now_ms,
                  .assurance = 1};
  FAIRLEAD_RETURN_IF_ERROR(deps.store.ClearThrottle(tx, name_sha256));
  FAIRLEAD_RETURN_IF_ERROR(deps.store.InsertSession(tx, Sha256(token), session));
  return session;
}

}  // namespace

Task<Result<NewSession>> SignIn(const Deps& deps, rpc::CallContext context,
                                std::string sign_in_name, std::string passphrase) {
  const std::string name = Lower(std::move(sign_in_name));
  const std::string name_sha256 = Sha256(name);
  std::function<Result<Begun>(storage::Transaction&)> begin =
      [&deps, &name, &name_sha256](storage::Transaction& tx) {
        return BeginAttempt(deps, tx, name, name_sha256);
      };
  Result<Begun> begun = co_await deps.database.Write<Begun>(begin);
  if (!begun) co_return Fail(std::move(begun.error()));
  if (begun->decision.attempt == Attempt::kRefused) co_return Refused(begun->decision);

  const std::optional<Account>& account = begun->account;
  std::string hash = account ? account->passphrase_hash : std::string(kDummyHash);
  Result<bool> right = co_await deps.hashes.Verify(std::move(hash), std::move(passphrase));
  if (!right) co_return Fail(std::move(right.error()));
  if (!*right || !account) co_return Refused(begun->decision);
  const Staff& staff = account->staff;
  if (begun->decision.attempt == Attempt::kHotlineOnly &&
      !staff.roles.contains(Role::kHotlineOperator)) {
    co_return Refused(begun->decision);
  }

  Result<Agency> agency = co_await FindAgency(deps, std::move(context), staff.agency_id);
  if (!agency) co_return Fail(std::move(agency.error()));
  NewSession made;
  made.token = Base64UrlEncode(deps.random.Bytes(kSessionTokenBytes));
  std::function<Result<Session>(storage::Transaction&)> finish =
      [&deps, &staff, &made, &name_sha256](storage::Transaction& tx) {
        return BeginSession(deps, tx, staff, made.token, name_sha256);
      };
  Result<Session> session = co_await deps.database.Write<Session>(finish);
  if (!session) co_return Fail(std::move(session.error()));
  made.signed_in = SignedIn{std::move(*session), staff, std::move(*agency)};
  co_return made;
}

}  // namespace fairlead::identity
