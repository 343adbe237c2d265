// An attempt to sign in or to step up, charged before it is looked at. See domain/throttle.h.
#ifndef SERVICES_IDENTITY_COMMANDS_ATTEMPT_H_
#define SERVICES_IDENTITY_COMMANDS_ATTEMPT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/identity/commands/deps.h"
#include "services/identity/domain/throttle.h"

namespace fairlead::identity {

struct Attempt {
  struct Charge {
    std::string key;  // SecretBox::Digest: the database knows neither names nor addresses
    bool of_account = false;
    int64_t window_ms = 0;
  };
  // Charged to all that it counts for; else to none, and looked at only when it proves at once that
  // it is no guess.
  bool open = true;
  int64_t retry_after_s = 0;  // of the longest wait; 0 when open
  std::vector<Charge> charges;
};

// `account`: a sign-in name or a passkey, known or not; empty when not even that could be read.
// `network`: Actor::network; a call that came past the gateway has none to count for.
Result<Attempt> ChargeAttempt(const Deps& deps, storage::Transaction& tx, std::string_view account,
                              std::string_view network);

// The same for a passkey that nobody has, or an answer that names none: those count together as
// well, from wherever they come, for each could name another. Real passkeys never count there.
Result<Attempt> ChargeUnknownPasskey(const Deps& deps, storage::Transaction& tx,
                                     std::string_view account, std::string_view network);

// A try to accept an invitation: a link may be in many hands.
Result<Attempt> ChargeInvitation(const Deps& deps, storage::Transaction& tx,
                                 std::string_view invitation_id);

// It was right: what failed before on the account is forgiven. The network gets back this attempt
// only, or whoever has one account could wipe out what they tried on others.
Result<void> ForgiveAttempt(const Deps& deps, storage::Transaction& tx, const Attempt& attempt);

// Nothing was said of it: it does not count. What fails here changes nothing but the count.
Task<bool> GiveBackAttempt(const Deps& deps, Attempt attempt);

// RESOURCE_EXHAUSTED TOO_MANY_ATTEMPTS with metadata retry_after_s.
Error TooManyAttempts(const Attempt& attempt);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_ATTEMPT_H_
