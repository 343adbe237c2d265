#include "services/consent/domain/break_glass.h"

#include <vector>

#include "services/common/base/text.h"

namespace fairlead::consent {

std::string_view GlassStateName(GlassState state) {
  switch (state) {
    case GlassState::kRequested: return "requested";
    case GlassState::kLapsed: return "lapsed";
    case GlassState::kOpen: return "open";
    case GlassState::kEnded: return "ended";
    case GlassState::kReviewed: return "reviewed";
  }
  return "unknown";
}

std::string_view GlassOutcomeName(GlassOutcome outcome) {
  switch (outcome) {
    case GlassOutcome::kNone: return "";
    case GlassOutcome::kJustified: return "justified";
    case GlassOutcome::kNotJustified: return "not_justified";
  }
  return "";
}

GlassState StateOf(const BreakGlass& glass, int64_t now_ms) {
  if (glass.review_ms > 0) return GlassState::kReviewed;
  const bool over = now_ms >= glass.expire_ms();
  if (glass.approve_ms > 0) return over ? GlassState::kEnded : GlassState::kOpen;
  return over ? GlassState::kLapsed : GlassState::kRequested;
}

bool OpensNow(const BreakGlass& glass, int64_t now_ms) {
  return glass.approve_ms > 0 && now_ms < glass.expire_ms();
}

Result<void> CheckGlassReason(std::string_view code) {
  static const std::vector<std::string>* const kReasons = new std::vector<std::string>{
      "imminent_danger_to_life", "medical_emergency", "child_in_danger", "missing_at_risk"};
  if (Contains(*kReasons, code)) return {};
  return Fail(Code::kInvalidArgument, "UNKNOWN_REASON_CODE",
              "Glass is broken for a risk to life: say which.",
              {{"field", "reason_code"}, {"allowed", Join(*kReasons, ' ')}});
}

}  // namespace fairlead::consent
