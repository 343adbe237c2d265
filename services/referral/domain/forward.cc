#include "services/referral/domain/forward.h"

#include <algorithm>

namespace fairlead::referral {

Result<void> CheckChain(const Forward& forward, const std::string& recipient_agency_id) {
  // First, so that the end of a chain tells nothing of those who stand in it.
  if (forward.had_before.size() > kMostHandOns) {
    return Fail(Code::kFailedPrecondition, "FORWARD_CHAIN_TOO_LONG",
                "It has been handed on " + std::to_string(kMostHandOns) +
                    " times already: begin anew with the person.");
  }
  if (std::ranges::find(forward.had_before, recipient_agency_id) == forward.had_before.end()) {
    return {};
  }
  return Fail(Code::kFailedPrecondition, kForwardLoop,
              "That agency has had this case already, and handed it on.",
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
