#include "services/identity/store/identity_store.h"

namespace fairlead::identity {
namespace {

using storage::Blob;
using storage::Row;

constexpr std::string_view kSignedInColumns =
    "SELECT e.id, e.staff_id, e.create_ms, e.last_used_ms, e.assurance, s.agency_id, "
    "s.sign_in_name, s.display_name, s.roles, s.create_ms, a.id, a.name, a.kind, a.membership "
    "FROM session e JOIN staff s ON s.id = e.staff_id LEFT JOIN agency a ON a.id = s.agency_id ";

constexpr std::string_view kKeysColumns =
    "SELECT agency_id, epoch, epoch_jwk, signing_jwk, epoch_kid, signing_kid, create_ms "
    "FROM agency_keys ";

Blob AsBlob(std::string_view bytes) { return Blob{std::string(bytes)}; }

// id, agency_id, sign_in_name, display_name, roles, create_ms
Staff ToStaff(const Row& row) {
  return Staff{.id = row.Text(0),
               .agency_id = row.Text(1),
               .sign_in_name = row.Text(2),
               .display_name = row.Text(3),
               .roles = RolesFromMask(row.Int(4)),
               .create_ms = row.Int(5)};
}

SignedIn ToSignedIn(const Row& row) {
  SignedIn signed_in;
  signed_in.session = Session{.id = row.Text(0),
                              .staff_id = row.Text(1),
                              .create_ms = row.Int(2),
                              .last_used_ms = row.Int(3),
                              .assurance = static_cast<int>(row.Int(4))};
  signed_in.staff = Staff{.id = row.Text(1),
                          .agency_id = row.Text(5),
                          .sign_in_name = row.Text(6),
                          .display_name = row.Text(7),
                          .roles = RolesFromMask(row.Int(8)),
                          .create_ms = row.Int(9)};
  if (!row.IsNull(10)) {
    signed_in.agency = Agency{row.Text(10), row.Text(11), row.Text(12), row.Text(13)};
  }
  return signed_in;
}

AgencyKeys ToKeys(const Row& row) {
  return AgencyKeys{.agency_id = row.Text(0),
                    .epoch = row.Int(1),
                    .epoch_jwk = row.Text(2),
                    .signing_jwk = row.Text(3),
                    .epoch_kid = row.Text(4),
                    .signing_kid = row.Text(5),
                    .create_ms = row.Int(6)};
}

template <class T, class Convert>
Result<std::optional<T>> First(Result<std::vector<Row>> rows, Convert convert) {
  if (!rows) return Fail(std::move(rows.error()));
  if (rows->empty()) return std::optional<T>();
  return std::optional<T>(convert(rows->front()));
}

std::string Sql(std::string_view columns, std::string_view rest) {
  std::string sql(columns);
  sql.append(rest);
  return sql;
}

Result<void> Done(Result<int64_t> changed) {
  if (!changed) return Fail(std::move(changed.error()));
  return {};
}

class SqlIdentityStore final : public IdentityStore {
 public:
  Result<bool> HasStaff(Read& tx) const override {
    FAIRLEAD_ASSIGN(const auto rows, tx.Query("SELECT 1 FROM staff LIMIT 1"));
    return !rows.empty();
  }

  Result<std::optional<Account>> FindAccount(Read& tx, std::string_view name) const override {
    return First<Account>(
        tx.Query("SELECT id, agency_id, sign_in_name, display_name, roles, create_ms, "
                 "passphrase_hash FROM staff WHERE sign_in_name = $1",
                 {name}),
        [](const Row& row) {
          return Account{ToStaff(row), row.Text(6)};
        });
  }

  Result<void> InsertAccount(Write& tx, const Account& account) const override {
    const Staff& staff = account.staff;
    FAIRLEAD_ASSIGN(const auto taken,
                    tx.Query("SELECT 1 FROM staff WHERE sign_in_name = $1", {staff.sign_in_name}));
    if (!taken.empty()) {
      return Fail(Code::kAlreadyExists, "SIGN_IN_NAME_TAKEN", "This sign-in name is taken.",
                  {{"field", "sign_in_name"}});
    }
    return Done(tx.Execute(
        "INSERT INTO staff (id, agency_id, sign_in_name, display_name, roles, passphrase_hash, "
        "create_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        {staff.id, staff.agency_id, staff.sign_in_name, staff.display_name,
         RolesToMask(staff.roles), account.passphrase_hash, staff.create_ms}));
  }

