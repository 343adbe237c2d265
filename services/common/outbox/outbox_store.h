// The outbox tables as the relay sees them.
#ifndef SERVICES_COMMON_OUTBOX_OUTBOX_STORE_H_
#define SERVICES_COMMON_OUTBOX_OUTBOX_STORE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"

namespace fairlead::outbox {

struct OutboxRow {
  int64_t sequence = 0;
  std::string envelope;  // without source and sequence
};

// A row's bytes as they are published: a protobuf message is extended by appending fields.
std::string CompleteEnvelope(const OutboxRow& row, const std::string& service);

struct OutboxState {
  int64_t last = 0;                       // the last number ever given
  int64_t oldest = 0;                     // the oldest row kept; last + 1 when none is
  std::map<std::string, int64_t> groups;  // acknowledged, as last noted
};

// Blocks on the database: for the relay's own thread only.
class OutboxStore {
 public:
  static constexpr int64_t kMaxTrimmedAtOnce = 1'000;

  explicit OutboxStore(storage::Database& database) : database_(database) {}

  Result<OutboxState> ReadState();
  // Numbered rows after `after`, at most `limit`, in order. PostgreSQL: numbers what has no number
  // yet first, durably.
  Result<std::vector<OutboxRow>> Fetch(int64_t after, int limit);
  // Sets the positions of `groups`, and forgets groups not seen since `forget_before_ms`.
  Result<void> SaveGroups(const std::map<std::string, int64_t>& groups, int64_t now_ms,
                          int64_t forget_before_ms);
  // Deletes the oldest rows up to `sequence` that are older than `before_ms`, at most
  // kMaxTrimmedAtOnce. How many.
  Result<int64_t> Trim(int64_t sequence, int64_t before_ms);

 private:
  Result<std::vector<OutboxRow>> NumberAndFetch(int64_t after, int limit);
  storage::Database& database_;
};

}  // namespace fairlead::outbox

#endif  // SERVICES_COMMON_OUTBOX_OUTBOX_STORE_H_
