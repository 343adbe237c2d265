#include "services/directory/store/verification_store.h"

namespace fairlead::directory {
namespace {

const std::string kVerificationColumns =
    "SELECT l.id, l.name, l.agency_id, l.assured_ms, l.assurer_agency_id, l.assurer_role "
    "FROM listing l ";

std::vector<ListingVerification> ToVerifications(const std::vector<storage::Row>& rows) {
  std::vector<ListingVerification> verifications;
  verifications.reserve(rows.size());
  for (const storage::Row& row : rows) {
    verifications.push_back({.service_id = row.Text(0),
                             .service_name = row.Text(1),
                             .agency_id = row.Text(2),
                             .assured_ms = row.Int(3),
                             .assurer_agency_id = row.Text(4),
                             .assurer_role = row.Text(5)});
  }
  return verifications;
}

}  // namespace

Result<void> PutVerification(storage::Transaction& tx, const ListingVerification& verification,
                             int64_t remind_ms, int64_t change_number) {
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("UPDATE listing SET assured_ms = $2, assurer_agency_id = $3, assurer_role = $4, "
                 "remind_ms = $5, change_number = $6 WHERE id = $1",
                 {verification.service_id, verification.assured_ms, verification.assurer_agency_id,
                  verification.assurer_role, remind_ms, change_number}));
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("UPDATE hsds_record SET update_ms = $2 WHERE kind = 'services' AND id = $1",
                 {verification.service_id, verification.assured_ms}));
  return {};
}

Result<std::vector<ListingVerification>> ListingsVerifiedBefore(storage::ReadTransaction& tx,
                                                                const std::string& agency_id,
                                                                int64_t until_ms,
                                                                const AssurancePosition& after,
                                                                int limit) {
  FAIRLEAD_ASSIGN(const auto rows,
                  tx.Query(kVerificationColumns +
                               "WHERE l.agency_id = $1 AND l.offered = 1 AND l.assured_ms <= $2 "
                               "AND (l.assured_ms, l.id) > ($3, $4) "
                               "ORDER BY l.assured_ms, l.id LIMIT $5",
                           {agency_id, until_ms, after.assured_ms, after.service_id, limit}));
  return ToVerifications(rows);
}

Result<std::vector<ListingVerification>> ListingsToRemind(storage::ReadTransaction& tx,
                                                          int64_t now_ms, int limit) {
  FAIRLEAD_ASSIGN(const auto rows,
                  tx.Query(kVerificationColumns +
                               "WHERE l.offered = 1 AND l.remind_ms > 0 AND l.remind_ms <= $1 "
                               "ORDER BY l.remind_ms, l.id LIMIT $2",
                           {now_ms, limit}));
  return ToVerifications(rows);
}

Result<void> PutReminder(storage::Transaction& tx, const std::string& service_id,
                         int64_t remind_ms) {
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("UPDATE listing SET remind_ms = $2 WHERE id = $1", {service_id, remind_ms}));
  return {};
}

}  // namespace fairlead::directory
