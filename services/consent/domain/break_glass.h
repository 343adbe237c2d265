// Break-glass: an ended hand-off's packet is opened once more because a life is at risk. It goes
// past the end of the hand-off and past nothing else: the release must be in force, and there must
// be a key left (docs/decisions/0035-break-glass.md). Codes, ids and times only.
#ifndef SERVICES_CONSENT_DOMAIN_BREAK_GLASS_H_
#define SERVICES_CONSENT_DOMAIN_BREAK_GLASS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "services/common/base/result.h"

namespace fairlead::consent {

inline constexpr int64_t kGlassMinuteMs = 60'000;
inline constexpr int64_t kApproveWithinMs = 60 * kGlassMinuteMs;  // of the request
inline constexpr int64_t kOpenForMs = 60 * kGlassMinuteMs;        // of the approval
inline constexpr int64_t kReviewWithinMs = 72 * 60 * kGlassMinuteMs;
// In 24 h: of one agency those that were approved, and of one person the requests that nobody has
// approved. What one person does alone must not take it from the colleagues.
inline constexpr int kBreakGlassPerDay = 5;
inline constexpr int kUnapprovedPerDay = 2;

// Numeric values are those of fairlead.consent.v1 on the wire and in the database.
enum class GlassState { kRequested = 1, kLapsed = 2, kOpen = 3, kEnded = 4, kReviewed = 5 };
enum class GlassOutcome { kNone = 0, kJustified = 1, kNotJustified = 2 };
std::string_view GlassStateName(GlassState state);        // "open"
std::string_view GlassOutcomeName(GlassOutcome outcome);  // "not_justified"; "" for kNone

struct BreakGlass {
  std::string id;
  std::string referral_id;
  std::string release_id;
  std::string agency_id;  // which breaks it
  std::string discloser_agency_id;
  std::string reason_code;
  int64_t request_ms = 0;
  std::string request_staff_id;
  int64_t approve_ms = 0;  // 0: not approved
  std::string approve_staff_id = {};
  int opens = 0;
  int64_t overdue_ms = 0;  // when it was told that the review is overdue; 0: it was not
  int64_t review_ms = 0;
  std::string review_agency_id = {};
  std::string review_staff_id = {};
  GlassOutcome outcome = GlassOutcome::kNone;

  int64_t review_due_ms() const { return approve_ms > 0 ? approve_ms + kReviewWithinMs : 0; }
  // Until when it may be approved, or opens.
  int64_t expire_ms() const {
    return approve_ms > 0 ? approve_ms + kOpenForMs : request_ms + kApproveWithinMs;
  }
};

GlassState StateOf(const BreakGlass& glass, int64_t now_ms);
// An early review ends nothing: does it open at this moment?
bool OpensNow(const BreakGlass& glass, int64_t now_ms);

// Error: UNKNOWN_REASON_CODE with metadata allowed (the codes with spaces between).
Result<void> CheckGlassReason(std::string_view code);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_DOMAIN_BREAK_GLASS_H_
