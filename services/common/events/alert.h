// What operators must see of the event machinery, as typed log lines: which stream, why, where.
#ifndef SERVICES_COMMON_EVENTS_ALERT_H_
#define SERVICES_COMMON_EVENTS_ALERT_H_

#include <cstdint>
#include <string>

#include "services/common/telemetry/log.h"

namespace fairlead::events {

using LogEvent = telemetry::Event;

// Makes "ev:<service>" known to the log. At start only.
void RegisterStream(const std::string& service);
// Someone has to act. `reason`: UPPER_SNAKE, a constant or an Error's.
void Alert(LogEvent event, const std::string& service, const std::string& reason, int64_t sequence);
// Worth knowing; heals by itself.
void Notice(LogEvent event, const std::string& service, const std::string& reason,
            int64_t sequence);

}  // namespace fairlead::events

#endif  // SERVICES_COMMON_EVENTS_ALERT_H_
