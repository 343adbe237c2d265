#include "services/identity/store/access_store.h"

#include "services/common/storage/answers.h"

namespace fairlead::identity {
namespace {

using storage::Done;

class SqlAccessStore final : public AccessStore {
 public:
  Result<std::vector<Session>> ListSessions(Read& tx, std::string_view staff_id,
                                            int64_t used_after_ms, int64_t begun_after_ms,
                                            int limit) const override {
    FAIRLEAD_ASSIGN(
        const auto rows,
        tx.Query("SELECT id, staff_id, create_ms, last_used_ms, method, proven_ms FROM session "
                 "WHERE staff_id = $1 AND last_used_ms > $2 AND create_ms > $3 "
                 "ORDER BY create_ms DESC, id DESC LIMIT $4",
                 {staff_id, used_after_ms, begun_after_ms, limit}));
    std::vector<Session> sessions;
    sessions.reserve(rows.size());
    for (const storage::Row& row : rows) {
      sessions.push_back(Session{.id = row.Text(0),
                                 .staff_id = row.Text(1),
                                 .create_ms = row.Int(2),
                                 .last_used_ms = row.Int(3),
                                 .method = static_cast<SignInMethod>(row.Int(4)),
                                 .proven_ms = row.Int(5)});
    }
    return sessions;
  }

  Result<int64_t> CountHolders(Read& tx, std::string_view agency_id, Role role) const override {
    FAIRLEAD_ASSIGN(const auto rows, tx.Query("SELECT COUNT(*) FROM staff WHERE agency_id = $1 "
                                              "AND disable_ms IS NULL AND (roles & $2) <> 0",
                                              {agency_id, RolesToMask({role})}));
    return rows.front().Int(0);
  }

  Result<void> SetRoles(Write& tx, std::string_view staff_id,
                        const std::set<Role>& roles) const override {
    return Done(tx.Execute("UPDATE staff SET roles = $2, version = version + 1 WHERE id = $1",
                           {staff_id, RolesToMask(roles)}));
  }

  Result<void> Disable(Write& tx, std::string_view staff_id, int64_t now_ms) const override {
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("UPDATE staff SET disable_ms = $2, version = version + 1, passphrase_hash = '', "
                   "totp_sealed = NULL WHERE id = $1",
                   {staff_id, now_ms}));
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("DELETE FROM recovery_code WHERE staff_id = $1", {staff_id}));
    return Done(tx.Execute("DELETE FROM invitation WHERE inviter_staff_id = $1", {staff_id}));
  }

  Result<int64_t> DeleteSessionsOfAgency(Write& tx, std::string_view agency_id) const override {
    return tx.Execute(
        "DELETE FROM session WHERE staff_id IN (SELECT id FROM staff WHERE agency_id = $1)",
        {agency_id});
  }

  Result<int64_t> DeleteAllSessionsAndInvitations(Write& tx) const override {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute("DELETE FROM invitation"));
    return tx.Execute("DELETE FROM session");
  }

  Result<void> DeleteInvitationsOfAgency(Write& tx, std::string_view agency_id) const override {
    return Done(tx.Execute("DELETE FROM invitation WHERE agency_id = $1", {agency_id}));
  }

  Result<int64_t> DisableMachinesOfAgency(Write& tx, std::string_view agency_id,
                                          int64_t now_ms) const override {
    return tx.Execute(
        "UPDATE machine_client SET disable_ms = $2 WHERE agency_id = $1 AND disable_ms = 0",
        {agency_id, now_ms});
  }
};

}  // namespace

std::unique_ptr<AccessStore> MakeSqlAccessStore() { return std::make_unique<SqlAccessStore>(); }

}  // namespace fairlead::identity
