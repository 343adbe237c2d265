#include "services/referral/store/carry_over_store.h"

#include <unordered_set>

namespace fairlead::referral {

using storage::Row;
namespace {

// What lies here under custody keys of its own: packets, and notes that have not been destroyed.
Result<std::vector<std::string>> IdsInCustody(storage::ReadTransaction& tx) {
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT packet_id FROM referral WHERE packet_id <> '' UNION ALL "
                           "SELECT id FROM sealed_note WHERE recipients <> ''"));
  std::vector<std::string> ids;
  for (const Row& row : rows) ids.push_back(row.Text(0));
  return ids;
}

}  // namespace

Result<CarriedOver> ReadCarriedOver(storage::ReadTransaction& replaced) {
  CarriedOver carried;
  // And those of what has ended, though they lie there for another day: what is put back may have
  // it open still, and somebody's no may be why it ended.
  FAIRLEAD_ASSIGN(const std::vector<Row> packets,
                  replaced.Query("SELECT packet_id FROM custody_to_destroy UNION "
                                 "SELECT packet_id FROM referral WHERE packet_id <> '' AND "
                                 "state BETWEEN 5 AND 8 UNION "
                                 "SELECT n.id FROM sealed_note n JOIN referral r ON "
                                 "r.id = n.referral_id WHERE n.recipients <> '' AND "
                                 "r.state BETWEEN 5 AND 8"));
  for (const Row& row : packets) carried.packet_ids.push_back(row.Text(0));
  FAIRLEAD_ASSIGN(carried.ids_in_custody, IdsInCustody(replaced));
  FAIRLEAD_ASSIGN(const std::vector<Row> lists,
                  replaced.Query("SELECT agency_id, case_handle, entries, version, touch_ms "
                                 "FROM do_not_route ORDER BY agency_id, case_handle"));
  for (const Row& row : lists) {
    carried.lists.push_back({.agency_id = row.Text(0),
                             .case_handle = row.Text(1),
                             .entries = row.Text(2),
                             .version = row.Int(3),
                             .touch_ms = row.Int(4)});
  }
  return carried;
}

Result<std::vector<KeptList>> WriteCarriedOver(storage::Transaction& tx,
                                               const CarriedOver& carried) {
  FAIRLEAD_ASSIGN(const std::vector<std::string> here, IdsInCustody(tx));
  const std::unordered_set<std::string> restored(here.begin(), here.end());
  std::vector<std::string> to_destroy = carried.packet_ids;
  for (const std::string& id : carried.ids_in_custody) {
    if (!restored.contains(id)) to_destroy.push_back(id);
  }
  for (const std::string& id : to_destroy) {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute(
        "INSERT INTO custody_to_destroy (packet_id) VALUES ($1) ON CONFLICT DO NOTHING", {id}));
  }
  std::vector<KeptList> later;
  for (const KeptList& list : carried.lists) {
    FAIRLEAD_ASSIGN(
        const int64_t written,
        tx.Execute("INSERT INTO do_not_route (agency_id, case_handle, entries, version, touch_ms) "
                   "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (agency_id, case_handle) DO UPDATE SET "
                   "entries = excluded.entries, version = excluded.version, touch_ms = "
                   "excluded.touch_ms WHERE do_not_route.version < excluded.version",
                   {list.agency_id, list.case_handle, list.entries, list.version, list.touch_ms}));
    if (written > 0) later.push_back(list);
  }
  return later;
}

}  // namespace fairlead::referral
