// channel list|post|view|search|pin|delete: what the coalition tells itself, in clear and never
// about a client.
#include "fairlead/messaging/v1/channel.pb.h"
#include "gateway/cli/ask_past_guard.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = messaging::v1;

constexpr size_t kMaxPostBytes = 16'384;
constexpr char kChannelHelp[] = "Its name or its id, as `channel list` has them";
constexpr char kPostHelp[] = "The post's id, or @last";
constexpr size_t kTitleColumns = 72;

struct ChannelOptions {
  std::string channel;
  std::string post;
  std::string query;
  std::string tag;
  std::vector<std::string> tags;
  TextSource source;
  int64_t count = 20;
  bool off = false;
  bool names_nobody = false;
  bool yes = false;
};

Result<v1::ListChannelsResponse> Channels(Context& context) {
  return AllPages<v1::ListChannelsResponse>(context, kListChannels, v1::ListChannelsRequest());
}

// "practice", or an id.
Result<v1::Channel> FindChannel(Context& context, const std::string& id_or_name) {
  FAIRLEAD_ASSIGN(const auto all, Channels(context));
  for (const v1::Channel& channel : all.channels()) {
    if (channel.id() == id_or_name || channel.name() == id_or_name) return channel;
  }
  return Fail(Code::kNotFound, "CHANNEL_NOT_FOUND", "There is no such channel.");
}

Result<void> ListChannelsOf(Context& context, const ChannelOptions&) {
  FAIRLEAD_ASSIGN(const auto all, Channels(context));
  context.Emit(all, [&] {
    Table table({"CHANNEL", "KIND", "YOU", "KEPT", "MEMBERS", "ID"});
    for (const v1::Channel& channel : all.channels()) {
      std::string members = channel.agency_kinds().empty() ? "every kind of agency"
                                                           : ListedField(channel.agency_kinds());
      if (channel.law_enforcement()) members += ", law enforcement";
      table.Add({channel.name(), EnumText(channel.kind()),
                 channel.closed()     ? "closed"
                 : channel.writable() ? "write"
                                      : "read",
                 std::to_string(channel.post_days()) + " days", members, channel.id()});
    }
    if (!table.empty()) context.Print(table);
  });
  if (all.channels_size() == 0) context.Say("Your agency is a member of no channel.");
  return {};
}

void PrintPost(Context& context, const v1::Post& post) {
  std::string head = context.AgencyName(post.agency_id()) + "  " +
                     RelativeText(post.create_time().seconds() * 1'000, context.NowMs());
  if (post.pinned()) head += "  pinned";
  if (!post.tags().empty()) head += "  " + ListedField(post.tags());
  if (post.reply_count() > 0) head += "  replies: " + std::to_string(post.reply_count());
  context.out() << Printable(head + "  " + post.id()) << '\n';
  if (!post.title().empty()) context.out() << "  " << Printable(post.title()) << '\n';
  context.out() << Printable(post.text(), true) << "\n\n";
}

template <class Response>
Result<void> ShowPosts(Context& context, const Response& posts) {
  if (posts.posts_size() > 0) context.home().SetLast("post", posts.posts(0).id());
  context.Emit(posts, [&] {
    for (const v1::Post& post : posts.posts()) PrintPost(context, post);
  });
  if (posts.posts_size() == 0) context.Say("There is nothing.");
  return {};
}

template <class Response, class Request>
Result<Response> FirstPosts(Context& context, std::string_view method, Request request,
                            int64_t count) {
  request.set_page_size(static_cast<int32_t>(count));
  return context.client().Call<Response>(method, request);
}

Result<void> ViewChannel(Context& context, const ChannelOptions& options) {
  FAIRLEAD_ASSIGN(const v1::Channel channel, FindChannel(context, options.channel));
  v1::ListPostsRequest request;
  request.set_channel_id(channel.id());
  request.set_tag(options.tag);
  if (!options.post.empty()) {
    FAIRLEAD_ASSIGN(const std::string post, context.Id("post", options.post));
    request.set_reply_to_post_id(post);
  }
  FAIRLEAD_ASSIGN(const auto posts,
                  FirstPosts<v1::ListPostsResponse>(context, kListPosts, request, options.count));
  return ShowPosts(context, posts);
}

Result<void> SearchChannels(Context& context, const ChannelOptions& options) {
  v1::SearchPostsRequest request;
  request.set_query(options.query);
  request.set_tag(options.tag);
  if (!options.channel.empty()) {
    FAIRLEAD_ASSIGN(const v1::Channel channel, FindChannel(context, options.channel));
    request.set_channel_id(channel.id());
  }
  FAIRLEAD_ASSIGN(const auto posts, FirstPosts<v1::SearchPostsResponse>(context, kSearchPosts,
                                                                        request, options.count));
  return ShowPosts(context, posts);
}

Result<void> WritePost(Context& context, const ChannelOptions& options) {
  FAIRLEAD_ASSIGN(const v1::Channel channel, FindChannel(context, options.channel));
  v1::CreatePostRequest request;
  request.set_request_id(context.RequestId());
  request.set_channel_id(channel.id());
  if (!options.post.empty()) {
    FAIRLEAD_ASSIGN(const std::string post, context.Id("post", options.post));
    request.set_reply_to_post_id(post);
  }
  FAIRLEAD_ASSIGN(const PostWords words,
                  ReadPostWords(context, options.source, options.post.empty(), kMaxPostBytes));
  FAIRLEAD_ASSIGN(const bool acknowledged,
                  AskPastGuard(context, words.title + "\n" + words.text, options.names_nobody));
  request.set_title(words.title);
  request.set_text(words.text);
  request.set_acknowledged_guard(acknowledged || options.names_nobody);
  for (const std::string& tag : options.tags) request.add_tags(tag);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::CreatePostResponse>(kCreatePost, request));
  const v1::Post& post = response.post();
  context.home().SetLast("post", post.id());
  context.Emit(response, [&] {
    PrintFields(context.out(), {{"Post", post.id()},
                                {"Title", Shortened(post.title(), kTitleColumns)},
                                {"Kept", "until " + TimeText(post.expire_time())}});
  });
  context.Next("channel view " + channel.name());
  return {};
}

