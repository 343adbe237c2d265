// Completion scripts, made from the verbs as they are.
#ifndef GATEWAY_CLI_COMPLETION_H_
#define GATEWAY_CLI_COMPLETION_H_

#include <string>
#include <string_view>

#include "gateway/cli/args.h"
#include "services/common/base/result.h"

namespace fairlead::cli {

// `shell`: bash, zsh or fish. Error: USAGE.
Result<std::string> CompletionScript(const VerbTree& tree, std::string_view shell);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_COMPLETION_H_
