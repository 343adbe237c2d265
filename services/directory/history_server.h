// The methods of fairlead.directory.v1.HistoryService: translate, ask the store, translate back.
#ifndef SERVICES_DIRECTORY_HISTORY_SERVER_H_
#define SERVICES_DIRECTORY_HISTORY_SERVER_H_

#include <string>
#include <utility>

#include "fairlead/directory/v1/history.pb.h"
#include "services/common/base/task.h"
#include "services/common/rpc/method.h"
#include "services/common/rpc/page_token.h"
#include "services/directory/commands/deps.h"

namespace fairlead::directory {

class HistoryServer {
 public:
  // `deps` outlives the server. `page_token_key`: 32 random bytes.
  HistoryServer(const Deps& deps, std::string page_token_key)
      : deps_(deps), page_tokens_(std::move(page_token_key)) {}

  void Register(rpc::Registry& registry);

  Task<Result<v1::ListHistoryResponse>> ListHistory(rpc::CallContext context,
                                                    const v1::ListHistoryRequest& request);

 private:
  const Deps& deps_;
  const rpc::PageTokens page_tokens_;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_HISTORY_SERVER_H_
