// MatchServices of fairlead.directory.v1.DirectoryService: who can help, ranked, with why and why
// not.
#ifndef SERVICES_DIRECTORY_MATCH_SERVER_H_
#define SERVICES_DIRECTORY_MATCH_SERVER_H_

#include "fairlead/directory/v1/directory.pb.h"
#include "services/common/base/task.h"
#include "services/common/rpc/method.h"
#include "services/directory/commands/deps.h"
#include "services/directory/commands/match_services.h"
#include "services/directory/index/catch_up.h"

namespace fairlead::directory {

class MatchServer {
 public:
  // `deps` outlives the server.
  explicit MatchServer(const Deps& deps) : deps_(deps) {}

  void Register(rpc::Registry& registry);

  // Begins to read all listings, so that the first question need not. Returns at once; what it
  // begins ends before the database's Close returns.
  void Prepare();

  Task<Result<v1::MatchServicesResponse>> MatchServices(rpc::CallContext context,
                                                        const v1::MatchServicesRequest& request);

 private:
  struct Outcome;
  Result<Outcome> Match(storage::ReadTransaction& tx, const MatchQuery& query, size_t max_misses);
  Task<Result<bool>> Count(rpc::CallContext context, const std::string& request_id,
                           UnmetNeed unmet);

  const Deps& deps_;
  FollowedIndex index_;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_MATCH_SERVER_H_