  Result<std::vector<Staff>> ListStaff(Read& tx, std::string_view agency_id,
                                       std::string_view after_id, int limit) const override {
    FAIRLEAD_ASSIGN(const auto rows,
                    tx.Query("SELECT id, agency_id, sign_in_name, display_name, roles, create_ms "
                             "FROM staff WHERE agency_id = $1 AND id > $2 ORDER BY id LIMIT $3",
                             {agency_id, after_id, limit}));
    std::vector<Staff> staff;
    staff.reserve(rows.size());
    for (const Row& row : rows) staff.push_back(ToStaff(row));
    return staff;
  }

  Result<Throttle> GetThrottle(Read& tx, std::string_view name_sha256) const override {
    FAIRLEAD_ASSIGN(const auto rows, tx.Query("SELECT attempts, strikes, window_ms, last_ms "
                                              "FROM sign_in_throttle WHERE name_sha256 = $1",
                                              {AsBlob(name_sha256)}));
    if (rows.empty()) return Throttle{};
    const Row& row = rows.front();
    return Throttle{row.Int(0), row.Int(1), row.Int(2), row.Int(3)};
  }

  Result<void> PutThrottle(Write& tx, std::string_view name_sha256,
                           const Throttle& throttle) const override {
    return Done(tx.Execute(
        "INSERT INTO sign_in_throttle (name_sha256, attempts, strikes, window_ms, last_ms) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name_sha256) DO UPDATE SET "
        "attempts = excluded.attempts, strikes = excluded.strikes, "
        "window_ms = excluded.window_ms, last_ms = excluded.last_ms",
        {AsBlob(name_sha256), throttle.attempts, throttle.strikes, throttle.window_ms,
         throttle.last_ms}));
  }

  Result<void> ClearThrottle(Write& tx, std::string_view name_sha256) const override {
    return Done(
        tx.Execute("DELETE FROM sign_in_throttle WHERE name_sha256 = $1", {AsBlob(name_sha256)}));
  }

