// Bed calls and alerts, in the caller's transaction.
#ifndef SERVICES_MESSAGING_STORE_CALL_STORE_H_
#define SERVICES_MESSAGING_STORE_CALL_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "services/common/storage/database.h"
#include "services/messaging/domain/alert.h"
#include "services/messaging/domain/bed_call.h"

namespace fairlead::messaging {

// ---- bed calls

// With its answers.
Result<std::optional<BedCall>> FindBedCall(storage::ReadTransaction& tx, const std::string& id);
// Of several channels (at least one), the newest first, each with its answers.
struct CallQuery {
  std::vector<std::string> channel_ids = {};
  std::string agency_id = {};  // only those that it asks; empty: whoever
  bool open_only = false;
  std::string before_id = {};  // empty: from the newest
  int64_t now_ms = 0;
  int limit = 25;
};
Result<std::vector<BedCall>> ListBedCalls(storage::ReadTransaction& tx, const CallQuery& query);
Result<void> InsertBedCall(storage::Transaction& tx, const BedCall& call);
// Without its answers; raises the version.
Result<void> UpdateBedCall(storage::Transaction& tx, BedCall& call);
// In place of what the agency has said before.
Result<void> PutCallAnswer(storage::Transaction& tx, const std::string& call_id,
                           const CallAnswer& answer);
// That the agency asks and whose time is not over; counted up to `limit`.
Result<int64_t> CountOpenCalls(storage::ReadTransaction& tx, const std::string& agency_id,
                               int64_t now_ms, int limit);
// Open ones whose time is over, the first first; their ids.
Result<std::vector<std::string>> LapsedCalls(storage::ReadTransaction& tx, int64_t now_ms,
                                             int limit);
// Calls and alerts that have expired, with all that belongs to them. How many.
Result<int64_t> DropExpired(storage::Transaction& tx, int64_t now_ms, int limit);

// ---- alerts

Result<std::optional<Alert>> FindAlert(storage::ReadTransaction& tx, const std::string& id,
                                       int64_t now_ms);
// By and to one agency, the newest first.
struct AlertQuery {
  std::string agency_id = {};
  bool waiting_only = false;
  std::string before_id = {};  // empty: from the newest
  int64_t now_ms = 0;
  int limit = 25;
};
Result<std::vector<Alert>> ListAlerts(storage::ReadTransaction& tx, const AlertQuery& query);
// With the agencies that it goes to.
Result<void> InsertAlert(storage::Transaction& tx, const Alert& alert,
                         const std::vector<std::string>& agency_ids);
Result<std::optional<AlertAgency>> FindAlertAgency(storage::ReadTransaction& tx,
                                                   const std::string& alert_id,
                                                   const std::string& agency_id);
// By id, above `after_id`.
Result<std::vector<AlertAgency>> ListAlertAgencies(storage::ReadTransaction& tx,
                                                   const std::string& alert_id,
                                                   const std::string& after_id, int limit);
Result<void> UpdateAlertAgency(storage::Transaction& tx, const AlertAgency& agency);
// Counts it for the alert, too.
Result<void> PutAcknowledged(storage::Transaction& tx, const AlertAgency& agency,
                             const std::string& staff_id);
// With a step that is due, the first first.
Result<std::vector<AlertAgency>> DueAlerts(storage::ReadTransaction& tx, int64_t now_ms, int limit);

// Whether there is anything that LapsedCalls or DueAlerts would find. Two looks into indexes.
Result<bool> IsAnythingDue(storage::ReadTransaction& tx, int64_t now_ms);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_STORE_CALL_STORE_H_
