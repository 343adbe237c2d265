// Identity's questions to the directory, over the channel that reaches every service.
#ifndef SERVICES_IDENTITY_DIRECTORY_CLIENT_H_
#define SERVICES_IDENTITY_DIRECTORY_CLIENT_H_

#include <string>

#include "services/common/rpc/channel.h"
#include "services/identity/commands/deps.h"

namespace fairlead::identity {

class DirectoryClient final : public AgencySource {
 public:
  explicit DirectoryClient(rpc::Channel& channel) : channel_(channel) {}
  Task<Result<Agency>> Get(rpc::CallContext context, std::string agency_id) override;
  Task<Result<Agency>> CreateCoalitionOffice(rpc::CallContext context, PendingSetUp pending,
                                             std::string name) override;

 private:
  rpc::Channel& channel_;
};

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_DIRECTORY_CLIENT_H_
