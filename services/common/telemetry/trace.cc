#include "services/common/telemetry/trace.h"

#include <algorithm>

#include "services/common/base/encoding.h"

namespace fairlead::telemetry {
namespace {

constexpr size_t kVersion00Bytes = 55;

bool IsLowerHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}

// Fills `id` from lower-case hex; false when it is not that, or all zero.
template <size_t kSize>
bool ReadId(std::string_view hex, std::array<uint8_t, kSize>& id) {
  if (!IsLowerHex(hex)) return false;
  const auto bytes = HexDecode(hex);
  if (!bytes || bytes->size() != kSize) return false;
  std::copy(bytes->begin(), bytes->end(), id.begin());
  return id != std::array<uint8_t, kSize>{};
}

template <size_t kSize>
std::array<uint8_t, kSize> RandomId(Random& random) {
  std::array<uint8_t, kSize> id{};
  while (id == std::array<uint8_t, kSize>{}) {
    const std::string bytes = random.Bytes(kSize);
    std::copy(bytes.begin(), bytes.end(), id.begin());
  }
  return id;
}

template <size_t kSize>
std::string Hex(const std::array<uint8_t, kSize>& id) {
  return HexEncode(std::string(id.begin(), id.end()));
}

}  // namespace

Result<TraceContext> ParseTraceparent(std::string_view text) {
  const auto refuse = [] {
    return Fail(Code::kInvalidArgument, "INVALID_TRACEPARENT", "traceparent is malformed");
  };
  if (text.size() < kVersion00Bytes || text[2] != '-' || text[35] != '-' || text[52] != '-') {
    return refuse();
  }
  const std::string_view version = text.substr(0, 2);
  const std::string_view flags = text.substr(53, 2);
  if (!IsLowerHex(version) || version == "ff" || !IsLowerHex(flags)) return refuse();
  if (version == "00" && text.size() != kVersion00Bytes) return refuse();
  if (text.size() > kVersion00Bytes && text[kVersion00Bytes] != '-') return refuse();
  TraceContext trace;
  if (!ReadId(text.substr(3, 32), trace.trace_id)) return refuse();
  if (!ReadId(text.substr(36, 16), trace.span_id)) return refuse();
  trace.sampled = (static_cast<unsigned char>((*HexDecode(flags))[0]) & 1U) != 0;
  return trace;
}

std::string FormatTraceparent(const TraceContext& trace) {
  return "00-" + Hex(trace.trace_id) + "-" + Hex(trace.span_id) + (trace.sampled ? "-01" : "-00");
}

TraceContext NewTrace(Random& random) {
  return {RandomId<16>(random), RandomId<8>(random), true};
}

TraceContext ChildOf(const TraceContext& parent, Random& random) {
  return {parent.trace_id, RandomId<8>(random), parent.sampled};
}

}  // namespace fairlead::telemetry
