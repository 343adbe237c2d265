// What every method that changes something does the same way: idempotency by request_id, one
// transaction, answered only when it is durable.
//
//   co_return co_await rpc::Mutate<AcceptOfferResponse>(
//       database_, context, request, [=](storage::Transaction& tx) -> Result<AcceptOfferResponse> {…});
//
// A repeat of the same request_id (by the same agency, for the same method) returns the first
// answer; with another payload it is FAILED_PRECONDITION REQUEST_ID_REUSED. Rows live 24 h.
#ifndef SERVICES_COMMON_RPC_MUTATE_H_
#define SERVICES_COMMON_RPC_MUTATE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "services/common/rpc/method.h"
#include "services/common/storage/database.h"

namespace fairlead::rpc {

// Tables: idempotency. Add to a service's database beside its own migrations.
const storage::Migrations& IdempotencyMigrations();

// The first answer's bytes when (agency, method, request_id) has been answered before; nullopt
// when it is new. `request` must have a string field request_id.
Result<std::optional<std::string>> FindAnswer(storage::ReadTransaction& tx,
                                              const CallContext& context, const Message& request);
// Records the answer. Same transaction as the effect.
Result<void> RecordAnswer(storage::Transaction& tx, const CallContext& context,
                          const Message& request, const Message& response, int64_t now_ms);

// An answer given before, read without a transaction of its own: for methods that must ask
// another service first.
template <class Response>
Task<Result<std::optional<Response>>> Replay(storage::Database& database, CallContext context,
                                             const Message& request) {
  std::function<Result<std::optional<std::string>>(storage::ReadTransaction&)> job =
      [&context, &request](storage::ReadTransaction& tx) {
        return FindAnswer(tx, context, request);
      };
  Result<std::optional<std::string>> bytes =
      co_await database.Read<std::optional<std::string>>(job);
  if (!bytes) co_return Fail(std::move(bytes.error()));
  if (!*bytes) co_return std::optional<Response>();
  Response response;
  if (!response.ParseFromString(**bytes)) {
    co_return Fail(Code::kInternal, "STORED_ANSWER_CORRUPT", "A stored answer cannot be read.");
  }
  co_return std::optional<Response>(std::move(response));
}

// `now_ms`: when. `job` is run inside the transaction, maybe more than once. `request` must
// outlive the Task (requests of a method do).
template <class Response>
Task<Result<Response>> Mutate(storage::Database& database, CallContext context,
                              const Message& request, int64_t now_ms,
                              std::function<Result<Response>(storage::Transaction&)> job) {
  std::function<Result<Response>(storage::Transaction&)> once =
      [&context, &request, now_ms, &job](storage::Transaction& tx) -> Result<Response> {
    Result<std::optional<std::string>> answered = FindAnswer(tx, context, request);
    if (!answered) return Fail(std::move(answered.error()));
    Response response;
    if (*answered) {
      if (response.ParseFromString(**answered)) return response;
      return Fail(Code::kInternal, "STORED_ANSWER_CORRUPT", "A stored answer cannot be read.");
    }
    Result<Response> fresh = job(tx);
    if (!fresh) return fresh;
    Result<void> recorded = RecordAnswer(tx, context, request, *fresh, now_ms);
    if (!recorded) return Fail(std::move(recorded.error()));
    return fresh;
  };
  co_return co_await database.Write<Response>(once);
}

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_MUTATE_H_
