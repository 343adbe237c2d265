#include "services/messaging/domain/alert.h"

#include "services/messaging/domain/limits.h"

namespace fairlead::messaging {

std::string_view ChangeOf(AlertStep step) {
  switch (step) {
    case AlertStep::kSent:
      return "alert_sent";
    case AlertStep::kReminded:
      return "alert_reminded";
    case AlertStep::kEscalatedAdmin:
      return "alert_escalated_admin";
    case AlertStep::kEscalatedCoordinator:
      return "alert_escalated_coordinator";
    case AlertStep::kAcknowledged:
      break;
  }
  return "alert_acknowledged";
}

AlertStep After(AlertStep step) {
  switch (step) {
    case AlertStep::kSent:
      return AlertStep::kReminded;
    case AlertStep::kReminded:
      return AlertStep::kEscalatedAdmin;
    default:
      return AlertStep::kEscalatedCoordinator;
  }
}

AlertLadder LadderOf(Urgency urgency, int64_t now_ms) {
  switch (urgency) {
    case Urgency::kEmergency:
      return {now_ms + 5 * kMinuteMs, now_ms + 15 * kMinuteMs, now_ms + 30 * kMinuteMs};
    case Urgency::kUrgent:
      return {now_ms + 30 * kMinuteMs, now_ms + kHourMs, now_ms + 2 * kHourMs};
    case Urgency::kStandard:
      break;
  }
  return {now_ms + 4 * kHourMs, now_ms + kDayMs, now_ms + 2 * kDayMs};
}

int64_t NextDueMs(const AlertLadder& ladder, AlertStep step) {
  switch (step) {
    case AlertStep::kSent:
      return ladder.remind_ms;
    case AlertStep::kReminded:
      return ladder.admin_ms;
    case AlertStep::kEscalatedAdmin:
      return ladder.coordinator_ms;
    default:
      return 0;
  }
}

}  // namespace fairlead::messaging
