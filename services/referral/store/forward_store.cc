#include "services/referral/store/forward_store.h"

#include <utility>

#include "services/common/base/text.h"
#include "services/referral/store/rows.h"

namespace fairlead::referral {

using storage::Row;

Result<std::optional<Forward>> FindForward(storage::ReadTransaction& tx,
                                           const std::string& referral_id) {
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT from_referral_id, from_offer_id, had_before, had_cases FROM "
                           "forward WHERE referral_id = $1",
                           {referral_id}));
  if (rows.empty()) return std::optional<Forward>();
  Forward forward{.referral_id = referral_id,
                  .from_referral_id = rows[0].Text(0),
                  .from_offer_id = rows[0].Text(1),
                  .had_before = Split(rows[0].Text(2), ' '),
                  .had_cases = Split(rows[0].Text(3), ' ')};
  // Whose list cannot be found is not taken for one without a list.
  if (forward.had_before.size() != forward.had_cases.size()) {
    return Fail(Code::kInternal, "STORAGE_ERROR", "A hand-on lacks a case handle.");
  }
  return std::optional<Forward>(std::move(forward));
}

Result<std::vector<HandedOn>> FindHandedOn(storage::ReadTransaction& tx,
                                           const std::string& from_referral_id,
                                           const std::string& by_agency_id) {
  // No plain column of the sender's: SQLite would walk through all that it ever sent
  // (plan_test.cc).
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT r.id, r.need_code, r.state FROM forward f JOIN referral r ON "
                           "r.id = f.referral_id WHERE f.from_referral_id = $1 AND "
                           "r.sender_agency_id || '' = $2 ORDER BY f.referral_id",
                           {from_referral_id, by_agency_id}));
  std::vector<HandedOn> handed_on;
  for (const Row& row : rows) {
    handed_on.push_back({.referral_id = row.Text(0),
                         .need_code = row.Text(1),
                         .state = static_cast<ReferralState>(row.Int(2))});
  }
  return handed_on;
}

Result<void> PutForward(storage::Transaction& tx, const Forward& forward) {
  return Done(tx.Execute("INSERT INTO forward (referral_id, from_referral_id, from_offer_id, "
                         "had_before, had_cases) VALUES ($1, $2, $3, $4, $5)",
                         {forward.referral_id, forward.from_referral_id, forward.from_offer_id,
                          Join(forward.had_before, ' '), Join(forward.had_cases, ' ')}));
}

Result<void> DropForward(storage::Transaction& tx, const std::string& referral_id) {
  return Done(tx.Execute("DELETE FROM forward WHERE referral_id = $1", {referral_id}));
}

Result<void> ReadForwards(storage::ReadTransaction& tx, const std::string& agency_id,
                          Referral& referral) {
  const bool is_sender = referral.sender_agency_id == agency_id;
  // From the story, not from the rows above: one that goes would tell the sender that what was
  // handed on has ended.
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT COALESCE(MAX(time_ms), 0) FROM timeline WHERE referral_id = $1 "
                           "AND event = $2 AND ($3 = '' OR agency_id = $3)",
                           {referral.id, kForwarded, is_sender ? std::string() : agency_id}));
  referral.forward_ms = rows.at(0).Int(0);
  if (!is_sender) return {};
  FAIRLEAD_ASSIGN(const std::optional<Forward> forward, FindForward(tx, referral.id));
  if (forward) referral.forwarded_from_id = forward->from_referral_id;
  return {};
}

}  // namespace fairlead::referral
