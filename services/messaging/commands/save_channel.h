// A channel, by a coordinator: a new one, or who its members are from now on.
#ifndef SERVICES_MESSAGING_COMMANDS_SAVE_CHANNEL_H_
#define SERVICES_MESSAGING_COMMANDS_SAVE_CHANNEL_H_

#include <string>

#include "services/messaging/commands/unit.h"

namespace fairlead::messaging {

// Errors: UNKNOWN_AGENCY_KIND, LAW_ENFORCEMENT_NOT_ALLOWED, CHANNEL_NAME_TAKEN, TOO_MANY_CHANNELS.
Result<Channel> CreateChannel(Unit& unit, Channel channel);

struct ChannelChange {
  std::string channel_id = {};
  std::string etag = {};
  std::vector<std::string> agency_kinds = {};
  bool law_enforcement = false;
  int64_t post_days = 0;
  bool closed = false;
};
// Errors: CHANNEL_NOT_FOUND, ETAG_MISMATCH, UNKNOWN_AGENCY_KIND, LAW_ENFORCEMENT_NOT_ALLOWED.
Result<Channel> ChangeChannel(Unit& unit, const ChannelChange& change);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_COMMANDS_SAVE_CHANNEL_H_
