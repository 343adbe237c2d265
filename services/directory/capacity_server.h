// The methods of fairlead.directory.v1.CapacityService: translate, call a command, translate back;
// and the sweep of what has run out.
#ifndef SERVICES_DIRECTORY_CAPACITY_SERVER_H_
#define SERVICES_DIRECTORY_CAPACITY_SERVER_H_

#include <string>
#include <utility>

#include "fairlead/directory/v1/capacity.pb.h"
#include "services/common/base/task.h"
#include "services/common/rpc/method.h"
#include "services/common/rpc/page_token.h"
#include "services/directory/commands/deps.h"

namespace fairlead::directory {

class CapacityServer {
 public:
  // `deps` outlives the server. `page_token_key`: 32 random bytes. `hold_s`: how long a hold stands
  // when its holder does not say.
  CapacityServer(const Deps& deps, std::string page_token_key, int64_t hold_s)
      : deps_(deps), page_tokens_(std::move(page_token_key)), hold_s_(hold_s) {}

  void Register(rpc::Registry& registry);

  Task<Result<v1::UpdateCapacityResponse>> UpdateCapacity(rpc::CallContext context,
                                                          const v1::UpdateCapacityRequest& request);
  Task<Result<v1::GetCapacityResponse>> GetCapacity(rpc::CallContext context,
                                                    const v1::GetCapacityRequest& request);
  Task<Result<v1::ListCapacitiesResponse>> ListCapacities(rpc::CallContext context,
                                                          const v1::ListCapacitiesRequest& request);
  Task<Result<v1::ListCapacitySnapshotsResponse>> ListCapacitySnapshots(
      rpc::CallContext context, const v1::ListCapacitySnapshotsRequest& request);
  Task<Result<v1::PlaceHoldResponse>> PlaceHold(rpc::CallContext context,
                                                const v1::PlaceHoldRequest& request);
  Task<Result<v1::ReleaseHoldResponse>> ReleaseHold(rpc::CallContext context,
                                                    const v1::ReleaseHoldRequest& request);
  Task<Result<v1::ConsumeHoldResponse>> ConsumeHold(rpc::CallContext context,
                                                    const v1::ConsumeHoldRequest& request);
  Task<Result<v1::ListHoldsResponse>> ListHolds(rpc::CallContext context,
                                                const v1::ListHoldsRequest& request);

  // Lapses holds whose time has passed, closes those that hang on nothing any more, and takes away
  // what has been kept long enough. Blocks. Says how many things it did: 0, there is no more. One
  // hold that cannot be ended (its numbers contradict each other) stops no other.
  Result<int64_t> Sweep();

 private:
  // After all at once has failed, with `first_error`.
  Result<int64_t> SweepEach(Error first_error);

  template <class Response>
  Task<Result<Response>> End(rpc::CallContext context, const rpc::Message& request,
                             std::string hold_id, HoldState end);

  const Deps& deps_;
  const rpc::PageTokens page_tokens_;
  const int64_t hold_s_;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_CAPACITY_SERVER_H_
