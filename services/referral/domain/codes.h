// The code lists of the hand-off: reasons, outcomes, age bands, data categories that a packet may
// declare. docs/codes.md shows them to people.
#ifndef SERVICES_REFERRAL_DOMAIN_CODES_H_
#define SERVICES_REFERRAL_DOMAIN_CODES_H_

#include <span>
#include <string_view>

namespace fairlead::referral {

enum class Party { kClient, kProvider, kSystem };

// Whose side it was, whether another try makes sense, and when.
struct Reason {
  std::string_view code;
  Party party = Party::kProvider;
  bool may_retry = false;
  int park_days = 0;
};

std::span<const Reason> DeclineReasons();
std::span<const Reason> CancelReasons();
std::span<const Reason> OutcomeCodes();
// Why a match came to nothing.
std::span<const Reason> NotEnrolledReasons();
// The hub's own: the receiving agency may not act any more.
std::span<const Reason> WithdrawReasons();

bool IsDeclineReason(std::string_view code);
bool IsCancelReason(std::string_view code);
bool IsNotEnrolledReason(std::string_view code);
bool IsDoNotRouteReason(std::string_view code);  // why a case must never be put to an agency
bool IsAppointmentReason(std::string_view code);  // why one is declined or cancelled
bool IsOutcome(std::string_view code);
// How the person fares after the service began, as the agency that gives it records it.
bool IsFollowUpOutcome(std::string_view code);
bool IsAgeBand(std::string_view band);  // 0-11, 12-17, 18-24, 25-59, 60+

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_DOMAIN_CODES_H_
