// How access is looked at and ended: sessions, roles, leavers, agencies that are closed. Every
// function runs inside the caller's transaction.
#ifndef SERVICES_IDENTITY_STORE_ACCESS_STORE_H_
#define SERVICES_IDENTITY_STORE_ACCESS_STORE_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/identity/domain/session.h"
#include "services/identity/domain/staff.h"

namespace fairlead::identity {

class AccessStore {
 public:
  using Read = storage::ReadTransaction;
  using Write = storage::Transaction;
  virtual ~AccessStore() = default;

  // A person's, of which the last use was after `used_after_ms` and the beginning after
  // `begun_after_ms`: the latest first.
  virtual Result<std::vector<Session>> ListSessions(Read& tx, std::string_view staff_id,
                                                    int64_t used_after_ms, int64_t begun_after_ms,
                                                    int limit) const = 0;
  // Those who work at an agency and hold this role.
  virtual Result<int64_t> CountHolders(Read& tx, std::string_view agency_id, Role role) const = 0;
  virtual Result<void> SetRoles(Write& tx, std::string_view staff_id,
                                const std::set<Role>& roles) const = 0;
  // The person has left: what they signed in with is gone, and so are the invitations they made.
  virtual Result<void> Disable(Write& tx, std::string_view staff_id, int64_t now_ms) const = 0;

  // Ends all sessions of an agency's people; says how many.
  virtual Result<int64_t> DeleteSessionsOfAgency(Write& tx, std::string_view agency_id) const = 0;
  // Ends every session and takes back every invitation of the hub; says how many sessions.
  virtual Result<int64_t> DeleteAllSessionsAndInvitations(Write& tx) const = 0;
  virtual Result<void> DeleteInvitationsOfAgency(Write& tx, std::string_view agency_id) const = 0;
  // Ends its machine clients for good; says how many.
  virtual Result<int64_t> DisableMachinesOfAgency(Write& tx, std::string_view agency_id,
                                                  int64_t now_ms) const = 0;
};

// The one SQL implementation, for SQLite and PostgreSQL. Stateless.
std::unique_ptr<AccessStore> MakeSqlAccessStore();

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_STORE_ACCESS_STORE_H_
