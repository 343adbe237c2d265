// Where a client is, as roughly as the hub may know it; and how far services are from there.
#ifndef GATEWAY_CLI_NEAR_CELL_H_
#define GATEWAY_CLI_NEAR_CELL_H_

#include <string>

#include "services/common/base/result.h"

namespace fairlead::cli {

// "25.76,-80.19" (degrees, north and east) → "88d9b7", the S2 cell of level 10, some ten kilometres
// wide, that the point lies in: nothing finer leaves this machine. A cell is taken as it is. Error:
// INVALID_ARGUMENT USAGE.
Result<std::string> NearCell(const std::string& near);

// "25" → "within 25 miles"; "100+" → "over 100 miles"; "" → "".
std::string DistanceText(const std::string& miles);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_NEAR_CELL_H_
