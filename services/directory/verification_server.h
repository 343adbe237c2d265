// The methods of fairlead.directory.v1.VerificationService, and the run that reminds: translate,
// call a command, translate back.
#ifndef SERVICES_DIRECTORY_VERIFICATION_SERVER_H_
#define SERVICES_DIRECTORY_VERIFICATION_SERVER_H_

#include <string>
#include <utility>

#include "fairlead/directory/v1/verification.pb.h"
#include "services/common/base/task.h"
#include "services/common/rpc/method.h"
#include "services/common/rpc/page_token.h"
#include "services/directory/commands/deps.h"

namespace fairlead::directory {

class VerificationServer {
 public:
  // `deps` outlives the server. `page_token_key`: 32 random bytes.
  VerificationServer(const Deps& deps, std::string page_token_key)
      : deps_(deps), page_tokens_(std::move(page_token_key)) {}

  void Register(rpc::Registry& registry);

  Task<Result<v1::VerifyListingResponse>> VerifyListing(rpc::CallContext context,
                                                        const v1::VerifyListingRequest& request);
  Task<Result<v1::ListVerificationsResponse>> ListVerifications(
      rpc::CallContext context, const v1::ListVerificationsRequest& request);

  // Tells agencies what is due and what is overdue. Blocks. Says how many listings it looked at: 0,
  // there is no more.
  Result<int64_t> Remind();

 private:
  const Deps& deps_;
  const rpc::PageTokens page_tokens_;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_VERIFICATION_SERVER_H_
