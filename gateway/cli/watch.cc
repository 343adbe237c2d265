#include "gateway/cli/watch.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <thread>

#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/sign_in.h"
#include "services/common/base/clock.h"
#include "services/common/base/strict_json.h"

namespace fairlead::cli {
namespace {

namespace json = boost::json;

constexpr int64_t kSilenceMs = 45'000;  // three heartbeats of the hub's
constexpr int64_t kFirstPauseMs = 250;
constexpr int64_t kLongestPauseMs = 5'000;
constexpr int64_t kForeverMs = 0;

}  // namespace

void AddWatchOptions(Args verb, WatchLimits* limits) {
  constexpr int64_t kMostEvents = 1'000'000;
  constexpr int64_t kMostSeconds = 30 * 86'400;
  verb.Option("--count", &limits->count, 1, kMostEvents, "End after so many events");
  verb.Option("--for", &limits->timeout_s, 1, kMostSeconds, "End after so many seconds");
  verb.Footer(
      "A watch does not keep its session: after 15 minutes without another command it ends. On a "
      "terminal it rings, asks you to sign in again and goes on where it stopped; elsewhere it "
      "ends with exit code 4.");
}

std::string TextIn(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

int64_t NumberIn(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value != nullptr && value->is_int64()) return value->as_int64();
  const std::string text = TextIn(object, name);
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Watch::Watch(Context& context, const WatchLimits& limits, EventView view)
    : context_(context),
      limits_(limits),
      view_(std::move(view)),
      start_ms_(SystemClock().SteadyMs()) {}

Result<void> Watch::Run() {
  int64_t pause_ms = kFirstPauseMs;
  LearnTheEnd();
  while (!Finished()) {
    const Result<void> ended = Listen();
    if (Finished()) break;
    if (session_ended_ || (!ended && ended.error().code == Code::kUnauthenticated)) {
      FAIRLEAD_RETURN_IF_ERROR(GoOnSignedIn());
      continue;
    }
    if (!ended && ended.error().code != Code::kUnavailable) return Fail(ended.error());
    if (ready_) pause_ms = kFirstPauseMs;
    context_.err() << "The stream was cut; trying again." << std::endl;
    std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
    pause_ms = std::min(pause_ms * 2, kLongestPauseMs);
  }
  if (limits_.count > 0 && printed_ < limits_.count) {
    return Fail(Code::kDeadlineExceeded, "WATCH_TIMED_OUT",
                "In the " + std::to_string(limits_.timeout_s) + " seconds of --for only " +
                    std::to_string(printed_) + " of the " + std::to_string(limits_.count) +
                    " events of --count came.",
                {{"events", std::to_string(printed_)}});
  }
  return {};
}

// One connection, from the last event on.
Result<void> Watch::Listen() {
  parser_.Reset();
  ready_ = false;
  session_ended_ = false;
  heard_ms_ = SystemClock().SteadyMs();
  std::map<std::string, std::string> headers;
  if (!parser_.last_id().empty()) headers["last-event-id"] = parser_.last_id();
  const std::function<bool(std::string_view)> on_bytes = [this](std::string_view bytes) {
    return OnBytes(bytes);
  };
  return context_.client().Stream("/events", headers, kForeverMs, on_bytes);
}

// Once for each sign-in and not for each connection: to ask is a use of the session.
void Watch::LearnTheEnd() {
  end_text_.clear();
  const auto me = context_.client().Call<identity::v1::GetMeResponse>(
      kGetMe, identity::v1::GetMeRequest());
  if (!me || !me->session().has_idle_expire_time()) return;  // /events says why, if anything is
  const auto& idle = me->session().idle_expire_time();
  end_text_ = "Left alone, the session ends " +
              RelativeText(idle.seconds() * 1'000, context_.NowMs()) + " (" + TimeText(idle) +
              "), and the watch with it. Any other command puts that off, such as " +
              context_.Command("whoami") + "; " + TimeText(me->session().expire_time()) +
              " is the latest.";
}

// With the session that this person has made with this profile meanwhile, or with one made now.
Result<void> Watch::GoOnSignedIn() {
  const Error over{Code::kUnauthenticated, "SESSION_INVALID",
                   "The session has ended, and the watch with it: nothing is watched any more.",
                   {}};
  FAIRLEAD_ASSIGN(const std::optional<SavedSession> saved,
                  context_.home().LoadSession(context_.url()));
  const SavedSession before = context_.session();
  if (saved && saved->token != before.token && saved->staff_id == before.staff_id) {
    context_.set_session(*saved);
    LearnTheEnd();
    return {};
  }
  Ring();
  if (!context_.terminal().in_is_terminal) return Fail(over);
  context_.err() << "The session has ended: NOTHING IS WATCHED until you sign in again as "
                 << Printable(before.sign_in_name) << ".\n";
  const auto sign_in = [&]() -> Result<void> {
    FAIRLEAD_ASSIGN(const std::string passphrase,
                    ReadSecretFrom(context_, {}, "Passphrase", "--passphrase"));
    FAIRLEAD_ASSIGN(const Factor factor, ReadFactor(context_, {}));
    FAIRLEAD_RETURN_IF_ERROR(SignIn(context_, before.sign_in_name, passphrase, factor));
    return {};
  };
  const Result<void> signed_in = AskAgain<void>(context_, sign_in);
  if (!signed_in) return Fail(signed_in.error().reason == "USAGE" ? over : signed_in.error());
  LearnTheEnd();
  return {};
}

// A person may be elsewhere in the room.
void Watch::Ring() {
  if (context_.terminal().out_is_terminal && !context_.json()) {
    context_.out() << '\a' << std::flush;
  }
}

bool Watch::TimedOut() const {
  return limits_.timeout_s > 0 &&
         SystemClock().SteadyMs() - start_ms_ >= limits_.timeout_s * 1'000;
}

bool Watch::Finished() const {
  return TimedOut() || (limits_.count > 0 && printed_ >= limits_.count);
}

// Whether to go on with this connection.
bool Watch::OnBytes(std::string_view bytes) {
  const int64_t now_ms = SystemClock().SteadyMs();
  if (!bytes.empty()) heard_ms_ = now_ms;
  const bool sound = parser_.Feed(bytes, [this](const SseEvent& event) { OnEvent(event); });
  const bool silent = now_ms - heard_ms_ > kSilenceMs;
  return sound && !silent && !session_ended_ && !Finished();
}

void Watch::OnEvent(const SseEvent& event) {
  if (session_ended_ || Finished()) return;
  if (event.name == "ready") {
    ready_ = true;
    context_.err() << "Watching " << context_.url() << "." << std::endl;
    if (!end_text_.empty()) context_.err() << end_text_ << std::endl;
    end_text_.clear();
    return;
  }
  if (event.name == "resync") {
    if (context_.json()) context_.out() << R"({"event":"resync"})" << std::endl;
    context_.err() << "Some events may have been missed. See: "
                   << context_.Command(view_.list_anew) << std::endl;
    return;
  }
  if (event.name == "session_ended") {
    session_ended_ = true;
    return;
  }
  auto value = ParseStrictJson(event.data, SseParser::kMaxEventBytes, 16);
  if (value && value->is_object()) Print(value->as_object());
}

void Watch::Print(json::object& event) {
  const json::value* data = event.if_contains("data");
  const json::object inner =
      data != nullptr && data->is_object() ? data->as_object() : json::object();
  if (!view_.wanted(event, inner)) return;
  ++printed_;
  if (context_.json()) {
    event["receivedTime"] = FormatTime(SystemClock().NowMs());
    context_.out() << json::serialize(event) << std::endl;
    return;
  }
  Ring();
  const std::string time = TextIn(event, "time").substr(0, 19);
  context_.out() << Printable(time + "Z  " + view_.words(event, inner)) << std::endl;
}

}  // namespace fairlead::cli
