// What messaging knows of agencies (copies of the directory's and identity's records), how much
// each has done on a day, and what was erased by hand.
#ifndef SERVICES_MESSAGING_STORE_AGENCY_STORE_H_
#define SERVICES_MESSAGING_STORE_AGENCY_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "services/common/storage/database.h"
#include "services/messaging/domain/channel.h"

namespace fairlead::messaging {

struct AgencyRecord {
  std::string id = {};
  std::string membership = {};  // "active"
  std::string kind = {};        // "health_provider"
  int64_t version = 0;          // at the directory: an older one never replaces a newer
};
struct AgencyKeyRecord {
  std::string agency_id = {};
  int64_t epoch = 0;
  std::string epoch_kid = {};
  std::string signing_kid = {};
};

Result<std::optional<AgencyRecord>> FindAgency(storage::ReadTransaction& tx, const std::string& id);
Result<void> PutAgency(storage::Transaction& tx, const AgencyRecord& agency);
// Active agencies that are members of the channel, by id; at most `limit`.
Result<std::vector<std::string>> MembersOf(storage::ReadTransaction& tx, const Channel& channel,
                                           int limit);
// The same, but for law enforcement: of no channel, all active agencies behind the wall.
Result<std::vector<std::string>> ActiveLawEnforcement(storage::ReadTransaction& tx, int limit);

Result<std::optional<AgencyKeyRecord>> CurrentKey(storage::ReadTransaction& tx,
                                                  const std::string& agency_id);
// Whether the agency had that key, of either use, in an epoch before its current one.
Result<bool> WasKeyOf(storage::ReadTransaction& tx, const std::string& agency_id,
                      const std::string& kid);
Result<void> PutAgencyKey(storage::Transaction& tx, const AgencyKeyRecord& key);

// Counts one more of `what` on this day (UTC). Error: RESOURCE_EXHAUSTED `reason`, with metadata
// limit and retry_after_s, where the agency has done so many today; nothing is counted then.
Result<void> Spend(storage::Transaction& tx, const std::string& agency_id, const std::string& what,
                   int64_t limit, int64_t now_ms, const std::string& reason);

// `revision`: what was there below it is gone. kWhole: all of it.
struct ErasedRecord {
  std::string id = {};
  int64_t revision = 0;
};
inline constexpr int64_t kWhole = 1'000'000;
Result<void> PutErased(storage::Transaction& tx, const ErasedRecord& erased, int64_t now_ms);
// By id, above `after_id`.
Result<std::vector<ErasedRecord>> ListErased(storage::ReadTransaction& tx,
                                             const std::string& after_id, int limit);

// Counts of days before and what was erased longer ago than anything is kept. How many rows.
Result<int64_t> DropOldCounts(storage::Transaction& tx, int64_t now_ms, int limit);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_STORE_AGENCY_STORE_H_
