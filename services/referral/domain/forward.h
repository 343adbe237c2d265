// A referral through which an agency hands on what it has received, and the bounds of handing on.
#ifndef SERVICES_REFERRAL_DOMAIN_FORWARD_H_
#define SERVICES_REFERRAL_DOMAIN_FORWARD_H_

#include <string>
#include <vector>

#include "services/common/base/result.h"
#include "services/referral/domain/states.h"

namespace fairlead::referral {

inline constexpr size_t kMostHandOns = 5;   // of one case, from agency to agency
inline constexpr size_t kMostForwards = 20;  // of one received referral, by one agency

inline constexpr char kForwarded[] = "forwarded";
inline constexpr char kForwardLoop[] = "FORWARD_LOOP";
inline constexpr char kForwardChainTooLong[] = "FORWARD_CHAIN_TOO_LONG";

// How a referral came about. Each carries all who had the case: what is before it may have been
// shredded by the time it is handed on again.
struct Forward {
  std::string referral_id;       // the new one
  std::string from_referral_id;  // the received one
  std::string from_offer_id;     // the offer by which it was received
  // Who had the case before its sender, the first sender first: as many as it was handed on.
  std::vector<std::string> had_before = {};
  // Their case handles, in the same order: by these their do-not-route lists are found.
  std::vector<std::string> had_cases = {};
};

// What an agency has handed on so.
struct HandedOn {
  std::string referral_id;
  std::string need_code;
  ReferralState state = ReferralState::kOpen;
};

// Error: FORWARD_CHAIN_TOO_LONG. It does not say who had the case.
Result<void> CheckChainLength(const Forward& forward);
// FORWARD_LOOP (metadata agency_id: the one that was named): it has had the case, or one that had
// it has put it on its list. Which of the two, and who that is, nobody is told.
tl::unexpected<Error> ForwardLoop(const std::string& recipient_agency_id);

inline bool TellsOfChain(const Error& error) {
  return error.reason == kForwardLoop || error.reason == kForwardChainTooLong;
}

// Errors: TOO_MANY_FORWARDS; DUPLICATE_SERVICE (metadata referral_id) unless that is allowed.
// `before`: what the same agency has handed on of the same referral.
Result<void> CheckForwards(const std::vector<HandedOn>& before, const std::string& need_code,
                           bool allow_duplicate_service);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_DOMAIN_FORWARD_H_
