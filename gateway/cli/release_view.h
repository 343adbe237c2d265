// How a release is shown.
#ifndef GATEWAY_CLI_RELEASE_VIEW_H_
#define GATEWAY_CLI_RELEASE_VIEW_H_

#include "fairlead/consent/v1/consent.pb.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

void PrintRelease(Context& context, const consent::v1::Release& release);
void PrintReleases(Context& context, const consent::v1::ListReleasesResponse& releases);
void PrintDisclosures(Context& context, const consent::v1::ListDisclosuresResponse& disclosures);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_RELEASE_VIEW_H_
