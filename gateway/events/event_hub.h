// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): every event
// of every service passes through one bounded ring; each subscriber reads it with a cursor of its
// own and sees only what is addressed to its agency. Nothing is queued per subscriber, so a slow
// one costs nothing: when the ring has moved past its cursor it is told to resync.
//
//   id: 6f1c0a9e2b7d4433-42
//   data: {"id":"…","type":"fairlead.referral.sent.v1","source":"fairlead/referral","subject":"…",
//          "time":"…","data":{"referralId":"…","change":"sent"}}
//
// Ids are <epoch>-<n>. The epoch is new with each start of the gateway and each gap. Besides plain
// events there are, by `event:` name:
//   ready          the stream has begun; its id is where
//   resync         events may have been missed: read everything anew
//   session_ended  sign in again
#ifndef GATEWAY_EVENTS_EVENT_HUB_H_
#define GATEWAY_EVENTS_EVENT_HUB_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fairlead/events/v1/events.pb.h"
#include "gateway/http/message.h"
#include "services/common/auth/actor.h"
#include "services/common/base/random.h"
#include "services/common/base/result.h"

namespace fairlead::gateway {

struct EventLimits {
  size_t ring_events = 8192;
  size_t max_streams = 2000;
  size_t max_streams_per_session = 6;
  size_t piece_bytes = 64 * 1024;
};

// Asks whether a session still stands; the actor as of now.
using SessionCheck = std::function<Task<Result<auth::Actor>>()>;

// Thread-safe. Streams hold it alive.
class EventHub : public std::enable_shared_from_this<EventHub> {
 public:
  explicit EventHub(Random& random, EventLimits limits = {});

  // Called by the tail, in order.
  void Publish(const fairlead::events::v1::EventEnvelope& event);
  // Events may have been missed: a new epoch, and everyone is told to resync.
  void Gap();

  // `last_event_id` as the browser sent it, or empty: from now on. Errors: RESOURCE_EXHAUSTED
  // TOO_MANY_STREAMS, PERMISSION_DENIED AGENCY_NOT_ACTIVE.
  Result<std::shared_ptr<BodyStream>> Subscribe(const auth::Actor& actor, SessionCheck check,
                                                std::string_view last_event_id);
  // Ends the streams of a session at once.
  void EndSession(const std::string& session_id);
  size_t streams() const;

 private:
  friend class EventStream;
  // Rendered when somebody first takes it: most events are for agencies that have no stream open.
  struct Entry {
    fairlead::events::v1::EventEnvelope event;
    std::string frame = {};  // "id: …\ndata: …\n\n"; empty: not rendered yet
  };

  std::string NewEpoch() const;
  void WakeAll();
  std::string IdAt(uint64_t number) const { return epoch_ + "-" + std::to_string(number); }
  uint64_t first() const { return next_ - ring_.size(); }  // number of the ring's oldest
  // The number after `last_event_id`; nullopt when what follows it is not all in the ring.
  std::optional<uint64_t> Locate(std::string_view last_event_id) const;
  BodyStream::Piece TakeFor(class EventStream& stream);
  void Leave(class EventStream* stream);

  Random& random_;
  const EventLimits limits_;
  mutable std::mutex mutex_;
  std::string epoch_;
  uint64_t next_ = 1;       // number of the next event
  std::deque<Entry> ring_;  // its last one is next_ - 1
  std::set<class EventStream*> streams_;
};

// The JSON of one event. `data` is left out when its schema is not one of fairlead.events.v1.
std::string EventJson(const fairlead::events::v1::EventEnvelope& event);

}  // namespace fairlead::gateway

#endif  // GATEWAY_EVENTS_EVENT_HUB_H_
