#include "services/identity/store/identity_store.h"

#include "services/common/storage/answers.h"

namespace fairlead::identity {
namespace {

using storage::AsBlob;
using storage::Done;
using storage::First;
using storage::Row;

constexpr std::string_view kSignedInColumns =
    "SELECT e.id, e.staff_id, e.create_ms, e.last_used_ms, e.method, e.proven_ms, "
    "s.id, s.agency_id, s.sign_in_name, s.display_name, s.roles, s.create_ms, s.disable_ms, "
    "s.version, a.id, a.name, a.kind, a.membership, a.version "
    "FROM session e JOIN staff s ON s.id = e.staff_id AND s.disable_ms IS NULL LEFT JOIN agency a "
    "ON a.id = s.agency_id ";

constexpr std::string_view kStaffColumns =
    "SELECT id, agency_id, sign_in_name, display_name, roles, create_ms, disable_ms, version ";

constexpr std::string_view kInvitationColumns =
    "SELECT id, agency_id, display_name, roles, inviter_staff_id, first_only, create_ms, expire_ms "
    "FROM invitation ";

constexpr std::string_view kKeysColumns =
    "SELECT agency_id, epoch, epoch_jwk, signing_jwk, epoch_kid, signing_kid, create_ms "
    "FROM agency_keys ";

// kStaffColumns, from column `at`.
Staff ToStaff(const Row& row, size_t at = 0) {
  return Staff{.id = row.Text(at),
               .agency_id = row.Text(at + 1),
               .sign_in_name = row.Text(at + 2),
               .display_name = row.Text(at + 3),
               .roles = RolesFromMask(row.Int(at + 4)),
               .create_ms = row.Int(at + 5),
               .disable_ms = row.IsNull(at + 6) ? 0 : row.Int(at + 6),
               .version = row.Int(at + 7)};
}

Session ToSession(const Row& row) {
  return Session{.id = row.Text(0),
                 .staff_id = row.Text(1),
                 .create_ms = row.Int(2),
                 .last_used_ms = row.Int(3),
                 .method = static_cast<SignInMethod>(row.Int(4)),
                 .proven_ms = row.Int(5)};
}

// id, name, kind, membership, version, from column `at`.
Agency ToAgency(const Row& row, size_t at = 0) {
  return Agency{row.Text(at), row.Text(at + 1), row.Text(at + 2), row.Text(at + 3),
                row.Int(at + 4)};
}

SignedIn ToSignedIn(const Row& row) {
  constexpr size_t kStaffAt = 6;
  constexpr size_t kAgencyAt = kStaffAt + 8;
  SignedIn signed_in;
  signed_in.session = ToSession(row);
  signed_in.staff = ToStaff(row, kStaffAt);
  if (!row.IsNull(kAgencyAt)) {
    signed_in.agency = ToAgency(row, kAgencyAt);
  }
  return signed_in;
}

Invitation ToInvitation(const Row& row) {
  return Invitation{.id = row.Text(0),
                    .agency_id = row.Text(1),
                    .display_name = row.Text(2),
                    .roles = RolesFromMask(row.Int(3)),
                    .inviter_staff_id = row.Text(4),
                    .first_only = row.Int(5) != 0,
                    .create_ms = row.Int(6),
                    .expire_ms = row.Int(7)};
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

std::string Sql(std::string_view columns, std::string_view rest) {
  std::string sql(columns);
  sql.append(rest);
  return sql;
}

class SqlIdentityStore final : public IdentityStore {
 public:
  Result<bool> HasAnybody(Read& tx, int64_t now_ms) const override {
    FAIRLEAD_ASSIGN(const auto rows, tx.Query("SELECT 1 FROM staff UNION ALL SELECT 1 FROM "
                                              "invitation WHERE expire_ms > $1 LIMIT 1",
                                              {now_ms}));
    return !rows.empty();
  }

  Result<bool> AgencyHasStaff(Read& tx, std::string_view agency_id) const override {
    FAIRLEAD_ASSIGN(
        const auto rows,
        tx.Query("SELECT 1 FROM staff WHERE agency_id = $1 AND disable_ms IS NULL LIMIT 1",
                 {agency_id}));
    return !rows.empty();
  }

  Result<std::optional<Account>> FindAccount(Read& tx, std::string_view name) const override {
    return First<Account>(tx.Query(Sql(kStaffColumns,
                                       ", passphrase_hash, totp_sealed, totp_last_step FROM staff "
                                       "WHERE sign_in_name = $1"),
                                   {name}),
                          [](const Row& row) {
                            return Account{.staff = ToStaff(row),
                                           .passphrase_hash = row.Text(8),
                                           .totp_sealed = row.IsNull(9) ? "" : row.Bytes(9),
                                           .totp_last_step = row.Int(10)};
                          });
  }

  Result<std::optional<Staff>> FindStaff(Read& tx, std::string_view id) const override {
    return First<Staff>(tx.Query(Sql(kStaffColumns, "FROM staff WHERE id = $1"), {id}),
                        [](const Row& row) { return ToStaff(row); });
  }

  Result<void> InsertAccount(Write& tx, const Account& account) const override {
    const Staff& staff = account.staff;
    FAIRLEAD_ASSIGN(const auto taken,
                    tx.Query("SELECT 1 FROM staff WHERE sign_in_name = $1", {staff.sign_in_name}));
    if (!taken.empty()) return Fail(SignInNameTaken());
    return Done(tx.Execute(
        "INSERT INTO staff (id, agency_id, sign_in_name, display_name, roles, passphrase_hash, "
        "create_ms) VALUES ($1, $2, $3, $4, $5, '', $6)",
        {staff.id, staff.agency_id, staff.sign_in_name, staff.display_name,
         RolesToMask(staff.roles), staff.create_ms}));
  }

  Result<void> SetCredential(Write& tx, const Account& account,
                             const std::vector<std::string>& recovery_sha256s) const override {
    const std::string& id = account.staff.id;
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute(
        "UPDATE staff SET passphrase_hash = $2, totp_sealed = $3, totp_last_step = $4 "
        "WHERE id = $1",
        {id, account.passphrase_hash, AsBlob(account.totp_sealed), account.totp_last_step}));
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute("DELETE FROM recovery_code WHERE staff_id = $1", {id}));
    for (const std::string& code_sha256 : recovery_sha256s) {
      FAIRLEAD_RETURN_IF_ERROR(
          tx.Execute("INSERT INTO recovery_code (staff_id, code_sha256) VALUES ($1, $2)",
                     {id, AsBlob(code_sha256)}));
    }
    return {};
  }

