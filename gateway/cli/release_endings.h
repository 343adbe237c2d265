// release revoke|confirm|error|destroy-notices|destroyed: how a release ends, and what becomes of
// the copies.
#ifndef GATEWAY_CLI_RELEASE_ENDINGS_H_
#define GATEWAY_CLI_RELEASE_ENDINGS_H_

#include "gateway/cli/args.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

void AddEndingVerbs(Args release, Context& context);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_RELEASE_ENDINGS_H_
