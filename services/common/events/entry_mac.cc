#include "services/common/events/entry_mac.h"

#include "services/common/base/check.h"
#include "services/common/base/clock.h"
#include "services/common/base/encoding.h"
#include "services/common/events/alert.h"
#include "services/common/telemetry/metrics.h"

namespace fairlead::events {
namespace {

constexpr int64_t kToldEachMs = 60'000;

std::string_view CheckedKey(std::string_view event_key) {
  FAIRLEAD_CHECK(event_key.size() == kHmacBytes);
  return event_key;
}

void CountDropped(const std::string& stream_key) {
  static telemetry::CounterFamily<telemetry::KnownName> dropped(
      telemetry::Metrics::Process(), "fairlead_events_not_authentic_total",
      "Entries read from Redis that none of our relays has made; one may be read several times.",
      {telemetry::Key::kStream});
  dropped.Of(telemetry::FindName(stream_key)).Add();
}

}  // namespace

EntryMac::EntryMac(std::string_view event_key, std::string service)
    : service_(std::move(service)),
      stream_key_(StreamKey(service_)),
      need_key_(NeedKey(service_)),
      hmac_(CheckedKey(event_key)) {}

// No key of Redis' that we use has a line feed, and no number has: the parts can be told apart.
std::string EntryMac::Of(std::string_view key, int64_t sequence, std::string_view bytes) {
  return hmac_.Of({key, "\n", std::to_string(sequence), "\n", bytes});
}

std::string EntryMac::Make(int64_t sequence, std::string_view envelope) {
  return Of(stream_key_, sequence, envelope);
}

bool EntryMac::Fits(const Entry& entry) {
  return !entry.envelope.empty() && entry.mac.size() == kHmacBytes &&
         ConstantTimeEquals(Make(entry.sequence, entry.envelope), entry.mac);
}

bool EntryMac::Drop(std::vector<Entry>& entries) {
  bool any = false;
  for (Entry& entry : entries) {
    // Deleted while it was pending: there is nothing to look at.
    if (entry.envelope.empty() && entry.mac.empty()) continue;
    if (Fits(entry)) continue;
    entry.envelope.clear();
    any = true;
    CountDropped(stream_key_);
    const int64_t now_ms = SystemClock().SteadyMs();
    if (now_ms < next_told_ms_) continue;
    next_told_ms_ = now_ms + kToldEachMs;
    Alert(LogEvent::kConsumerFailed, service_, "EVENT_NOT_AUTHENTIC", entry.sequence);
  }
  return any;
}

std::string EntryMac::MakeOldest(int64_t oldest) { return Of(need_key_, oldest, kOldestField); }

bool EntryMac::OldestFits(int64_t oldest, std::string_view mac) {
  return mac.size() == kHmacBytes && ConstantTimeEquals(MakeOldest(oldest), mac);
}

}  // namespace fairlead::events
