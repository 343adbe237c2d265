// Alerts: sent, acknowledged, escalated.
#ifndef SERVICES_MESSAGING_COMMANDS_ALERTS_H_
#define SERVICES_MESSAGING_COMMANDS_ALERTS_H_

#include <optional>
#include <string>

#include "services/messaging/commands/unit.h"
#include "services/messaging/domain/alert.h"

namespace fairlead::messaging {

struct AlertSending {
  std::string channel_id = {};
  Urgency urgency = Urgency::kStandard;
  std::string title = {};
  std::string text = {};
  bool acknowledged_guard = false;
};
// To the active members of its channel, but not to the caller's own agency. Errors:
// CHANNEL_NOT_FOUND, CHANNEL_CLOSED, WRONG_CHANNEL_KIND, POST_SEEMS_TO_IDENTIFY,
// TOO_MANY_ALERTS.
Result<Alert> SendAlert(Unit& unit, const AlertSending& sending);

// With what the caller's agency has to do with it. Error: ALERT_NOT_FOUND (not there, and neither
// by nor to the caller's agency, alike; a coordinator sees all).
struct Alerted {
  Alert alert = {};
  std::optional<AlertAgency> own = {};  // where it went to the caller's agency
};
Result<Alerted> AlertOf(storage::ReadTransaction& tx, const rpc::CallContext& context,
                        const std::string& alert_id, int64_t now_ms);

// Once; again is no change. Error: ALERT_NOT_FOUND.
Result<Alerted> AcknowledgeAlert(Unit& unit, const std::string& alert_id);

// The step of one agency that is due, and those that are due after it, with their events: those
// that a later one has overtaken are not told. Of an agency that is no active member any more: the
// end.
Result<void> EscalateAlert(Unit& unit, AlertAgency agency);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_COMMANDS_ALERTS_H_