  Result<bool> SpendTotpStep(Write& tx, std::string_view staff_id, int64_t step) const override {
    FAIRLEAD_ASSIGN(const int64_t changed, tx.Execute("UPDATE staff SET totp_last_step = $2 "
                                                      "WHERE id = $1 AND totp_last_step < $2",
                                                      {staff_id, step}));
    return changed == 1;
  }

  Result<bool> HasRecoveryCode(Read& tx, std::string_view staff_id,
                               std::string_view code_sha256) const override {
    FAIRLEAD_ASSIGN(const auto rows,
                    tx.Query("SELECT 1 FROM recovery_code WHERE staff_id = $1 AND code_sha256 = $2",
                             {staff_id, AsBlob(code_sha256)}));
    return !rows.empty();
  }

  Result<bool> SpendRecoveryCode(Write& tx, std::string_view staff_id,
                                 std::string_view code_sha256) const override {
    FAIRLEAD_ASSIGN(const int64_t changed,
                    tx.Execute("DELETE FROM recovery_code WHERE staff_id = $1 AND code_sha256 = $2",
                               {staff_id, AsBlob(code_sha256)}));
    return changed == 1;
  }

  Result<void> InsertInvitation(Write& tx, const Invitation& invitation,
                                std::string_view code_sha256) const override {
    FAIRLEAD_ASSIGN(const auto same, tx.Query("SELECT 1 FROM invitation WHERE code_sha256 = $1",
                                              {AsBlob(code_sha256)}));
    if (!same.empty()) {
      return Fail(Code::kAlreadyExists, "SAME_CODE", "Every invitation needs a code of its own.");
    }
    FAIRLEAD_ASSIGN(
        const auto open,
        tx.Query("SELECT COUNT(*) FROM invitation WHERE agency_id = $1 AND expire_ms > $2",
                 {invitation.agency_id, invitation.create_ms}));
    if (open.front().Int(0) >= kMaxOpenInvitations) {
      return Fail(Code::kResourceExhausted, "TOO_MANY_INVITATIONS",
                  "The agency has 100 open invitations: revoke some first.");
    }
    return Done(tx.Execute(
        "INSERT INTO invitation (id, code_sha256, agency_id, display_name, roles, "
        "inviter_staff_id, first_only, create_ms, expire_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        {invitation.id, AsBlob(code_sha256), invitation.agency_id, invitation.display_name,
         RolesToMask(invitation.roles), invitation.inviter_staff_id, invitation.first_only ? 1 : 0,
         invitation.create_ms, invitation.expire_ms}));
  }

