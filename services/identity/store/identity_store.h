// What identity keeps, as the commands see it. Every function runs inside the caller's transaction.
#ifndef SERVICES_IDENTITY_STORE_IDENTITY_STORE_H_
#define SERVICES_IDENTITY_STORE_IDENTITY_STORE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/identity/domain/session.h"
#include "services/identity/domain/staff.h"
#include "services/identity/domain/throttle.h"

namespace fairlead::identity {

struct Account {
  Staff staff;
  std::string passphrase_hash;  // empty: signs in by passkey only
  std::string totp_sealed;      // SecretBox; empty: the same
  int64_t totp_last_step = 0;   // no code of this step or an earlier one counts again
};

struct SignedIn {
  Session session;
  Staff staff;
  std::optional<Agency> agency;  // absent: not heard of yet
};

struct AgencyKeys {
  std::string agency_id;
  int64_t epoch = 0;
  std::string epoch_jwk;
  std::string signing_jwk;
  std::string epoch_kid;
  std::string signing_kid;
  int64_t create_ms = 0;
};

// The ids of the first agency, chosen before anybody asks.
struct PendingSetUp {
  std::string agency_id;
  std::string request_id;
};

// ALREADY_EXISTS SIGN_IN_NAME_TAKEN.
Error SignInNameTaken();

class IdentityStore {
 public:
  using Read = storage::ReadTransaction;
  using Write = storage::Transaction;
  virtual ~IdentityStore() = default;

  // Anybody at all, or somebody who may still accept an invitation.
  virtual Result<bool> HasAnybody(Read& tx, int64_t now_ms) const = 0;
  // Somebody who works there.
  virtual Result<bool> AgencyHasStaff(Read& tx, std::string_view agency_id) const = 0;
  virtual Result<std::optional<Account>> FindAccount(Read& tx, std::string_view name) const = 0;
  virtual Result<std::optional<Staff>> FindStaff(Read& tx, std::string_view id) const = 0;
  // Error: ALREADY_EXISTS SIGN_IN_NAME_TAKEN.
  virtual Result<void> InsertAccount(Write& tx, const Account& account) const = 0;
  // In id order, after `after_id` ("" for the first).
  virtual Result<std::vector<Staff>> ListStaff(Read& tx, std::string_view agency_id,
                                               std::string_view after_id, int limit) const = 0;
  // Passphrase, one-time-code secret and recovery codes in place of those before.
  virtual Result<void> SetCredential(Write& tx, const Account& account,
                                     const std::vector<std::string>& recovery_sha256s) const = 0;
  // False when a code of this step or a later one has been used meanwhile.
  virtual Result<bool> SpendTotpStep(Write& tx, std::string_view staff_id, int64_t step) const = 0;
  virtual Result<bool> HasRecoveryCode(Read& tx, std::string_view staff_id,
                                       std::string_view code_sha256) const = 0;
  // False when it is not there (any more).
  virtual Result<bool> SpendRecoveryCode(Write& tx, std::string_view staff_id,
                                         std::string_view code_sha256) const = 0;

  // Errors: ALREADY_EXISTS SAME_CODE; RESOURCE_EXHAUSTED TOO_MANY_INVITATIONS.
  virtual Result<void> InsertInvitation(Write& tx, const Invitation& invitation,
                                        std::string_view code_sha256) const = 0;
  // Those still open at `now_ms`.
  virtual Result<std::optional<Invitation>> FindInvitation(Read& tx, std::string_view id,
                                                           int64_t now_ms) const = 0;
  virtual Result<std::optional<Invitation>> FindInvitationByCode(Read& tx,
                                                                 std::string_view code_sha256,
                                                                 int64_t now_ms) const = 0;
  // In id order, after `after_id` ("" for the first).
  virtual Result<std::vector<Invitation>> ListInvitations(Read& tx, std::string_view agency_id,
                                                          int64_t now_ms, std::string_view after_id,
                                                          int limit) const = 0;
  // False when it is gone already.
  virtual Result<bool> DeleteInvitation(Write& tx, std::string_view id) const = 0;

  // `key`: whose attempts are counted (commands/attempt.h).
  virtual Result<Throttle> GetThrottle(Read& tx, std::string_view key) const = 0;
  virtual Result<void> PutThrottle(Write& tx, std::string_view key,
                                   const Throttle& throttle) const = 0;
  // Gives back one attempt of the window that began at `window_ms`.
  virtual Result<void> RefundAttempt(Write& tx, std::string_view key, int64_t window_ms) const = 0;
  virtual Result<void> ClearThrottle(Write& tx, std::string_view key) const = 0;

  // Ends the oldest sessions of this person beyond kMaxSessionsPerStaff.
  virtual Result<void> InsertSession(Write& tx, std::string_view token_sha256,
                                     const Session& session) const = 0;
  virtual Result<std::optional<SignedIn>> FindByToken(Read& tx,
                                                      std::string_view token_sha256) const = 0;
  virtual Result<std::optional<SignedIn>> FindBySession(Read& tx,
                                                        std::string_view session_id) const = 0;
  // Never moves the time back.
  virtual Result<void> TouchSession(Write& tx, std::string_view session_id,
                                    int64_t now_ms) const = 0;
  // After a step-up. False: the session is gone.
  virtual Result<bool> SetProven(Write& tx, std::string_view session_id, int64_t now_ms) const = 0;
  virtual Result<void> DeleteSession(Write& tx, std::string_view session_id) const = 0;
  // All of a person's but `except_id` (may be empty); says how many.
  virtual Result<int64_t> DeleteSessionsOf(Write& tx, std::string_view staff_id,
                                           std::string_view except_id) const = 0;
  // Sessions, throttles and invitations that no longer matter: at most `limit` of each.
  virtual Result<void> Purge(Write& tx, int64_t now_ms, int limit) const = 0;

  virtual Result<std::optional<Agency>> FindAgency(Read& tx, std::string_view id) const = 0;
  // From an event or a call: replaces what is there, unless that is of a later version.
  virtual Result<void> PutAgency(Write& tx, const Agency& agency) const = 0;
  // From an answer, which an event may have overtaken: keeps what is there.
  virtual Result<void> AddAgency(Write& tx, const Agency& agency) const = 0;

  // Fills in the epoch: one above the last. Error: ALREADY_EXISTS KEY_ALREADY_PUBLISHED.
  virtual Result<AgencyKeys> AppendKeys(Write& tx, AgencyKeys keys) const = 0;
  virtual Result<std::optional<AgencyKeys>> CurrentKeys(Read& tx,
                                                        std::string_view agency_id) const = 0;
  virtual Result<std::optional<AgencyKeys>> KeysOfEpoch(Read& tx, std::string_view agency_id,
                                                        int64_t epoch) const = 0;
  // The latest epoch with a key of this thumbprint.
  virtual Result<std::optional<AgencyKeys>> KeysOfKid(Read& tx, std::string_view agency_id,
                                                      std::string_view kid) const = 0;

  // Keeps the first one given, and returns it.
  virtual Result<PendingSetUp> BeginSetUp(Write& tx, const PendingSetUp& pending) const = 0;
  virtual Result<std::optional<PendingSetUp>> FindSetUp(Read& tx) const = 0;
};

// The one SQL implementation, for SQLite and PostgreSQL. Stateless.
std::unique_ptr<IdentityStore> MakeSqlIdentityStore();

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_STORE_IDENTITY_STORE_H_
