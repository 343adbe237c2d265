#include "gateway/events/event_hub.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <utility>

#include "services/common/base/clock.h"
#include "services/common/base/encoding.h"

namespace fairlead::gateway {
namespace {

namespace json = boost::json;
namespace pb = google::protobuf;

// "<epoch>-<n>"; nullopt for anything else.
std::optional<std::pair<std::string_view, uint64_t>> ParseId(std::string_view id) {
  const size_t dash = id.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(id.data() + dash + 1, id.data() + id.size(), number);
  if (error != std::errc() || end != id.data() + id.size()) return std::nullopt;
  return std::pair(id.substr(0, dash), number);
}

std::string Named(std::string_view name, std::string_view id) {
  std::string frame = "event: ";
  frame += name;
  if (!id.empty()) {
    frame += "\nid: ";
    frame += id;
  }
  return frame + "\ndata: {}\n\n";
}

// The message that data_schema names, as JSON; nullopt when it is not one that may go out.
std::optional<std::string> DataJson(const events::v1::EventEnvelope& event) {
  if (!event.data_schema().starts_with("fairlead.events.v1.")) return std::nullopt;
  const pb::Descriptor* type =
      pb::DescriptorPool::generated_pool()->FindMessageTypeByName(event.data_schema());
  if (type == nullptr) return std::nullopt;
  const std::unique_ptr<pb::Message> data(
      pb::MessageFactory::generated_factory()->GetPrototype(type)->New());
  std::string text;
  if (!data->ParseFromString(event.data()) || !pb::util::MessageToJsonString(*data, &text).ok()) {
    return std::nullopt;
  }
  return text;
}

// Streams are of active members only (Subscribe, Heartbeat).
bool IsFor(const events::v1::EventEnvelope& event, const auth::Actor& actor) {
  if (event.for_members() && actor.agency_kind != auth::AgencyKind::kLawEnforcement) return true;
  // Coordinators are such at the coalition office only, as in the policy table.
  if (event.for_coordinators() && actor.agency_kind == auth::AgencyKind::kCoalitionOffice &&
      actor.Has(auth::Role::kCoordinator)) {
    return true;
  }
  const auto& audience = event.audience_agency_ids();
  return std::find(audience.begin(), audience.end(), actor.agency_id) != audience.end();
}

}  // namespace

std::string EventJson(const events::v1::EventEnvelope& event) {
  json::object object;
  object["id"] = event.id();
  object["type"] = event.type();
  object["source"] = event.source();
  object["subject"] = event.subject();
  object["time"] = FormatTime(event.time().seconds() * 1000 + event.time().nanos() / 1'000'000);
  std::string text = json::serialize(object);
  if (const std::optional<std::string> data = DataJson(event)) {
    text.back() = ',';
    text += "\"data\":" + *data + "}";
  }
  return text;
}

// One subscriber. Everything but `actor_` and `check_` is guarded by the hub's mutex.
class EventStream final : public BodyStream, public std::enable_shared_from_this<EventStream> {
 public:
  EventStream(std::shared_ptr<EventHub> hub, auth::Actor actor, SessionCheck check)
      : hub_(std::move(hub)), actor_(std::move(actor)), check_(std::move(check)) {}
  ~EventStream() override { hub_->Leave(this); }

  Piece Take() override { return hub_->TakeFor(*this); }

  void OnReady(std::function<void()> wake) override {
    const std::lock_guard lock(hub_->mutex_);
    wake_ = std::move(wake);
  }

  Task<Piece> Heartbeat() override {
    // The client may leave while the question is under way.
    const std::shared_ptr<EventStream> self = shared_from_this();
    Task<Result<auth::Actor>> check = check_();
    const Result<auth::Actor> now = co_await std::move(check);
    Piece piece;
    if (!now) {
      // A session that ended is said; a service out of reach just ends the stream, and the client
      // comes back.
      if (now.error().code == Code::kUnauthenticated) piece.data = Named("session_ended", "");
      piece.end = true;
      co_return piece;
    }
    if (now->agency_id != actor_.agency_id || now->membership != auth::Membership::kActive) {
      piece.data = Named("session_ended", "");
      piece.end = true;
      co_return piece;
    }
    if (now->roles != actor_.roles) {
      piece.end = true;  // the session stands: the client comes back as who it is now
      co_return piece;
    }
    piece.data = ": heartbeat\n\n";
    co_return piece;
  }

