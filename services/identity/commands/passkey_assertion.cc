#include "services/identity/commands/passkey_assertion.h"

#include <optional>

#include "services/common/base/encoding.h"
#include "services/identity/commands/attempt.h"
#include "services/identity/commands/note.h"

namespace fairlead::identity {
namespace {

// What an unknown passkey's signature is checked with, so that it costs what a known one's does:
// the base point of P-256 (FIPS 186-4, D.1.2.3).
constexpr std::string_view kBasePoint =
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

struct Known {
  std::optional<PasskeyChallenge> challenge;
  std::optional<Passkey> passkey;
};

// An assertion that has been read, and what for.
struct Claim {
  AssertionAnswer answer;
  audit::Action failure;
  std::string staff_id;  // whose passkey it must be; empty: anybody's
  Attempt attempt;
};

// An assertion, looked at from every side but that of the transaction.
struct Looked {
  std::string challenge;
  std::optional<Passkey> passkey;       // as named by the credential's id
  std::optional<AssertionFacts> facts;  // set when all of it holds
};

struct PasskeyVerdict {
  bool cloned = false;
  std::optional<ProvenByPasskey> proven;
};

tl::unexpected<Error> Failed() {
  return Fail(Code::kUnauthenticated, "SIGN_IN_FAILED",
              "The passkey was not accepted. Try again, or sign in another way.");
}

tl::unexpected<Error> Cloned() {
  return Fail(Code::kPermissionDenied, "PASSKEY_CLONED",
              "There seem to be two of this passkey. It is stopped, and you are signed out "
              "everywhere. Sign in another way and tell your administrator.");
}

Passkey NobodysPasskey() {
  Passkey passkey;
  passkey.public_key = HexDecode(kBasePoint).value_or("");
  return passkey;
}

Task<Result<Known>> Look(const Deps& deps, std::string challenge, std::string credential_id) {
  std::function<Result<Known>(storage::ReadTransaction&)> look =
      [&](storage::ReadTransaction& tx) -> Result<Known> {
    const PasskeyStore& store = deps.passkeys->store;
    Known known;
    FAIRLEAD_ASSIGN(known.challenge, store.FindChallenge(tx, challenge, deps.clock.NowMs()));
    FAIRLEAD_ASSIGN(known.passkey, store.FindByCredential(tx, credential_id));
    return known;
  };
  Task<Result<Known>> looking = deps.database.Read<Known>(look);
  co_return co_await std::move(looking);
}

// In the trail: who was to be proven, and why it was refused.
Result<void> NoteRefused(const Deps& deps, storage::Transaction& tx,
                         const rpc::CallContext& context, audit::Action action,
                         const Passkey& passkey, const Error& why) {
  FAIRLEAD_ASSIGN(const auto staff, deps.store.FindStaff(tx, passkey.staff_id));
  audit::Record record = RecordOf(action, context, staff.value_or(Staff{}));
  record.refused = audit::Refusal(why);
  record.record_id = passkey.id;
  return Note(deps, tx, record);
}

// Two authenticators with one key, or one that was set back: neither signs in again.
Result<PasskeyVerdict> StopClone(const Deps& deps, storage::Transaction& tx,
                                 const rpc::CallContext& context, const Passkey& passkey) {
  FAIRLEAD_RETURN_IF_ERROR(deps.passkeys->store.Stop(tx, passkey.id, deps.clock.NowMs()));
  FAIRLEAD_RETURN_IF_ERROR(deps.store.DeleteSessionsOf(tx, passkey.staff_id, ""));
  FAIRLEAD_RETURN_IF_ERROR(NoteRefused(deps, tx, context, audit::Action::kPasskeyCloneSuspected,
                                       passkey, Cloned().value()));
  return PasskeyVerdict{.cloned = true, .proven = {}};
}

// In one transaction: the challenge is used up, the counter moved on, and the session begun.
Result<PasskeyVerdict> Settle(const Deps& deps, storage::Transaction& tx,
                              const rpc::CallContext& context, const Claim& claim,
                              const Looked& looked, const AfterAssertion& then) {
  const PasskeyStore& store = deps.passkeys->store;
  const int64_t now_ms = deps.clock.NowMs();
  const PasskeyVerdict no;
  FAIRLEAD_ASSIGN(const bool spent, store.SpendChallenge(tx, looked.challenge, now_ms));
  if (!spent) return no;  // by the same answer at the same time
  std::optional<Passkey> passkey;
  std::optional<Staff> staff;
  if (looked.passkey) {
    FAIRLEAD_ASSIGN(passkey, store.FindByCredential(tx, looked.passkey->credential_id));
    FAIRLEAD_ASSIGN(staff, deps.store.FindStaff(tx, looked.passkey->staff_id));
  }
  if (!looked.facts || !passkey || passkey->id != looked.passkey->id || passkey->stop_ms != 0 ||
      !staff || staff->disable_ms != 0) {
    if (looked.passkey) {
      FAIRLEAD_RETURN_IF_ERROR(
          NoteRefused(deps, tx, context, claim.failure, *looked.passkey, Failed().value()));
    }
    return no;
  }
  if (!CounterMayFollow(passkey->counter, looked.facts->counter)) {
    return StopClone(deps, tx, context, *passkey);
  }
  FAIRLEAD_RETURN_IF_ERROR(
      store.RecordUse(tx, passkey->id, looked.facts->counter, looked.facts->backed_up, now_ms));
  FAIRLEAD_RETURN_IF_ERROR(ForgiveAttempt(deps, tx, claim.attempt));
  FAIRLEAD_ASSIGN(Session session, then(tx, *staff));
  return PasskeyVerdict{.cloned = false, .proven = ProvenByPasskey{*staff, std::move(session)}};
}

// `credential_id`: empty when the answer could not be read.
Task<Result<Attempt>> Charge(const Deps& deps, std::string credential_id, std::string network) {
  std::function<Result<Attempt>(storage::Transaction&)> charge =
      [&](storage::Transaction& tx) -> Result<Attempt> {
    const std::string account = credential_id.empty() ? "" : "passkey\n" + credential_id;
    FAIRLEAD_ASSIGN(const auto known, deps.passkeys->store.FindByCredential(tx, credential_id));
    return known ? ChargeAttempt(deps, tx, account, network)
                 : ChargeUnknownPasskey(deps, tx, account, network);
  };
  Task<Result<Attempt>> charging = deps.database.Write<Attempt>(charge);
  co_return co_await std::move(charging);
}

tl::unexpected<Error> PasskeyRefused(const Attempt& attempt) {
  if (!attempt.open) return tl::unexpected(TooManyAttempts(attempt));
  return Failed();
}

Task<Result<ProvenByPasskey>> ProveClaim(const Deps& deps, rpc::CallContext context, Claim claim,
                                         AfterAssertion then) {
  const PasskeyTools& tools = *deps.passkeys;
  const AssertionAnswer& answer = claim.answer;
  Result<std::string> challenge = CheckClientData(answer.client_data, Ceremony::kGet, *tools.party);
  if (!challenge) co_return PasskeyRefused(claim.attempt);
  Task<Result<Known>> looking = Look(deps, *challenge, answer.credential_id);
  Result<Known> known = co_await std::move(looking);
  if (!known) co_return Fail(std::move(known.error()));

  const Passkey passkey = known->passkey ? *known->passkey : NobodysPasskey();
  const Result<AssertionFacts> facts = tools.verifier.CheckAssertion(*tools.party, passkey, answer);
  if (!known->challenge || known->challenge->purpose != ChallengePurpose::kSignIn) {
    co_return PasskeyRefused(claim.attempt);
  }
  Looked looked{.challenge = *challenge, .passkey = known->passkey, .facts = {}};
  const bool right_person = answer.user_handle == passkey.user_handle &&
                            (claim.staff_id.empty() || claim.staff_id == passkey.staff_id);
  if (facts && right_person) looked.facts = *facts;
  // While they wait, those that are wrong write nothing: not even that they were.
  if (!claim.attempt.open && !looked.facts) co_return PasskeyRefused(claim.attempt);

  std::function<Result<PasskeyVerdict>(storage::Transaction&)> settle =
      [&](storage::Transaction& tx) { return Settle(deps, tx, context, claim, looked, then); };
  Task<Result<PasskeyVerdict>> settling = deps.database.Write<PasskeyVerdict>(settle);
  Result<PasskeyVerdict> verdict = co_await std::move(settling);
  if (!verdict) co_return Fail(std::move(verdict.error()));
  if (verdict->cloned) co_return Cloned();
  // A row for each invented passkey would let anybody fill the trail, which forgets nothing.
  if (!looked.passkey && deps.denials != nullptr) {
    deps.denials->Add(context.actor, context.method, Failed().value());
  }
  if (!verdict->proven) co_return PasskeyRefused(claim.attempt);
  co_return std::move(*verdict->proven);
}

// What was said of the assertion; any other error says nothing of it.
bool IsVerdict(const Error& error) {
  return error.code == Code::kUnauthenticated || error.code == Code::kPermissionDenied ||
         error.reason == "TOO_MANY_ATTEMPTS";
}

}  // namespace

Task<Result<std::string>> BeginAssertion(const Deps& deps) {
  const PasskeyTools& tools = *deps.passkeys;
  if (!tools.party) co_return Fail(Error(tools.party.error()));
  std::function<Result<std::string>(storage::Transaction&)> begin =
      [&](storage::Transaction& tx) -> Result<std::string> {
    const int64_t now_ms = deps.clock.NowMs();
    const PasskeyChallenge challenge{.challenge = deps.random.Bytes(kChallengeBytes),
                                     .purpose = ChallengePurpose::kSignIn,
                                     .subject_id = {},
                                     .user_handle = {},
                                     .expire_ms = now_ms + kChallengeLifetimeMs};
    FAIRLEAD_RETURN_IF_ERROR(tools.store.InsertChallenge(tx, challenge, now_ms));
    return RequestOptionsJson(*tools.party, challenge.challenge);
  };
  Task<Result<std::string>> writing = deps.database.Write<std::string>(begin);
  co_return co_await std::move(writing);
}

Task<Result<ProvenByPasskey>> ProveByPasskey(const Deps& deps, rpc::CallContext context,
                                             audit::Action failure, std::string assertion_json,
                                             std::string staff_id, AfterAssertion then) {
  const PasskeyTools& tools = *deps.passkeys;
  if (!tools.party) co_return Fail(Error(tools.party.error()));
  const Result<AssertionAnswer> answer = ReadAssertion(assertion_json);
  const std::string credential_id = answer ? answer->credential_id : "";
  Task<Result<Attempt>> charging = Charge(deps, credential_id, context.actor.network);
  Result<Attempt> attempt = co_await std::move(charging);
  if (!attempt) co_return Fail(std::move(attempt.error()));
  if (!answer) co_return PasskeyRefused(*attempt);
  Claim claim{
      .answer = *answer, .failure = failure, .staff_id = std::move(staff_id), .attempt = *attempt};
  Task<Result<ProvenByPasskey>> proving =
      ProveClaim(deps, std::move(context), std::move(claim), std::move(then));
  Result<ProvenByPasskey> proven = co_await std::move(proving);
  if (!proven && !IsVerdict(proven.error())) {
    Task<bool> giving_back = GiveBackAttempt(deps, std::move(*attempt));
    static_cast<void>(co_await std::move(giving_back));
  }
  co_return proven;
}

}  // namespace fairlead::identity
