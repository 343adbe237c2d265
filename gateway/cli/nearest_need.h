// What to say of a need code that is none.
#ifndef GATEWAY_CLI_NEAREST_NEED_H_
#define GATEWAY_CLI_NEAREST_NEED_H_

#include <string>

#include "gateway/cli/context.h"

namespace fairlead::cli {

// `refused` with the need code that `word` was probably meant to be, when it is UNKNOWN_NEED_CODE
// and there is one; anything else as it is. Asks the hub for its codes.
Error WithNearestNeed(Context& context, Error refused, const std::string& word);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_NEAREST_NEED_H_
