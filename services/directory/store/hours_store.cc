#include "services/directory/store/hours_store.h"

#include "services/common/base/text.h"

namespace fairlead::directory {

Result<HolidaySets> ReadHolidaySets(storage::ReadTransaction& tx) {
  FAIRLEAD_ASSIGN(const auto rows, tx.Query("SELECT code, dates, change_number FROM holiday_set"));
  std::vector<HolidaySet> sets;
  for (const storage::Row& row : rows) {
    HolidaySet& set = sets.emplace_back();
    set.code = row.Text(0);
    set.dates = DatesFromText(row.Text(1));
    set.change_number = row.Int(2);
  }
  return HolidaySets(std::move(sets));
}

Result<void> PutHolidaySet(storage::Transaction& tx, const HolidaySet& set) {
  FAIRLEAD_RETURN_IF_ERROR(tx.Execute("DELETE FROM holiday_set WHERE code = $1", {set.code}));
  if (!set.dates.empty()) {
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("INSERT INTO holiday_set (code, dates, change_number) VALUES ($1, $2, $3)",
                   {set.code, DatesToText(set.dates), set.change_number}));
  }
  FAIRLEAD_RETURN_IF_ERROR(tx.Execute(
      "UPDATE listing SET change_number = $1 WHERE holiday_sets <> ''", {set.change_number}));
  return {};
}

Result<void> PutOwnHours(storage::Transaction& tx, const Listing& listing, int64_t change_number) {
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("UPDATE listing SET special_days = $2, holiday_sets = $3, change_number = $4 "
                 "WHERE id = $1",
                 {listing.id, Join(listing.special_days, '\n'), Join(listing.holiday_sets, '\n'),
                  change_number}));
  return {};
}

}  // namespace fairlead::directory
