#include "services/directory/domain/capacity.h"

namespace fairlead::directory {

std::string_view CodeOf(CapacityUnit unit) {
  switch (unit) {
    case CapacityUnit::kBed:
      return "bed";
    case CapacityUnit::kRoom:
      return "room";
    case CapacityUnit::kFamilyRoom:
      return "family_room";
    case CapacityUnit::kAppointment:
      return "appointment";
    case CapacityUnit::kPlace:
      return "place";
    case CapacityUnit::kVoucher:
      return "voucher";
  }
  return "";
}

std::string_view CodeOf(HoldState state) {
  switch (state) {
    case HoldState::kPlaced:
      return "placed";
    case HoldState::kConsumed:
      return "consumed";
    case HoldState::kReleased:
      return "released";
    case HoldState::kLapsed:
      return "lapsed";
    case HoldState::kClosed:
      return "closed";
  }
  return "";
}

Freshness FreshnessOf(int64_t update_ms, int64_t now_ms) {
  const int64_t age_ms = now_ms - update_ms;
  if (age_ms < kFreshForMs) return Freshness::kFresh;
  return age_ms < kAgeingForMs ? Freshness::kAgeing : Freshness::kStale;
}

Result<void> Update(Capacity& capacity, const CapacityUpdate& update, int64_t now_ms) {
  if (update.available && update.available_delta) {
    return Fail(Code::kInvalidArgument, "CAPACITY_SAID_TWICE",
                "Say how many there are, or how many more: not both.",
                {{"field", "available_delta"}});
  }
  if (capacity.version == 0 && !update.available) {
    return Fail(Code::kNotFound, "CAPACITY_NOT_FOUND",
                "The service has stated none of this unit yet: say how many are available.");
  }
  Capacity next = capacity;
  next.available = update.available.value_or(capacity.available) +
                   update.available_delta.value_or(0);
  next.maximum = update.maximum.value_or(capacity.maximum);
  next.overflow_available = update.overflow_available.value_or(capacity.overflow_available);
  next.accepting = update.accepting.value_or(capacity.accepting);
  next.waitlist = update.waitlist.value_or(capacity.waitlist);
  if (next.available < 0) {
    return Fail(Code::kFailedPrecondition, "CAPACITY_BELOW_ZERO", "There are not so many left.",
                {{"available", std::to_string(capacity.available)}});
  }
  const int most = next.maximum == 0 ? kMaxUnits : next.maximum;
  if (next.available + next.held > most) {
    return Fail(Code::kFailedPrecondition, "CAPACITY_OVER_MAXIMUM",
                "That would be more, with those on hold, than there are.",
                {{"maximum", std::to_string(most)}, {"held", std::to_string(next.held)}});
  }
  next.update_ms = now_ms;
  next.version += 1;
  capacity = std::move(next);
  return {};
}

Result<int64_t> HoldLifetimeMs(int64_t asked_s, int64_t default_s) {
  const int64_t lifetime_s = asked_s == 0 ? default_s : asked_s;
  if (lifetime_s < kShortestHoldS || lifetime_s > kLongestHoldS) {
    return Fail(Code::kInvalidArgument, "OUT_OF_RANGE", "A hold lasts from 60 s to 24 h.",
                {{"field", "lapse_s"}});
  }
  return lifetime_s * 1000;
}

tl::unexpected<Error> NotTaken(const Capacity& capacity) {
  if (!capacity.accepting) {
    return Fail(Code::kFailedPrecondition, "CAPACITY_NOT_ACCEPTING",
                "The service takes no holds of this unit now.");
  }
  return Fail(Code::kFailedPrecondition, "CAPACITY_EXHAUSTED", "Not so many are free.",
              {{"available", std::to_string(capacity.available)},
               {"overflow_available", std::to_string(capacity.overflow_available)}});
}

SnapshotCause CauseOf(HoldState end) {
  switch (end) {
    case HoldState::kPlaced:
      return SnapshotCause::kHoldPlaced;
    case HoldState::kConsumed:
      return SnapshotCause::kHoldConsumed;
    case HoldState::kReleased:
      return SnapshotCause::kHoldReleased;
    case HoldState::kLapsed:
      return SnapshotCause::kHoldLapsed;
    case HoldState::kClosed:
      return SnapshotCause::kHoldClosed;
  }
  return SnapshotCause::kHoldClosed;
}

}  // namespace fairlead::directory
