// Channels of the coalition: who is a member, who writes, what a post is.
#ifndef SERVICES_MESSAGING_DOMAIN_CHANNEL_H_
#define SERVICES_MESSAGING_DOMAIN_CHANNEL_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"

namespace fairlead::messaging {

// Values of fairlead.messaging.v1.ChannelKind.
enum class ChannelKind { kAnnouncements = 1, kBedCalls = 2, kAlerts = 3, kPractice = 4 };
std::string_view KindName(ChannelKind kind);  // "bed_calls"

// The channels that there are from the beginning (migrations/*/002_channels.sql).
inline constexpr char kBedCallsChannel[] = "01980000-0000-7000-8000-000000000002";
inline constexpr char kAlertsChannel[] = "01980000-0000-7000-8000-000000000003";

struct Channel {
  std::string id = {};
  std::string name = {};
  ChannelKind kind = ChannelKind::kPractice;
  std::vector<std::string> agency_kinds = {};  // none: every kind but law enforcement
  bool law_enforcement = false;
  int64_t post_days = 0;
  bool closed = false;
  int64_t create_ms = 0;
  int64_t version = 0;
};
std::string Etag(const Channel& channel);

inline constexpr std::string_view kLawEnforcement = "law_enforcement";
// As the directory spells them, in its order: "health_provider"; the first: unspecified.
std::string_view AgencyKindCode(size_t number);

// `agency_kind`: empty is a member of nothing. The wall: an agency behind it is a member where the
// channel says so, and nowhere else.
bool IsMember(const Channel& channel, std::string_view agency_kind);

// Errors: UNKNOWN_AGENCY_KIND (law enforcement is let in by law_enforcement, never as a kind);
// LAW_ENFORCEMENT_NOT_ALLOWED (bed calls).
Result<void> CheckChannel(const Channel& channel);

// Members write to practice, coordinators to announcements too. Errors: CHANNEL_CLOSED,
// WRONG_CHANNEL_KIND (neither of the two), NOT_A_WRITER.
Result<void> CheckWriter(const Channel& channel, bool is_coordinator);
// For what has verbs of its own. Errors: CHANNEL_CLOSED, WRONG_CHANNEL_KIND.
Result<void> CheckKind(const Channel& channel, ChannelKind kind);

struct Post {
  std::string id = {};
  std::string channel_id = {};
  std::string agency_id = {};
  std::string staff_id = {};
  std::string title = {};
  std::string text = {};
  std::vector<std::string> tags = {};
  bool pinned = false;
  int64_t create_ms = 0;
  int64_t expire_ms = 0;
  std::string reply_to_post_id = {};
  int64_t reply_count = 0;
};

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_DOMAIN_CHANNEL_H_
