#include <atomic>
#include <chrono>
#include <thread>

#include "fairlead/events/v1/events.pb.h"
#include "services/common/events/alert.h"
#include "services/common/events/entry_mac.h"
#include "services/common/events/redis_connection.h"
#include "services/common/events/stream.h"
#include "services/common/events/wake.h"
#include "services/common/outbox/outbox.h"
#include "services/common/outbox/outbox_store.h"

namespace fairlead::outbox {
namespace {

using events::Alert;
using events::EntryId;
using events::EntrySequence;
using events::LogEvent;
using events::Notice;
using events::RedisConnection;
using events::Reply;
using events::StreamInfo;
using events::Waited;

constexpr int64_t kRedisTimeoutMs = 5'000;
constexpr int64_t kMinPauseMs = 5;
constexpr int64_t kMaxPauseMs = 500;
constexpr int64_t kLastChanceMs = 3'000;  // for publishing the rest when stopping
constexpr int64_t kTrimOutboxEachMs = 60'000;
constexpr size_t kMaxGroups = 256;

int64_t SteadyMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

class StreamRelay final : public Relay {
 public:
  StreamRelay(storage::Database& database, RelayOptions options, const Clock& clock)
      : options_(std::move(options)),
        clock_(clock),
        store_(database),
        key_(events::StreamKey(options_.service)),
        need_key_(events::NeedKey(options_.service)),
        mac_(options_.event_key, options_.service) {
    // Listeners cannot be taken back: this one keeps what it touches.
    database.OnCommit([wake = wake_] { wake->Notify(); });
    thread_ = std::thread([this] { Run(); });
  }
  ~StreamRelay() override { Stop(); }

  void Stop() override {
    stopping_ = true;
    wake_->Notify();
    stop_.Notify();
    const std::lock_guard lock(join_mutex_);
    if (thread_.joinable()) thread_.join();
  }
  RelayStatus status() const override {
    return {last_.load(), published_.load(), connected_.load(), stopped_ahead_.load()};
  }

 private:
  void Run();
  void PublishTheRest();
  Result<void> Cycle();
  Result<void> Resume();
  Result<bool> IsAuthentic(int64_t sequence);
  Result<void> StopIfAhead(const StreamInfo& info, const OutboxState& state);
  Result<void> Rebuild(int64_t after);
  Result<int> PublishBatch();
  Result<void> SendBatch(const std::vector<OutboxRow>& rows);
  Result<bool> Confirm(const OutboxRow& row);
  Result<void> WaitForWork();
  Result<void> Maintain();
  Result<std::map<std::string, int64_t>> ReadGroups();
  Result<int64_t> Acknowledged(const std::string& group, int64_t delivered, int64_t pending);
  Result<bool> AnswerNeeds(const StreamInfo& info, const OutboxState& state);
  Result<void> TrimStream(const StreamInfo& info, int64_t slowest);
  void Trouble(const Error& error);
  void StopForGood(const char* reason, int64_t sequence);
  int64_t FirstUseful(const OutboxState& state) const;
  bool Paused() const {
    return slowest_ >= 0 && published_ - slowest_ >= options_.max_stream_entries;
  }

  const RelayOptions options_;
  const Clock& clock_;
  OutboxStore store_;
  const std::string key_;
  const std::string need_key_;
  const std::shared_ptr<events::Wake> wake_ = std::make_shared<events::Wake>();
  events::Wake stop_;  // notified once, by Stop
  std::atomic<bool> stopping_{false};
  std::atomic<int64_t> last_{0};
  std::atomic<int64_t> published_{0};
  std::atomic<bool> connected_{false};
  std::atomic<bool> stopped_ahead_{false};

  // Of the thread alone.
  events::EntryMac mac_;
  std::unique_ptr<RedisConnection> redis_;
  bool resumed_ = false;        // published_ is what this stream's top was
  bool stream_exists_ = false;  // so XADD must not make it: if it is gone, all of it is
  bool died_ = false;           // options_.die_in_batch said so
  bool paused_ = false;
  int64_t slowest_ = -1;  // acknowledged by the slowest group; -1: no group is known
  int64_t next_maintenance_ms_ = 0;
  int64_t next_outbox_trim_ms_ = 0;
  int64_t pause_ms_ = kMinPauseMs;
  std::string last_trouble_;

