// What the directory keeps of memberships, as the commands see it. Every function runs inside the
// caller's transaction.
#ifndef SERVICES_DIRECTORY_STORE_MEMBERSHIP_STORE_H_
#define SERVICES_DIRECTORY_STORE_MEMBERSHIP_STORE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/directory/domain/membership.h"

namespace fairlead::directory {

// Of an agency's changes that are neither a sponsor's word nor an activation, the latest so many
// are kept: who vetted it is never forgotten.
inline constexpr int kMaxOtherChanges = 200;

class MembershipStore {
 public:
  using Read = storage::ReadTransaction;
  using Write = storage::Transaction;
  virtual ~MembershipStore() = default;

  // State and version of the agency, and whether its listings are shown.
  virtual Result<void> UpdateMembership(Write& tx, const Agency& agency) const = 0;
  virtual Result<void> AddChange(Write& tx, const MembershipChange& change) const = 0;
  // Oldest first, ids above `after_id`.
  virtual Result<std::vector<MembershipChange>> Changes(Read& tx, std::string_view agency_id,
                                                        std::string_view after_id,
                                                        int limit) const = 0;
  virtual Result<std::vector<Sponsor>> Sponsors(Read& tx, std::string_view agency_id) const = 0;
  // What a call has done before: by its request_id, of somebody of that agency.
  virtual Result<std::optional<MembershipChange>> FindByRequest(
      Read& tx, std::string_view actor_agency_id, std::string_view request_id) const = 0;

  // Applied or sponsored.
  virtual Result<int64_t> CountWaiting(Read& tx) const = 0;
  // Active agencies beside the office that may sponsor; counts to `limit` and no further.
  virtual Result<int64_t> CountThatSponsor(Read& tx, int limit) const = 0;
  // An active or suspended agency other than `except_id` has this name, but for case and accents.
  virtual Result<bool> IsNameTaken(Read& tx, std::string_view name,
                                   std::string_view except_id) const = 0;
};

// The one SQL implementation, for SQLite and PostgreSQL. Stateless.
std::unique_ptr<MembershipStore> MakeSqlMembershipStore();

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_STORE_MEMBERSHIP_STORE_H_
