#include "services/identity/store/passkey_store.h"

#include "services/common/storage/answers.h"

namespace fairlead::identity {
namespace {

using storage::AsBlob;
using storage::Done;
using storage::Row;

constexpr int kClearAtOnce = 16;

constexpr std::string_view kPasskeyColumns =
    "SELECT id, staff_id, credential_id, user_handle, algorithm, public_key, counter, aaguid, "
    "backed_up, create_ms, last_use_ms, stop_ms FROM passkey ";

Passkey ToPasskey(const Row& row) {
  return Passkey{.id = row.Text(0),
                 .staff_id = row.Text(1),
                 .credential_id = row.Bytes(2),
                 .user_handle = row.Bytes(3),
                 .algorithm = static_cast<PasskeyAlgorithm>(row.Int(4)),
                 .public_key = row.Bytes(5),
                 .counter = row.Int(6),
                 .aaguid = row.Bytes(7),
                 .backed_up = row.Bool(8),
                 .create_ms = row.Int(9),
                 .last_use_ms = row.Int(10),
                 .stop_ms = row.Int(11)};
}

std::string PasskeySql(std::string_view rest) {
  std::string sql(kPasskeyColumns);
  sql.append(rest);
  return sql;
}

class SqlPasskeyStore final : public PasskeyStore {
 public:
  Result<void> InsertChallenge(Write& tx, const PasskeyChallenge& challenge,
                               int64_t now_ms) const override {
    FAIRLEAD_ASSIGN(const auto last,
                    tx.Query("SELECT COALESCE(MAX(number), 0) FROM passkey_challenge"));
    const int64_t number = last.front().Int(0) + 1;
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("DELETE FROM passkey_challenge WHERE number <= $1", {number - kMaxChallenges}));
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("DELETE FROM passkey_challenge WHERE expire_ms <= $1 AND number IN "
                   "(SELECT number FROM passkey_challenge ORDER BY number LIMIT $2)",
                   {now_ms, kClearAtOnce}));
    return Done(tx.Execute(
        "INSERT INTO passkey_challenge (challenge, number, purpose, subject_id, user_handle, "
        "expire_ms) VALUES ($1, $2, $3, $4, $5, $6)",
        {AsBlob(challenge.challenge), number, static_cast<int64_t>(challenge.purpose),
         challenge.subject_id, AsBlob(challenge.user_handle), challenge.expire_ms}));
  }

  Result<std::optional<PasskeyChallenge>> FindChallenge(Read& tx, std::string_view challenge,
                                                        int64_t now_ms) const override {
    FAIRLEAD_ASSIGN(const auto rows,
                    tx.Query("SELECT challenge, purpose, subject_id, user_handle, expire_ms "
                             "FROM passkey_challenge WHERE challenge = $1 AND expire_ms > $2",
                             {AsBlob(challenge), now_ms}));
    if (rows.empty()) return std::optional<PasskeyChallenge>();
    const Row& row = rows.front();
    return std::optional<PasskeyChallenge>(
        PasskeyChallenge{.challenge = row.Bytes(0),
                         .purpose = static_cast<ChallengePurpose>(row.Int(1)),
                         .subject_id = row.Text(2),
                         .user_handle = row.Bytes(3),
                         .expire_ms = row.Int(4)});
  }

  Result<bool> SpendChallenge(Write& tx, std::string_view challenge,
                              int64_t now_ms) const override {
    FAIRLEAD_ASSIGN(
        const int64_t deleted,
        tx.Execute("DELETE FROM passkey_challenge WHERE challenge = $1 AND expire_ms > $2",
                   {AsBlob(challenge), now_ms}));
    return deleted == 1;
  }

  Result<std::optional<Passkey>> FindByCredential(Read& tx,
                                                  std::string_view credential_id) const override {
    FAIRLEAD_ASSIGN(const auto rows,
                    tx.Query(PasskeySql("WHERE credential_id = $1"), {AsBlob(credential_id)}));
    if (rows.empty()) return std::optional<Passkey>();
    return std::optional<Passkey>(ToPasskey(rows.front()));
  }

  Result<std::vector<Passkey>> List(Read& tx, std::string_view staff_id, std::string_view after_id,
                                    int limit) const override {
    FAIRLEAD_ASSIGN(const auto rows,
                    tx.Query(PasskeySql("WHERE staff_id = $1 AND id > $2 ORDER BY id LIMIT $3"),
                             {staff_id, after_id, limit}));
    std::vector<Passkey> passkeys;
    passkeys.reserve(rows.size());
    for (const Row& row : rows) passkeys.push_back(ToPasskey(row));
    return passkeys;
  }

  Result<void> Insert(Write& tx, const Passkey& passkey) const override {
    FAIRLEAD_ASSIGN(const auto same, FindByCredential(tx, passkey.credential_id));
    if (same) {
      return Fail(Code::kAlreadyExists, "PASSKEY_EXISTS", "This passkey is registered already.");
    }
    FAIRLEAD_ASSIGN(const auto count, tx.Query("SELECT COUNT(*) FROM passkey WHERE staff_id = $1",
                                               {passkey.staff_id}));
    if (count.front().Int(0) >= kMaxPasskeysPerStaff) {
      return Fail(Code::kResourceExhausted, "TOO_MANY_PASSKEYS",
                  "Ten passkeys are the most: remove one first.");
    }
    return Done(tx.Execute(
        "INSERT INTO passkey (id, staff_id, credential_id, user_handle, algorithm, public_key, "
        "counter, aaguid, backed_up, create_ms, last_use_ms, stop_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        {passkey.id, passkey.staff_id, AsBlob(passkey.credential_id), AsBlob(passkey.user_handle),
         static_cast<int64_t>(passkey.algorithm), AsBlob(passkey.public_key), passkey.counter,
         AsBlob(passkey.aaguid), int64_t{passkey.backed_up}, passkey.create_ms, passkey.last_use_ms,
         passkey.stop_ms}));
  }

  Result<void> RecordUse(Write& tx, std::string_view id, int64_t counter, bool backed_up,
                         int64_t now_ms) const override {
    return Done(tx.Execute(
        "UPDATE passkey SET counter = $2, backed_up = $3, last_use_ms = $4 WHERE id = $1",
        {id, counter, int64_t{backed_up}, now_ms}));
  }

  Result<void> Stop(Write& tx, std::string_view id, int64_t now_ms) const override {
    return Done(
        tx.Execute("UPDATE passkey SET stop_ms = $2 WHERE id = $1 AND stop_ms = 0", {id, now_ms}));
  }

  Result<bool> Delete(Write& tx, std::string_view staff_id, std::string_view id) const override {
    FAIRLEAD_ASSIGN(
        const int64_t deleted,
        tx.Execute("DELETE FROM passkey WHERE id = $1 AND staff_id = $2", {id, staff_id}));
    return deleted == 1;
  }

  Result<void> DeleteAll(Write& tx, std::string_view staff_id) const override {
    return Done(tx.Execute("DELETE FROM passkey WHERE staff_id = $1", {staff_id}));
  }
};

}  // namespace

std::unique_ptr<PasskeyStore> MakeSqlPasskeyStore() { return std::make_unique<SqlPasskeyStore>(); }

}  // namespace fairlead::identity
