// Reading other services' events: each effect exactly once per consumer, however often an event
// is delivered, because the effect and the inbox position commit together.
//
//   events::Consumer consumer(database, {.name = "referral", .stream = "consent", …},
//       [](storage::Transaction& tx, const EventEnvelope& event) -> Result<void> { … });
#ifndef SERVICES_COMMON_EVENTS_CONSUMER_H_
#define SERVICES_COMMON_EVENTS_CONSUMER_H_

#include <functional>
#include <memory>
#include <string>

#include "fairlead/events/v1/events.pb.h"
#include "services/common/base/clock.h"
#include "services/common/base/result.h"
#include "services/common/storage/database.h"

namespace fairlead::events {

// Table: inbox (one row per consumer and stream: the last applied sequence; and `dead_letter`).
const storage::Migrations& InboxMigrations();

struct ConsumerOptions {
  std::string name;          // consumer group: the consuming service, "referral"
  std::string stream;        // the producing service: "consent" reads ev:consent
  std::string redis_socket;
  int max_deliveries = 5;    // then to dead:<stream> and the dead_letter table, with an alert
};

struct ConsumerStatus {
  int64_t applied_sequence = 0;
  int64_t dead_letters = 0;
  bool connected = false;
};

using Apply = std::function<Result<void>(storage::Transaction&,
                                         const fairlead::events::v1::EventEnvelope&)>;

class Consumer {
 public:
  virtual ~Consumer() = default;  // stops
  virtual void Stop() = 0;
  virtual ConsumerStatus status() const = 0;
};
// One thread: own pending entries first, then new ones (XREADGROUP with BLOCK), XAUTOCLAIM of
// entries whose consumer died, then XACK. An event at or below the inbox position is acknowledged
// and skipped. Survives the loss and the erasure of Redis.
std::unique_ptr<Consumer> StartConsumer(storage::Database& database, ConsumerOptions options,
                                        Apply apply, const Clock& clock);

// A reader without a group, for the gateway: every event of the streams, from `after` on, in
// order; nothing is stored. Calls `on_event` on its own thread.
struct TailOptions {
  std::vector<std::string> streams;  // services
  std::string redis_socket;
  // Where to begin, by stream: the last sequence already seen; -1: only what is new from now on.
  std::map<std::string, int64_t> after;
};
class Tail {
 public:
  virtual ~Tail() = default;
  virtual void Stop() = 0;
};
std::unique_ptr<Tail> StartTail(
    TailOptions options,
    std::function<void(const std::string& stream, const fairlead::events::v1::EventEnvelope&)>
        on_event,
    // Called when events may have been missed (Redis was erased): subscribers must resync.
    std::function<void()> on_gap);

}  // namespace fairlead::events

#endif  // SERVICES_COMMON_EVENTS_CONSUMER_H_
