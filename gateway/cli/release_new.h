// `release new`: asks for a release element by element, in the client's language, shows it whole,
// and has it signed.
#ifndef GATEWAY_CLI_RELEASE_NEW_H_
#define GATEWAY_CLI_RELEASE_NEW_H_

#include "gateway/cli/args.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

void AddNewVerb(Args release, Context& context);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_RELEASE_NEW_H_
