// referral watch: a line for each event, the moment it comes. Reconnects where it stopped.
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "gateway/cli/sse.h"
#include "gateway/cli/verbs.h"
#include "services/common/base/clock.h"
#include "services/common/base/strict_json.h"

namespace fairlead::cli {
namespace {

namespace json = boost::json;

constexpr int64_t kSilenceMs = 45'000;  // three heartbeats of the hub's
constexpr int64_t kFirstPauseMs = 250;
constexpr int64_t kLongestPauseMs = 5'000;
constexpr int64_t kForeverMs = 0;

struct WatchOptions {
  std::string referral;
  int64_t count = 0;      // 0: until stopped
  int64_t timeout_s = 0;  // 0: none
  bool all = false;
};

std::string Text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

class Watch {
 public:
  Watch(Context& context, const WatchOptions& options, std::string referral)
      : context_(context),
        options_(options),
        referral_(std::move(referral)),
        start_ms_(SystemClock().SteadyMs()) {}

  Result<void> Run() {
    int64_t pause_ms = kFirstPauseMs;
    while (!Finished()) {
      parser_.Reset();
      ready_ = false;
      heard_ms_ = SystemClock().SteadyMs();
      std::map<std::string, std::string> headers;
      if (!parser_.last_id().empty()) headers["last-event-id"] = parser_.last_id();
      const std::function<bool(std::string_view)> on_bytes = [this](std::string_view bytes) {
        return OnBytes(bytes);
      };
      const Result<void> ended = context_.client().Stream("/events", headers, kForeverMs, on_bytes);
      if (failure_) return Fail(*failure_);
      if (Finished()) break;
      if (!ended && ended.error().code != Code::kUnavailable) return Fail(ended.error());
      if (ready_) pause_ms = kFirstPauseMs;
      context_.err() << "The stream was cut; trying again." << std::endl;
      std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
      pause_ms = std::min(pause_ms * 2, kLongestPauseMs);
    }
    if (options_.count > 0 && printed_ < options_.count) {
      return Fail(Code::kDeadlineExceeded, "WATCH_TIMED_OUT",
                  "Fewer events came than were waited for.",
                  {{"events", std::to_string(printed_)}});
    }
    return {};
  }

 private:
  bool TimedOut() const {
    return options_.timeout_s > 0 &&
           SystemClock().SteadyMs() - start_ms_ >= options_.timeout_s * 1'000;
  }
  bool Finished() const { return TimedOut() || (options_.count > 0 && printed_ >= options_.count); }

  // Whether to go on with this connection.
  bool OnBytes(std::string_view bytes) {
    const int64_t now_ms = SystemClock().SteadyMs();
    if (!bytes.empty()) heard_ms_ = now_ms;
    const bool sound = parser_.Feed(bytes, [this](const SseEvent& event) { OnEvent(event); });
    const bool silent = now_ms - heard_ms_ > kSilenceMs;
    return sound && !silent && !failure_ && !Finished();
  }

  void OnEvent(const SseEvent& event) {
    if (failure_ || Finished()) return;
    if (event.name == "ready") {
      ready_ = true;
      context_.err() << "Watching " << context_.url() << "." << std::endl;
      return;
    }
    if (event.name == "resync") {
      if (context_.json()) context_.out() << R"({"event":"resync"})" << std::endl;
      context_.err() << "Some events may have been missed. See: fairlead referral list"
                     << std::endl;
      return;
    }
    if (event.name == "session_ended") {
      failure_ = Error{Code::kUnauthenticated, "SESSION_INVALID", "The session has ended.", {}};
      return;
    }
    auto value = ParseStrictJson(event.data, SseParser::kMaxEventBytes, 16);
    if (value && value->is_object()) Print(value->as_object());
  }

  void Print(json::object& event) {
    const json::value* data = event.if_contains("data");
    const json::object inner =
        data != nullptr && data->is_object() ? data->as_object() : json::object();
    const bool about_referral = Text(event, "type").starts_with("fairlead.referral.");
    if (!options_.all && !about_referral) return;
    if (!referral_.empty() && Text(event, "subject") != referral_ &&
        Text(inner, "referralId") != referral_) {
      return;
    }
    ++printed_;
    if (context_.json()) {
      event["receivedTime"] = FormatTime(SystemClock().NowMs());
      context_.out() << json::serialize(event) << std::endl;
      return;
    }
    context_.out() << Words(event, inner, about_referral) << std::endl;
    if (about_referral) context_.home().SetLast("referral", Text(inner, "referralId"));
  }

  std::string Words(const json::object& event, const json::object& inner, bool about_referral) {
    const std::string time = Text(event, "time").substr(0, 19);
    if (!about_referral) {
      return Printable(time + "Z  " + Text(event, "type") + "  " + Text(event, "subject"));
    }
    std::string line = time + "Z  " + Text(inner, "change") + "  " + Text(inner, "referralId");
    for (const char* name : {"urgency", "needCode", "reasonCode"}) {
      if (!Text(inner, name).empty()) line += "  " + Text(inner, name);
    }
    line += "  " + context_.AgencyName(Text(inner, "senderAgencyId")) + " → " +
            context_.AgencyName(Text(inner, "recipientAgencyId"));
    return Printable(line);
  }

  Context& context_;
  const WatchOptions options_;
  const std::string referral_;
  const int64_t start_ms_;
  SseParser parser_;
  std::optional<Error> failure_;
  int64_t heard_ms_ = 0;
  int64_t printed_ = 0;
  bool ready_ = false;
};

Result<void> Run(Context& context, const WatchOptions& options) {
  std::string referral;
  if (!options.referral.empty()) {
    FAIRLEAD_ASSIGN(referral, context.Id("referral", options.referral));
  }
  FAIRLEAD_RETURN_IF_ERROR(context.OwnAgencyId());
  return Watch(context, options, referral).Run();
}

}  // namespace

void AddWatchVerb(Args referral, Context& context) {
  constexpr int64_t kMostEvents = 1'000'000;
  constexpr int64_t kMostSeconds = 30 * 86'400;
  auto options = std::make_shared<WatchOptions>();
  Args verb = referral.Verb("watch", "Print a line for each event, the moment it comes");
  verb.Positional("referral", &options->referral, "Of one referral only: its id, or @last",
                  Need::kOptional);
  verb.Option("--count", &options->count, 1, kMostEvents, "End after so many events");
  verb.Option("--for", &options->timeout_s, 1, kMostSeconds, "End after so many seconds");
  verb.Flag("--all", &options->all, "Events of the directory and of releases too");
  verb.Do([&context, options] { return Run(context, *options); });
}

}  // namespace fairlead::cli
