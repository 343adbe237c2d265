#include "services/common/events/alert.h"

#include "services/common/events/stream.h"

namespace fairlead::events {
namespace {

using telemetry::Key;

void Write(telemetry::Level level, LogEvent event, const std::string& service,
           const std::string& reason, int64_t sequence) {
  const std::array attributes{
      telemetry::Name(Key::kStream, telemetry::FindName(StreamKey(service))),
      telemetry::Reason(Error{Code::kUnknown, reason, {}, {}}),
      telemetry::Count(Key::kSequence, sequence)};
  telemetry::WriteLog(level, event, attributes);
}

}  // namespace

void RegisterStream(const std::string& service) { telemetry::RegisterNames({StreamKey(service)}); }

void Alert(LogEvent event, const std::string& service, const std::string& reason,
           int64_t sequence) {
  Write(telemetry::Level::kError, event, service, reason, sequence);
}

void Notice(LogEvent event, const std::string& service, const std::string& reason,
            int64_t sequence) {
  Write(telemetry::Level::kWarn, event, service, reason, sequence);
}

}  // namespace fairlead::events
