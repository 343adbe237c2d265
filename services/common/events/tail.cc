#include <atomic>
#include <chrono>
#include <thread>

#include "services/common/events/alert.h"
#include "services/common/events/consumer.h"
#include "services/common/events/entry_mac.h"
#include "services/common/events/redis_connection.h"
#include "services/common/events/stream.h"
#include "services/common/events/wake.h"

namespace fairlead::events {
namespace {

constexpr std::string_view kTailBatchText = "256";
constexpr std::string_view kTailBlockMs = "1000";
constexpr int64_t kDroppedPauseMs = 100;
constexpr int64_t kUnknown = -1;
constexpr std::string_view kAsks = "tail";  // in the hash of needs, among the names of groups

using OnEvent = std::function<void(const std::string&, const v1::EventEnvelope&)>;

class StreamTail final : public Tail {
 public:
  StreamTail(TailOptions options, OnEvent on_event, std::function<void()> on_gap)
      : options_(std::move(options)), on_event_(std::move(on_event)), on_gap_(std::move(on_gap)) {
    for (const std::string& service : options_.streams) {
      const auto after = options_.after.find(service);
      Reader& reader = readers_.emplace_back();
      reader.service = service;
      reader.key = StreamKey(service);
      reader.last = after == options_.after.end() ? kUnknown : after->second;
      reader.mac = std::make_unique<EntryMac>(options_.event_key, service);
    }
    thread_ = std::thread([this] { Run(); });
  }
  ~StreamTail() override { Stop(); }

  void Stop() override {
    stopping_ = true;
    wake_.Notify();
    const std::lock_guard lock(join_mutex_);
    if (thread_.joinable()) thread_.join();
  }

 private:
  struct Reader {
    std::string service;
    std::string key;
    int64_t last = kUnknown;  // sequence seen last; kUnknown: not known where the stream is
    int64_t held = 0;         // while that is so: the top of a stream whose top is not authentic
    std::unique_ptr<EntryMac> mac;
    bool Waits() const { return last == kUnknown && held != 0; }
    int64_t ReadFrom() const { return last == kUnknown ? held : last; }
  };

  void Run();
  Result<void> Cycle();
  Result<void> LookForGaps();
  Result<void> ReadMore();
  Result<void> FindBeginning(Reader& reader, const StreamInfo& info);
  Result<void> AskFor(const Reader& reader, int64_t sequence);
  bool DeliverAll(Reader& reader, std::vector<Entry> entries);
  void Deliver(Reader& reader, const Entry& entry);

