#include "services/identity/commands/sign_in.h"

#include <optional>

#include "services/common/base/encoding.h"
#include "services/identity/commands/find_agency.h"
#include "services/identity/commands/note.h"
#include "services/identity/commands/passkey_assertion.h"
#include "services/identity/commands/session.h"

namespace fairlead::identity {
namespace {

// Nobody was signed in when the call came: the record names who is now.
audit::Record BySession(audit::Action action, const rpc::CallContext& context, const Staff& staff,
                        const Session& session) {
  audit::Record record = RecordOf(action, context, staff);
  record.by.staff_id = staff.id;
  record.by.agency_id = staff.agency_id;
  record.by.session_id = session.id;
  return record;
}

// Moves the session's proof to now. Error: SESSION_INVALID when it has ended meanwhile.
Result<Session> MarkProven(const Deps& deps, storage::Transaction& tx,
                           const rpc::CallContext& context, const Staff& staff, Session session) {
  const int64_t now_ms = deps.clock.NowMs();
  FAIRLEAD_ASSIGN(const bool live, deps.store.SetProven(tx, session.id, now_ms));
  if (!live) {
    return Fail(Code::kUnauthenticated, "SESSION_INVALID", "The session has ended: sign in again.");
  }
  session.proven_ms = now_ms;
  session.last_used_ms = now_ms;
  FAIRLEAD_RETURN_IF_ERROR(Note(deps, tx, RecordOf(audit::Action::kSteppedUp, context, staff)));
  return session;
}

Task<Result<Session>> StepUpByPasskey(const Deps& deps, rpc::CallContext context, SignedIn me,
                                      std::string assertion_json) {
  AfterAssertion mark = [&deps, &context, session = me.session](storage::Transaction& tx,
                                                                const Staff& staff) {
    return MarkProven(deps, tx, context, staff, session);
  };
  Task<Result<ProvenByPasskey>> proving =
      ProveByPasskey(deps, context, audit::Action::kStepUpFailed, std::move(assertion_json),
                     me.staff.id, std::move(mark));
  Result<ProvenByPasskey> proven = co_await std::move(proving);
  if (!proven) co_return Fail(std::move(proven.error()));
  co_return std::move(proven->session);
}

}  // namespace

Result<Session> BeginSession(const Deps& deps, storage::Transaction& tx,
                             const rpc::CallContext& context, const Staff& staff,
                             SignInMethod method, const std::string& token) {
  const int64_t now_ms = deps.clock.NowMs();
  Session session{.id = deps.ids.New(),
                  .staff_id = staff.id,
                  .create_ms = now_ms,
                  .last_used_ms = now_ms,
                  .method = method,
                  .proven_ms = now_ms};
  FAIRLEAD_RETURN_IF_ERROR(deps.store.InsertSession(tx, Sha256(token), session));
  FAIRLEAD_RETURN_IF_ERROR(
      Note(deps, tx, BySession(audit::Action::kSignedIn, context, staff, session)));
  if (method == SignInMethod::kPassphraseRecoveryCode) {
    FAIRLEAD_RETURN_IF_ERROR(
        Note(deps, tx, BySession(audit::Action::kRecoveryCodeUsed, context, staff, session)));
  }
  return session;
}

Task<Result<NewSession>> SignIn(const Deps& deps, rpc::CallContext context, Proof proof) {
  NewSession made;
  made.token = Base64UrlEncode(deps.random.Bytes(kSessionTokenBytes));
  AfterProof begin = [&deps, &context, &made](storage::Transaction& tx, const Staff& staff,
                                              SignInMethod method) {
    return BeginSession(deps, tx, context, staff, method, made.token);
  };
  Task<Result<Proven>> proving =
      Prove(deps, context, audit::Action::kSignInFailed, std::move(proof), std::move(begin));
  Result<Proven> proven = co_await std::move(proving);
  if (!proven) co_return Fail(std::move(proven.error()));
  Task<Result<Agency>> finding = FindAgency(deps, context, proven->staff.agency_id);
  Result<Agency> agency = co_await std::move(finding);
  if (!agency) co_return Fail(std::move(agency.error()));
  made.signed_in =
      SignedIn{std::move(proven->session), std::move(proven->staff), std::move(*agency)};
  co_return made;
}

Task<Result<Session>> StepUp(const Deps& deps, rpc::CallContext context, StepUpInput input) {
  Task<Result<SignedIn>> asking = GetMe(deps, context);
  Result<SignedIn> me = co_await std::move(asking);
  if (!me) co_return Fail(std::move(me.error()));
  if (!input.passkey_assertion_json.empty() && deps.passkeys != nullptr) {
    Task<Result<Session>> by_passkey =
        StepUpByPasskey(deps, context, std::move(*me), std::move(input.passkey_assertion_json));
    co_return co_await std::move(by_passkey);
  }
  Proof proof{.sign_in_name = me->staff.sign_in_name,
              .passphrase = std::move(input.passphrase),
              .totp_code = std::move(input.totp_code),
              .recovery_code = {}};
  AfterProof mark = [&deps, &context, session = me->session](storage::Transaction& tx,
                                                             const Staff& staff, SignInMethod) {
    return MarkProven(deps, tx, context, staff, session);
  };
  Task<Result<Proven>> proving =
      Prove(deps, context, audit::Action::kStepUpFailed, std::move(proof), std::move(mark));
  Result<Proven> proven = co_await std::move(proving);
  if (!proven) co_return Fail(std::move(proven.error()));
  co_return std::move(proven->session);
}

}  // namespace fairlead::identity
