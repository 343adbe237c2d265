// The inbox table: one consumer's position in one stream, moved together with the effects.
#ifndef SERVICES_COMMON_EVENTS_INBOX_H_
#define SERVICES_COMMON_EVENTS_INBOX_H_

#include <cstdint>
#include <span>
#include <string>

#include "services/common/events/consumer.h"
#include "services/common/events/stream.h"

namespace fairlead::events {

// Blocks on the database: for the consumer's own thread only.
class Inbox {
 public:
  Inbox(storage::Database& database, std::string consumer, std::string stream, Apply apply)
      : database_(database),
        consumer_(std::move(consumer)),
        stream_(std::move(stream)),
        apply_(std::move(apply)) {}

  struct State {
    int64_t sequence = 0;
    int64_t attempts = 0;
    int64_t dead_letters = 0;
  };
  Result<State> Load();

  struct Outcome {
    Result<int64_t> position;     // the new position, or why nothing was applied
    bool handler_failed = false;  // the error is the handler's own
  };
  // Applies entries with ascending contiguous sequences in one transaction: all or none. Those at
  // or below the stored position are skipped. Error: ABORTED EVENT_GAP when the first is not the
  // one after the stored position.
  Outcome ApplyAll(std::span<const Entry> entries);

  // Notes, durably, that the event after `position` failed or is about to be tried once more
  // after a crash. How often that was so.
  Result<int64_t> CountAttempt(int64_t position);
  // Gives up on the entry: kept in dead_letter, position moved past it.
  Result<void> DeadLetter(const Entry& entry, const std::string& reason, int64_t now_ms);
  // For a consumer that begins in the middle of a stream.
  Result<void> StartAfter(int64_t sequence);

 private:
  storage::Database& database_;
  const std::string consumer_;
  const std::string stream_;
  const Apply apply_;
};

}  // namespace fairlead::events

#endif  // SERVICES_COMMON_EVENTS_INBOX_H_
