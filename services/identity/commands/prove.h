// Who sits there: a passphrase together with a one-time code or a recovery code. Used to sign in
// and to step up.
#ifndef SERVICES_IDENTITY_COMMANDS_PROVE_H_
#define SERVICES_IDENTITY_COMMANDS_PROVE_H_

#include <functional>
#include <string>

#include "services/common/audit/action.h"
#include "services/identity/commands/deps.h"

namespace fairlead::identity {

struct Proof {
  std::string sign_in_name;
  std::string passphrase;
  std::string totp_code;  // one of the two
  std::string recovery_code;
};

struct Proven {
  Staff staff;
  Session session;
};

// What the proof is for. Runs in the transaction that uses up the code.
using AfterProof =
    std::function<Result<Session>(storage::Transaction& tx, const Staff& staff, SignInMethod how)>;

// An unknown name, a wrong passphrase, a code that is wrong or has been used, and somebody who has
// left are one answer, and cost the same. Errors: UNAUTHENTICATED SIGN_IN_FAILED;
// RESOURCE_EXHAUSTED TOO_MANY_ATTEMPTS and SIGN_IN_BUSY (metadata retry_after_s), OUT_OF_MEMORY;
// those of `then`. A verdict against the caller is recorded as `failure`.
Task<Result<Proven>> Prove(const Deps& deps, rpc::CallContext context, audit::Action failure,
                           Proof proof, AfterProof then);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_PROVE_H_
