#include "services/referral/domain/forward.h"

#include <algorithm>

namespace fairlead::referral {

Result<void> CheckChainLength(const Forward& forward) {
  if (forward.had_before.size() <= kMostHandOns) return {};
  return Fail(Code::kFailedPrecondition, kForwardChainTooLong,
              "It has been handed on " + std::to_string(kMostHandOns) +
                  " times already: begin anew with the person.");
}

tl::unexpected<Error> ForwardLoop(const std::string& recipient_agency_id) {
  return Fail(Code::kFailedPrecondition, kForwardLoop,
              "That agency has had this case already, or it must not be put to it.",
              {{"agency_id", recipient_agency_id}});
}

Result<void> CheckForwards(const std::vector<HandedOn>& before, const std::string& need_code,
                           bool allow_duplicate_service) {
  if (before.size() >= kMostForwards) {
    return Fail(Code::kFailedPrecondition, "TOO_MANY_FORWARDS",
                "Your agency has handed it on " + std::to_string(kMostForwards) +
                    " times already.");
  }
  const auto live = std::ranges::find_if(before, [&](const HandedOn& each) {
    return each.need_code == need_code && each.state != ReferralState::kDraft &&
           !IsTerminal(each.state);
  });
  if (allow_duplicate_service || live == before.end()) return {};
  return Fail(Code::kFailedPrecondition, "DUPLICATE_SERVICE",
              "It has been handed on for the same need already, and that goes on.",
              {{"referral_id", live->referral_id}});
}

}  // namespace fairlead::referral
