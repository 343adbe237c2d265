#include "gateway/events/redis_events.h"

#include <utility>

#include "services/common/events/consumer.h"

namespace fairlead::gateway {
namespace {

class TailSource final : public EventSource {
 public:
  explicit TailSource(std::unique_ptr<events::Tail> tail) : tail_(std::move(tail)) {}

 private:
  const std::unique_ptr<events::Tail> tail_;
};

}  // namespace

StartEvents RedisEvents(std::string redis_socket, std::string event_key,
                        std::vector<std::string> streams) {
  return [redis_socket, event_key, streams](OnEvent on_event, std::function<void()> on_gap) {
    events::TailOptions options;
    options.redis_socket = redis_socket;
    options.event_key = event_key;
    options.streams = streams;
    for (const std::string& stream : streams) options.after[stream] = -1;
    auto deliver = [on_event = std::move(on_event)](
                       const std::string&, const fairlead::events::v1::EventEnvelope& event) {
      on_event(event);
    };
    return std::make_unique<TailSource>(
        events::StartTail(std::move(options), std::move(deliver), std::move(on_gap)));
  };
}

}  // namespace fairlead::gateway
