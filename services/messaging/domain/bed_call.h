// "Who has a bed tonight for …", in codes, and what is answered.
#ifndef SERVICES_MESSAGING_DOMAIN_BED_CALL_H_
#define SERVICES_MESSAGING_DOMAIN_BED_CALL_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"

namespace fairlead::messaging {

// Values of the contract's BedCallUrgency and AlertUrgency, which are alike.
enum class Urgency { kEmergency = 1, kUrgent = 2, kStandard = 3 };
std::string_view UrgencyName(Urgency urgency);  // "emergency"

// Values of fairlead.messaging.v1.BedCallState.
enum class CallState { kOpen = 1, kTaken = 2, kClosed = 3, kLapsed = 4 };
std::string_view StateName(CallState state);  // "open"
// Values of fairlead.messaging.v1.BedAnswer.
enum class BedAnswer { kYes = 1, kMaybe = 2, kNo = 3 };

struct BedNeed {
  std::string need_code = {};
  Urgency urgency = Urgency::kStandard;
  std::string age_band = {};
  std::string household_band = {};
  std::vector<std::string> household_codes = {};
  std::vector<std::string> languages = {};
  std::string county = {};
  std::vector<std::string> accessibility_codes = {};
};
// Errors: UNKNOWN_AGE_BAND, UNKNOWN_HOUSEHOLD_BAND, each with metadata `field`.
Result<void> CheckNeed(const BedNeed& need);

struct CallAnswer {
  std::string agency_id = {};
  BedAnswer answer = BedAnswer::kNo;
  std::string unit = {};
  int64_t units = 0;
  std::string service_id = {};
  int64_t answer_ms = 0;
};
// A yes or maybe says how many, and of what; a no neither. Errors: UNITS_REQUIRED, UNKNOWN_UNIT.
Result<void> CheckCallAnswer(const CallAnswer& answer);

struct BedCall {
  std::string id = {};
  std::string channel_id = {};
  std::string agency_id = {};  // that asks
  BedNeed need = {};
  CallState state = CallState::kOpen;
  int64_t create_ms = 0;
  int64_t until_ms = 0;
  int64_t end_ms = 0;
  int64_t expire_ms = 0;  // when it is erased
  std::string taken_agency_id = {};
  std::string referral_id = {};
  int64_t version = 1;
  std::vector<CallAnswer> answers = {};  // yes first, then maybe, then no; the earliest first

  const CallAnswer* AnswerOf(std::string_view answering_agency_id) const;
};
std::string Etag(const BedCall& call);

// Whether anything can be changed of it; its time counts from the second it is over, whether or not
// its clock has run. Error: BED_CALL_NOT_OPEN (metadata state).
Result<void> CheckOpen(const BedCall& call, int64_t now_ms);
// Error: UNTIL_OUT_OF_RANGE.
Result<void> CheckUntil(int64_t until_ms, int64_t now_ms);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_DOMAIN_BED_CALL_H_
