// What is said about free units and holds, and how services and units are named.
#ifndef GATEWAY_CLI_CAPACITY_VIEW_H_
#define GATEWAY_CLI_CAPACITY_VIEW_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <string>

#include "fairlead/directory/v1/capacity.pb.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

inline constexpr char kServiceHelp[] = "Its id, its exact name, or @last";
inline constexpr char kUnitHelp[] = "bed, room, family_room, appointment, place, voucher";

// "beds" is as good as "bed". Error: USAGE.
Result<directory::v1::CapacityUnit> ParseUnit(const std::string& text);

// The service of this id, @last, or exactly this name: one of the own agency's first. Errors:
// NOT_FOUND SERVICE_NOT_FOUND, USAGE (several have the name).
Result<std::string> ServiceId(Context& context, const std::string& id_or_name);

// "2 of 8 beds free, 1 held, 1 more beyond, 3 wait, takes no holds".
std::string FreeText(const directory::v1::Capacity& capacity);
// "2 family_room".
std::string UnitsText(const directory::v1::Hold& hold);
// "2026-01-31 09:05:00Z (in 87 min)"; when it ended, once it has.
std::string UntilText(Context& context, const directory::v1::Hold& hold);

void PrintCapacities(Context& context,
                     const google::protobuf::RepeatedPtrField<directory::v1::Capacity>& all);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_CAPACITY_VIEW_H_