  Result<std::optional<Invitation>> FindInvitation(Read& tx, std::string_view id,
                                                   int64_t now_ms) const override {
    return First<Invitation>(
        tx.Query(Sql(kInvitationColumns, "WHERE id = $1 AND expire_ms > $2"), {id, now_ms}),
        ToInvitation);
  }

  Result<std::optional<Invitation>> FindInvitationByCode(Read& tx, std::string_view code_sha256,
                                                         int64_t now_ms) const override {
    return First<Invitation>(
        tx.Query(Sql(kInvitationColumns, "WHERE code_sha256 = $1 AND expire_ms > $2"),
                 {AsBlob(code_sha256), now_ms}),
        ToInvitation);
  }

  Result<std::vector<Invitation>> ListInvitations(Read& tx, std::string_view agency_id,
                                                  int64_t now_ms, std::string_view after_id,
                                                  int limit) const override {
    FAIRLEAD_ASSIGN(const auto rows,
                    tx.Query(Sql(kInvitationColumns,
                                 "WHERE agency_id = $1 AND expire_ms > $2 AND id > $3 "
                                 "ORDER BY id LIMIT $4"),
                             {agency_id, now_ms, after_id, limit}));
    std::vector<Invitation> invitations;
    invitations.reserve(rows.size());
    for (const Row& row : rows) invitations.push_back(ToInvitation(row));
    return invitations;
  }

  Result<bool> DeleteInvitation(Write& tx, std::string_view id) const override {
    FAIRLEAD_ASSIGN(const int64_t changed,
                    tx.Execute("DELETE FROM invitation WHERE id = $1", {id}));
    return changed == 1;
  }

  Result<std::vector<Staff>> ListStaff(Read& tx, std::string_view agency_id,
                                       std::string_view after_id, int limit) const override {
    FAIRLEAD_ASSIGN(const auto rows, tx.Query(Sql(kStaffColumns,
                                                  "FROM staff WHERE agency_id = $1 AND id > $2 "
                                                  "ORDER BY id LIMIT $3"),
                                              {agency_id, after_id, limit}));
    std::vector<Staff> staff;
    staff.reserve(rows.size());
    for (const Row& row : rows) staff.push_back(ToStaff(row));
    return staff;
  }

  Result<Throttle> GetThrottle(Read& tx, std::string_view key) const override {
    FAIRLEAD_ASSIGN(const auto rows, tx.Query("SELECT attempts, strikes, window_ms, last_ms "
                                              "FROM sign_in_throttle WHERE key = $1",
                                              {AsBlob(key)}));
    if (rows.empty()) return Throttle{};
    const Row& row = rows.front();
    return Throttle{row.Int(0), row.Int(1), row.Int(2), row.Int(3)};
  }

  Result<void> PutThrottle(Write& tx, std::string_view key,
                           const Throttle& throttle) const override {
    return Done(tx.Execute(
        "INSERT INTO sign_in_throttle (key, attempts, strikes, window_ms, last_ms) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key) DO UPDATE SET "
        "attempts = excluded.attempts, strikes = excluded.strikes, "
        "window_ms = excluded.window_ms, last_ms = excluded.last_ms",
        {AsBlob(key), throttle.attempts, throttle.strikes, throttle.window_ms, throttle.last_ms}));
  }

