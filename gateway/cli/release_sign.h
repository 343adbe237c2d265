// `release sign`: the signature and the statements that are attested with it.
#ifndef GATEWAY_CLI_RELEASE_SIGN_H_
#define GATEWAY_CLI_RELEASE_SIGN_H_

#include "gateway/cli/args.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

void AddSignVerb(Args release, Context& context);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_RELEASE_SIGN_H_
