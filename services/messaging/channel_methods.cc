// The methods of channels and of their posts.
#include "services/common/rpc/proto_time.h"
#include "services/messaging/commands/save_channel.h"
#include "services/messaging/commands/write_post.h"
#include "services/messaging/in_unit.h"
#include "services/messaging/store/channel_store.h"

namespace fairlead::messaging {
namespace {

// Whoever may read its posts sees that there is a channel.
constexpr std::string_view kReadsPosts = "/fairlead.messaging.v1.ChannelService/ListPosts";

template <class Response>
void AddPosts(const std::vector<Post>& posts, Response& response) {
  for (const Post& each : posts) *response.add_posts() = ToProto(each);
}

}  // namespace

// There are so few that a page holds them all, but for who asks for less.
Task<Result<v1::ListChannelsResponse>> MessagingServer::ListChannels(
    rpc::CallContext context, const v1::ListChannelsRequest& request) {
  const auto limit = static_cast<size_t>(rpc::PageSize(request.page_size()));
  const std::string key = "channels " + context.actor.agency_id + " " + context.actor.staff_id;
  const auto position = PositionOf(key, request.page_token());
  if (!position) co_return Fail(position.error());
  std::function<Result<v1::ListChannelsResponse>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<v1::ListChannelsResponse> {
    FAIRLEAD_ASSIGN(const std::vector<Channel> channels, ChannelsOf(tx, context, kReadsPosts));
    v1::ListChannelsResponse response;
    for (const Channel& each : channels) {
      if (!position->empty() && each.name <= position->at(0)) continue;
      if (static_cast<size_t>(response.channels_size()) == limit) {
        const std::string last = response.channels(response.channels_size() - 1).name();
        response.set_next_page_token(page_tokens_.Encode(key, {last}));
        break;
      }
      *response.add_channels() = ToProto(each, context.actor);
    }
    return response;
  };
  co_return co_await Read<v1::ListChannelsResponse>(job);
}

Task<Result<v1::CreateChannelResponse>> MessagingServer::CreateChannel(
    rpc::CallContext context, const v1::CreateChannelRequest& request) {
  std::function<Result<v1::CreateChannelResponse>(Unit&)> command =
      [&](Unit& unit) -> Result<v1::CreateChannelResponse> {
    FAIRLEAD_ASSIGN(
        const Channel channel,
        messaging::CreateChannel(unit, {.id = "",
                                        .name = request.name(),
                                        .kind = static_cast<ChannelKind>(request.kind()),
                                        .agency_kinds = rpc::ToVector(request.agency_kinds()),
                                        .law_enforcement = request.law_enforcement(),
                                        .post_days = request.post_days()}));
    v1::CreateChannelResponse response;
    *response.mutable_channel() = ToProto(channel, context.actor);
    return response;
  };
  co_return co_await Change<v1::CreateChannelResponse>(context, request, command);
}

Task<Result<v1::UpdateChannelResponse>> MessagingServer::UpdateChannel(
    rpc::CallContext context, const v1::UpdateChannelRequest& request) {
  std::function<Result<v1::UpdateChannelResponse>(Unit&)> command =
      [&](Unit& unit) -> Result<v1::UpdateChannelResponse> {
    FAIRLEAD_ASSIGN(const Channel channel,
                    ChangeChannel(unit, {.channel_id = request.channel_id(),
                                         .etag = request.etag(),
                                         .agency_kinds = rpc::ToVector(request.agency_kinds()),
                                         .law_enforcement = request.law_enforcement(),
                                         .post_days = request.post_days(),
                                         .closed = request.closed()}));
    v1::UpdateChannelResponse response;
    *response.mutable_channel() = ToProto(channel, context.actor);
    return response;
  };
  co_return co_await Change<v1::UpdateChannelResponse>(context, request, command);
}

Task<Result<v1::CreatePostResponse>> MessagingServer::CreatePost(
    rpc::CallContext context, const v1::CreatePostRequest& request) {
  std::function<Result<v1::CreatePostResponse>(Unit&)> command =
      [&request](Unit& unit) -> Result<v1::CreatePostResponse> {
    FAIRLEAD_ASSIGN(Post post, messaging::CreatePost(
                                   unit, {.channel_id = request.channel_id(),
                                          .title = request.title(),
                                          .text = request.text(),
                                          .tags = rpc::ToVector(request.tags()),
                                          .reply_to_post_id = request.reply_to_post_id(),
                                          .acknowledged_guard = request.acknowledged_guard()}));
    v1::CreatePostResponse response;
    *response.mutable_post() = WithoutText(std::move(post));
    return response;
  };
  co_return co_await Change<v1::CreatePostResponse>(context, request, command);
}

Task<Result<v1::DeletePostResponse>> MessagingServer::DeletePost(
    rpc::CallContext context, const v1::DeletePostRequest& request) {
  std::function<Result<v1::DeletePostResponse>(Unit&)> command =
      [&request](Unit& unit) -> Result<v1::DeletePostResponse> {
    FAIRLEAD_RETURN_IF_ERROR(messaging::DeletePost(unit, request.post_id()));
    return v1::DeletePostResponse();
  };
  co_return co_await Change<v1::DeletePostResponse>(context, request, command);
}

Task<Result<v1::PinPostResponse>> MessagingServer::PinPost(rpc::CallContext context,
                                                           const v1::PinPostRequest& request) {
  std::function<Result<v1::PinPostResponse>(Unit&)> command =
      [&request](Unit& unit) -> Result<v1::PinPostResponse> {
    FAIRLEAD_ASSIGN(Post post, messaging::PinPost(unit, request.post_id(), request.pinned()));
    v1::PinPostResponse response;
    *response.mutable_post() = WithoutText(std::move(post));
    return response;
  };
  co_return co_await Change<v1::PinPostResponse>(context, request, command);
}

Task<Result<v1::GetPostResponse>> MessagingServer::GetPost(rpc::CallContext context,
                                                           const v1::GetPostRequest& request) {
  std::function<Result<v1::GetPostResponse>(storage::ReadTransaction&)> job =
      [&, now_ms = clock_.NowMs()](storage::ReadTransaction& tx) -> Result<v1::GetPostResponse> {
    FAIRLEAD_ASSIGN(const Posted posted, PostOf(tx, context, request.post_id(), now_ms));
    v1::GetPostResponse response;
    *response.mutable_post() = ToProto(posted.post);
    return response;
  };
  co_return co_await Read<v1::GetPostResponse>(job);
}

Task<Result<v1::ListPostsResponse>> MessagingServer::ListPosts(
    rpc::CallContext context, const v1::ListPostsRequest& request) {
  PostQuery query{.channel_id = request.channel_id(),
                  .reply_to = request.reply_to_post_id(),
                  .tag = request.tag(),
                  .now_ms = clock_.NowMs(),
                  .limit = rpc::PageSize(request.page_size())};
  const std::string key = "posts " + context.actor.agency_id + " " + query.channel_id + " " +
                          query.reply_to + " " + query.tag;
  const auto position = PositionOf(key, request.page_token());
  if (!position) co_return Fail(position.error());
  if (!position->empty()) {
    query.after_pinned = position->at(0) == "1";
    query.after_id = position->at(1);
  }
  std::function<Result<v1::ListPostsResponse>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<v1::ListPostsResponse> {
    FAIRLEAD_RETURN_IF_ERROR(ChannelOf(tx, context, query.channel_id));
    FAIRLEAD_ASSIGN(const std::vector<Post> posts, messaging::ListPosts(tx, query));
    v1::ListPostsResponse response;
    AddPosts(posts, response);
    if (static_cast<int>(posts.size()) == query.limit) {
      response.set_next_page_token(
          page_tokens_.Encode(key, {posts.back().pinned ? "1" : "0", posts.back().id}));
    }
    return response;
  };
  co_return co_await Read<v1::ListPostsResponse>(job);
}

Task<Result<v1::SearchPostsResponse>> MessagingServer::SearchPosts(
    rpc::CallContext context, const v1::SearchPostsRequest& request) {
  Result<WordQuery> words = ParseQuery(request.query());
  if (!words) co_return Fail(std::move(words.error()));
  PostSearch search{.channel_ids = {},
                    .words = std::move(*words),
                    .tag = request.tag(),
                    .now_ms = clock_.NowMs(),
                    .limit = rpc::PageSize(request.page_size())};
  const std::string key = "search " + context.actor.agency_id + " " + request.channel_id() + " " +
                          search.tag + " " + request.query();
  const auto position = PositionOf(key, request.page_token());
  if (!position) co_return Fail(position.error());
  if (!position->empty()) search.before_id = position->at(0);
  std::function<Result<v1::SearchPostsResponse>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<v1::SearchPostsResponse> {
    search.channel_ids.clear();
    FAIRLEAD_ASSIGN(const std::vector<Channel> channels, ChannelsOf(tx, context, kReadsPosts));
    for (const Channel& each : channels) {
      const bool asked = request.channel_id().empty() || request.channel_id() == each.id;
      if (asked) search.channel_ids.push_back(each.id);
    }
    v1::SearchPostsResponse response;
    if (search.channel_ids.empty() && !request.channel_id().empty()) return ChannelNotFound();
    if (search.channel_ids.empty()) return response;
    FAIRLEAD_ASSIGN(const std::vector<Post> posts, messaging::SearchPosts(tx, search));
    AddPosts(posts, response);
    if (static_cast<int>(posts.size()) == search.limit) {
      response.set_next_page_token(page_tokens_.Encode(key, {posts.back().id}));
    }
    return response;
  };
  co_return co_await Read<v1::SearchPostsResponse>(job);
}

}  // namespace fairlead::messaging
