// Events of the hub as they come, a line each; a cut stream is taken up where it stopped. A screen
// left on is no use of the session, which ends after its idle limit: that is told beforehand and
// when it happens, and with a new sign-in the watch goes on where it stopped.
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
// Declares --count and --for, and says in help how a watch ends. `limits` outlives the verb.
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

  // Until the limits are met or somebody stops the program. When the session has ended, on a
  // terminal with the one that a new sign-in makes. Errors: UNAUTHENTICATED SESSION_INVALID where
  // nobody can be asked, those of SignIn, DEADLINE_EXCEEDED WATCH_TIMED_OUT (fewer than `count`
  // came), those of the stream.
  Result<void> Run();

 private:
  Result<void> Listen();
  void LearnTheEnd();
  Result<void> GoOnSignedIn();
  void Ring();
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
  std::string end_text_;  // to be said with the next `ready`
  int64_t heard_ms_ = 0;
  int64_t printed_ = 0;
  bool ready_ = false;
  bool session_ended_ = false;
};

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_WATCH_H_
