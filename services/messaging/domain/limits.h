// Every bound of the service in one place. docs/codes.md tells them to people.
#ifndef SERVICES_MESSAGING_DOMAIN_LIMITS_H_
#define SERVICES_MESSAGING_DOMAIN_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace fairlead::messaging {

inline constexpr int64_t kMinuteMs = 60'000;
inline constexpr int64_t kHourMs = 60 * kMinuteMs;
inline constexpr int64_t kDayMs = 24 * kHourMs;

// ---- threads
inline constexpr int64_t kMessageLifeMs = 90 * kDayMs;  // the furthest `exp` of a message
inline constexpr int64_t kEditWindowMs = 15 * kMinuteMs;
inline constexpr int64_t kMostEdits = 10;
inline constexpr int64_t kMostUnread = 500;            // of one thread, at one agency
inline constexpr int64_t kMostMessagesADay = 20'000;   // of one agency
inline constexpr int64_t kMostThreadsADay = 50;        // of one agency
inline constexpr size_t kMostPageBytes = 1024 * 1024;  // of what is sealed

// ---- channels
inline constexpr int kMostChannels = 50;
inline constexpr int64_t kMostPostsADay = 100;  // of one agency
inline constexpr int64_t kMostReplies = 500;    // to one post
inline constexpr int kMostPinned = 10;          // in one channel
inline constexpr size_t kMostWords = 1'000;     // of one post that it can be found by
inline constexpr size_t kMostQueryWords = 8;

// ---- bed calls
inline constexpr int64_t kShortestCallMs = 10 * kMinuteMs;
inline constexpr int64_t kLongestCallMs = kDayMs;
inline constexpr int kMostOpenCalls = 20;           // of one agency
inline constexpr int64_t kMostCallsADay = 200;      // of one agency
inline constexpr int64_t kMostAnswersADay = 2'000;  // of one agency

// ---- alerts
inline constexpr int64_t kMostAlertsADay = 10;    // of one agency
inline constexpr int kMostAlertAgencies = 2'000;  // that one alert goes to

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_DOMAIN_LIMITS_H_
