#include "services/identity/store/machine_store.h"

#include "services/common/storage/answers.h"

namespace fairlead::identity {
namespace {

using storage::Done;
using storage::Row;
using storage::Value;

// More than one call brings in, and too few to be felt.
constexpr int kForgetAtOnce = 64;

constexpr std::string_view kMachineColumns =
    "SELECT id, agency_id, label, signing_jwk, COALESCE(key_id, ''), "
    "COALESCE(certificate_sha256, ''), creator_staff_id, create_ms, disable_ms "
    "FROM machine_client ";

MachineClient ToClient(const Row& row) {
  return MachineClient{.id = row.Text(0),
                       .agency_id = row.Text(1),
                       .label = row.Text(2),
                       .signing_jwk = row.Text(3),
                       .key_id = row.Text(4),
                       .certificate_sha256 = row.Text(5),
                       .creator_staff_id = row.Text(6),
                       .create_ms = row.Int(7),
                       .disable_ms = row.Int(8)};
}

std::string MachineSql(std::string_view rest) {
  std::string sql(kMachineColumns);
  sql.append(rest);
  return sql;
}

Result<std::optional<MachineClient>> FindOne(storage::ReadTransaction& tx, std::string_view where,
                                             std::string_view value) {
  FAIRLEAD_ASSIGN(const auto rows, tx.Query(MachineSql(where), {value}));
  if (rows.empty()) return std::optional<MachineClient>();
  return std::optional<MachineClient>(ToClient(rows.front()));
}

// What a client does not have is NULL, so that many have none.
Value OrNull(const std::string& text) { return text.empty() ? Value() : Value(text); }

class SqlMachineStore final : public MachineStore {
 public:
  Result<void> Insert(Write& tx, const MachineClient& client) const override {
    FAIRLEAD_ASSIGN(const auto same,
                    tx.Query("SELECT COUNT(*) FROM machine_client WHERE key_id = $1 OR "
                             "certificate_sha256 = $2",
                             {client.key_id, client.certificate_sha256}));
    if (same.front().Int(0) > 0) {
      return Fail(Code::kAlreadyExists, "MACHINE_CREDENTIAL_IN_USE",
                  "This key or certificate was registered before: make a new one.");
    }
    FAIRLEAD_ASSIGN(const auto count,
                    tx.Query("SELECT COUNT(*) FROM machine_client WHERE agency_id = $1 AND "
                             "disable_ms = 0",
                             {client.agency_id}));
    if (count.front().Int(0) >= kMaxMachineClients) {
      return Fail(Code::kResourceExhausted, "TOO_MANY_MACHINE_CLIENTS",
                  "Twenty machine clients are the most: disable one first.");
    }
    return Done(tx.Execute(
        "INSERT INTO machine_client (id, agency_id, label, signing_jwk, key_id, "
        "certificate_sha256, creator_staff_id, create_ms, disable_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        {client.id, client.agency_id, client.label, client.signing_jwk, OrNull(client.key_id),
         OrNull(client.certificate_sha256), client.creator_staff_id, client.create_ms,
         client.disable_ms}));
  }

  Result<std::optional<MachineClient>> Find(Read& tx, std::string_view id) const override {
    return FindOne(tx, "WHERE id = $1", id);
  }
  Result<std::optional<MachineClient>> FindByKey(Read& tx, std::string_view key_id) const override {
    return FindOne(tx, "WHERE key_id = $1", key_id);
  }
  Result<std::optional<MachineClient>> FindByCertificate(Read& tx,
                                                         std::string_view sha256) const override {
    return FindOne(tx, "WHERE certificate_sha256 = $1", sha256);
  }

  Result<std::vector<MachineClient>> List(Read& tx, std::string_view agency_id,
                                          std::string_view after_id, int limit) const override {
    FAIRLEAD_ASSIGN(const auto rows,
                    tx.Query(MachineSql("WHERE agency_id = $1 AND id > $2 ORDER BY id LIMIT $3"),
                             {agency_id, after_id, limit}));
    std::vector<MachineClient> clients;
    clients.reserve(rows.size());
    for (const Row& row : rows) clients.push_back(ToClient(row));
    return clients;
  }

  Result<void> Disable(Write& tx, std::string_view id, int64_t now_ms) const override {
    return Done(tx.Execute(
        "UPDATE machine_client SET disable_ms = $2 WHERE id = $1 AND disable_ms = 0",
        {id, now_ms}));
  }

  Result<bool> SpendNonce(Write& tx, std::string_view client_id, std::string_view nonce,
                          int64_t now_ms, int64_t expire_ms) const override {
    FAIRLEAD_RETURN_IF_ERROR(Done(tx.Execute(
        "DELETE FROM machine_nonce WHERE (machine_client_id, nonce) IN (SELECT machine_client_id, "
        "nonce FROM machine_nonce WHERE expire_ms < $1 ORDER BY expire_ms LIMIT $2)",
        {now_ms, kForgetAtOnce})));
    FAIRLEAD_ASSIGN(const auto same, tx.Query("SELECT 1 FROM machine_nonce WHERE "
                                              "machine_client_id = $1 AND nonce = $2",
                                              {client_id, nonce}));
    if (!same.empty()) return false;
    FAIRLEAD_ASSIGN(const auto count, tx.Query("SELECT COUNT(*) FROM machine_nonce WHERE "
                                               "machine_client_id = $1 AND expire_ms >= $2",
                                               {client_id, now_ms}));
    if (count.front().Int(0) >= kMaxNonces) {
      return Fail(Code::kResourceExhausted, "TOO_MANY_CALLS",
                  "This machine client calls too often.",
                  {{"retry_after_s", std::to_string(kSignatureWindowS)}});
    }
    FAIRLEAD_RETURN_IF_ERROR(
        Done(tx.Execute("INSERT INTO machine_nonce (machine_client_id, nonce, expire_ms) "
                        "VALUES ($1, $2, $3)",
                        {client_id, nonce, expire_ms})));
    return true;
  }
};

}  // namespace

std::unique_ptr<MachineStore> MakeSqlMachineStore() { return std::make_unique<SqlMachineStore>(); }

}  // namespace fairlead::identity
