#include "services/directory/store/history_store.h"

namespace fairlead::directory {

Result<std::vector<StoredChange>> ListFieldChanges(storage::ReadTransaction& tx,
                                                   const std::string& kind, const std::string& id,
                                                   Tier viewer, int limit, int64_t before_number) {
  FAIRLEAD_ASSIGN(
      const auto rows,
      tx.Query("SELECT id, number, time_ms, actor_agency_id, actor_role, action, resource_type, "
               "resource_id, field_name, previous_value, replacement_value, tier FROM "
               "field_change WHERE owner_kind = $1 AND owner_id = $2 AND tier <= $3 AND "
               "number < $4 ORDER BY number DESC LIMIT $5",
               {kind, id, static_cast<int>(viewer), before_number, limit}));
  std::vector<StoredChange> changes;
  changes.reserve(rows.size());
  for (const storage::Row& row : rows) {
    changes.push_back({.id = row.Text(0),
                       .number = row.Int(1),
                       .time_ms = row.Int(2),
                       .actor_agency_id = row.Text(3),
                       .actor_role = row.Text(4),
                       .change = {.action = row.Text(5),
                                  .resource_type = row.Text(6),
                                  .resource_id = row.Text(7),
                                  .field_name = row.Text(8),
                                  .previous_value = row.Text(9),
                                  .replacement_value = row.Text(10),
                                  .tier = static_cast<Tier>(row.Int(11))}});
  }
  return changes;
}

Result<void> AddFieldChanges(storage::Transaction& tx, IdGenerator& ids, const HistoryOwner& owner,
                             const std::vector<StoredChange>& changes) {
  if (changes.empty()) return {};
  FAIRLEAD_ASSIGN(const auto last,
                  tx.Query("SELECT COALESCE(MAX(number), 0) FROM field_change WHERE "
                           "owner_kind = $1 AND owner_id = $2",
                           {owner.kind, owner.id}));
  int64_t number = last.at(0).Int(0);
  // Of more than are kept at all the last ones.
  const size_t most = kMaxHistoryOfRecord;
  for (size_t i = changes.size() > most ? changes.size() - most : 0; i < changes.size(); ++i) {
    const StoredChange& stored = changes[i];
    const FieldChange& change = stored.change;
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute(
        "INSERT INTO field_change (id, owner_kind, owner_id, number, agency_id, time_ms, "
        "actor_agency_id, actor_role, action, resource_type, resource_id, field_name, "
        "previous_value, replacement_value, tier) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
        "$10, $11, $12, $13, $14, $15)",
        {ids.New(), owner.kind, owner.id, ++number, owner.agency_id, stored.time_ms,
         stored.actor_agency_id, stored.actor_role, change.action, change.resource_type,
         change.resource_id, change.field_name, change.previous_value, change.replacement_value,
         static_cast<int>(change.tier)}));
  }
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("DELETE FROM field_change WHERE owner_kind = $1 AND owner_id = $2 AND "
                 "number <= $3",
                 {owner.kind, owner.id, number - kMaxHistoryOfRecord}));
  return {};
}

Result<void> SetFieldChangeTier(storage::Transaction& tx, const std::string& change_id, Tier tier) {
  FAIRLEAD_RETURN_IF_ERROR(tx.Execute("UPDATE field_change SET tier = $2 WHERE id = $1",
                                      {change_id, static_cast<int>(tier)}));
  return {};
}

Result<void> ForgetFieldChange(storage::Transaction& tx, const std::string& change_id) {
  FAIRLEAD_RETURN_IF_ERROR(tx.Execute("DELETE FROM field_change WHERE id = $1", {change_id}));
  return {};
}

Result<bool> HasConfidential(storage::ReadTransaction& tx, const std::string& agency_id) {
  FAIRLEAD_ASSIGN(const auto rows,
                  tx.Query("SELECT 1 FROM agency a WHERE a.id = $1 AND (EXISTS (SELECT 1 FROM "
                           "confidential_place p WHERE p.agency_id = a.id) OR EXISTS (SELECT 1 "
                           "FROM listing l WHERE l.agency_id = a.id AND l.confidential = 1))",
                           {agency_id}));
  return !rows.empty();
}

Result<void> HideFieldChanges(storage::Transaction& tx, const std::string& agency_id) {
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("DELETE FROM field_change WHERE agency_id = $1 AND resource_id <> owner_id",
                 {agency_id}));
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("UPDATE field_change SET previous_value = '', replacement_value = '' WHERE "
                 "agency_id = $1 AND (previous_value <> '' OR replacement_value <> '')",
                 {agency_id}));
  return {};
}

}  // namespace fairlead::directory
