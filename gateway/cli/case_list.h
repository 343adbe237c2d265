// A case's list of agencies that it must never be put to.
#ifndef GATEWAY_CLI_CASE_LIST_H_
#define GATEWAY_CLI_CASE_LIST_H_

#include <string>

#include "fairlead/referral/v1/routing.pb.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

// By the case handle, or @last.
Result<referral::v1::GetDoNotRouteResponse> GetDoNotRoute(Context& context,
                                                          const std::string& text);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_CASE_LIST_H_
