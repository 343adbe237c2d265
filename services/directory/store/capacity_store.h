// What the directory keeps of capacity and holds, as the commands see it. Every function runs
// inside the caller's transaction.
#ifndef SERVICES_DIRECTORY_STORE_CAPACITY_STORE_H_
#define SERVICES_DIRECTORY_STORE_CAPACITY_STORE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/directory/domain/capacity.h"

namespace fairlead::directory {

// A service, as far as its capacity is concerned.
struct CapacityService {
  std::string id;
  std::string name;
  std::string agency_id;
  bool is_members = false;  // of an active agency
  bool is_offered = false;  // and active itself
};

struct StoredCapacity {
  Capacity capacity;
  std::string service_name;
};
struct StoredHold {
  Hold hold;
  std::string service_name;  // empty: the service is gone
};

// Where a page of capacities ended; unit 0: the beginning.
struct CapacityPosition {
  std::string service_id;
  int64_t unit = 0;
};

// Whose holds: those that an agency placed, or those on its services.
enum class HoldBox { kPlaced = 1, kReceived = 2 };

class CapacityStore {
 public:
  using Read = storage::ReadTransaction;
  using Write = storage::Transaction;
  virtual ~CapacityStore() = default;

  virtual Result<std::optional<CapacityService>> FindService(Read& tx,
                                                             std::string_view id) const = 0;

  virtual Result<std::optional<Capacity>> Find(Read& tx, std::string_view service_id,
                                               CapacityUnit unit) const = 0;
  // All units of these services, in no order. At most 500 services.
  virtual Result<std::vector<Capacity>> OfServices(
      Read& tx, const std::vector<std::string>& service_ids) const = 0;
  // In order of (service id, unit). Empty ids do not filter.
  virtual Result<std::vector<StoredCapacity>> List(Read& tx, std::string_view agency_id,
                                                   std::string_view service_id,
                                                   const CapacityPosition& after,
                                                   int limit) const = 0;
  // Insert, or replace.
  virtual Result<void> Put(Write& tx, const Capacity& capacity) const = 0;

  // Moves the hold's units from free to held if there are so many and the service takes holds:
  // one conditional statement, so that nothing that was read before matters. False: not moved.
  virtual Result<bool> Take(Write& tx, const Hold& hold) const = 0;
  // Moves them out of held: back to free, or away (`consumed`). The latter leaves the version as it
  // is: what others can see has not changed. The service may be gone.
  virtual Result<void> GiveBack(Write& tx, const Hold& hold, bool consumed) const = 0;

  virtual Result<void> AddSnapshot(Write& tx, const CapacitySnapshot& snapshot) const = 0;
  // Newest first, ids below `before_id` (empty: all).
  virtual Result<std::vector<CapacitySnapshot>> Snapshots(Read& tx, std::string_view service_id,
                                                          CapacityUnit unit,
                                                          std::string_view before_id,
                                                          int limit) const = 0;

  // Error: ALREADY_EXISTS HOLD_EXISTS (metadata `hold_id`): one stands under its reference.
  virtual Result<void> InsertHold(Write& tx, const Hold& hold) const = 0;
  virtual Result<std::optional<StoredHold>> FindHold(Read& tx, std::string_view id) const = 0;
  // Ends a hold that stands. False: it had ended already.
  virtual Result<bool> EndHold(Write& tx, std::string_view id, HoldState end,
                               int64_t now_ms) const = 0;
  virtual Result<int64_t> UnitsHeld(Read& tx, std::string_view holder_agency_id) const = 0;
  // Newest first, ids below `before_id` (empty: all).
  virtual Result<std::vector<StoredHold>> Holds(Read& tx, HoldBox box, std::string_view agency_id,
                                                bool include_ended, std::string_view before_id,
                                                int limit) const = 0;

  // Holds that stand and whose time has passed: of one unit, or of all.
  virtual Result<std::vector<Hold>> DueOf(Read& tx, std::string_view service_id, CapacityUnit unit,
                                          int64_t now_ms, int limit) const = 0;
  virtual Result<std::vector<Hold>> Due(Read& tx, int64_t now_ms, int limit) const = 0;
  // Holds that stand although the service is offered no more or gone, or the holder is a member
  // no more.
  virtual Result<std::vector<Hold>> Orphans(Read& tx, int limit) const = 0;

  // Takes away what has been kept long enough, at most `limit` of each; says how many.
  virtual Result<int64_t> Purge(Write& tx, int64_t now_ms, int limit) const = 0;
  // Whether Purge would find any.
  virtual Result<bool> IsPurgeDue(Read& tx, int64_t now_ms) const = 0;
};

// The one SQL implementation, for SQLite and PostgreSQL. Stateless.
std::unique_ptr<CapacityStore> MakeSqlCapacityStore();

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_STORE_CAPACITY_STORE_H_