Result<void> PinOne(Context& context, const ChannelOptions& options) {
  v1::PinPostRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const std::string post, context.Id("post", options.post));
  request.set_post_id(post);
  request.set_pinned(!options.off);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::PinPostResponse>(kPinPost, request));
  context.Emit(response, [&] {
    context.out() << (response.post().pinned() ? "Pinned." : "No longer pinned.") << '\n';
  });
  return {};
}

Result<void> DeleteOne(Context& context, const ChannelOptions& options) {
  v1::DeletePostRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const std::string post, context.Id("post", options.post));
  request.set_post_id(post);
  FAIRLEAD_RETURN_IF_ERROR(
      Confirm(context, options.yes, "Delete post " + post + " and the replies to it?"));
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::DeletePostResponse>(kDeletePost, request));
  context.Emit(response, [&] { context.out() << "Deleted.\n"; });
  return {};
}

using ChannelAction = Result<void> (*)(Context&, const ChannelOptions&);

std::shared_ptr<ChannelOptions> AddChannelVerb(Args group, Context& context,
                                               const std::string& name, const std::string& help,
                                               ChannelAction action, Args* verb) {
  auto options = std::make_shared<ChannelOptions>();
  *verb = group.Verb(name, help);
  verb->Do([&context, options, action] { return action(context, *options); });
  return options;
}

void AddCount(Args verb, ChannelOptions* options) {
  verb.Option("--tag", &options->tag, "Only those with this tag");
  verb.Option("--count", &options->count, 1, kPageSize, "At most so many; default 20");
}

}  // namespace

void AddChannelVerbs(Args root, Context& context) {
  Args group = root.Group("channel", "Announcements and practice, read by the whole coalition");
  Args verb = group;
  AddChannelVerb(group, context, "list", "Channels that your agency is a member of", ListChannelsOf,
                 &verb);
  auto view = AddChannelVerb(group, context, "view",
                             "Posts, the pinned ones first, then the newest", ViewChannel, &verb);
  verb.Positional("channel", &view->channel, kChannelHelp);
  verb.Option("--replies", &view->post, "The replies to one post instead: its id, or @last");
  AddCount(verb, view.get());
  auto post = AddChannelVerb(group, context, "post", "Write to everybody; never about a client",
                             WritePost, &verb);
  verb.Positional("channel", &post->channel, kChannelHelp);
  AddTextOptions(verb, &post->source, "the post");
  verb.Option("--tag", &post->tags, "Codes to find it by");
  verb.Option("--reply-to", &post->post, kPostHelp);
  AddNamesNobody(verb, &post->names_nobody);
  verb.Footer(
      "A first line that an empty one follows is the title. What seems to name a person is shown "
      "and asked about; --yes does not answer that.");
  auto search =
      AddChannelVerb(group, context, "search", "Find posts by their words", SearchChannels, &verb);
  verb.Positional("words", &search->query, "In quotes; all of them are in the post");
  verb.Option("--channel", &search->channel, kChannelHelp);
  AddCount(verb, search.get());
  auto pin =
      AddChannelVerb(group, context, "pin", "Keep a post at the top (coordinators)", PinOne, &verb);
  verb.Positional("post", &pin->post, kPostHelp);
  verb.Flag("--off", &pin->off, "Pin it no more");
  auto gone = AddChannelVerb(group, context, "delete", "Erase a post of yours and its replies",
                             DeleteOne, &verb);
  verb.Positional("post", &gone->post, kPostHelp);
  verb.Flag("--yes", &gone->yes, "Do not ask");
}

}  // namespace fairlead::cli
