// The transactional outbox: an event is written in the transaction of its effect, and published
// to Redis afterwards by the relay. No effect without its event, no event without its effect.
//
//   Event event{.type = "fairlead.referral.sent.v1", .subject = referral.id, …};
//   FAIRLEAD_RETURN_IF_ERROR(outbox::Append(tx, event));
#ifndef SERVICES_COMMON_OUTBOX_OUTBOX_H_
#define SERVICES_COMMON_OUTBOX_OUTBOX_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "services/common/base/clock.h"
#include "services/common/base/result.h"
#include "services/common/storage/database.h"

namespace fairlead::outbox {

// What a service says happened. The relay makes it a fairlead.events.v1.EventEnvelope.
struct Event {
  std::string id;       // UUIDv7, from the service's IdGenerator
  std::string type;     // "fairlead.referral.sent.v1"
  std::string subject;  // id of the record
  int64_t time_ms = 0;
  std::string data_schema;  // "fairlead.events.v1.ReferralChanged"
  std::string data;         // its serialised bytes: ids and states only
  std::string traceparent;
  std::vector<std::string> audience_agency_ids;
  bool for_members = false;  // every member's staff may be told, but for law enforcement's
  bool for_coordinators = false;  // the coalition office's coordinators may be told as well
};

// Table: outbox. Add to the service's database beside its own migrations.
const storage::Migrations& OutboxMigrations();

// At most 8 KiB of data, 64 agencies and 128 characters for each of the other texts; `id` and the
// agencies are UUIDs, `type` is not empty. Error: INTERNAL EVENT_INVALID (metadata "field"): a
// defect of the service.
Result<void> Append(storage::Transaction& tx, const Event& event);

struct RelayOptions {
  std::string service = {};       // "referral": source fairlead/referral, stream ev:referral
  std::string redis_socket = {};  // path of the Unix socket, or "host:port"
  // 32 bytes, the same for relay and readers of a hub (events::EntryMac). Whoever has it can make
  // events.
  std::string event_key = {};
  int batch = 256;
  int64_t keep_ms = 7LL * 24 * 3600 * 1000;
  // Redis keeps at least so many of the newest events, for readers without a group (SSE replay).
  int64_t retain_entries = 10'000;
  // Publishing pauses, with an alert, while the slowest group is further behind than this: the
  // outbox holds what Redis' memory need not.
  int64_t max_stream_entries = 1'000'000;
  // How often it looks after itself: trims, and checks that the stream is whole.
  int64_t maintain_ms = 1'000;
  // For tests only. Called before each XADD; when it returns true the relay sends those before it
  // and ends there and then, as if the process had been killed in the middle of the batch.
  std::function<bool(int64_t sequence)> die_in_batch = {};
};

struct RelayStatus {
  int64_t last_sequence = 0;       // numbered in the database
  int64_t published_sequence = 0;  // known to be in Redis
  bool connected = false;
  bool stopped_ahead = false;  // Redis is ahead of the outbox: a restored backup; see the log
};

// One thread: numbers new rows (SQLite: they are numbered already; PostgreSQL: under an advisory
// lock), XADDs them with explicit ids <sequence>-0, resumes at Redis' top id after each reconnect,
// republishes from the outbox when Redis was erased, trims outbox rows older than `keep_ms`.
// Woken by the database's OnCommit: start it before the first Write, stop it before Close.
//
// Redis is disposable. The stream always holds every event after the slowest consumer group's
// last acknowledged one, without a hole; whenever it does not (erased, refused entries, a
// consumer restored from a backup), the relay makes it anew from the outbox. The one thing it
// never does is to go on under a stream that is ahead of the outbox, or that holds another event
// at the same sequence: then the database is a restored backup, new events would take numbers
// that consumers have seen, and it stops (`stopped_ahead`) with an alert until it is restarted.
//
// What stands in the stream and is not its own (events::EntryMac) says nothing about the database:
// the stream is made anew then, too.
class Relay {
 public:
  virtual ~Relay() = default;  // stops
  virtual void Stop() = 0;     // publishes what is committed if Redis answers, then ends. Blocks.
  virtual RelayStatus status() const = 0;
};
std::unique_ptr<Relay> StartRelay(storage::Database& database, RelayOptions options,
                                  const Clock& clock);

}  // namespace fairlead::outbox

#endif  // SERVICES_COMMON_OUTBOX_OUTBOX_H_
