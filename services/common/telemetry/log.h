// The typed log. One event is one line on standard error:
//
//   time=2026-01-31T09:05:00.250Z level=info event=call_finished method=/fairlead.… duration_ms=3
//
// An event is an enumerator and its attributes are typed (attribute.h), so that no free text,
// and with it nothing about a client, can reach a log: it does not compile.
//
//   telemetry::Info(Event::kServiceStarted, Service(Room::kReferral), Took(elapsed_ms));
//   telemetry::Warn(Event::kCallRefused, Method(name), Outcome(error.code), Reason(error));
#ifndef SERVICES_COMMON_TELEMETRY_LOG_H_
#define SERVICES_COMMON_TELEMETRY_LOG_H_

#include <concepts>
#include <functional>
#include <initializer_list>
#include <span>
#include <string_view>

#include "services/common/base/clock.h"
#include "services/common/telemetry/attribute.h"
#include "services/common/telemetry/event.h"

namespace fairlead::telemetry {

enum class Level : uint8_t { kDebug, kInfo, kWarn, kError };
enum class Format : uint8_t { kLogfmt, kJson };

struct LogOptions {
  Level level = Level::kInfo;
  Format format = Format::kLogfmt;
  // Lines without their end, one call at a time. Empty: standard error.
  std::function<void(std::string_view line)> sink;
  const Clock* clock = &SystemClock();  // outlives the log
};

// Replaces the options of this process's log. Thread-safe; until then the defaults hold.
void ConfigureLog(LogOptions options);

// Writes unless `level` is below the least; at most 32 attributes. Thread-safe. Never throws: a
// log that cannot be written must not stop a hand-off.
void WriteLog(Level level, Event event, std::span<const Attribute> attributes);

template <class... A>
concept Attributes = (std::same_as<A, Attribute> && ...) && sizeof...(A) <= 32;

template <class... A>
  requires Attributes<A...>
void Debug(Event event, A... attributes) {
  const std::initializer_list<Attribute> list{attributes...};
  WriteLog(Level::kDebug, event, {list.begin(), list.size()});
}
template <class... A>
  requires Attributes<A...>
void Info(Event event, A... attributes) {
  const std::initializer_list<Attribute> list{attributes...};
  WriteLog(Level::kInfo, event, {list.begin(), list.size()});
}
template <class... A>
  requires Attributes<A...>
void Warn(Event event, A... attributes) {
  const std::initializer_list<Attribute> list{attributes...};
  WriteLog(Level::kWarn, event, {list.begin(), list.size()});
}
template <class... A>
  requires Attributes<A...>
void Critical(Event event, A... attributes) {
  const std::initializer_list<Attribute> list{attributes...};
  WriteLog(Level::kError, event, {list.begin(), list.size()});
}

}  // namespace fairlead::telemetry

#endif  // SERVICES_COMMON_TELEMETRY_LOG_H_