  const TailOptions options_;
  const OnEvent on_event_;
  const std::function<void()> on_gap_;
  Wake wake_;
  std::atomic<bool> stopping_{false};
  std::vector<Reader> readers_;
  std::unique_ptr<RedisConnection> redis_;
  std::mutex join_mutex_;
  std::thread thread_;
};

void StreamTail::Run() {
  BlockSigpipe();
  int64_t pause_ms = kMinPauseMs;
  while (!stopping_) {
    if (const Result<void> outcome = Cycle(); outcome) {
      pause_ms = kMinPauseMs;
      continue;
    }
    redis_.reset();
    wake_.WaitFor(pause_ms);
    pause_ms = std::min(pause_ms * 2, kMaxPauseMs);
  }
}

Result<void> StreamTail::Cycle() {
  if (!redis_) {
    FAIRLEAD_ASSIGN(redis_, RedisConnection::Open(options_.redis_socket, kRedisTimeoutMs));
    FAIRLEAD_RETURN_IF_ERROR(LookForGaps());
  }
  return ReadMore();
}

// After a connection and whenever it is quiet: what this reader needs next must still be there.
Result<void> StreamTail::LookForGaps() {
  for (Reader& reader : readers_) {
    FAIRLEAD_ASSIGN(const StreamInfo info, ReadStreamInfo(*redis_, reader.key));
    // An empty stream is being put together again, or has never been: it tells nothing yet.
    if (reader.last == kUnknown) {
      FAIRLEAD_RETURN_IF_ERROR(FindBeginning(reader, info));
    } else if (!info.Covers(reader.last)) {
      reader.last = info.length > 0 ? info.first - 1 : info.top;
      on_gap_();
    }
  }
  return {};
}

// A top that is not authentic says nothing: it is read past until the relay has put it right, and
// subscribers resync then.
Result<void> StreamTail::FindBeginning(Reader& reader, const StreamInfo& info) {
  std::vector<Entry> top{info.last};
  if (reader.mac->Drop(top)) {
    reader.held = info.top;
    return AskFor(reader, info.top);
  }
  if (info.top == 0) return {};
  reader.last = info.top;
  if (std::exchange(reader.held, 0) != 0) on_gap_();
  return {};
}

// The relay looks at what it is asked for, and puts right what it has not made.
Result<void> StreamTail::AskFor(const Reader& reader, int64_t sequence) {
  const std::string applied = std::to_string(sequence - 1);
  FAIRLEAD_RETURN_IF_ERROR(redis_->MustCall({"HSET", NeedKey(reader.service), kAsks, applied}));
  return {};
}

Result<void> StreamTail::ReadMore() {
  std::vector<std::string> ids;
  ids.reserve(readers_.size());
  for (const Reader& reader : readers_) ids.push_back(EntryId(reader.ReadFrom()));
  std::vector<std::string_view> args{"XREAD", "COUNT",      kTailBatchText,
                                     "BLOCK", kTailBlockMs, "STREAMS"};
  for (const Reader& reader : readers_) args.push_back(reader.key);
  args.insert(args.end(), ids.begin(), ids.end());
  FAIRLEAD_RETURN_IF_ERROR(redis_->Queue(args));
  FAIRLEAD_ASSIGN(const Waited waited, redis_->Wait(wake_, kRedisTimeoutMs));
  if (waited != Waited::kReadable) {
    return Fail(Code::kUnavailable, "REDIS_UNAVAILABLE", "no answer above the BLOCK time");
  }
  FAIRLEAD_ASSIGN(Reply reply, redis_->Next());
  if (reply.IsError()) {
    return Fail(Code::kUnavailable, "REDIS_REFUSED", std::string(reply.Text()));
  }
  if (reply.size() == 0) return LookForGaps();
  bool all = std::none_of(readers_.begin(), readers_.end(),
                          [](const Reader& reader) { return reader.Waits(); });
  for (size_t i = 0; i < reply.size(); ++i) {
    for (Reader& reader : readers_) {
      if (reader.key != reply[i][0].Text()) continue;
      if (DeliverAll(reader, ParseEntries(reply[i][1]))) continue;
      all = false;
      if (reader.last != kUnknown) FAIRLEAD_RETURN_IF_ERROR(AskFor(reader, reader.last + 1));
    }
  }
  if (all) return {};
  // What was dropped would be read again at once: the relay is given time to put it right.
  wake_.WaitFor(kDroppedPauseMs);
  return LookForGaps();
}

// False: there were some that are not ours. What is at no place of the stream is passed over; those
// after one at a place are left, for the true one is still to come.
bool StreamTail::DeliverAll(Reader& reader, std::vector<Entry> entries) {
  reader.mac->Drop(entries);
  bool all = true;
  for (const Entry& entry : entries) {
    all = all && !entry.envelope.empty();
    if (entry.sequence == 0) continue;
    if (entry.envelope.empty()) return false;
    Deliver(reader, entry);
  }
  return all;
}

void StreamTail::Deliver(Reader& reader, const Entry& entry) {
  if (stopping_ || (reader.last != kUnknown && entry.sequence <= reader.last)) return;
  const bool gap = reader.last != kUnknown && entry.sequence != reader.last + 1;
  reader.last = entry.sequence;
  if (gap) on_gap_();
  v1::EventEnvelope event;
  if (!event.ParseFromString(entry.envelope) || event.sequence() != entry.sequence) {
    Notice(LogEvent::kConsumerFailed, reader.service, "EVENT_MALFORMED", entry.sequence);
    on_gap_();
    return;
  }
  on_event_(reader.service, event);
}

}  // namespace

std::unique_ptr<Tail> StartTail(TailOptions options, OnEvent on_event,
                                std::function<void()> on_gap) {
  for (const std::string& service : options.streams) RegisterStream(service);
  return std::make_unique<StreamTail>(std::move(options), std::move(on_event), std::move(on_gap));
}

}  // namespace fairlead::events
