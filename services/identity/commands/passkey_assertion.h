// Who sits there, shown by a passkey. Used to sign in and to step up.
#ifndef SERVICES_IDENTITY_COMMANDS_PASSKEY_ASSERTION_H_
#define SERVICES_IDENTITY_COMMANDS_PASSKEY_ASSERTION_H_

#include <functional>
#include <string>

#include "services/common/audit/action.h"
#include "services/identity/commands/deps.h"
#include "services/identity/commands/passkey_tools.h"

namespace fairlead::identity {

// The options for navigator.credentials.get(): any passkey of this hub, nobody named. Error:
// PASSKEYS_NEED_A_NAME.
Task<Result<std::string>> BeginAssertion(const Deps& deps);

struct ProvenByPasskey {
  Staff staff;
  Session session;
};

// What the proof is for. Runs in the transaction that uses up the challenge.
using AfterAssertion = std::function<Result<Session>(storage::Transaction& tx, const Staff& staff)>;

// `staff_id`: whose passkey it must be; empty: anybody's. A challenge that is unknown, used or
// over, an unknown or stopped passkey, another's, a wrong signature and somebody who has left are
// one answer, UNAUTHENTICATED SIGN_IN_FAILED, and cost the same. A challenge is good for one try,
// right or wrong; a wrong one is recorded as `failure`. Every failure counts as an attempt
// (attempt.h): while they wait, what does not hold is RESOURCE_EXHAUSTED TOO_MANY_ATTEMPTS, neither
// recorded nor the end of its challenge, and what holds is let in. Otherwise: PASSKEYS_NEED_A_NAME;
// PERMISSION_DENIED PASSKEY_CLONED (the counter went back: the passkey is stopped and all sessions
// of the person end); those of `then`.
Task<Result<ProvenByPasskey>> ProveByPasskey(const Deps& deps, rpc::CallContext context,
                                             audit::Action failure, std::string assertion_json,
                                             std::string staff_id, AfterAssertion then);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_PASSKEY_ASSERTION_H_
