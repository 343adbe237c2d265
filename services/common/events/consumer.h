// Reading other services' events: each effect exactly once per consumer, however often an event
// is delivered, because the effect and the inbox position commit together.
//
//   events::Consumer consumer(database, {.name = "referral", .stream = "consent", …},
//       [](storage::Transaction& tx, const EventEnvelope& event) -> Result<void> { … });
#ifndef SERVICES_COMMON_EVENTS_CONSUMER_H_
#define SERVICES_COMMON_EVENTS_CONSUMER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fairlead/events/v1/events.pb.h"
#include "services/common/base/clock.h"
#include "services/common/base/result.h"
#include "services/common/storage/database.h"

namespace fairlead::events {

// Table: inbox (one row per consumer and stream: the last applied sequence; and `dead_letter`).
const storage::Migrations& InboxMigrations();

struct ConsumerOptions {
  std::string name = {};          // consumer group: the consuming service, "referral"
  std::string stream = {};        // the producing service: "consent" reads ev:consent
  std::string redis_socket = {};  // the path of a Unix socket, or "host:port"
  // 32 bytes, the same for relay and readers of a hub (EntryMac). Whoever has it can make events.
  std::string event_key = {};
  int max_deliveries = 5;  // then to dead:<stream> and the dead_letter table, with an alert
  // The consumer's name in its group; another one for each process that runs the same service.
  std::string instance = "1";
  // Entries that another instance has held for longer are taken over. Must be above the time of
  // the slowest handler.
  int64_t claim_idle_ms = 60'000;
  // How long events may gather, once those that were there are applied, so that a steady flow costs
  // a commit now and then instead of one for every few. 0: the next is applied at once.
  int64_t gather_ms = 0;
  // For tests only. Called between commit and XACK with the last sequence applied; when it returns
  // true the consumer ends there and then, as if the process had been killed.
  std::function<bool(int64_t)> die_before_ack = {};
};

struct ConsumerStatus {
  int64_t applied_sequence = 0;
  int64_t dead_letters = 0;
  bool connected = false;
  bool stalled = false;  // waits for events that the stream no longer has (see below)
};

// Must have no effect but through the Transaction, and may be called again for an event whose
// transaction did not commit; several events in a row may share one transaction. An error undoes
// the event and is retried: UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED and CANCELLED for as
// long as it takes, any other `max_deliveries` times, after which the event is a dead letter.
using Apply =
    std::function<Result<void>(storage::Transaction&, const fairlead::events::v1::EventEnvelope&)>;

class Consumer {
 public:
  virtual ~Consumer() = default;  // stops
  virtual void Stop() = 0;
  virtual ConsumerStatus status() const = 0;
};
// One thread: own pending entries first, then new ones (XREADGROUP with BLOCK), XAUTOCLAIM of
// entries whose consumer died, then XACK. An event at or below the inbox position is acknowledged
// and skipped. Survives the loss and the erasure of Redis.
//
// Events are applied in the order of their sequences, which have no holes. When the next one is
// not the inbox position + 1, the missing are read from the stream; when they are not there, the
// consumer asks the relay to put the stream together again from its outbox, and waits (`stalled`).
// A consumer that has never applied anything begins at the oldest event that the relay keeps; any
// other never skips one by itself.
//
// An entry that the relay has not made (EntryMac) is one that is not there: not applied, not passed
// over, not a dead letter, for the true event of that number is still to come. The consumer asks
// for it as for one that is missing, and the relay makes the stream anew.
//
// The database must outlive the consumer. Stop it before Database::Close.
std::unique_ptr<Consumer> StartConsumer(storage::Database& database, ConsumerOptions options,
                                        Apply apply, const Clock& clock);

// A reader without a group, for the gateway: every event of the streams, from `after` on, in
// order; nothing is stored. Calls `on_event` and `on_gap` on its own thread.
struct TailOptions {
  std::vector<std::string> streams = {};  // services
  std::string redis_socket = {};          // the path of a Unix socket, or "host:port"
  std::string event_key = {};             // as in ConsumerOptions
  // Where to begin, by stream: the last sequence already seen; -1: only what is new from now on.
  std::map<std::string, int64_t> after = {};
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
    // Called when events may have been missed (they were trimmed, or Redis was erased and the
    // relay republished less than this reader needs): subscribers must resync.
    std::function<void()> on_gap);

}  // namespace fairlead::events

#endif  // SERVICES_COMMON_EVENTS_CONSUMER_H_
