#include "services/messaging/commands/unit.h"

#include <algorithm>

#include "fairlead/events/v1/events.pb.h"
#include "services/common/outbox/outbox.h"
#include "services/messaging/domain/limits.h"
#include "services/messaging/store/agency_store.h"
#include "services/messaging/store/channel_store.h"
#include "services/messaging/store/thread_store.h"

namespace fairlead::messaging {
namespace {

constexpr size_t kAgenciesOfAnEvent = 64;  // as outbox::Append allows
constexpr size_t kVersionAt = 14;          // the digit of a UUID that says its version

tl::unexpected<Error> NotThere(std::string reason, std::string message) {
  return Fail(Code::kNotFound, std::move(reason), std::move(message));
}

auth::Standing StandingIn(const Channel& channel, const auth::Actor& actor) {
  auth::Standing standing;
  if (IsMemberOf(channel, actor)) standing.relations = auth::Relation::kRecipient;
  return standing;
}

outbox::Event EventFrom(Unit& unit, std::string_view change, const std::string& subject) {
  outbox::Event event;
  event.id = unit.ids.New();
  event.type = "fairlead.messaging." + std::string(change) + ".v1";
  event.subject = subject;
  event.time_ms = unit.now_ms;
  event.traceparent = unit.traceparent;
  return event;
}

outbox::Event ChannelEvent(Unit& unit, const Channel& channel, const ChannelNews& news) {
  fairlead::events::v1::ChannelChanged data;
  data.set_channel_id(channel.id);
  data.set_channel_kind(std::string(KindName(channel.kind)));
  data.set_record_id(news.record_id);
  data.set_change(std::string(news.change));
  data.set_urgency(std::string(news.urgency));
  data.set_taken_agency_id(news.taken_agency_id);
  data.set_actor_agency_id(unit.agency_id);
  outbox::Event event =
      EventFrom(unit, news.change, news.record_id.empty() ? channel.id : news.record_id);
  event.data_schema = "fairlead.events.v1.ChannelChanged";
  event.data = data.SerializeAsString();
  return event;
}

}  // namespace

auth::Verdict Ask(const rpc::CallContext& context, const auth::Standing& standing) {
  return auth::Decide(auth::FindPolicy(context.method), context.actor, standing,
                      context.calling_service);
}

bool IsMemberOf(const Channel& channel, const auth::Actor& actor) {
  return IsMember(channel, AgencyKindCode(static_cast<size_t>(actor.agency_kind)));
}

tl::unexpected<Error> ThreadNotFound() {
  return NotThere("THREAD_NOT_FOUND", "There is no such thread.");
}
tl::unexpected<Error> MessageNotFound() {
  return NotThere("MESSAGE_NOT_FOUND", "There is no such message.");
}
tl::unexpected<Error> ChannelNotFound() {
  return NotThere("CHANNEL_NOT_FOUND", "There is no such channel.");
}
tl::unexpected<Error> PostNotFound() {
  return NotThere("POST_NOT_FOUND", "There is no such post.");
}

Result<Thread> ThreadOf(storage::ReadTransaction& tx, const rpc::CallContext& context,
                        const std::string& thread_id) {
  FAIRLEAD_ASSIGN(std::optional<Thread> thread, FindThread(tx, thread_id));
  if (!thread || !thread->IsParty(context.actor.agency_id)) return ThreadNotFound();
  const auth::Standing standing{.relations = auth::Relation::kOwnAgency};
  if (Ask(context, standing) != auth::Verdict::kAllowed) return ThreadNotFound();
  return std::move(*thread);
}

Result<Placed> MessageOf(storage::ReadTransaction& tx, const rpc::CallContext& context,
                         const std::string& message_id, bool own) {
  FAIRLEAD_ASSIGN(std::optional<Message> message, FindMessage(tx, message_id));
  // Looked for in any case: the time must not tell a message that is somebody else's from none.
  FAIRLEAD_ASSIGN(std::optional<Thread> thread,
                  FindThread(tx, message ? message->thread_id : message_id));
  const std::string& agency_id = context.actor.agency_id;
  if (!message || !thread || !thread->IsParty(agency_id)) return MessageNotFound();
  auth::Standing standing{.relations = auth::Relation::kOwnAgency};
  const bool wrote =
      message->from_agency_id == agency_id && message->staff_id == context.actor.staff_id;
  if (wrote) standing.relations = standing.relations | auth::Relation::kSelf;
  if (Ask(context, standing) == auth::Verdict::kAllowed) {
    return Placed{std::move(*message), std::move(*thread)};
  }
  if (!own) return MessageNotFound();
  return Fail(Code::kPermissionDenied, "NOT_YOUR_MESSAGE",
              "A message is changed or taken back by who wrote it.");
}

Result<Channel> ChannelOf(storage::ReadTransaction& tx, const rpc::CallContext& context,
                          const std::string& channel_id) {
  FAIRLEAD_ASSIGN(std::optional<Channel> channel, FindChannel(tx, channel_id));
  if (!channel) return ChannelNotFound();
  if (Ask(context, StandingIn(*channel, context.actor)) != auth::Verdict::kAllowed) {
    return ChannelNotFound();
  }
  return std::move(*channel);
}

Result<std::vector<Channel>> ChannelsOf(storage::ReadTransaction& tx,
                                        const rpc::CallContext& context, std::string_view method) {
  FAIRLEAD_ASSIGN(std::vector<Channel> channels, AllChannels(tx));
  const auth::PolicyRow* row = auth::FindPolicy(method);
  std::erase_if(channels, [&](const Channel& channel) {
    return auth::Decide(row, context.actor, StandingIn(channel, context.actor),
                        context.calling_service) != auth::Verdict::kAllowed;
  });
  return channels;
}

Result<Posted> PostOf(storage::ReadTransaction& tx, const rpc::CallContext& context,
                      const std::string& post_id, int64_t now_ms, bool own) {
  FAIRLEAD_ASSIGN(std::optional<Post> post, FindPost(tx, post_id, now_ms));
  // As in MessageOf.
  FAIRLEAD_ASSIGN(std::optional<Channel> channel,
                  FindChannel(tx, post ? post->channel_id : post_id));
  if (!post || !channel) return PostNotFound();
  auth::Standing standing = StandingIn(*channel, context.actor);
  const bool member = standing.relations == auth::Relation::kRecipient;
  const bool wrote =
      post->agency_id == context.actor.agency_id && post->staff_id == context.actor.staff_id;
  if (wrote) standing.relations = standing.relations | auth::Relation::kSelf;
  if (Ask(context, standing) == auth::Verdict::kAllowed) {
    return Posted{std::move(*post), std::move(*channel)};
  }
  if (!own || !member) return PostNotFound();
  return Fail(Code::kPermissionDenied, "NOT_YOUR_POST",
              "A post is taken back by who wrote it, or by a coordinator.");
}

Result<void> CheckActive(storage::ReadTransaction& tx, const std::string& agency_id) {
  FAIRLEAD_ASSIGN(const std::optional<AgencyRecord> agency, FindAgency(tx, agency_id));
  if (agency && agency->membership == "active") return {};
  return Fail(Code::kFailedPrecondition, "AGENCY_NOT_ACTIVE",
              "The agency is not an active member of the coalition.", {{"agency_id", agency_id}});
}

Result<void> CheckChosenId(const std::string& id, const std::string& field) {
  if (IsUuid(id) && id[kVersionAt] == '7') return {};
  return Fail(Code::kInvalidArgument, "INVALID_ID", "The id must be a UUID of version 7.",
              {{"field", field}});
}

Result<void> CheckEtag(const std::string& etag, const std::string& current) {
  if (etag.empty() || etag == current) return {};
  return Fail(Code::kAborted, "ETAG_MISMATCH", "It has changed since it was read: read it again.",
              {{"current_etag", current}});
}

Result<void> Record(Unit& unit, audit::Action action, const std::string& record_id,
                    const std::string& subject_agency_id) {
  audit::Record record{.action = action, .by = unit.by};
  record.record_id = record_id;
  record.subject_agency_id = subject_agency_id;
  return audit::Append(unit.tx, unit.ids, unit.now_ms, record);
}

std::vector<std::string> BothOf(const Thread& thread) {
  return {thread.parties[0].agency_id, thread.parties[1].agency_id};
}

Result<void> TellThread(Unit& unit, const Thread& thread, std::string_view change,
                        const std::string& message_id, int64_t sequence,
                        const std::vector<std::string>& audience) {
  fairlead::events::v1::ThreadChanged data;
  data.set_thread_id(thread.id);
  data.set_change(std::string(change));
  data.set_message_id(message_id);
  data.set_sequence(sequence);
  data.set_actor_agency_id(unit.agency_id);
  outbox::Event event = EventFrom(unit, "thread_" + std::string(change), thread.id);
  event.data_schema = "fairlead.events.v1.ThreadChanged";
  event.data = data.SerializeAsString();
  event.audience_agency_ids = audience;
  return outbox::Append(unit.tx, event);
}

Result<void> TellMembers(Unit& unit, const Channel& channel, const ChannelNews& news) {
  std::vector<std::string> named;
  if (!channel.agency_kinds.empty()) {
    FAIRLEAD_ASSIGN(named, MembersOf(unit.tx, channel, kMostAlertAgencies));
  } else {
    outbox::Event event = ChannelEvent(unit, channel, news);
    event.for_members = true;  // but for law enforcement
    FAIRLEAD_RETURN_IF_ERROR(outbox::Append(unit.tx, event));
    if (!channel.law_enforcement) return {};
    FAIRLEAD_ASSIGN(named, ActiveLawEnforcement(unit.tx, kMostAlertAgencies));
  }
  return TellAgencies(unit, channel, news, named, /*for_coordinators=*/true);
}

Result<void> TellAgencies(Unit& unit, const Channel& channel, const ChannelNews& news,
                          const std::vector<std::string>& agency_ids, bool for_coordinators) {
  size_t at = 0;
  do {
    outbox::Event event = ChannelEvent(unit, channel, news);
    const size_t end = std::min(agency_ids.size(), at + kAgenciesOfAnEvent);
    event.audience_agency_ids.assign(agency_ids.begin() + static_cast<std::ptrdiff_t>(at),
                                     agency_ids.begin() + static_cast<std::ptrdiff_t>(end));
    event.for_coordinators = for_coordinators && at == 0;
    at = end;
    if (event.audience_agency_ids.empty() && !event.for_coordinators) return {};
    FAIRLEAD_RETURN_IF_ERROR(outbox::Append(unit.tx, event));
  } while (at < agency_ids.size());
  return {};
}

}  // namespace fairlead::messaging
