// Free units of a service, the holds on them, and the rules of both (HSDS 3.1 service_capacity and
// unit). Pure.
//
// A unit is free, held or taken. `available` and `held` are counted; what is taken is the rest of
// `maximum`, when that is stated. A hold moves units from free to held; its end moves them back,
// or, when the person came, leaves them taken:
//
//   available + held ≤ maximum, and no hold or end of one can break it.
#ifndef SERVICES_DIRECTORY_DOMAIN_CAPACITY_H_
#define SERVICES_DIRECTORY_DOMAIN_CAPACITY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "services/common/base/result.h"

namespace fairlead::directory {

// The numbers are those of fairlead.directory.v1.
enum class CapacityUnit {
  kBed = 1,
  kRoom = 2,
  kFamilyRoom = 3,
  kAppointment = 4,
  kPlace = 5,
  kVoucher = 6,
};
enum class Freshness { kFresh = 1, kAgeing = 2, kStale = 3 };
enum class HoldState { kPlaced = 1, kConsumed = 2, kReleased = 3, kLapsed = 4, kClosed = 5 };
enum class SnapshotCause {
  kUpdated = 1,
  kHoldPlaced = 2,
  kHoldConsumed = 3,
  kHoldReleased = 4,
  kHoldLapsed = 5,
  kHoldClosed = 6,
};

inline constexpr int64_t kFreshForMs = 60LL * 60 * 1000;
inline constexpr int64_t kAgeingForMs = 24LL * 60 * 60 * 1000;
inline constexpr int kMaxUnits = 10'000;
inline constexpr int kMaxHoldQuantity = 20;
inline constexpr int64_t kShortestHoldS = 60;
inline constexpr int64_t kLongestHoldS = 24LL * 60 * 60;
// Units held by one agency at a time: nobody can hold a coalition's beds empty.
inline constexpr int kMaxUnitsHeldByAgency = 100;
inline constexpr int64_t kKeepEndedHoldsMs = 30LL * 24 * 60 * 60 * 1000;
inline constexpr int64_t kKeepSnapshotsMs = 400LL * 24 * 60 * 60 * 1000;

// Of one service and unit. Version 0: never stated.
struct Capacity {
  std::string id;  // UUID, of the HSDS service_capacity
  std::string service_id;
  std::string agency_id;
  CapacityUnit unit = CapacityUnit::kBed;
  int available = 0;
  int held = 0;
  int maximum = 0;  // 0: not stated
  int overflow_available = 0;
  int overflow_held = 0;
  bool accepting = true;
  int waitlist = 0;
  int64_t update_ms = 0;  // when somebody last said so
  int64_t version = 0;    // the etag; grows with each change of the rest, `held` alone excepted
};

// The numbers from a moment on, and who made them so.
struct CapacitySnapshot {
  std::string id;  // UUIDv7: in the order of time
  Capacity capacity;
  SnapshotCause cause = SnapshotCause::kUpdated;
  int64_t as_of_ms = 0;
  std::string actor_agency_id;  // empty, like the next: the hub itself
  std::string actor_staff_id;   // a person, or a machine client
  std::string hold_id;          // of a change by a hold
};

struct Hold {
  std::string id;  // UUIDv7: in the order of time
  std::string service_id;
  std::string agency_id;  // of the service
  CapacityUnit unit = CapacityUnit::kBed;
  std::string holder_agency_id;
  std::string holder_staff_id;
  std::string reference_id;  // the holder's own
  int quantity = 1;
  bool overflow = false;
  HoldState state = HoldState::kPlaced;
  int64_t place_ms = 0;
  int64_t expire_ms = 0;
  int64_t end_ms = 0;  // 0: it stands
};

// What an agency says anew; what is not given stays.
struct CapacityUpdate {
  std::optional<int> available = {};  // one of these two at most
  std::optional<int> available_delta = {};
  std::optional<int> maximum = {};
  std::optional<int> overflow_available = {};
  std::optional<bool> accepting = {};
  std::optional<int> waitlist = {};
};

// "bed", "family_room"; "placed", "lapsed".
std::string_view CodeOf(CapacityUnit unit);
std::string_view CodeOf(HoldState state);

// How far a number of that age can be trusted. One from the future is fresh: clocks differ.
Freshness FreshnessOf(int64_t update_ms, int64_t now_ms);

// What is said at `now_ms` about a unit as it stands. Numbers are within their bounds. Errors:
// INVALID_ARGUMENT CAPACITY_SAID_TWICE; NOT_FOUND CAPACITY_NOT_FOUND (never stated, and `available`
// is not given); FAILED_PRECONDITION CAPACITY_BELOW_ZERO, CAPACITY_OVER_MAXIMUM (metadata
// `maximum`, `held`).
Result<void> Update(Capacity& capacity, const CapacityUpdate& update, int64_t now_ms);

// Milliseconds; `asked_s` 0: `default_s`. Error: INVALID_ARGUMENT OUT_OF_RANGE.
Result<int64_t> HoldLifetimeMs(int64_t asked_s, int64_t default_s);

// Why units could not be taken from it: FAILED_PRECONDITION CAPACITY_NOT_ACCEPTING,
// CAPACITY_EXHAUSTED (metadata `available`, `overflow_available`).
tl::unexpected<Error> NotTaken(const Capacity& capacity);

// What its end is in the story of the unit.
SnapshotCause CauseOf(HoldState end);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_CAPACITY_H_
