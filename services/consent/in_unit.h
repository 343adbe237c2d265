// How the server runs a command: a Unit of the call, inside one write transaction. The definitions
// of ConsentServer's templates, for the files that its methods are spread over.
#ifndef SERVICES_CONSENT_IN_UNIT_H_
#define SERVICES_CONSENT_IN_UNIT_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "services/common/rpc/page_token.h"
#include "services/consent/consent_server.h"
#include "services/consent/store/sql_release_store.h"

namespace fairlead::consent {

template <class T>
std::function<Result<T>(storage::Transaction&)> ConsentServer::InUnit(
    const rpc::CallContext& context, std::function<Result<T>(Unit&)> command) const {
  return [this, now_ms = clock_.NowMs(), context,
          command = std::move(command)](storage::Transaction& tx) -> Result<T> {
    const std::unique_ptr<ReleaseStore> store = MakeSqlReleaseStore(tx);
    Unit unit{.tx = tx,
              .store = *store,
              .ids = ids_,
              .signer_rules = signer_rules_,
              .now_ms = now_ms,
              .agency_id = context.actor.agency_id,
              .staff_id = context.actor.staff_id,
              .traceparent = context.traceparent,
              .by = audit::ByCaller(context),
              .context = context};
    return command(unit);
  };
}

// Of a list that falls by id, the page that is asked for. Errors: those of PageTokens::Decode.
template <class Request>
Result<Page> ToPage(const rpc::PageTokens& tokens, const std::string& query,
                    const Request& request) {
  Page page{.before_id = "", .limit = rpc::PageSize(request.page_size())};
  if (!request.page_token().empty()) {
    FAIRLEAD_ASSIGN(const auto position, tokens.Decode(query, request.page_token()));
    page.before_id = position.at(0);
  }
  return page;
}

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_IN_UNIT_H_
