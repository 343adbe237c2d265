// An agency says how the hours of one of its services differ on single days, and which holidays it
// keeps; the coalition says which days its own holidays are.
#ifndef SERVICES_DIRECTORY_COMMANDS_OVERRIDE_HOURS_H_
#define SERVICES_DIRECTORY_COMMANDS_OVERRIDE_HOURS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/common/rpc/call_context.h"
#include "services/directory/commands/deps.h"
#include "services/directory/domain/holiday_sets.h"

namespace fairlead::directory {

inline constexpr size_t kMaxOverriddenDays = 64;  // of one service at a time
inline constexpr int kOverrideDaysAhead = 731;

struct DayHours {
  std::string date;                                            // "2026-12-24"
  std::vector<std::pair<std::string, std::string>> openings = {};  // "09:00", "12:00"; none: closed
};

struct OverrideHoursInput {
  std::string service_id;
  std::vector<DayHours> days;
  std::vector<std::string> clear_dates;
  std::optional<std::vector<std::string>> holiday_sets;  // nullopt: as before
};

// The listing as it is then. What is over is forgotten on the way. Emits ListingChanged. Errors:
// those of HoursService.SetHoursOverrides.
Result<Listing> OverrideHours(const Deps& deps, storage::Transaction& tx,
                              const rpc::CallContext& context, const OverrideHoursInput& input);

struct HolidaySetInput {
  std::string code;
  std::vector<std::string> dates;
};

// Errors: those of HoursService.PutHolidaySet.
Result<HolidaySet> SetHolidays(const Deps& deps, storage::Transaction& tx,
                               const rpc::CallContext& context, const HolidaySetInput& input);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_OVERRIDE_HOURS_H_
