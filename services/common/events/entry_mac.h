// What tells our relay's entries in Redis from anybody else's: each carries HMAC-SHA-256 over the
// stream's name, its place in the stream and its bytes, under a key that every process of the hub
// has and Redis has not. So whoever can write to Redis can hold events up, and no more.
//
//   EntryMac mac(options.event_key, "consent");
//   redis.Queue({"XADD", key, id, "e", envelope, "m", mac.Make(sequence, envelope)});
//   std::vector<Entry> entries = ParseEntries(reply);
//   mac.Drop(entries);   // what does not fit is not there
#ifndef SERVICES_COMMON_EVENTS_ENTRY_MAC_H_
#define SERVICES_COMMON_EVENTS_ENTRY_MAC_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/hmac.h"
#include "services/common/events/stream.h"

namespace fairlead::events {

// Of one stream. Not thread-safe: each relay and each reader has its own.
class EntryMac {
 public:
  // `event_key`: 32 bytes (kEventKeyLabel). Anything else is a defect of the wiring, and ends the
  // process.
  EntryMac(std::string_view event_key, std::string service);

  std::string Make(int64_t sequence, std::string_view envelope);
  // An entry without bytes fits nothing.
  bool Fits(const Entry& entry);

  // Empties what does not fit, so that it is taken as an entry that is not there: whoever needs
  // it asks the relay for it. Counted, and told at most once a minute. True: there was such a one.
  bool Drop(std::vector<Entry>& entries);

  // The same for what the relay answers in the hash of needs: `oldest` is the first that it has.
  std::string MakeOldest(int64_t oldest);
  bool OldestFits(int64_t oldest, std::string_view mac);

 private:
  std::string Of(std::string_view key, int64_t sequence, std::string_view bytes);

  const std::string service_;
  const std::string stream_key_;
  const std::string need_key_;
  HmacSha256 hmac_;
  int64_t next_told_ms_ = 0;
};

}  // namespace fairlead::events

#endif  // SERVICES_COMMON_EVENTS_ENTRY_MAC_H_
