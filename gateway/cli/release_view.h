// How a release is shown.
#ifndef GATEWAY_CLI_RELEASE_VIEW_H_
#define GATEWAY_CLI_RELEASE_VIEW_H_

#include "fairlead/consent/v1/consent.pb.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

// "From Harbor House to Northside Clinic: identity, needs": whose data goes to whom.
std::string FlowText(Context& context, const consent::v1::Release& release);
void PrintRelease(Context& context, const consent::v1::Release& release);
void PrintReleases(Context& context, const consent::v1::ListReleasesResponse& releases);
void PrintDisclosures(Context& context, const consent::v1::ListDisclosuresResponse& disclosures);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_RELEASE_VIEW_H_
