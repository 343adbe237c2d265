#include "services/identity/commands/session.h"

#include <optional>

#include "services/common/base/encoding.h"
#include "services/identity/commands/find_agency.h"
#include "services/identity/commands/note.h"

namespace fairlead::identity {
namespace {

using InSession = std::optional<SignedIn>;

tl::unexpected<Error> SessionInvalid() {
  return Fail(Code::kUnauthenticated, "SESSION_INVALID", "The session has ended: sign in again.");
}

}  // namespace

Task<Result<SignedIn>> CheckSession(const Deps& deps, rpc::CallContext context, std::string token,
                                    bool passive) {
  std::function<Result<InSession>(storage::ReadTransaction&)> read =
      [&deps, token_sha256 = Sha256(token)](storage::ReadTransaction& tx) {
        return deps.store.FindByToken(tx, token_sha256);
      };
  Result<InSession> found = co_await deps.database.Read<InSession>(read);
  if (!found) co_return Fail(std::move(found.error()));
  const int64_t now_ms = deps.clock.NowMs();
  if (!found->has_value() || !IsLive((*found)->session, now_ms)) co_return SessionInvalid();
  SignedIn signed_in = std::move(**found);
  if (!signed_in.agency) {
    Result<Agency> agency =
        co_await FindAgency(deps, std::move(context), signed_in.staff.agency_id);
    if (!agency) co_return Fail(std::move(agency.error()));
    signed_in.agency = std::move(*agency);
  }
  if (!passive && NeedsTouch(signed_in.session, now_ms)) {
    std::function<Result<bool>(storage::Transaction&)> touch =
        [&deps, id = signed_in.session.id, now_ms](storage::Transaction& tx) -> Result<bool> {
      FAIRLEAD_RETURN_IF_ERROR(deps.store.TouchSession(tx, id, now_ms));
      return true;
    };
    Result<bool> touched = co_await deps.database.Write<bool>(touch);
    // A use that could not be written shortens the session; it does not end the call.
    if (touched) signed_in.session.last_used_ms = now_ms;
  }
  co_return signed_in;
}

Task<Result<SignedIn>> GetMe(const Deps& deps, rpc::CallContext context) {
  std::function<Result<InSession>(storage::ReadTransaction&)> read =
      [&deps, &context](storage::ReadTransaction& tx) {
        return deps.store.FindBySession(tx, context.actor.session_id);
      };
  Result<InSession> found = co_await deps.database.Read<InSession>(read);
  if (!found) co_return Fail(std::move(found.error()));
  if (!found->has_value() || !IsLive((*found)->session, deps.clock.NowMs()) ||
      (*found)->staff.id != context.actor.staff_id) {
    co_return SessionInvalid();
  }
  SignedIn signed_in = std::move(**found);
  if (!signed_in.agency) {
    Result<Agency> agency = co_await FindAgency(deps, context, signed_in.staff.agency_id);
    if (!agency) co_return Fail(std::move(agency.error()));
    signed_in.agency = std::move(*agency);
  }
  co_return signed_in;
}

Task<Result<bool>> SignOut(const Deps& deps, rpc::CallContext context) {
  std::function<Result<bool>(storage::Transaction&)> end =
      [&deps, &context](storage::Transaction& tx) -> Result<bool> {
    FAIRLEAD_ASSIGN(const InSession found, deps.store.FindBySession(tx, context.actor.session_id));
    if (!found) return true;
    FAIRLEAD_RETURN_IF_ERROR(deps.store.DeleteSession(tx, context.actor.session_id));
    FAIRLEAD_RETURN_IF_ERROR(
        Note(deps, tx, RecordOf(audit::Action::kSignedOut, context, found->staff)));
    return true;
  };
  co_return co_await deps.database.Write<bool>(end);
}

}  // namespace fairlead::identity
