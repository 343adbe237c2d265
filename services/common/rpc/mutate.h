// What every method that changes something does the same way: idempotency by request_id, one
// transaction, answered only when it is durable.
//
//   co_return co_await rpc::Mutate<AcceptOfferResponse>(
//       database_, context, request, now_ms,
//       [=](storage::Transaction& tx) -> Result<AcceptOfferResponse> {…});
//
// A repeat of the same request_id (by the same agency, for the same method) returns the first
// answer; with another payload, or by another person, it is FAILED_PRECONDITION REQUEST_ID_REUSED.
// Only answers are kept: a refused request may be tried again under its request_id. Rows live
// 24 h. Nothing marked `secret` is ever stored: an answer that has such a field is refused
// (INTERNAL SECRET_IN_ANSWER), and secrets of the request do not count as payload.
#ifndef SERVICES_COMMON_RPC_MUTATE_H_
#define SERVICES_COMMON_RPC_MUTATE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "services/common/rpc/method.h"
#include "services/common/storage/database.h"

namespace fairlead::rpc {

inline constexpr int64_t kAnswerLifetimeMs = 24 * 60 * 60 * 1000;

// Tables: idempotency. Add to a service's database beside its own migrations.
const storage::Migrations& IdempotencyMigrations();

// Under which an answer is kept. Made once per call, outside the transaction: hashing is no work
// for the one writer.
struct AnswerKey {
  std::string agency_id;
  std::string method;
  std::string request_id;
  std::string request_hash;
};
// `request` must have a string field request_id (a method without one is a defect: stops).
AnswerKey MakeAnswerKey(const CallContext& context, const Message& request);

// The first answer's bytes when the request has been answered before; nullopt when it is new.
Result<std::optional<std::string>> FindAnswer(storage::ReadTransaction& tx, const AnswerKey& key);
// Records the answer. Same transaction as the effect. Every now and then it also deletes a few
// answers that are older than 24 h, so that no timer need do it.
Result<void> RecordAnswer(storage::Transaction& tx, const AnswerKey& key, const Message& response,
                          int64_t now_ms);
// Deletes at most `limit` of the answers older than 24 h, the oldest first; says how many.
Result<int64_t> PurgeAnswers(storage::Transaction& tx, int64_t now_ms, int64_t limit);

// The same two for callers that have no key at hand.
inline Result<std::optional<std::string>> FindAnswer(storage::ReadTransaction& tx,
                                                     const CallContext& context,
                                                     const Message& request) {
  return FindAnswer(tx, MakeAnswerKey(context, request));
}
inline Result<void> RecordAnswer(storage::Transaction& tx, const CallContext& context,
                                 const Message& request, const Message& response,
                                 int64_t now_ms) {
  return RecordAnswer(tx, MakeAnswerKey(context, request), response, now_ms);
}

// Reads a stored answer. Error: INTERNAL STORED_ANSWER_CORRUPT.
template <class Response>
Result<Response> ReadAnswer(const std::string& bytes) {
  Response response;
  if (response.ParseFromString(bytes)) return response;
  return Fail(Code::kInternal, "STORED_ANSWER_CORRUPT", "A stored answer cannot be read.");
}

// An answer given before, read without a transaction of its own: for methods that must ask
// another service first. `request` must outlive the Task (requests of a method do).
template <class Response>
Task<Result<std::optional<Response>>> Replay(storage::Database& database, CallContext context,
                                             const Message& request) {
  std::function<Result<std::optional<std::string>>(storage::ReadTransaction&)> job =
      [key = MakeAnswerKey(context, request)](storage::ReadTransaction& tx) {
        return FindAnswer(tx, key);
      };
  Task<Result<std::optional<std::string>>> read =
      database.Read<std::optional<std::string>>(std::move(job));
  Result<std::optional<std::string>> bytes = co_await std::move(read);
  if (!bytes) co_return Fail(std::move(bytes.error()));
  if (!*bytes) co_return std::optional<Response>();
  Result<Response> response = ReadAnswer<Response>(**bytes);
  if (!response) co_return Fail(std::move(response.error()));
  co_return std::optional<Response>(std::move(*response));
}

// `now_ms`: when. `job` is run inside the transaction, maybe more than once. `request` must
// outlive the Task (requests of a method do).
template <class Response>
Task<Result<Response>> Mutate(storage::Database& database, CallContext context,
                              const Message& request, int64_t now_ms,
                              std::function<Result<Response>(storage::Transaction&)> job) {
  std::function<Result<Response>(storage::Transaction&)> once =
      [key = MakeAnswerKey(context, request), now_ms,
       job = std::move(job)](storage::Transaction& tx) -> Result<Response> {
    Result<std::optional<std::string>> answered = FindAnswer(tx, key);
    if (!answered) return Fail(std::move(answered.error()));
    if (*answered) return ReadAnswer<Response>(**answered);
    Result<Response> fresh = job(tx);
    if (!fresh) return fresh;
    Result<void> recorded = RecordAnswer(tx, key, *fresh, now_ms);
    if (!recorded) return Fail(std::move(recorded.error()));
    return fresh;
  };
  Task<Result<Response>> write = database.Write<Response>(std::move(once));
  co_return co_await std::move(write);
}

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_MUTATE_H_
