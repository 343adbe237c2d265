#include "services/common/events/consumer.h"

#include <atomic>
#include <chrono>
#include <thread>

#include "services/common/events/alert.h"
#include "services/common/events/entry_mac.h"
#include "services/common/events/inbox.h"
#include "services/common/events/redis_connection.h"
#include "services/common/events/stream.h"
#include "services/common/events/wake.h"

namespace fairlead::events {
namespace {

// Two batches of acknowledgements fit into one command (RedisConnection's limit of arguments).
constexpr size_t kBatch = 128;
constexpr std::string_view kBatchText = "128";
constexpr std::string_view kBlockMs = "2000";
constexpr std::string_view kMaxDeadEntries = "10000";

int64_t SteadyMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Failures that say nothing about the event: tried again for as long as it takes.
bool IsTransient(const Error& error) {
  return error.code == Code::kUnavailable || error.code == Code::kResourceExhausted ||
         error.code == Code::kDeadlineExceeded || error.code == Code::kCancelled;
}

class GroupConsumer final : public Consumer {
 public:
  GroupConsumer(storage::Database& database, ConsumerOptions options, Apply apply,
                const Clock& clock)
      : options_(std::move(options)),
        clock_(clock),
        inbox_(database, options_.name, options_.stream, std::move(apply)),
        key_(StreamKey(options_.stream)),
        need_key_(NeedKey(options_.stream)),
        mac_(options_.event_key, options_.stream),
        thread_([this] { Run(); }) {}
  ~GroupConsumer() override { Stop(); }

  void Stop() override {
    stopping_ = true;
    wake_.Notify();
    const std::lock_guard lock(join_mutex_);
    if (thread_.joinable()) thread_.join();
  }
  ConsumerStatus status() const override {
    return {applied_.load(), dead_letters_.load(), connected_.load(), stalled_.load()};
  }

 private:
  void Run();
  Result<void> Cycle();
  Result<void> LoadInbox();
  Result<void> Join();
  Result<void> ReadPending();
  Result<void> ReadNew();
  Result<void> ClaimAbandoned();
  std::vector<Entry> Authentic(const ReplyView& reply);
  Result<void> Handle(const std::vector<Entry>& entries);
  Result<void> FillUpTo(int64_t sequence);
  Result<void> AskForMissing();
  Result<void> ApplyRun(std::span<const Entry> run);
  Result<void> ApplyTogether(std::span<const Entry> batch);
  Result<void> ApplyOne(const Entry& entry);
  Result<void> GiveUp(const Entry& entry, const std::string& reason);
  Result<void> SuspectAfterCrash(const Entry& entry);
  void Applied(int64_t position);
  bool QueueAcks();
  void Trouble(const Error& error);

  const ConsumerOptions options_;
  const Clock& clock_;
  Inbox inbox_;
  const std::string key_;
  const std::string need_key_;
  Wake wake_;  // notified once, by Stop
  std::atomic<bool> stopping_{false};
  std::atomic<int64_t> applied_{0};
  std::atomic<int64_t> dead_letters_{0};
  std::atomic<bool> connected_{false};
  std::atomic<bool> stalled_{false};

  // Of the thread alone.
  EntryMac mac_;
  bool dropped_ = false;  // what is missing may be an entry that was not authentic
  std::unique_ptr<RedisConnection> redis_;
  bool loaded_ = false;
  bool joined_ = false;
  bool first_join_ = true;
  bool died_ = false;  // options_.die_before_ack said so
  int64_t position_ = 0;
  int64_t next_claim_ms_ = 0;
  int64_t pause_ms_ = kMinPauseMs;
  std::string last_trouble_;
  std::vector<std::string> acks_;  // applied, to be acknowledged

