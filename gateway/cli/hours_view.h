// When a service is open, for people.
#ifndef GATEWAY_CLI_HOURS_VIEW_H_
#define GATEWAY_CLI_HOURS_VIEW_H_

#include <string>

#include "fairlead/directory/v1/directory.pb.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

// "open until 17:00" ("open until Mon 30 Nov 17:00" when that is a day away or more), "opens Mon 30
// Nov 09:00", "closed"; "" when the listing states no hours.
std::string OpenText(const directory::v1::Service& service);

// "closed", "09:00-12:00, 22:00-06:00".
std::string DayText(const directory::v1::HoursOverride& day);

// Errors: those of ServiceId and of GetService.
Result<directory::v1::Service> ReadService(Context& context, const std::string& id_or_name);

// The next 14 days, and single days beyond them.
Result<void> ShowHours(Context& context, const std::string& id_or_name);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_HOURS_VIEW_H_
