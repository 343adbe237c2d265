#include "services/common/rpc/mutate.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "services/common/base/check.h"
#include "services/common/base/encoding.h"
#include "services/common/rpc/migrations.h"
#include "services/common/rpc/validate.h"

namespace fairlead::rpc {
namespace {

// One in kPurgeEvery records deletes up to kPurgeRows expired rows: more than come in, so the
// table shrinks to a day's worth, and never enough at once to be felt.
constexpr unsigned kPurgeEvery = 16;
constexpr int64_t kPurgeRows = 32;

// The same message always gives the same bytes within one version of the program (maps sorted).
std::string Canonical(const Message& message) {
  std::string bytes(message.ByteSizeLong(), '\0');
  google::protobuf::io::ArrayOutputStream stream(bytes.data(), static_cast<int>(bytes.size()));
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeWithCachedSizes(&coded);
  FAIRLEAD_CHECK(!coded.HadError());
  return bytes;
}

// A hash of a passphrase would let whoever has the database try passphrases against it.
std::string CanonicalWithoutSecrets(const Message& request) {
  if (!HasSecretField(*request.GetDescriptor())) return Canonical(request);
  const std::unique_ptr<Message> copy(request.New());
  copy->CopyFrom(request);
  ClearSecrets(*copy);
  return Canonical(*copy);
}

}  // namespace

const storage::Migrations& IdempotencyMigrations() { return idempotency::Migrations(); }

AnswerKey MakeAnswerKey(const CallContext& context, const Message& request) {
  const google::protobuf::FieldDescriptor* field =
      request.GetDescriptor()->FindFieldByName("request_id");
  FAIRLEAD_CHECK(field != nullptr &&
                 field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING);
  AnswerKey key;
  key.agency_id = context.actor.agency_id;
  key.method = context.method;
  key.request_id = request.GetReflection()->GetString(request, field);
  // With the person in the hash, nobody can fetch what a colleague was answered.
  key.request_hash =
      Sha256(context.actor.staff_id + '\n' + CanonicalWithoutSecrets(request));
  return key;
}

Result<std::optional<std::string>> FindAnswer(storage::ReadTransaction& tx,
                                              const AnswerKey& key) {
  FAIRLEAD_ASSIGN(const std::vector<storage::Row> rows,
                  tx.Query("SELECT request_hash, response FROM idempotency"
                           " WHERE request_id = $1 AND method = $2 AND agency_id = $3 LIMIT 1",
                           {key.request_id, key.method, key.agency_id}));
  if (rows.empty()) return std::optional<std::string>();
  if (rows[0].Bytes(0) != key.request_hash) {
    return Fail(Code::kFailedPrecondition, "REQUEST_ID_REUSED",
                "This request_id was used for another request.");
  }
  return std::optional<std::string>(rows[0].Bytes(1));
}

Result<void> RecordAnswer(storage::Transaction& tx, const AnswerKey& key, const Message& response,
                          int64_t now_ms) {
  if (HasSecretField(*response.GetDescriptor())) {
    return Fail(Code::kInternal, "SECRET_IN_ANSWER",
                "An answer that holds a secret cannot be kept.");
  }
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("INSERT INTO idempotency"
                 " (agency_id, method, request_id, request_hash, response, created_ms)"
                 " VALUES ($1, $2, $3, $4, $5, $6)",
                 {key.agency_id, key.method, key.request_id, storage::Blob{key.request_hash},
                  storage::Blob{response.SerializeAsString()}, now_ms}));
  // Which ones purge depends on the request alone: a replay of the same load does the same.
  if (static_cast<unsigned char>(key.request_hash[0]) % kPurgeEvery != 0) return {};
  FAIRLEAD_RETURN_IF_ERROR(PurgeAnswers(tx, now_ms, kPurgeRows));
  return {};
}

Result<int64_t> PurgeAnswers(storage::Transaction& tx, int64_t now_ms, int64_t limit) {
  // Looks at the `limit` oldest rows only, expired or not: the cost is bounded either way.
  return tx.Execute("DELETE FROM idempotency WHERE id IN"
                    " (SELECT id FROM (SELECT id, created_ms FROM idempotency"
                    "                  ORDER BY id LIMIT $1) AS oldest"
                    "  WHERE created_ms < $2)",
                    {limit, now_ms - kAnswerLifetimeMs});
}

}  // namespace fairlead::rpc