  std::mutex join_mutex_;
  std::thread thread_;  // last: it uses all of the above
};

void GroupConsumer::Run() {
  BlockSigpipe();
  while (!stopping_ && !died_) {
    const Result<void> outcome = Cycle();
    if (died_) return;
    if (outcome) {
      pause_ms_ = kMinPauseMs;
      last_trouble_.clear();
    } else {
      Trouble(outcome.error());
    }
  }
  if (redis_ && joined_ && QueueAcks()) (void)redis_->Next();
  redis_.reset();
  connected_ = false;
}

// Whatever went wrong, the cure is the same: join again from the inbox position, on a new
// connection if this one is dead.
void GroupConsumer::Trouble(const Error& error) {
  joined_ = false;
  connected_ = false;
  if (error.reason == "REDIS_UNAVAILABLE") redis_.reset();
  if (error.reason != last_trouble_ && !stopping_) {
    Notice(LogEvent::kConsumerFailed, options_.stream, error.reason, position_);
    last_trouble_ = error.reason;
  }
  wake_.WaitFor(pause_ms_);
  pause_ms_ = std::min(pause_ms_ * 2, kMaxPauseMs);
}

Result<void> GroupConsumer::Cycle() {
  if (!loaded_) FAIRLEAD_RETURN_IF_ERROR(LoadInbox());
  if (!redis_) {
    FAIRLEAD_ASSIGN(redis_, RedisConnection::Open(options_.redis_socket, kRedisTimeoutMs));
    joined_ = false;
  }
  if (!joined_) {
    FAIRLEAD_RETURN_IF_ERROR(Join());
    joined_ = true;
    first_join_ = false;
    connected_ = true;
    stalled_ = false;
  }
  if (SteadyMs() >= next_claim_ms_) FAIRLEAD_RETURN_IF_ERROR(ClaimAbandoned());
  return ReadNew();
}

Result<void> GroupConsumer::LoadInbox() {
  FAIRLEAD_ASSIGN(const Inbox::State state, inbox_.Load());
  position_ = state.sequence;
  applied_ = state.sequence;
  dead_letters_ = state.dead_letters;
  loaded_ = true;
  return {};
}

// Makes the group, or takes it to where the inbox is: the inbox alone says what was applied.
Result<void> GroupConsumer::Join() {
  acks_.clear();
  const std::string at = EntryId(position_);
  FAIRLEAD_ASSIGN(Reply created,
                  redis_->Call({"XGROUP", "CREATE", key_, options_.name, at, "MKSTREAM"}));
  if (created.IsError()) {
    if (!created.Text().starts_with("BUSYGROUP")) {
      return Fail(Code::kUnavailable, "REDIS_REFUSED", std::string(created.Text()));
    }
    FAIRLEAD_RETURN_IF_ERROR(ReadPending());
    FAIRLEAD_RETURN_IF_ERROR(
        redis_->MustCall({"XGROUP", "SETID", key_, options_.name, EntryId(position_)}));
  }
  FAIRLEAD_ASSIGN(const StreamInfo info, ReadStreamInfo(*redis_, key_));
  if (!info.Covers(position_)) return AskForMissing();
  return {};
}

// What this consumer was given before and did not acknowledge.
Result<void> GroupConsumer::ReadPending() {
  std::string after = "0-0";
  for (bool first = first_join_;; first = false) {
    FAIRLEAD_ASSIGN(Reply reply,
                    redis_->MustCall({"XREADGROUP", "GROUP", options_.name, options_.instance,
                                      "COUNT", kBatchText, "STREAMS", key_, after}));
    const std::vector<Entry> entries = Authentic(reply[0][1]);
    if (entries.empty()) break;
    if (first) FAIRLEAD_RETURN_IF_ERROR(SuspectAfterCrash(entries.front()));
    FAIRLEAD_RETURN_IF_ERROR(Handle(entries));
    if (stopping_ || died_) break;
    if (QueueAcks()) FAIRLEAD_RETURN_IF_ERROR(redis_->Next());
    after = entries.back().id;
  }
  return {};
}

// The process ended while it held this event. If it is the event that ended it, the attempts,
// noted before each, will show.
Result<void> GroupConsumer::SuspectAfterCrash(const Entry& entry) {
  if (entry.sequence != position_ + 1 || entry.envelope.empty()) return {};
  FAIRLEAD_ASSIGN(const int64_t attempts, inbox_.CountAttempt(position_));
  if (attempts <= options_.max_deliveries) return {};
  return GiveUp(entry, "EVENT_ENDED_THE_PROCESS");
}

// Sends the acknowledgements that are due; true when an answer will come.
bool GroupConsumer::QueueAcks() {
  if (acks_.empty()) return false;
  std::vector<std::string_view> args{"XACK", key_, options_.name};
  args.insert(args.end(), acks_.begin(), acks_.end());
  const bool queued = redis_->Queue(args).has_value();
  acks_.clear();
  return queued;
}

Result<void> GroupConsumer::ReadNew() {
  // One flight: the acknowledgement of the last batch and the wait for the next.
  const bool acks = QueueAcks();
  FAIRLEAD_RETURN_IF_ERROR(
      redis_->Queue({"XREADGROUP", "GROUP", options_.name, options_.instance, "COUNT", kBatchText,
                     "BLOCK", kBlockMs, "STREAMS", key_, ">"}));
  if (acks) FAIRLEAD_RETURN_IF_ERROR(redis_->Next());
  FAIRLEAD_ASSIGN(const Waited waited, redis_->Wait(wake_, kRedisTimeoutMs));
  if (waited != Waited::kReadable) {
    redis_.reset();  // an answer is still owed: this connection cannot be used again
    if (waited == Waited::kWoken) return {};
    return Fail(Code::kUnavailable, "REDIS_UNAVAILABLE", "no answer above the BLOCK time");
  }
  FAIRLEAD_ASSIGN(Reply reply, redis_->Next());
  if (reply.IsError()) {
    return Fail(Code::kUnavailable, "REDIS_REFUSED", std::string(reply.Text()));
  }
  const std::vector<Entry> entries = Authentic(reply[0][1]);
  FAIRLEAD_RETURN_IF_ERROR(Handle(entries));
  if (options_.gather_ms > 0 && !entries.empty() && entries.size() < kBatch)
    wake_.WaitFor(options_.gather_ms);
  return {};
}

// Entries whose consumer went away. What it had applied is only acknowledged.
Result<void> GroupConsumer::ClaimAbandoned() {
  next_claim_ms_ = SteadyMs() + std::max<int64_t>(options_.claim_idle_ms / 2, 1);
  FAIRLEAD_ASSIGN(
      Reply reply,
      redis_->MustCall({"XAUTOCLAIM", key_, options_.name, options_.instance,
                        std::to_string(options_.claim_idle_ms), "0-0", "COUNT", kBatchText}));
  return Handle(Authentic(reply[1]));
}

std::vector<Entry> GroupConsumer::Authentic(const ReplyView& reply) {
  std::vector<Entry> entries = ParseEntries(reply);
  dropped_ = mac_.Drop(entries) || dropped_;
  return entries;
}

Result<void> GroupConsumer::Handle(const std::vector<Entry>& entries) {
  size_t next = 0;
  while (next < entries.size() && !stopping_ && !died_) {
    const Entry& entry = entries[next];
    if (entry.sequence <= position_) {
      acks_.push_back(entry.id);
      ++next;
    } else if (entry.sequence > position_ + 1 || entry.envelope.empty()) {
      FAIRLEAD_RETURN_IF_ERROR(FillUpTo(entry.sequence));
    } else {
      size_t end = next + 1;
      while (end < entries.size() && entries[end].sequence == entries[end - 1].sequence + 1 &&
             !entries[end].envelope.empty()) {
        ++end;
      }
      FAIRLEAD_RETURN_IF_ERROR(ApplyRun(std::span<const Entry>(entries).subspan(next, end - next)));
      for (; next < end && entries[next].sequence <= position_; ++next) {
        acks_.push_back(entries[next].id);
      }
    }
  }
  return {};
}

// Another consumer of the group was given the events before this one, or they were lost on the
// way: they are in the stream itself.
Result<void> GroupConsumer::FillUpTo(int64_t sequence) {
  FAIRLEAD_ASSIGN(Reply reply, redis_->MustCall({"XRANGE", key_, EntryId(position_ + 1),
                                                 EntryId(sequence), "COUNT", kBatchText}));
  const std::vector<Entry> entries = Authentic(reply);
  size_t end = 0;
  while (end < entries.size() && !entries[end].envelope.empty() &&
         entries[end].sequence == position_ + 1 + static_cast<int64_t>(end)) {
    ++end;
  }
  if (end == 0) return AskForMissing();
  return ApplyRun(std::span<const Entry>(entries).first(end));
}

Result<void> GroupConsumer::AskForMissing() {
  FAIRLEAD_ASSIGN(const StreamInfo info, ReadStreamInfo(*redis_, key_));
  FAIRLEAD_ASSIGN(Reply oldest,
                  redis_->MustCall({"HMGET", need_key_, kOldestField, kOldestMacField}));
  if (position_ == 0 && info.length > 0 && oldest[0].Int() == info.first &&
      mac_.OldestFits(info.first, oldest[1].Text())) {
    FAIRLEAD_RETURN_IF_ERROR(inbox_.StartAfter(info.first - 1));
    Notice(LogEvent::kConsumerStarted, options_.stream, "OLDER_EVENTS_NOT_KEPT", info.first);
    Applied(info.first - 1);
    return Fail(Code::kUnavailable, "EVENT_GAP", "joins again where the stream begins");
  }
  FAIRLEAD_RETURN_IF_ERROR(
      redis_->MustCall({"HSET", need_key_, options_.name, std::to_string(position_)}));
  // Of an entry that was dropped, its MAC's keeper has told already, and not each time.
  if (!stalled_.exchange(true) && !dropped_) {
    Alert(LogEvent::kConsumerFailed, options_.stream, "EVENTS_MISSING", position_ + 1);
  }
  return Fail(Code::kUnavailable, "EVENT_GAP", "events are missing from the stream");
}

void GroupConsumer::Applied(int64_t position) {
  position_ = position;
  applied_ = position;
  dropped_ = false;
}

Result<void> GroupConsumer::ApplyRun(std::span<const Entry> run) {
  for (size_t begin = 0; begin < run.size(); begin += kBatch) {
    const auto batch = run.subspan(begin, std::min(kBatch, run.size() - begin));
    if (batch.size() == 1) {
      FAIRLEAD_RETURN_IF_ERROR(ApplyOne(batch[0]));
    } else {
      FAIRLEAD_RETURN_IF_ERROR(ApplyTogether(batch));
    }
    if (options_.die_before_ack && options_.die_before_ack(position_)) died_ = true;
    if (stopping_ || died_) return {};
  }
  return {};
}

Result<void> GroupConsumer::ApplyTogether(std::span<const Entry> batch) {
  Inbox::Outcome outcome = inbox_.ApplyAll(batch);
  if (outcome.position) {
    Applied(*outcome.position);
    return {};
  }
  if (!outcome.handler_failed) {
    loaded_ = false;  // the outcome may be unknown: the inbox knows
    return Fail(std::move(outcome.position.error()));
  }
  // One of them is the culprit: alone, the others go through.
  for (const Entry& entry : batch) {
    if (stopping_) return {};
    FAIRLEAD_RETURN_IF_ERROR(ApplyOne(entry));
  }
  return {};
}

Result<void> GroupConsumer::ApplyOne(const Entry& entry) {
  while (!stopping_) {
    Inbox::Outcome outcome = inbox_.ApplyAll(std::span(&entry, 1));
    if (outcome.position) {
      Applied(*outcome.position);
      return {};
    }
    Error& error = outcome.position.error();
    if (!outcome.handler_failed || IsTransient(error)) {
      loaded_ = false;
      return Fail(std::move(error));
    }
    FAIRLEAD_ASSIGN(const int64_t attempts, inbox_.CountAttempt(position_));
    if (attempts >= options_.max_deliveries) return GiveUp(entry, error.reason);
    wake_.WaitFor(std::min(kMinPauseMs << std::min<int64_t>(attempts, 8), kMaxPauseMs));
  }
  return {};
}

Result<void> GroupConsumer::GiveUp(const Entry& entry, const std::string& reason) {
  FAIRLEAD_RETURN_IF_ERROR(inbox_.DeadLetter(entry, reason, clock_.NowMs()));
  Applied(entry.sequence);
  ++dead_letters_;
  Alert(LogEvent::kConsumerDeadLetter, options_.stream, reason, entry.sequence);
  // The table is the record; this copy is for watchers, so losing it is not an error.
  FAIRLEAD_ASSIGN(Reply added,
                  redis_->Call({"XADD", DeadKey(options_.stream), "MAXLEN", "~", kMaxDeadEntries,
                                "*", "e", entry.envelope, "consumer", options_.name, "sequence",
                                std::to_string(entry.sequence), "reason", reason}));
  if (added.IsError()) {
    Notice(LogEvent::kConsumerDeadLetter, options_.stream, "NOT_COPIED", entry.sequence);
  }
  return {};
}

}  // namespace

std::unique_ptr<Consumer> StartConsumer(storage::Database& database, ConsumerOptions options,
                                        Apply apply, const Clock& clock) {
  RegisterStream(options.stream);
  return std::make_unique<GroupConsumer>(database, std::move(options), std::move(apply), clock);
}

}  // namespace fairlead::events
