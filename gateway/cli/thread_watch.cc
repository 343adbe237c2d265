// thread watch: a line for each event of a thread, the moment it comes. Nothing is opened by it: a
// screen left on reads for nobody.
#include "gateway/cli/verbs.h"
#include "gateway/cli/watch.h"

namespace fairlead::cli {
namespace {

namespace json = boost::json;

constexpr std::string_view kThreadEvents = "fairlead.messaging.thread_";

struct ThreadWatchOptions {
  std::string thread;
  WatchLimits limits;
};

std::string ThreadWords(Context& context, const json::object& data) {
  const std::string thread = TextIn(data, "threadId");
  const std::string change = TextIn(data, "change");
  context.home().SetLast("thread", thread);
  std::string line = change;
  if (NumberIn(data, "sequence") > 0) line += "  #" + std::to_string(NumberIn(data, "sequence"));
  line += "  by " + context.AgencyName(TextIn(data, "actorAgencyId"));
  const bool theirs = TextIn(data, "actorAgencyId") != context.session().agency_id;
  if (theirs && (change == "sent" || change == "edited")) {
    return line + ": " + context.Command("thread view " + thread);
  }
  return line + "  " + thread;
}

Result<void> WatchThreads(Context& context, const ThreadWatchOptions& options) {
  std::string thread;
  if (!options.thread.empty()) {
    FAIRLEAD_ASSIGN(thread, context.Id("thread", options.thread));
  }
  FAIRLEAD_RETURN_IF_ERROR(context.OwnAgencyId());
  EventView view{.wanted =
                     [&](const json::object& event, const json::object& data) {
                       return TextIn(event, "type").starts_with(kThreadEvents) &&
                              (thread.empty() || TextIn(data, "threadId") == thread);
                     },
                 .words = [&](const json::object&,
                              const json::object& data) { return ThreadWords(context, data); },
                 .list_anew = "thread list --unread"};
  return Watch(context, options.limits, std::move(view)).Run();
}

}  // namespace

void AddThreadWatchVerb(Args thread, Context& context) {
  auto options = std::make_shared<ThreadWatchOptions>();
  Args verb = thread.Verb("watch", "Print a line for each message and mark, the moment it comes");
  verb.Positional("thread", &options->thread, "Of one thread only: its id, or @last",
                  Need::kOptional);
  AddWatchOptions(verb, &options->limits);
  verb.Do([&context, options] { return WatchThreads(context, *options); });
}

}  // namespace fairlead::cli
