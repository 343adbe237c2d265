#include "services/messaging/commands/write_post.h"

#include "services/common/base/text.h"
#include "services/messaging/commands/guard_text.h"
#include "services/messaging/domain/limits.h"
#include "services/messaging/store/agency_store.h"
#include "services/messaging/store/channel_store.h"

namespace fairlead::messaging {
namespace {

Result<void> CheckReply(Unit& unit, const PostWriting& writing) {
  if (writing.reply_to_post_id.empty()) return {};
  FAIRLEAD_ASSIGN(const std::optional<Post> above,
                  FindPost(unit.tx, writing.reply_to_post_id, unit.now_ms));
  if (!above || above->channel_id != writing.channel_id) return PostNotFound();
  if (!above->reply_to_post_id.empty()) {
    return Fail(Code::kFailedPrecondition, "REPLY_TO_REPLY",
                "Reply to the post that it is a reply to.", {{"post_id", above->reply_to_post_id}});
  }
  if (!writing.title.empty()) {
    return Fail(Code::kInvalidArgument, "TITLE_NOT_ALLOWED", "A reply has no title.",
                {{"field", "title"}});
  }
  if (above->reply_count < kMostReplies) return {};
  return Fail(Code::kFailedPrecondition, "TOO_MANY_REPLIES",
              "There are as many replies as there may be to one post.",
              {{"limit", std::to_string(kMostReplies)}});
}

}  // namespace

Result<Post> CreatePost(Unit& unit, const PostWriting& writing) {
  FAIRLEAD_ASSIGN(const Channel channel, ChannelOf(unit.tx, unit.context, writing.channel_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckWriter(channel, unit.context.actor.Has(auth::Role::kCoordinator)));
  FAIRLEAD_RETURN_IF_ERROR(CheckReply(unit, writing));
  FAIRLEAD_ASSIGN(const bool overridden,
                  GuardText(writing.title, writing.text, writing.acknowledged_guard));
  FAIRLEAD_RETURN_IF_ERROR(
      Spend(unit.tx, unit.agency_id, "posts", kMostPostsADay, unit.now_ms, "TOO_MANY_POSTS"));
  Post post{.id = unit.ids.New(),
            .channel_id = channel.id,
            .agency_id = unit.agency_id,
            .staff_id = unit.staff_id,
            .title = writing.title,
            .text = writing.text,
            .tags = SortedUnique(writing.tags),
            .create_ms = unit.now_ms,
            .expire_ms = unit.now_ms + channel.post_days * kDayMs,
            .reply_to_post_id = writing.reply_to_post_id};
  FAIRLEAD_RETURN_IF_ERROR(InsertPost(unit.tx, post));
  FAIRLEAD_RETURN_IF_ERROR(
      Record(unit, overridden ? audit::Action::kPostCreatedPastGuard : audit::Action::kPostCreated,
             post.id, unit.agency_id));
  FAIRLEAD_RETURN_IF_ERROR(TellMembers(unit, channel, {.change = "posted", .record_id = post.id}));
  return post;
}

Result<void> DeletePost(Unit& unit, const std::string& post_id) {
  FAIRLEAD_ASSIGN(const Posted posted,
                  PostOf(unit.tx, unit.context, post_id, unit.now_ms, /*own=*/true));
  FAIRLEAD_ASSIGN(const std::vector<std::string> gone, DropPost(unit.tx, posted.post));
  for (const std::string& id : gone) {
    FAIRLEAD_RETURN_IF_ERROR(PutErased(unit.tx, {id, kWhole}, unit.now_ms));
  }
  FAIRLEAD_RETURN_IF_ERROR(
      Record(unit, audit::Action::kPostDeleted, post_id, posted.post.agency_id));
  return TellMembers(unit, posted.channel, {.change = "post_deleted", .record_id = post_id});
}

Result<Post> PinPost(Unit& unit, const std::string& post_id, bool pinned) {
  FAIRLEAD_ASSIGN(Posted posted, PostOf(unit.tx, unit.context, post_id, unit.now_ms));
  Post& post = posted.post;
  if (!post.reply_to_post_id.empty()) {
    return Fail(Code::kFailedPrecondition, "REPLY_NOT_PINNED", "A reply cannot be pinned.");
  }
  if (post.pinned == pinned) return std::move(post);
  FAIRLEAD_ASSIGN(const int64_t count, CountPinned(unit.tx, post.channel_id));
  if (pinned && count >= kMostPinned) {
    return Fail(Code::kFailedPrecondition, "TOO_MANY_PINNED",
                "As many posts are pinned there as may be.",
                {{"limit", std::to_string(kMostPinned)}});
  }
  post.pinned = pinned;
  FAIRLEAD_RETURN_IF_ERROR(SetPinned(unit.tx, post.id, pinned));
  FAIRLEAD_RETURN_IF_ERROR(
      Record(unit, pinned ? audit::Action::kPostPinned : audit::Action::kPostUnpinned, post.id,
             post.agency_id));
  FAIRLEAD_RETURN_IF_ERROR(TellMembers(
      unit, posted.channel, {.change = pinned ? "pinned" : "unpinned", .record_id = post.id}));
  return std::move(post);
}

}  // namespace fairlead::messaging
