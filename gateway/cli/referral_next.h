// What an agency does next with a referral.
#ifndef GATEWAY_CLI_REFERRAL_NEXT_H_
#define GATEWAY_CLI_REFERRAL_NEXT_H_

#include "fairlead/referral/v1/referral.pb.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

// "Next: …", for the caller's agency and the referral as it is; before it, what has to be known for
// that step. May ask the hub: which release a packet that is owed goes out under, and whether
// copies are to be destroyed. What it may not ask about is as if there were none.
void SayNext(Context& context, const referral::v1::Referral& referral);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_REFERRAL_NEXT_H_
