// The questions to fairlead.directory.v1.DirectoryService that the index answers: MatchServices
// (who can help, ranked, with why and why not) and SearchServices (what there is, by words and
// filters).
#ifndef SERVICES_DIRECTORY_MATCH_SERVER_H_
#define SERVICES_DIRECTORY_MATCH_SERVER_H_

#include <string>
#include <utility>

#include "fairlead/directory/v1/directory.pb.h"
#include "services/common/base/task.h"
#include "services/common/rpc/method.h"
#include "services/common/rpc/page_token.h"
#include "services/directory/commands/deps.h"
#include "services/directory/commands/match_services.h"
#include "services/directory/index/catch_up.h"
#include "services/directory/index/followed_loads.h"

namespace fairlead::directory {

class MatchServer {
 public:
  // `deps` outlives the server. `page_token_key`: 32 random bytes.
  MatchServer(const Deps& deps, std::string page_token_key)
      : deps_(deps), page_tokens_(std::move(page_token_key)) {}

  void Register(rpc::Registry& registry);

  // Reads the listings, so that the first question need not: the first page at once, which is all
  // of them in most coalitions, the rest while others already ask (and are told
  // DIRECTORY_STARTING). What it begins ends before the database's Close returns. Errors: none:
  // whoever asks first will try again, and be told what is wrong.
  void Prepare();

  Task<Result<v1::MatchServicesResponse>> MatchServices(rpc::CallContext context,
                                                        const v1::MatchServicesRequest& request);
  Task<Result<v1::SearchServicesResponse>> SearchServices(rpc::CallContext context,
                                                          const v1::SearchServicesRequest& request);

 private:
  struct Outcome;
  Task<Result<bool>> ReadOn();
  Result<Outcome> Match(storage::ReadTransaction& tx, const MatchQuery& query, size_t max_misses);
  Task<Result<bool>> Count(rpc::CallContext context, const std::string& request_id,
                           UnmetNeed unmet);

  const Deps& deps_;
  const rpc::PageTokens page_tokens_;
  FollowedIndex index_;
  FollowedLoads loads_;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_MATCH_SERVER_H_
