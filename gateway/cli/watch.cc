#include "gateway/cli/watch.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <thread>

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
  if (limits_.count > 0 && printed_ < limits_.count) {
    return Fail(Code::kDeadlineExceeded, "WATCH_TIMED_OUT",
                "Fewer events came than were waited for.",
                {{"events", std::to_string(printed_)}});
  }
  return {};
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
  return sound && !silent && !failure_ && !Finished();
}

void Watch::OnEvent(const SseEvent& event) {
  if (failure_ || Finished()) return;
  if (event.name == "ready") {
    ready_ = true;
    context_.err() << "Watching " << context_.url() << "." << std::endl;
    return;
  }
  if (event.name == "resync") {
    if (context_.json()) context_.out() << R"({"event":"resync"})" << std::endl;
    context_.err() << "Some events may have been missed. See: fairlead " << view_.list_anew
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
  const std::string time = TextIn(event, "time").substr(0, 19);
  context_.out() << Printable(time + "Z  " + view_.words(event, inner)) << std::endl;
}

}  // namespace fairlead::cli
