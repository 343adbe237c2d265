// The methods of fairlead.directory.v1.HoursService: translate, call a command, translate back.
#ifndef SERVICES_DIRECTORY_HOURS_SERVER_H_
#define SERVICES_DIRECTORY_HOURS_SERVER_H_

#include "fairlead/directory/v1/hours_override.pb.h"
#include "services/common/base/task.h"
#include "services/common/rpc/method.h"
#include "services/directory/commands/deps.h"

namespace fairlead::directory {

class HoursServer {
 public:
  // `deps` outlives the server.
  explicit HoursServer(const Deps& deps) : deps_(deps) {}

  void Register(rpc::Registry& registry);

  Task<Result<v1::SetHoursOverridesResponse>> SetHoursOverrides(
      rpc::CallContext context, const v1::SetHoursOverridesRequest& request);
  Task<Result<v1::ListHolidaySetsResponse>> ListHolidaySets(
      rpc::CallContext context, const v1::ListHolidaySetsRequest& request);
  Task<Result<v1::PutHolidaySetResponse>> PutHolidaySet(rpc::CallContext context,
                                                        const v1::PutHolidaySetRequest& request);

 private:
  const Deps& deps_;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_HOURS_SERVER_H_
