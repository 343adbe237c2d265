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

// Whether the rules refused it. Not when the database failed: then nobody was refused anything, and
// the trail must not say so; nor when only a break-glass would open it: who asked records that.
inline bool WasDecided(const Error& error) {
  if (error.reason == "BREAK_GLASS_NEEDED") return false;
  return error.code == Code::kPermissionDenied || error.code == Code::kNotFound ||
         error.reason == "QUOTA_USED";
}

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

template <class T>
Task<Result<T>> ConsentServer::DecideAndRecord(
    rpc::CallContext context, std::function<Result<T>(Unit&)> command,
    std::function<Result<void>(Unit&, const Error&)> record_refusal) {
  auto job = InUnit(context, std::move(command));
  Result<T> decided = co_await database_.Write<T>(job);
  if (decided || !WasDecided(decided.error())) co_return decided;
  std::function<Result<bool>(Unit&)> record = [&](Unit& unit) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(record_refusal(unit, decided.error()));
    return true;
  };
  auto refusal = InUnit(context, std::move(record));
  Result<bool> recorded = co_await database_.Write<bool>(refusal);
  co_return Fail(std::move(recorded ? decided.error() : recorded.error()));
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
