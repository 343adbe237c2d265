#include "services/messaging/domain/channel.h"

#include <algorithm>
#include <array>

#include "services/common/base/text.h"

namespace fairlead::messaging {
namespace {

constexpr std::array<std::string_view, 10> kAgencyKinds = {"",
                                                           "victim_service_provider",
                                                           "health_provider",
                                                           "part2_program",
                                                           "legal_services",
                                                           kLawEnforcement,
                                                           "government",
                                                           "hotline",
                                                           "coalition_office",
                                                           "other"};

tl::unexpected<Error> WrongKind() {
  return Fail(Code::kFailedPrecondition, "WRONG_CHANNEL_KIND",
              "This is not what that channel is for.");
}

Result<void> CheckOpen(const Channel& channel) {
  if (!channel.closed) return {};
  return Fail(Code::kFailedPrecondition, "CHANNEL_CLOSED", "The channel is closed.");
}

}  // namespace

std::string_view KindName(ChannelKind kind) {
  switch (kind) {
    case ChannelKind::kAnnouncements:
      return "announcements";
    case ChannelKind::kBedCalls:
      return "bed_calls";
    case ChannelKind::kAlerts:
      return "alerts";
    case ChannelKind::kPractice:
      break;
  }
  return "practice";
}

std::string Etag(const Channel& channel) { return "v" + std::to_string(channel.version); }

std::string_view AgencyKindCode(size_t number) { return kAgencyKinds.at(number); }

bool IsMember(const Channel& channel, std::string_view agency_kind) {
  if (agency_kind.empty()) return false;
  if (agency_kind == kLawEnforcement) return channel.law_enforcement;
  return channel.agency_kinds.empty() || Contains(channel.agency_kinds, agency_kind);
}

Result<void> CheckChannel(const Channel& channel) {
  for (const std::string& kind : channel.agency_kinds) {
    const bool known = std::ranges::find(kAgencyKinds, kind) != kAgencyKinds.end();
    if (known && kind != kLawEnforcement) continue;
    return Fail(Code::kInvalidArgument, "UNKNOWN_AGENCY_KIND",
                "There is no such kind of agency, or it is law enforcement, which is let in by "
                "law_enforcement alone.",
                {{"field", "agency_kinds"}});
  }
  if (!channel.law_enforcement || channel.kind != ChannelKind::kBedCalls) return {};
  return Fail(Code::kInvalidArgument, "LAW_ENFORCEMENT_NOT_ALLOWED",
              "Law enforcement never sees who is looking for a bed.",
              {{"field", "law_enforcement"}});
}

Result<void> CheckWriter(const Channel& channel, bool is_coordinator) {
  FAIRLEAD_RETURN_IF_ERROR(CheckOpen(channel));
  if (channel.kind == ChannelKind::kPractice) return {};
  if (channel.kind != ChannelKind::kAnnouncements) return WrongKind();
  if (is_coordinator) return {};
  return Fail(Code::kPermissionDenied, "NOT_A_WRITER",
              "Announcements are written by the coalition's coordinators.");
}

Result<void> CheckKind(const Channel& channel, ChannelKind kind) {
  FAIRLEAD_RETURN_IF_ERROR(CheckOpen(channel));
  if (channel.kind == kind) return {};
  return WrongKind();
}

}  // namespace fairlead::messaging