 private:
  friend class EventHub;
  const std::shared_ptr<EventHub> hub_;
  const auth::Actor actor_;
  const SessionCheck check_;
  std::function<void()> wake_;
  std::string epoch_;  // the hub's when `next_` was set; another one means resync
  uint64_t next_ = 0;  // number of the first event not looked at yet
  bool begun_ = false;
  bool ended_ = false;
};

EventHub::EventHub(Random& random, EventLimits limits)
    : random_(random), limits_(limits), epoch_(NewEpoch()) {}

std::string EventHub::NewEpoch() const { return HexEncode(random_.Bytes(8)); }

void EventHub::Publish(const events::v1::EventEnvelope& event) {
  // Nobody may be told (the audit trail's own events): it need not push others out of the ring.
  const bool is_for_some = event.for_members() || event.for_coordinators();
  if (event.audience_agency_ids().empty() && !is_for_some) return;
  const std::lock_guard lock(mutex_);
  for (EventStream* stream : streams_) {
    if (stream->wake_ && IsFor(event, stream->actor_)) stream->wake_();
  }
  ring_.push_back({.event = event});
  ++next_;
  if (ring_.size() > limits_.ring_events) ring_.pop_front();
}

void EventHub::WakeAll() {
  for (EventStream* stream : streams_) {
    if (stream->wake_) stream->wake_();
  }
}

void EventHub::Gap() {
  const std::lock_guard lock(mutex_);
  epoch_ = NewEpoch();
  ring_.clear();
  WakeAll();
}

std::optional<uint64_t> EventHub::Locate(std::string_view last_event_id) const {
  const auto id = ParseId(last_event_id);
  if (!id || id->first != epoch_ || id->second + 1 < first() || id->second >= next_) {
    return std::nullopt;
  }
  return id->second + 1;
}

Result<std::shared_ptr<BodyStream>> EventHub::Subscribe(const auth::Actor& actor,
                                                        SessionCheck check,
                                                        std::string_view last_event_id) {
  if (actor.membership != auth::Membership::kActive) {
    return Fail(Code::kPermissionDenied, "AGENCY_NOT_ACTIVE",
                "The agency is not an active member of the coalition.");
  }
  auto stream = std::make_shared<EventStream>(shared_from_this(), actor, std::move(check));
  const std::lock_guard lock(mutex_);
  const auto same = std::count_if(streams_.begin(), streams_.end(), [&](const EventStream* other) {
    return other->actor_.session_id == actor.session_id;
  });
  if (streams_.size() >= limits_.max_streams ||
      static_cast<size_t>(same) >= limits_.max_streams_per_session) {
    // Not among streams_ yet: its destructor finds nothing to remove.
    return Fail(Code::kResourceExhausted, "TOO_MANY_STREAMS", "Too many event streams are open.",
                {{"retry_after_s", "15"}});
  }
  // Without an id, from now on; with one that cannot be continued, an epoch of nobody's: resync.
  const std::optional<uint64_t> next =
      last_event_id.empty() ? std::optional(next_) : Locate(last_event_id);
  if (next) stream->epoch_ = epoch_;
  stream->next_ = next.value_or(next_);
  streams_.insert(stream.get());
  return std::shared_ptr<BodyStream>(std::move(stream));
}

BodyStream::Piece EventHub::TakeFor(EventStream& stream) {
  const std::lock_guard lock(mutex_);
  BodyStream::Piece piece;
  if (stream.ended_) {
    piece.data = Named("session_ended", "");
    piece.end = true;
    return piece;
  }
  const bool has_lost = stream.epoch_ != epoch_ || stream.next_ < first();
  if (has_lost) {
    stream.epoch_ = epoch_;
    stream.next_ = next_;
    piece.data = Named("resync", IdAt(next_ - 1));
  }
  if (!stream.begun_) {
    stream.begun_ = true;
    piece.data = "retry: 2000\n\n" + Named("ready", IdAt(stream.next_ - 1)) + piece.data;
  }
  for (; stream.next_ < next_ && piece.data.size() < limits_.piece_bytes; ++stream.next_) {
    Entry& entry = ring_[stream.next_ - first()];
    if (!IsFor(entry.event, stream.actor_)) continue;
    if (entry.frame.empty()) {
      entry.frame = "id: " + IdAt(stream.next_) + "\ndata: " + EventJson(entry.event) + "\n\n";
    }
    piece.data += entry.frame;
  }
  return piece;
}

void EventHub::Leave(EventStream* stream) {
  const std::lock_guard lock(mutex_);
  streams_.erase(stream);
}

void EventHub::EndSession(const std::string& session_id) {
  const std::lock_guard lock(mutex_);
  for (EventStream* stream : streams_) {
    if (stream->actor_.session_id != session_id) continue;
    stream->ended_ = true;
    if (stream->wake_) stream->wake_();
  }
}

size_t EventHub::streams() const {
  const std::lock_guard lock(mutex_);
  return streams_.size();
}

}  // namespace fairlead::gateway
