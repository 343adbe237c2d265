// The values that a log line may carry: enums, ids, counts, durations, and names that were fixed
// when the program was compiled or started. There is no way to make an attribute from a string
// that came in at run time: negative_compile_test.sh proves it with a compiler.
//
//   Info(Event::kCallFinished, Method(name), Id(Key::kReferralId, LogId::From(id)),
//        Outcome(Code::kOk), Took(elapsed_ms));
#ifndef SERVICES_COMMON_TELEMETRY_ATTRIBUTE_H_
#define SERVICES_COMMON_TELEMETRY_ATTRIBUTE_H_

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/telemetry/event.h"
#include "services/common/telemetry/trace.h"

namespace fairlead::telemetry {

// An enum of ours that says how the log spells its values: a function LogName beside it.
template <class E>
concept LoggableEnum = std::is_enum_v<E> && requires(E value) {
  { LogName(value) } -> std::same_as<std::string_view>;
};

// A whole number; neither a truth value nor a character.
template <class T>
concept Countable = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> &&
                    !std::same_as<T, char8_t> && !std::same_as<T, wchar_t>;

// A UUID as its 16 bytes: it has no room for text. Anything that is not a UUID becomes the nil
// UUID, which the log shows as "invalid".
class LogId {
 public:
  static LogId From(std::string_view uuid);
  std::string ToString() const;

 private:
  std::array<uint8_t, 16> bytes_{};
};

// One of the names given to RegisterNames when the program started, or "other".
class KnownName {
 public:
  std::string_view text() const { return text_; }

 private:
  friend KnownName FindName(std::string_view name);
  explicit KnownName(std::string_view text) : text_(text) {}
  std::string_view text_;  // lives as long as the process
};
// For RPC methods and streams: call at start-up, from descriptors and constants only, never with
// anything received. Names are at most 128 of [A-Za-z0-9_./:-], and 4096 in all; a breach is a
// defect and stops the process.
void RegisterNames(const std::vector<std::string>& names);
KnownName FindName(std::string_view name);

class Attribute {
 public:
  using Value = std::variant<int64_t, bool, std::string_view, LogId, TraceId>;
  Key key() const { return key_; }
  const Value& value() const { return value_; }

 private:
  Attribute(Key key, Value value) : key_(key), value_(value) {}
  template <Countable T>
  friend Attribute Count(Key key, T count);
  template <LoggableEnum E>
  friend Attribute Enum(Key key, E value);
  friend Attribute Flag(Key key, std::same_as<bool> auto value);
  friend Attribute Id(Key key, LogId id);
  friend Attribute Name(Key key, KnownName name);
  friend Attribute Outcome(Code code);
  friend Attribute Reason(const Error& error);
  friend Attribute Trace(const TraceContext& trace);

  Key key_;
  Value value_;  // a string_view in it always points at storage that lives for ever
};

template <Countable T>
Attribute Count(Key key, T count) {
  return Attribute(key, static_cast<int64_t>(count));
}
template <LoggableEnum E>
Attribute Enum(Key key, E value) {
  return Attribute(key, LogName(value));
}
Attribute Flag(Key key, std::same_as<bool> auto value) { return Attribute(key, value); }
Attribute Id(Key key, LogId id);
Attribute Name(Key key, KnownName name);
// method=/fairlead.referral.v1.ReferralService/CreateReferral, or "other" when not registered.
Attribute Method(std::string_view name);
Attribute Service(Room room);
// code=permission_denied
Attribute Outcome(Code code);
// reason=RELEASE_REVOKED. Reasons are an open set of constants, so the first 1024 distinct ones
// of the right shape (UPPER_SNAKE, at most 63) are kept; anything else is "OTHER".
Attribute Reason(const Error& error);
Attribute Trace(const TraceContext& trace);  // trace_id=…
inline Attribute Took(std::chrono::milliseconds duration) {
  return Count(Key::kDurationMs, duration.count());
}
template <Countable T>
Attribute Took(T duration_ms) {
  return Count(Key::kDurationMs, duration_ms);
}

}  // namespace fairlead::telemetry

#endif  // SERVICES_COMMON_TELEMETRY_ATTRIBUTE_H_
