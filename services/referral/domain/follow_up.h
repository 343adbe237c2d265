// What the agency that gives a service owes afterwards: how the person fares, in a code, at three
// times after the service began.
#ifndef SERVICES_REFERRAL_DOMAIN_FOLLOW_UP_H_
#define SERVICES_REFERRAL_DOMAIN_FOLLOW_UP_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::referral {

// Values of fairlead.referral.v1.FollowUpPoint and of the column point.
enum class FollowUpPoint { kDay1 = 1, kDay7 = 2, kDay30 = 3 };
inline constexpr std::array kFollowUpPoints = {FollowUpPoint::kDay1, FollowUpPoint::kDay7,
                                               FollowUpPoint::kDay30};

struct FollowUp {
  std::string referral_id;
  FollowUpPoint point = FollowUpPoint::kDay1;
  std::string agency_id;  // that owes it
  int64_t due_ms = 0;     // an absolute time: a clock that is set moves it not
  bool told = false;      // that it is due
  std::string outcome_code = {};
  int64_t record_ms = 0;  // first recorded; 0: it is owed
  // Of its referral, where it is listed.
  std::string sender_agency_id = {};
  std::string need_code = {};
};

// As events and the story have them.
inline constexpr char kFollowUpDue[] = "follow_up_due";
inline constexpr char kFollowedUp[] = "followed_up";
inline constexpr char kFollowUpCorrected[] = "follow_up_corrected";
// No affair of the sender's: it hears that one was recorded, and no more.
bool IsFollowUpsOwn(std::string_view event);

// As long as it may be corrected.
inline constexpr int64_t kCorrectWithinMs = 24LL * 3'600'000;

// 24 h, 7 and 30 times 24 h after the service began.
int64_t FollowUpDueMs(FollowUpPoint point, int64_t start_ms);
// "day_1", "day_7", "day_30".
std::string PointCode(FollowUpPoint point);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_DOMAIN_FOLLOW_UP_H_
