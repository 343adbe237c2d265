// The names and shapes of a service's stream in Redis, known to relay and readers alike.
//
// Key ev:<service>, a Redis stream. Entry ids are <sequence>-0; field "e" holds the bytes of a
// fairlead.events.v1.EventEnvelope, field "m" their MAC (entry_mac.h). Sequences have no holes: a
// missing one is still to come. Key ev:<service>:need, a hash: what readers and relay ask and tell
// each other (see NeedField). Key dead:<service>, a stream: events that a consumer gave up on.
#ifndef SERVICES_COMMON_EVENTS_STREAM_H_
#define SERVICES_COMMON_EVENTS_STREAM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/events/redis_connection.h"

namespace fairlead::events {

std::string StreamKey(std::string_view service);
std::string DeadKey(std::string_view service);
// A consumer that misses events sets its field, named after its group, to the sequence it has
// applied last; the relay puts the stream together again from there and removes the field.
std::string NeedKey(std::string_view service);
// The relay's answer when it keeps less than was asked for: the oldest sequence there is.
inline constexpr std::string_view kOldestField = "#oldest";
inline constexpr std::string_view kOldestMacField = "#oldest.m";

// What the key of the MACs is derived under from the hub's secret (DeriveKey).
inline constexpr std::string_view kEventKeyLabel = "fairlead/events/1";

std::string EntryId(int64_t sequence);
// 0 for what is not <number>-<number>.
int64_t EntrySequence(std::string_view id);

struct Entry {
  int64_t sequence = 0;  // 0 when its id is none of ours ("5-1"): it is at no place of the stream
  std::string envelope;  // "" when the entry was deleted while it was pending
  std::string mac = {};  // as it stands there, not looked at
  std::string id = {};
};
// The entries of an XRANGE answer, or of one stream of an XREAD answer.
std::vector<Entry> ParseEntries(const ReplyView& reply);

struct StreamInfo {
  bool exists = false;
  int64_t length = 0;
  int64_t top = 0;    // sequence of the last entry ever added
  int64_t first = 0;  // 0 when it is empty
  Entry last;         // sequence 0 when it is empty
  bool Contiguous() const { return length == 0 || length == top - first + 1; }
  // Whether a reader that has applied `position` can go on without missing anything.
  bool Covers(int64_t position) const {
    return position >= top || (length > 0 && first <= position + 1);
  }
};
Result<StreamInfo> ReadStreamInfo(RedisConnection& redis, const std::string& key);

}  // namespace fairlead::events

#endif  // SERVICES_COMMON_EVENTS_STREAM_H_
