// key reseal: what is open is sealed anew to the own agency's current epoch key.
#ifndef GATEWAY_CLI_RESEAL_H_
#define GATEWAY_CLI_RESEAL_H_

#include "gateway/cli/args.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

// Goes through every packet that the caller may open and that is still sealed to an earlier key of
// the agency, newest first, tells how far it is, and prints what was done and what is left. Stops
// and begins again where it likes: what is done is done. Errors: KEY_MISSING (the current keys are
// not here), those of FetchKeys, QUOTA_USED and whatever ends the conversation with the hub;
// FAILED_PRECONDITION RESEAL_INCOMPLETE (metadata resealed, left) when some could not be done.
Result<void> ResealOpenPackets(Context& context);

void AddResealVerb(Args key, Context& context);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_RESEAL_H_
