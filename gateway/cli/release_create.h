// `release create`: a draft, from flags or from what `release new` has asked.
#ifndef GATEWAY_CLI_RELEASE_CREATE_H_
#define GATEWAY_CLI_RELEASE_CREATE_H_

#include <string>
#include <vector>

#include "fairlead/consent/v1/consent.pb.h"
#include "gateway/cli/args.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

struct CreateOptions {
  std::vector<std::string> recipients;
  std::vector<std::string> categories;
  std::vector<std::string> excluded;
  std::vector<std::string> purposes = {"referral"};
  std::string case_handle;
  std::string supersedes;
  std::string expires;
  std::string effective_in;
  std::string jurisdiction;
  std::string language = "en";
  std::string form_file;
  std::string form_version;
  bool once = false;
  bool two_way = false;
  bool safe_contact = false;
  bool contact_prohibited = false;
};

// Makes the draft and remembers it. Errors: USAGE for what a release cannot be without, those of
// the hub, of AgencyForRelease and of CheckCreated.
Result<consent::v1::CreateReleaseResponse> CreateDraft(Context& context,
                                                       const CreateOptions& options);

void AddCreateVerb(Args release, Context& context);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_RELEASE_CREATE_H_
