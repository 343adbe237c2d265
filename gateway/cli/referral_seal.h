// What every way of asking an agency and of sealing a packet to one has alike.
#ifndef GATEWAY_CLI_REFERRAL_SEAL_H_
#define GATEWAY_CLI_REFERRAL_SEAL_H_

#include <string>
#include <vector>

#include "fairlead/consent/v1/consent.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "gateway/cli/args.h"
#include "gateway/cli/attachments.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

// What stands in clear.
struct FacetOptions {
  std::string need;
  std::string urgency;
  std::string age_band;
  std::string county;
  std::string exploitation;
  std::vector<std::string> household;
  std::vector<std::string> languages;
  std::vector<std::string> accessibility;
  int64_t household_size = 0;
};
void AddFacetOptions(Args verb, FacetOptions* options);
Result<void> SetFacets(const FacetOptions& options, referral::v1::Facets* facets);

struct SealOptions {
  std::string packet;  // the file
  std::vector<std::string> attach;  // files that go with it
  std::string release;
  std::string purpose;
  std::string seal_to;  // hidden: for the test that the hub checks whom a packet is sealed to
  bool first_use = false;
  bool no_client_check = false;  // hidden: the hub's own checks are tested
};
void AddSealOptions(Args verb, SealOptions* options);

// The release, as it was made.
Result<consent::v1::Release> GetRelease(Context& context, const std::string& text);
// Ready to be sent: the packet first, then what belongs to it (Upload).
struct ReadyPacket {
  std::string packet;
  std::vector<SealedFile> files;
};
// Reads the files, holds them against the release, and seals them to that agency and the caller's
// own.
// `named`: the agency as the caller typed it; its keys are asked about by that name.
Result<ReadyPacket> SealedFor(Context& context, const SealOptions& options,
                              const consent::v1::Release& release, const std::string& referral_id,
                              const std::string& recipient_agency_id, const std::string& named);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_REFERRAL_SEAL_H_
