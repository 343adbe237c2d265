#include "services/identity/commands/passkey_sign_in.h"

#include "services/common/base/encoding.h"
#include "services/identity/commands/find_agency.h"
#include "services/identity/commands/passkey_assertion.h"

namespace fairlead::identity {

Task<Result<NewSession>> SignInWithPasskey(const Deps& deps, rpc::CallContext context,
                                           std::string assertion_json) {
  NewSession made;
  made.token = Base64UrlEncode(deps.random.Bytes(kSessionTokenBytes));
  AfterAssertion begin = [&deps, &context, &made](storage::Transaction& tx, const Staff& staff) {
    return BeginSession(deps, tx, context, staff, SignInMethod::kPasskey, made.token);
  };
  Task<Result<ProvenByPasskey>> proving = ProveByPasskey(
      deps, context, audit::Action::kSignInFailed, std::move(assertion_json), "", std::move(begin));
  Result<ProvenByPasskey> proven = co_await std::move(proving);
  if (!proven) co_return Fail(std::move(proven.error()));
  Task<Result<Agency>> finding = FindAgency(deps, context, proven->staff.agency_id);
  Result<Agency> agency = co_await std::move(finding);
  if (!agency) co_return Fail(std::move(agency.error()));
  made.signed_in =
      SignedIn{std::move(proven->session), std::move(proven->staff), std::move(*agency)};
  co_return made;
}

}  // namespace fairlead::identity
