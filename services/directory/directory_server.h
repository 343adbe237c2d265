// The methods of fairlead.directory.v1.DirectoryService, but for those of MatchServer: translate,
// call a command, translate back.
#ifndef SERVICES_DIRECTORY_DIRECTORY_SERVER_H_
#define SERVICES_DIRECTORY_DIRECTORY_SERVER_H_

#include <string>
#include <utility>

#include "fairlead/directory/v1/directory.pb.h"
#include "services/common/base/task.h"
#include "services/common/rpc/method.h"
#include "services/common/rpc/page_token.h"
#include "services/directory/commands/deps.h"

namespace fairlead::directory {

class DirectoryServer {
 public:
  // `deps` outlives the server. `page_token_key`: 32 random bytes.
  DirectoryServer(const Deps& deps, std::string page_token_key)
      : deps_(deps), page_tokens_(std::move(page_token_key)) {}

  void Register(rpc::Registry& registry);

  Task<Result<v1::CreateAgencyResponse>> CreateAgency(rpc::CallContext context,
                                                      const v1::CreateAgencyRequest& request);
  Task<Result<v1::GetAgencyResponse>> GetAgency(rpc::CallContext context,
                                                const v1::GetAgencyRequest& request);
  Task<Result<v1::ListAgenciesResponse>> ListAgencies(rpc::CallContext context,
                                                      const v1::ListAgenciesRequest& request);
  Task<Result<v1::ImportListingsResponse>> ImportListings(rpc::CallContext context,
                                                          const v1::ImportListingsRequest& request);
  Task<Result<v1::GetServiceResponse>> GetService(rpc::CallContext context,
                                                  const v1::GetServiceRequest& request);
  Task<Result<v1::ListNeedsResponse>> ListNeeds(rpc::CallContext context,
                                                const v1::ListNeedsRequest& request);

 private:
  const Deps& deps_;
  const rpc::PageTokens page_tokens_;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DIRECTORY_SERVER_H_
