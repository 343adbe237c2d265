// What every agency of a channel has to acknowledge, and what happens while it does not.
#ifndef SERVICES_MESSAGING_DOMAIN_ALERT_H_
#define SERVICES_MESSAGING_DOMAIN_ALERT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "services/messaging/domain/bed_call.h"

namespace fairlead::messaging {

// Values of fairlead.messaging.v1.AlertStep: how far it has gone with one agency.
enum class AlertStep {
  kSent = 1,
  kReminded = 2,
  kEscalatedAdmin = 3,
  kEscalatedCoordinator = 4,
  kAcknowledged = 5
};
// What is told when a step is reached: "alert_reminded".
std::string_view ChangeOf(AlertStep step);
// sent → reminded → its administrators → the coordinators; then nothing more is due.
AlertStep After(AlertStep step);

// Frozen when it is sent.
struct AlertLadder {
  int64_t remind_ms = 0;
  int64_t admin_ms = 0;
  int64_t coordinator_ms = 0;
};
AlertLadder LadderOf(Urgency urgency, int64_t now_ms);
// When the step after `step` is due; 0: none.
int64_t NextDueMs(const AlertLadder& ladder, AlertStep step);

struct Alert {
  std::string id = {};
  std::string channel_id = {};
  std::string agency_id = {};
  std::string staff_id = {};
  std::string title = {};
  std::string text = {};
  Urgency urgency = Urgency::kStandard;
  int64_t create_ms = 0;
  AlertLadder ladder = {};
  int64_t expire_ms = 0;
  int64_t agency_count = 0;
  int64_t acknowledged_count = 0;
};
struct AlertAgency {
  std::string alert_id = {};
  std::string agency_id = {};
  AlertStep step = AlertStep::kSent;
  int64_t due_ms = 0;
  int64_t acknowledge_ms = 0;
};

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_DOMAIN_ALERT_H_
