// What identity keeps of machine clients. Every function runs inside the caller's transaction.
#ifndef SERVICES_IDENTITY_STORE_MACHINE_STORE_H_
#define SERVICES_IDENTITY_STORE_MACHINE_STORE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/identity/domain/machine.h"

namespace fairlead::identity {

class MachineStore {
 public:
  using Read = storage::ReadTransaction;
  using Write = storage::Transaction;
  virtual ~MachineStore() = default;

  // Errors: ALREADY_EXISTS MACHINE_CREDENTIAL_IN_USE, RESOURCE_EXHAUSTED
  // TOO_MANY_MACHINE_CLIENTS.
  virtual Result<void> Insert(Write& tx, const MachineClient& client) const = 0;
  virtual Result<std::optional<MachineClient>> Find(Read& tx, std::string_view id) const = 0;
  virtual Result<std::optional<MachineClient>> FindByKey(Read& tx,
                                                         std::string_view key_id) const = 0;
  virtual Result<std::optional<MachineClient>> FindByCertificate(Read& tx,
                                                                 std::string_view sha256) const = 0;
  // In id order, after `after_id` ("" for the first).
  virtual Result<std::vector<MachineClient>> List(Read& tx, std::string_view agency_id,
                                                  std::string_view after_id, int limit) const = 0;
  virtual Result<void> Disable(Write& tx, std::string_view id, int64_t now_ms) const = 0;

  // False: it was spent before. Forgets what has expired. Error: RESOURCE_EXHAUSTED
  // TOO_MANY_CALLS with metadata retry_after_s (kMaxNonces are remembered).
  virtual Result<bool> SpendNonce(Write& tx, std::string_view client_id, std::string_view nonce,
                                  int64_t now_ms, int64_t expire_ms) const = 0;
};

// The one SQL implementation, for SQLite and PostgreSQL. Stateless.
std::unique_ptr<MachineStore> MakeSqlMachineStore();

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_STORE_MACHINE_STORE_H_
