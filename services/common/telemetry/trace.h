// W3C Trace Context, level 1 (https://www.w3.org/TR/trace-context-1/): the `traceparent` that
// follows one act through gateway, services and events.
//
//   const Result<TraceContext> parent = ParseTraceparent(header);
//   const TraceContext here = parent ? ChildOf(*parent, random) : NewTrace(random);
//   forward.traceparent = FormatTraceparent(here);
#ifndef SERVICES_COMMON_TELEMETRY_TRACE_H_
#define SERVICES_COMMON_TELEMETRY_TRACE_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "services/common/base/random.h"
#include "services/common/base/result.h"

namespace fairlead::telemetry {

using TraceId = std::array<uint8_t, 16>;
using SpanId = std::array<uint8_t, 8>;

struct TraceContext {
  TraceId trace_id{};
  SpanId span_id{};
  bool sampled = false;

  bool operator==(const TraceContext&) const = default;
};

// Section 3.2.2: lower-case hex only, no all-zero ids, version ff is invalid; of a version above
// 00 the first 55 characters are read (section 4.3). Error: INVALID_TRACEPARENT.
Result<TraceContext> ParseTraceparent(std::string_view text);

// "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01": 55 characters.
std::string FormatTraceparent(const TraceContext& trace);

TraceContext NewTrace(Random& random);                             // sampled
TraceContext ChildOf(const TraceContext& parent, Random& random);  // same trace, a new span

}  // namespace fairlead::telemetry

#endif  // SERVICES_COMMON_TELEMETRY_TRACE_H_
