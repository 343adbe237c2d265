// Releases as the hub hands them out, held against what can be known without it. A packet is sealed
// under a release's hash, so a hub that could show one release and hash another could widen it.
#ifndef GATEWAY_CLI_RELEASE_CHECK_H_
#define GATEWAY_CLI_RELEASE_CHECK_H_

#include <string>

#include "fairlead/consent/v1/consent.pb.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

// The hash of what the release says, whatever its release_hash field says.
// Error: DATA_LOSS RELEASE_HASH_MISMATCH for what has no canonical form (a time out of range, a
// line break in an element).
Result<std::string> ComputeReleaseHash(const consent::v1::Release& release);

// The release that was asked for, with the hash of what it says, and the same one that this
// profile made or signed, when it did. Errors (DATA_LOSS): INVALID_ANSWER, RELEASE_HASH_MISMATCH,
// RELEASE_CHANGED.
Result<void> CheckRelease(Context& context, const consent::v1::Release& release,
                          const std::string& asked_id);

// The answer to CreateRelease says what was asked for and nothing else; remembers it.
Result<void> CheckCreated(Context& context, const consent::v1::CreateReleaseRequest& request,
                          const consent::v1::Release& release);

// From now on this release must stay as it is. After CheckRelease only.
Result<void> RememberRelease(Context& context, const consent::v1::Release& release);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_RELEASE_CHECK_H_