  Result<void> RefundAttempt(Write& tx, std::string_view key, int64_t window_ms) const override {
    return Done(
        tx.Execute("UPDATE sign_in_throttle SET attempts = attempts - 1 "
                   "WHERE key = $1 AND window_ms = $2 AND attempts > 0",
                   {AsBlob(key), window_ms}));
  }

  Result<void> ClearThrottle(Write& tx, std::string_view key) const override {
    return Done(tx.Execute("DELETE FROM sign_in_throttle WHERE key = $1", {AsBlob(key)}));
  }

  Result<void> InsertSession(Write& tx, std::string_view token_sha256,
                             const Session& session) const override {
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("DELETE FROM session WHERE token_sha256 IN (SELECT token_sha256 FROM session "
                   "WHERE staff_id = $1 ORDER BY create_ms DESC, id DESC LIMIT 1000 OFFSET $2)",
                   {session.staff_id, kMaxSessionsPerStaff - 1}));
    return Done(tx.Execute(
        "INSERT INTO session (token_sha256, id, staff_id, create_ms, last_used_ms, method, "
        "proven_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        {AsBlob(token_sha256), session.id, session.staff_id, session.create_ms,
         session.last_used_ms, static_cast<int>(session.method), session.proven_ms}));
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

  Result<bool> SetProven(Write& tx, std::string_view session_id, int64_t now_ms) const override {
    FAIRLEAD_ASSIGN(const int64_t changed,
                    tx.Execute("UPDATE session SET proven_ms = $2, last_used_ms = $2 WHERE id = $1",
                               {session_id, now_ms}));
    return changed == 1;
  }

  Result<int64_t> DeleteSessionsOf(Write& tx, std::string_view staff_id,
                                   std::string_view except_id) const override {
    return tx.Execute("DELETE FROM session WHERE staff_id = $1 AND id <> $2",
                      {staff_id, except_id});
  }

  Result<void> DeleteSession(Write& tx, std::string_view session_id) const override {
    return Done(tx.Execute("DELETE FROM session WHERE id = $1", {session_id}));
  }

  Result<void> Purge(Write& tx, int64_t now_ms, int limit) const override {
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("DELETE FROM session WHERE token_sha256 IN (SELECT token_sha256 FROM session "
                   "WHERE last_used_ms < $1 ORDER BY last_used_ms LIMIT $2)",
                   {now_ms - kSessionIdleMs, limit}));
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("DELETE FROM invitation WHERE id IN (SELECT id FROM invitation "
                   "WHERE expire_ms <= $1 ORDER BY expire_ms LIMIT $2)",
                   {now_ms, limit}));
    return Done(
        tx.Execute("DELETE FROM sign_in_throttle WHERE key IN (SELECT key "
                   "FROM sign_in_throttle WHERE last_ms < $1 ORDER BY last_ms LIMIT $2)",
                   {now_ms - 24 * kThrottleWindowMs, limit}));
  }

  Result<std::optional<Agency>> FindAgency(Read& tx, std::string_view id) const override {
    return First<Agency>(
        tx.Query("SELECT id, name, kind, membership, version FROM agency WHERE id = $1", {id}),
        [](const Row& row) { return ToAgency(row); });
  }

  Result<void> PutAgency(Write& tx, const Agency& agency) const override {
    return Done(tx.Execute(
        "INSERT INTO agency (id, name, kind, membership, version) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, "
        "membership = excluded.membership, version = excluded.version "
        "WHERE agency.version <= excluded.version",
        {agency.id, agency.name, agency.kind, agency.membership, agency.version}));
  }

  Result<void> AddAgency(Write& tx, const Agency& agency) const override {
    return Done(
        tx.Execute("INSERT INTO agency (id, name, kind, membership, version) "
                   "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING",
                   {agency.id, agency.name, agency.kind, agency.membership, agency.version}));
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
};

}  // namespace

Error SignInNameTaken() {
  return {Code::kAlreadyExists,
          "SIGN_IN_NAME_TAKEN",
          "This sign-in name is taken.",
          {{"field", "sign_in_name"}}};
}

std::unique_ptr<IdentityStore> MakeSqlIdentityStore() {
  return std::make_unique<SqlIdentityStore>();
}

}  // namespace fairlead::identity
