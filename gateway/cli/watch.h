// Events of the hub as they come, a line each; a cut stream is taken up where it stopped.
//
//   Watch watch(context, {.count = 3}, {.wanted = …, .words = …, .list_anew = "referral list"});
//   FAIRLEAD_RETURN_IF_ERROR(watch.Run());
#ifndef GATEWAY_CLI_WATCH_H_
#define GATEWAY_CLI_WATCH_H_

#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/cli/args.h"
#include "gateway/cli/context.h"
#include "gateway/cli/sse.h"

namespace fairlead::cli {

// When to end. 0: never.
struct WatchLimits {
  int64_t count = 0;  // events
  int64_t timeout_s = 0;
};
// Declares --count and --for. `limits` outlives the verb.
void AddWatchOptions(Args verb, WatchLimits* limits);

// What is made of an event: the whole of it, and its `data`.
struct EventView {
  using Event = const boost::json::object&;
  std::function<bool(Event event, Event data)> wanted;
  std::function<std::string(Event event, Event data)> words;  // the line, but for --json
  std::string list_anew;  // the verb that shows what may have been missed
};

// The text of that name; empty when there is none.
std::string TextIn(const boost::json::object& object, std::string_view name);
// The number of that name, also one in quotes (64 bits); 0 when there is none.
int64_t NumberIn(const boost::json::object& object, std::string_view name);

class Watch {
 public:
  Watch(Context& context, const WatchLimits& limits, EventView view);

  // Until the limits are met, the session ends or somebody stops the program. Errors:
  // UNAUTHENTICATED SESSION_INVALID, DEADLINE_EXCEEDED WATCH_TIMED_OUT (fewer than `count` came),
  // those of the stream.
  Result<void> Run();

 private:
  bool TimedOut() const;
  bool Finished() const;
  bool OnBytes(std::string_view bytes);
  void OnEvent(const SseEvent& event);
  void Print(boost::json::object& event);

  Context& context_;
  const WatchLimits limits_;
  const EventView view_;
  const int64_t start_ms_;
  SseParser parser_;
  std::optional<Error> failure_;
  int64_t heard_ms_ = 0;
  int64_t printed_ = 0;
  bool ready_ = false;
};

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_WATCH_H_