  Result<void> InsertSession(Write& tx, std::string_view token_sha256,
                             const Session& session) const override {
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("DELETE FROM session WHERE token_sha256 IN (SELECT token_sha256 FROM session "
                   "WHERE staff_id = $1 ORDER BY create_ms DESC, id DESC LIMIT 1000 OFFSET $2)",
                   {session.staff_id, kMaxSessionsPerStaff - 1}));
    return Done(tx.Execute(
        "INSERT INTO session (token_sha256, id, staff_id, create_ms, last_used_ms, assurance) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        {AsBlob(token_sha256), session.id, session.staff_id, session.create_ms,
         session.last_used_ms, session.assurance}));
  }

  Result<std::optional<SignedIn>> FindByToken(Read& tx,
                                              std::string_view token_sha256) const override {
    return First<SignedIn>(
        tx.Query(Sql(kSignedInColumns, "WHERE e.token_sha256 = $1"), {AsBlob(token_sha256)}),
        ToSignedIn);
  }

  Result<std::optional<SignedIn>> FindBySession(Read& tx,
                                                std::string_view session_id) const override {
    return First<SignedIn>(tx.Query(Sql(kSignedInColumns, "WHERE e.id = $1"), {session_id}),
                           ToSignedIn);
  }

  Result<void> TouchSession(Write& tx, std::string_view session_id, int64_t now_ms) const override {
    return Done(
        tx.Execute("UPDATE session SET last_used_ms = $2 WHERE id = $1 "
                   "AND last_used_ms < $2",
                   {session_id, now_ms}));
  }

  Result<void> DeleteSession(Write& tx, std::string_view session_id) const override {
    return Done(tx.Execute("DELETE FROM session WHERE id = $1", {session_id}));
  }

  Result<void> Purge(Write& tx, int64_t now_ms, int limit) const override {
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("DELETE FROM session WHERE token_sha256 IN (SELECT token_sha256 FROM session "
                   "WHERE last_used_ms < $1 ORDER BY last_used_ms LIMIT $2)",
                   {now_ms - kSessionIdleMs, limit}));
    return Done(
        tx.Execute("DELETE FROM sign_in_throttle WHERE name_sha256 IN (SELECT name_sha256 "
                   "FROM sign_in_throttle WHERE last_ms < $1 ORDER BY last_ms LIMIT $2)",
                   {now_ms - 24 * kThrottleWindowMs, limit}));
  }

  Result<std::optional<Agency>> FindAgency(Read& tx, std::string_view id) const override {
    return First<Agency>(
        tx.Query("SELECT id, name, kind, membership FROM agency WHERE id = $1", {id}),
        [](const Row& row) {
          return Agency{row.Text(0), row.Text(1), row.Text(2), row.Text(3)};
        });
  }

  Result<void> PutAgency(Write& tx, const Agency& agency) const override {
    return Done(
        tx.Execute("INSERT INTO agency (id, name, kind, membership) VALUES ($1, $2, $3, $4) "
                   "ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, "
                   "membership = excluded.membership",
                   {agency.id, agency.name, agency.kind, agency.membership}));
  }

  Result<void> AddAgency(Write& tx, const Agency& agency) const override {
    return Done(
        tx.Execute("INSERT INTO agency (id, name, kind, membership) "
                   "VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING",
                   {agency.id, agency.name, agency.kind, agency.membership}));
  }

  Result<AgencyKeys> AppendKeys(Write& tx, AgencyKeys keys) const override {
    FAIRLEAD_ASSIGN(
        const auto used,
        tx.Query("SELECT 1 FROM agency_keys WHERE epoch_kid = $1 UNION ALL "
                 "SELECT 1 FROM agency_keys WHERE signing_kid = $2 AND agency_id <> $3 LIMIT 1",
                 {keys.epoch_kid, keys.signing_kid, keys.agency_id}));
    if (!used.empty()) {
      return Fail(Code::kAlreadyExists, "KEY_ALREADY_PUBLISHED",
                  "A new epoch needs a new epoch key, and a signing key belongs to one agency.");
    }
    FAIRLEAD_ASSIGN(const auto last, tx.Query("SELECT COALESCE(MAX(epoch), 0) FROM agency_keys "
                                              "WHERE agency_id = $1",
                                              {keys.agency_id}));
    keys.epoch = last.front().Int(0) + 1;
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("INSERT INTO agency_keys (agency_id, epoch, epoch_jwk, signing_jwk, epoch_kid, "
                   "signing_kid, create_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                   {keys.agency_id, keys.epoch, keys.epoch_jwk, keys.signing_jwk, keys.epoch_kid,
                    keys.signing_kid, keys.create_ms}));
    return keys;
  }

  Result<std::optional<AgencyKeys>> CurrentKeys(Read& tx,
                                                std::string_view agency_id) const override {
    return First<AgencyKeys>(
        tx.Query(Sql(kKeysColumns, "WHERE agency_id = $1 ORDER BY epoch DESC LIMIT 1"),
                 {agency_id}),
        ToKeys);
  }

  Result<std::optional<AgencyKeys>> KeysOfEpoch(Read& tx, std::string_view agency_id,
                                                int64_t epoch) const override {
    return First<AgencyKeys>(
        tx.Query(Sql(kKeysColumns, "WHERE agency_id = $1 AND epoch = $2"), {agency_id, epoch}),
        ToKeys);
  }

  Result<std::optional<AgencyKeys>> KeysOfKid(Read& tx, std::string_view agency_id,
                                              std::string_view kid) const override {
    return First<AgencyKeys>(tx.Query(Sql(kKeysColumns,
                                          "WHERE agency_id = $1 AND "
                                          "(epoch_kid = $2 OR signing_kid = $2) "
                                          "ORDER BY epoch DESC LIMIT 1"),
                                      {agency_id, kid}),
                             ToKeys);
  }

  Result<PendingSetUp> BeginSetUp(Write& tx, const PendingSetUp& pending) const override {
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("INSERT INTO set_up (id, agency_id, request_id) VALUES (1, $1, $2) "
                   "ON CONFLICT (id) DO NOTHING",
                   {pending.agency_id, pending.request_id}));
    FAIRLEAD_ASSIGN(const auto kept, FindSetUp(tx));
    if (!kept) return Fail(Code::kInternal, "STORAGE_ERROR", "The set-up row is missing.");
    return *kept;
  }

  Result<std::optional<PendingSetUp>> FindSetUp(Read& tx) const override {
    return First<PendingSetUp>(tx.Query("SELECT agency_id, request_id FROM set_up WHERE id = 1"),
                               [](const Row& row) {
                                 return PendingSetUp{row.Text(0), row.Text(1)};
                               });
  }

  Result<void> EndSetUp(Write& tx) const override { return Done(tx.Execute("DELETE FROM set_up")); }
};

}  // namespace

std::unique_ptr<IdentityStore> MakeSqlIdentityStore() {
  return std::make_unique<SqlIdentityStore>();
}

}  // namespace fairlead::identity
