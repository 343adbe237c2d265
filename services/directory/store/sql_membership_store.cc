#include "services/common/storage/answers.h"
#include "services/directory/domain/listing.h"
#include "services/directory/store/listing_changes.h"
#include "services/directory/store/membership_store.h"

namespace fairlead::directory {
namespace {

using storage::Done;
using storage::Row;

constexpr int kActiveMembership = static_cast<int>(Membership::kActive);
constexpr int kOfficeKind = static_cast<int>(AgencyKind::kCoalitionOffice);
constexpr int kWalledKind = static_cast<int>(AgencyKind::kLawEnforcement);
// Neither a sponsor's word nor an activation (sponsored → active).
constexpr const char* kOther =
    "agency_id = $1 AND is_sponsorship = 0 AND NOT (from_state = 2 AND to_state = 3)";

MembershipChange ToChange(const Row& row) {
  return MembershipChange{.id = row.Text(0),
                          .agency_id = row.Text(1),
                          .from = static_cast<Membership>(row.Int(2)),
                          .to = static_cast<Membership>(row.Int(3)),
                          .reason = static_cast<MembershipReason>(row.Int(4)),
                          .actor_staff_id = row.Text(5),
                          .actor_agency_id = row.Text(6),
                          .time_ms = row.Int(7),
                          .is_sponsorship = row.Bool(8),
                          .request_id = row.Text(9)};
}

constexpr const char* kChangeColumns =
    "SELECT id, agency_id, from_state, to_state, reason, actor_staff_id, actor_agency_id, time_ms, "
    "is_sponsorship, request_id FROM membership_change ";

class SqlMembershipStore final : public MembershipStore {
 public:
  Result<void> UpdateMembership(Write& tx, const Agency& agency) const override {
    const int state = static_cast<int>(agency.membership);
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("UPDATE agency SET membership = $2, version = $3 WHERE id = $1",
                   {agency.id, state, agency.version}));
    FAIRLEAD_ASSIGN(const int64_t change_number, NextListingChange(tx));
    return Done(tx.Execute(
        "UPDATE listing SET offered = CASE WHEN status = 'active' THEN CAST($2 AS BIGINT) ELSE 0 "
        "END, change_number = $3 WHERE agency_id = $1",
        {agency.id, state == kActiveMembership, change_number}));
  }

  Result<void> AddChange(Write& tx, const MembershipChange& change) const override {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute(
        "INSERT INTO membership_change (id, agency_id, from_state, to_state, reason, "
        "actor_staff_id, actor_agency_id, time_ms, is_sponsorship, request_id) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        {change.id, change.agency_id, static_cast<int>(change.from), static_cast<int>(change.to),
         static_cast<int>(change.reason), change.actor_staff_id, change.actor_agency_id,
         change.time_ms, change.is_sponsorship, change.request_id}));
    const std::string other(kOther);
    return Done(tx.Execute("DELETE FROM membership_change WHERE " + other +
                               " AND id NOT IN (SELECT id FROM membership_change WHERE " + other +
                               " ORDER BY id DESC LIMIT $2)",
                           {change.agency_id, kMaxOtherChanges}));
  }

  Result<std::vector<MembershipChange>> Changes(Read& tx, std::string_view agency_id,
                                                std::string_view after_id,
                                                int limit) const override {
    FAIRLEAD_ASSIGN(const auto rows,
                    tx.Query(std::string(kChangeColumns) +
                                 "WHERE agency_id = $1 AND id > $2 ORDER BY id LIMIT $3",
                             {agency_id, after_id, limit}));
    std::vector<MembershipChange> changes;
    changes.reserve(rows.size());
    for (const Row& row : rows) changes.push_back(ToChange(row));
    return changes;
  }

  Result<std::vector<Sponsor>> Sponsors(Read& tx, std::string_view agency_id) const override {
    FAIRLEAD_ASSIGN(const auto rows,
                    tx.Query("SELECT c.actor_agency_id, c.actor_staff_id, a.kind, a.membership "
                             "FROM membership_change c JOIN agency a ON a.id = c.actor_agency_id "
                             "WHERE c.agency_id = $1 AND c.is_sponsorship = 1 ORDER BY c.id",
                             {agency_id}));
    std::vector<Sponsor> sponsors;
    for (const Row& row : rows) {
      sponsors.push_back({.agency_id = row.Text(0),
                          .staff_id = row.Text(1),
                          .is_office = row.Int(2) == kOfficeKind,
                          .is_in_force = row.Int(3) == kActiveMembership});
    }
    return sponsors;
  }

  Result<std::optional<MembershipChange>> FindByRequest(
      Read& tx, std::string_view actor_agency_id, std::string_view request_id) const override {
    FAIRLEAD_ASSIGN(const auto rows, tx.Query(std::string(kChangeColumns) +
                                                  "WHERE request_id = $1 AND actor_agency_id = $2",
                                              {request_id, actor_agency_id}));
    if (rows.empty()) return std::optional<MembershipChange>();
    return std::optional<MembershipChange>(ToChange(rows.front()));
  }

  Result<int64_t> CountWaiting(Read& tx) const override {
    FAIRLEAD_ASSIGN(const auto rows,
                    tx.Query("SELECT COUNT(*) FROM agency WHERE membership BETWEEN 1 AND 2"));
    return rows.at(0).Int(0);
  }

  Result<int64_t> CountThatSponsor(Read& tx, int limit) const override {
    FAIRLEAD_ASSIGN(const auto rows,
                    tx.Query("SELECT COUNT(*) FROM (SELECT 1 FROM agency WHERE membership = $1 AND "
                             "kind <> $2 AND kind <> $3 LIMIT $4) AS few",
                             {kActiveMembership, kOfficeKind, kWalledKind, limit}));
    return rows.at(0).Int(0);
  }

  Result<bool> IsNameTaken(Read& tx, std::string_view name,
                           std::string_view except_id) const override {
    FAIRLEAD_ASSIGN(const auto rows,
                    tx.Query("SELECT 1 FROM agency WHERE sort_key = $1 AND id <> $2 AND "
                             "membership BETWEEN 3 AND 4 LIMIT 1",
                             {SortKey(std::string(name)), except_id}));
    return !rows.empty();
  }
};

}  // namespace

std::unique_ptr<MembershipStore> MakeSqlMembershipStore() {
  return std::make_unique<SqlMembershipStore>();
}

}  // namespace fairlead::directory
