#include "services/messaging/domain/thread.h"

namespace fairlead::messaging {

std::string Etag(const Message& message) {
  return (message.deleted ? "d" : "v") + std::to_string(message.revision);
}

Result<void> CheckEditWindow(const Message& message, int64_t now_ms) {
  // A clock that was set back does not open it again for longer than it ever was.
  if (now_ms - message.create_ms <= kEditWindowMs) return {};
  return Fail(Code::kFailedPrecondition, "EDIT_WINDOW_OVER",
              "A message is changed or taken back within 15 minutes.",
              {{"window_min", std::to_string(kEditWindowMs / kMinuteMs)}});
}

bool IsUnreadBy(const Party& party, const Message& message) {
  return message.from_agency_id != party.agency_id && !message.deleted &&
         message.sequence > party.read_sequence;
}

}  // namespace fairlead::messaging
