#include "services/referral/store/carry_over_store.h"

namespace fairlead::referral {

using storage::Row;

Result<CarriedOver> ReadCarriedOver(storage::ReadTransaction& replaced) {
  CarriedOver carried;
  FAIRLEAD_ASSIGN(const std::vector<Row> packets,
                  replaced.Query("SELECT packet_id FROM custody_to_destroy"));
  for (const Row& row : packets) carried.packet_ids.push_back(row.Text(0));
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
  for (const std::string& id : carried.packet_ids) {
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
