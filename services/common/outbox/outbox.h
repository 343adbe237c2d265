// The transactional outbox: an event is written in the transaction of its effect, and published
// to Redis afterwards by the relay. No effect without its event, no event without its effect.
//
//   Event event{.type = "fairlead.referral.sent.v1", .subject = referral.id, …};
//   FAIRLEAD_RETURN_IF_ERROR(outbox::Append(tx, event));
#ifndef SERVICES_COMMON_OUTBOX_OUTBOX_H_
#define SERVICES_COMMON_OUTBOX_OUTBOX_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "services/common/base/clock.h"
#include "services/common/base/result.h"
#include "services/common/storage/database.h"

namespace fairlead::outbox {

// What a service says happened. The relay makes it a fairlead.events.v1.EventEnvelope.
struct Event {
  std::string id;           // UUIDv7, from the service's IdGenerator
  std::string type;         // "fairlead.referral.sent.v1"
  std::string subject;      // id of the record
  int64_t time_ms = 0;
  std::string data_schema;  // "fairlead.events.v1.ReferralChanged"
  std::string data;         // its serialised bytes: ids and states only
  std::string traceparent;
  std::vector<std::string> audience_agency_ids;
};

// Table: outbox. Add to the service's database beside its own migrations.
const storage::Migrations& OutboxMigrations();

// At most 8 KiB of data and 64 agencies.
Result<void> Append(storage::Transaction& tx, const Event& event);

struct RelayOptions {
  std::string service;             // "referral": source fairlead/referral, stream ev:referral
  std::string redis_socket;        // path of the Unix socket, or "host:port"
  int batch = 256;
  int64_t keep_ms = 7LL * 24 * 3600 * 1000;
};

struct RelayStatus {
  int64_t last_sequence = 0;       // numbered in the database
  int64_t published_sequence = 0;  // known to be in Redis
  bool connected = false;
  bool stopped_ahead = false;      // Redis is ahead of the outbox: a restored backup; see the log
};

// One thread: numbers new rows (SQLite: they are numbered already; PostgreSQL: under an advisory
// lock), XADDs them with explicit ids <sequence>-0, resumes at Redis' top id after each reconnect,
// republishes from the outbox when Redis was erased, trims outbox rows older than `keep_ms`.
// Woken by the database's OnCommit.
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
