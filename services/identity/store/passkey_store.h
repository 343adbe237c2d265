// Passkeys and the challenges that are out, as the commands see them. Every function runs inside
// the caller's transaction.
#ifndef SERVICES_IDENTITY_STORE_PASSKEY_STORE_H_
#define SERVICES_IDENTITY_STORE_PASSKEY_STORE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/identity/domain/passkey.h"

namespace fairlead::identity {

class PasskeyStore {
 public:
  using Read = storage::ReadTransaction;
  using Write = storage::Transaction;
  virtual ~PasskeyStore() = default;

  // Also clears away a few challenges that are over, and the oldest beyond kMaxChallenges.
  virtual Result<void> InsertChallenge(Write& tx, const PasskeyChallenge& challenge,
                                       int64_t now_ms) const = 0;
  // nullopt: unknown, used or over.
  virtual Result<std::optional<PasskeyChallenge>> FindChallenge(Read& tx,
                                                                std::string_view challenge,
                                                                int64_t now_ms) const = 0;
  // False: it is used up or over.
  virtual Result<bool> SpendChallenge(Write& tx, std::string_view challenge,
                                      int64_t now_ms) const = 0;

  virtual Result<std::optional<Passkey>> FindByCredential(Read& tx,
                                                          std::string_view credential_id) const = 0;
  // In id order, after `after_id` ("" for the first).
  virtual Result<std::vector<Passkey>> List(Read& tx, std::string_view staff_id,
                                            std::string_view after_id, int limit) const = 0;
  // Errors: ALREADY_EXISTS PASSKEY_EXISTS; RESOURCE_EXHAUSTED TOO_MANY_PASSKEYS.
  virtual Result<void> Insert(Write& tx, const Passkey& passkey) const = 0;
  virtual Result<void> RecordUse(Write& tx, std::string_view id, int64_t counter, bool backed_up,
                                 int64_t now_ms) const = 0;
  virtual Result<void> Stop(Write& tx, std::string_view id, int64_t now_ms) const = 0;
  // False: this person has none of this id.
  virtual Result<bool> Delete(Write& tx, std::string_view staff_id, std::string_view id) const = 0;
  virtual Result<void> DeleteAll(Write& tx, std::string_view staff_id) const = 0;
};

// The one SQL implementation, for SQLite and PostgreSQL. Stateless.
std::unique_ptr<PasskeyStore> MakeSqlPasskeyStore();

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_STORE_PASSKEY_STORE_H_
