#include "services/messaging/commands/save_channel.h"

#include "services/common/base/text.h"
#include "services/messaging/domain/limits.h"
#include "services/messaging/store/channel_store.h"

namespace fairlead::messaging {

Result<Channel> CreateChannel(Unit& unit, Channel channel) {
  channel.agency_kinds = SortedUnique(std::move(channel.agency_kinds));
  FAIRLEAD_RETURN_IF_ERROR(CheckChannel(channel));
  FAIRLEAD_ASSIGN(const std::vector<Channel> all, AllChannels(unit.tx));
  if (static_cast<int>(all.size()) >= kMostChannels) {
    return Fail(Code::kFailedPrecondition, "TOO_MANY_CHANNELS",
                "There are as many channels as there may be.",
                {{"limit", std::to_string(kMostChannels)}});
  }
  channel.id = unit.ids.New();
  channel.create_ms = unit.now_ms;
  channel.version = 1;
  FAIRLEAD_ASSIGN(const bool inserted, InsertChannel(unit.tx, channel));
  if (!inserted) {
    return Fail(Code::kAlreadyExists, "CHANNEL_NAME_TAKEN", "There is a channel of that name.",
                {{"field", "name"}});
  }
  FAIRLEAD_RETURN_IF_ERROR(
      Record(unit, audit::Action::kChannelCreated, channel.id, unit.agency_id));
  FAIRLEAD_RETURN_IF_ERROR(TellMembers(unit, channel, {.change = "channel_created"}));
  return channel;
}

Result<Channel> ChangeChannel(Unit& unit, const ChannelChange& change) {
  FAIRLEAD_ASSIGN(Channel channel, ChannelOf(unit.tx, unit.context, change.channel_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(change.etag, Etag(channel)));
  const Channel before = channel;
  channel.agency_kinds = SortedUnique(change.agency_kinds);
  channel.law_enforcement = change.law_enforcement;
  channel.post_days = change.post_days;
  channel.closed = change.closed;
  FAIRLEAD_RETURN_IF_ERROR(CheckChannel(channel));
  FAIRLEAD_RETURN_IF_ERROR(UpdateChannel(unit.tx, channel));
  FAIRLEAD_RETURN_IF_ERROR(
      Record(unit, audit::Action::kChannelChanged, channel.id, unit.agency_id));
  // Those who are out of it now, and those who are in.
  FAIRLEAD_RETURN_IF_ERROR(TellMembers(unit, before, {.change = "channel_changed"}));
  FAIRLEAD_RETURN_IF_ERROR(TellMembers(unit, channel, {.change = "channel_changed"}));
  return channel;
}

}  // namespace fairlead::messaging