  std::mutex join_mutex_;
  std::thread thread_;
};

void StreamRelay::Run() {
  events::BlockSigpipe();
  while (!stopping_ && !died_ && !stopped_ahead_) {
    const Result<void> outcome = Cycle();
    if (outcome) {
      pause_ms_ = kMinPauseMs;
      last_trouble_.clear();
    } else if (!died_ && !stopping_) {
      Trouble(outcome.error());
    }
  }
  if (!died_ && !stopped_ahead_) PublishTheRest();
  redis_.reset();
  connected_ = false;
}

// What is committed, if Redis answers. If it does not, the next start will.
void StreamRelay::PublishTheRest() {
  const int64_t deadline = SteadyMs() + kLastChanceMs;
  while (SteadyMs() < deadline && !died_ && !stopped_ahead_) {
    if (!redis_ || !resumed_) {
      if (!Resume()) return;
    } else {
      const Result<int> published = PublishBatch();
      if (!published || *published == 0) return;
    }
  }
}

void StreamRelay::Trouble(const Error& error) {
  if (error.reason.starts_with("REDIS")) {
    redis_.reset();
    connected_ = false;
  }
  resumed_ = false;
  if (error.reason != last_trouble_) {
    Notice(LogEvent::kRedisLost, options_.service, error.reason, published_);
    last_trouble_ = error.reason;
  }
  if (const Result<OutboxState> state = store_.ReadState()) last_ = state->last;
  stop_.WaitFor(pause_ms_);
  pause_ms_ = std::min(pause_ms_ * 2, kMaxPauseMs);
}

Result<void> StreamRelay::Cycle() {
  if (!redis_ || !resumed_) return Resume();
  wake_->Clear();  // before looking: a commit after this wakes the wait below
  FAIRLEAD_ASSIGN(const int published, PublishBatch());
  if (!resumed_ || died_) return {};
  if (SteadyMs() >= next_maintenance_ms_) return Maintain();
  if (published == options_.batch) return {};  // there is more
  return WaitForWork();
}

Result<void> StreamRelay::WaitForWork() {
  const int64_t wait_ms = std::max<int64_t>(next_maintenance_ms_ - SteadyMs(), 0);
  FAIRLEAD_ASSIGN(const Waited waited, redis_->Wait(*wake_, wait_ms));
  if (waited != Waited::kReadable) return {};
  // Nothing was asked, so this is the end of the connection.
  return Fail(Code::kUnavailable, "REDIS_UNAVAILABLE", "Redis closed the connection");
}

// Where does Redis stand, and what follows from it?
Result<void> StreamRelay::Resume() {
  resumed_ = false;
  if (!redis_) {
    FAIRLEAD_ASSIGN(redis_, RedisConnection::Open(options_.redis_socket, kRedisTimeoutMs));
  }
  FAIRLEAD_ASSIGN(const StreamInfo info, events::ReadStreamInfo(*redis_, key_));
  FAIRLEAD_ASSIGN(const OutboxState state, store_.ReadState());
  last_ = state.last;
  slowest_ = -1;
  for (const auto& [name, acknowledged] : state.groups) {
    slowest_ = slowest_ < 0 ? acknowledged : std::min(slowest_, acknowledged);
  }
  std::vector<events::Entry> top{info.last};
  const bool forged = mac_.Drop(top);
  if (!forged) FAIRLEAD_RETURN_IF_ERROR(StopIfAhead(info, state));
  if (stopped_ahead_) return {};
  const bool keeps_older =
      state.oldest <= state.last && (info.length == 0 || state.oldest < info.first);
  const bool lost = slowest_ >= 0 && !info.Covers(slowest_) && keeps_older;
  if (info.top > 0 && (!info.Contiguous() || lost || forged)) {
    FAIRLEAD_RETURN_IF_ERROR(Rebuild(FirstUseful(state)));
  } else {
    published_ = info.top > 0 ? info.top : FirstUseful(state);
    stream_exists_ = info.exists;
  }
  resumed_ = true;
  connected_ = true;
  wake_->Notify();  // whatever was committed meanwhile
  return {};
}

// In a stream that begins anew: the sequence before the first that anyone may need.
int64_t StreamRelay::FirstUseful(const OutboxState& state) const {
  int64_t after = state.last - options_.retain_entries;
  if (slowest_ < 0) after = state.last - options_.max_stream_entries;  // who reads is not known
  if (slowest_ >= 0) after = std::min(after, slowest_);
  return std::max({after, state.oldest - 1, int64_t{0}});
}

Result<void> StreamRelay::StopIfAhead(const StreamInfo& info, const OutboxState& state) {
  if (info.top > state.last) {
    // Rows may be there without a number yet (PostgreSQL); numbers given once are durable, so
    // these rows are new ones, and the stream is ahead all the same.
    StopForGood("REDIS_AHEAD_OF_OUTBOX", info.top);
    return {};
  }
  if (info.last.sequence == 0 || info.last.sequence < state.oldest) return {};
  FAIRLEAD_ASSIGN(const std::vector<OutboxRow> rows, store_.Fetch(info.last.sequence - 1, 1));
  fairlead::events::v1::EventEnvelope ours;
  fairlead::events::v1::EventEnvelope theirs;
  if (rows.empty() || rows[0].sequence != info.last.sequence) return {};
  if (ours.ParseFromString(rows[0].envelope) && theirs.ParseFromString(info.last.envelope) &&
      ours.id() != theirs.id()) {
    StopForGood("REDIS_HOLDS_OTHER_EVENTS", info.last.sequence);
  }
  return {};
}

void StreamRelay::StopForGood(const char* reason, int64_t sequence) {
  stopped_ahead_ = true;
  Alert(LogEvent::kRelayStopped, options_.service, reason, sequence);
}

Result<void> StreamRelay::Rebuild(int64_t after) {
  Alert(LogEvent::kRelayResumed, options_.service, "STREAM_REBUILT", after + 1);
  FAIRLEAD_RETURN_IF_ERROR(redis_->MustCall({"DEL", key_}));
  stream_exists_ = false;
  published_ = after;
  return {};
}

Result<int> StreamRelay::PublishBatch() {
  if (Paused()) {
    if (!paused_) Alert(LogEvent::kRelayStopped, options_.service, "CONSUMER_TOO_SLOW", slowest_);
    paused_ = true;
    return 0;
  }
  paused_ = false;
  FAIRLEAD_ASSIGN(const std::vector<OutboxRow> rows, store_.Fetch(published_, options_.batch));
  if (rows.empty()) return 0;
  last_ = std::max(last_.load(), rows.back().sequence);
  FAIRLEAD_RETURN_IF_ERROR(SendBatch(rows));
  bool whole = true;
  if (died_) return 0;
  for (const OutboxRow& row : rows) {
    FAIRLEAD_ASSIGN(const bool added, Confirm(row));
    whole = whole && added;
  }
  // Refused ones mean that the stream is not what it was thought to be.
  if (!whole) resumed_ = false;
  return static_cast<int>(rows.size());
}

Result<void> StreamRelay::SendBatch(const std::vector<OutboxRow>& rows) {
  for (const OutboxRow& row : rows) {
    if (options_.die_in_batch && options_.die_in_batch(row.sequence)) {
      died_ = true;
      break;
    }
    const std::string id = EntryId(row.sequence);
    const std::string envelope = CompleteEnvelope(row, options_.service);
    const std::string mac = mac_.Make(row.sequence, envelope);
    if (stream_exists_) {
      FAIRLEAD_RETURN_IF_ERROR(
          redis_->Queue({"XADD", key_, "NOMKSTREAM", id, "e", envelope, "m", mac}));
    } else {
      FAIRLEAD_RETURN_IF_ERROR(redis_->Queue({"XADD", key_, id, "e", envelope, "m", mac}));
      stream_exists_ = true;
    }
  }
  return redis_->Flush();
}

// False when Redis did not add the row now. "Equal or smaller" means that it has it, or should
// have: Resume will see which.
Result<bool> StreamRelay::Confirm(const OutboxRow& row) {
  FAIRLEAD_ASSIGN(Reply reply, redis_->Next());
  if (reply.IsError() && reply.Text().find("equal or smaller") == std::string_view::npos) {
    return Fail(Code::kUnavailable, "REDIS_REFUSED", std::string(reply.Text()));
  }
  if (reply.IsError() || reply.IsNil()) return false;
  published_ = row.sequence;
  return true;
}

Result<void> StreamRelay::Maintain() {
  next_maintenance_ms_ = SteadyMs() + options_.maintain_ms;
  FAIRLEAD_ASSIGN(const StreamInfo info, events::ReadStreamInfo(*redis_, key_));
  FAIRLEAD_ASSIGN(OutboxState state, store_.ReadState());
  last_ = state.last;
  // An empty stream is as it should be when there is nothing that anyone may need.
  const bool nothing_to_add = info.top == 0 && published_ == FirstUseful(state);
  if (info.top != published_ && !nothing_to_add) return Resume();
  if (!info.Contiguous()) return Resume();
  std::map<std::string, int64_t> groups;
  if (info.exists) {
    FAIRLEAD_ASSIGN(groups, ReadGroups());
  }
  std::map<std::string, int64_t> changed;
  for (const auto& [name, acknowledged] : groups) {
    const auto known = state.groups.find(name);
    if (known == state.groups.end() || known->second != acknowledged) {
      changed[name] = acknowledged;
      state.groups[name] = acknowledged;
    }
  }
  const int64_t now_ms = clock_.NowMs();
  const bool trim_outbox = SteadyMs() >= next_outbox_trim_ms_;
  if (trim_outbox) changed = groups;  // also tells that they are still there
  const bool some_are_gone = trim_outbox && state.groups.size() > groups.size();
  if (!changed.empty() || some_are_gone) {
    FAIRLEAD_RETURN_IF_ERROR(store_.SaveGroups(changed, now_ms, now_ms - options_.keep_ms));
  }
  slowest_ = -1;
  for (const auto& [name, acknowledged] : state.groups) {
    slowest_ = slowest_ < 0 ? acknowledged : std::min(slowest_, acknowledged);
  }
  FAIRLEAD_ASSIGN(const bool rebuilt, AnswerNeeds(info, state));
  if (rebuilt) return {};
  FAIRLEAD_RETURN_IF_ERROR(TrimStream(info, slowest_ < 0 ? info.top : slowest_));
  if (trim_outbox) {
    const int64_t done = slowest_ < 0 ? published_.load() : std::min<int64_t>(published_, slowest_);
    FAIRLEAD_ASSIGN(const int64_t trimmed, store_.Trim(done, now_ms - options_.keep_ms));
    // A full helping: there is more.
    if (trimmed < OutboxStore::kMaxTrimmedAtOnce)
      next_outbox_trim_ms_ = SteadyMs() + kTrimOutboxEachMs;
  }
  return {};
}

Result<std::map<std::string, int64_t>> StreamRelay::ReadGroups() {
  std::map<std::string, int64_t> groups;
  FAIRLEAD_ASSIGN(Reply reply, redis_->Call({"XINFO", "GROUPS", key_}));
  for (size_t i = 0; i < std::min(reply.size(), kMaxGroups); ++i) {
    const std::string name(reply[i].Field("name").Text());
    FAIRLEAD_ASSIGN(const int64_t acknowledged,
                    Acknowledged(name, EntrySequence(reply[i].Field("last-delivered-id").Text()),
                                 reply[i].Field("pending").Int()));
    groups[name] = std::min<int64_t>(acknowledged, published_);
  }
  return groups;
}

// All up to the result are acknowledged: delivered and not pending.
Result<int64_t> StreamRelay::Acknowledged(const std::string& group, int64_t delivered,
                                          int64_t pending) {
  if (pending == 0) return delivered;
  FAIRLEAD_ASSIGN(Reply reply, redis_->Call({"XPENDING", key_, group}));
  const int64_t lowest = EntrySequence(reply[1].Text());
  return lowest == 0 ? delivered : std::min(delivered, lowest - 1);
}

Result<bool> StreamRelay::IsAuthentic(int64_t sequence) {
  const std::string id = EntryId(sequence);
  FAIRLEAD_ASSIGN(Reply reply, redis_->MustCall({"XRANGE", key_, id, id}));
  const std::vector<events::Entry> entries = events::ParseEntries(reply);
  return entries.size() == 1 && mac_.Fits(entries[0]);
}

// Consumers that miss events: give them the oldest there is. What a consumer asks for and the
// stream seems to have is looked at: somebody else may have put it there.
Result<bool> StreamRelay::AnswerNeeds(const StreamInfo& info, const OutboxState& state) {
  FAIRLEAD_ASSIGN(Reply fields, redis_->MustCall({"HLEN", need_key_}));
  if (fields.Int() > static_cast<int64_t>(kMaxGroups)) {
    // None of ours: those who miss something ask again.
    FAIRLEAD_RETURN_IF_ERROR(redis_->MustCall({"DEL", need_key_}));
    return false;
  }
  FAIRLEAD_ASSIGN(Reply needs, redis_->MustCall({"HGETALL", need_key_}));
  int64_t lowest = -1;
  bool forged = false;
  std::vector<std::string> answered;
  for (size_t i = 0; i + 1 < needs.size(); i += 2) {
    const std::string_view asking = needs[i].Text();
    if (asking == events::kOldestField || asking == events::kOldestMacField) continue;
    answered.emplace_back(needs[i].Text());
    const int64_t position = needs[i + 1].Int();
    bool there = info.Covers(position);
    if (there && position < info.top) {
      FAIRLEAD_ASSIGN(there, IsAuthentic(position + 1));
      forged = forged || !there;
    }
    if (!there) lowest = lowest < 0 ? position : std::min(lowest, position);
  }
  int64_t after = std::max(lowest, state.oldest - 1);
  // Readers without a group keep what they had to look back on.
  if (forged) after = std::min(after, FirstUseful(state));
  const bool rebuild = lowest >= 0 && (forged || info.length == 0 || after + 1 < info.first);
  if (rebuild) FAIRLEAD_RETURN_IF_ERROR(Rebuild(after));
  // Our word that nothing older is kept is given when it is so, whatever was asked for.
  if (lowest >= 0 && after + 1 == state.oldest) {
    FAIRLEAD_RETURN_IF_ERROR(
        redis_->MustCall({"HSET", need_key_, events::kOldestField, std::to_string(after + 1),
                          events::kOldestMacField, mac_.MakeOldest(after + 1)}));
  } else if (lowest >= 0) {
    FAIRLEAD_RETURN_IF_ERROR(redis_->MustCall(
        {"HDEL", need_key_, events::kOldestField, events::kOldestMacField}));
  }
  for (const std::string& group : answered) {
    FAIRLEAD_RETURN_IF_ERROR(redis_->MustCall({"HDEL", need_key_, group}));
  }
  return rebuild;
}

Result<void> StreamRelay::TrimStream(const StreamInfo& info, int64_t slowest) {
  const int64_t until = std::min(slowest, published_ - options_.retain_entries);
  if (info.length == 0 || until < info.first) return {};
  FAIRLEAD_RETURN_IF_ERROR(redis_->MustCall({"XTRIM", key_, "MINID", "=", EntryId(until + 1)}));
  return {};
}

}  // namespace

std::unique_ptr<Relay> StartRelay(storage::Database& database, RelayOptions options,
                                  const Clock& clock) {
  events::RegisterStream(options.service);
  return std::make_unique<StreamRelay>(database, std::move(options), clock);
}

}  // namespace fairlead::outbox
