#include "gateway/hsds/record_stream.h"

#include <mutex>
#include <utility>

namespace fairlead::gateway {
namespace {

constexpr int64_t kBatchTimeoutMs = 10'000;
constexpr int64_t kMostMs = 10 * 60 * 1000;
constexpr size_t kPieceBytes = 64 * 1024;
constexpr int kPerBatch = 200;

class RecordStream final : public BodyStream, public std::enable_shared_from_this<RecordStream> {
 public:
  RecordStream(rpc::Channel& services, const Clock& clock, std::shared_ptr<StreamSlots> slots,
               std::string client, auth::Actor viewer, directory::v1::QueryRecordsRequest request)
      : services_(services),
        clock_(clock),
        slots_(std::move(slots)),
        client_(std::move(client)),
        end_steady_ms_(clock.SteadyMs() + kMostMs),
        viewer_(std::move(viewer)),
        request_(std::move(request)) {
    request_.set_in_one(true);
    request_.set_page(0);
    request_.set_per_page(request_.full() || request_.full_service() ? 50 : kPerBatch);
  }

  ~RecordStream() override { slots_->Give(client_); }

  Piece Take() override {
    std::unique_lock lock(mutex_);
    Piece piece;
    if (lines_.size() > kPieceBytes) {
      piece.data = lines_.substr(0, kPieceBytes);
      lines_.erase(0, kPieceBytes);
      return piece;
    }
    piece.data = std::exchange(lines_, {});
    piece.end = ended_;
    if (ended_ || fetching_) return piece;
    fetching_ = true;
    lock.unlock();
    // Only now that the client has taken what there was: nobody can make the hub read ahead.
    const std::shared_ptr<RecordStream> self = shared_from_this();
    Start(Fetch(self), [](bool) {});
    return piece;
  }

  void OnReady(std::function<void()> wake) override {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
  }

  Task<Piece> Heartbeat() override { co_return Piece{}; }

 private:
  static Task<bool> Fetch(std::shared_ptr<RecordStream> self) {
    rpc::CallOptions options;
    options.actor = self->viewer_;
    options.deadline_steady_ms = self->clock_.SteadyMs() + kBatchTimeoutMs;
    auto batch = co_await rpc::Call<directory::v1::QueryRecordsResponse>(
        self->services_, "/fairlead.directory.v1.HsdsService/QueryRecords", self->request_,
        options);
    std::function<void()> wake;
    {
      const std::lock_guard lock(self->mutex_);
      self->fetching_ = false;
      if (self->clock_.SteadyMs() > self->end_steady_ms_) {
        self->lines_ += "{\"error\":{\"reason\":\"STREAM_TOO_LONG\"}}\n";
        self->ended_ = true;
      } else if (batch) {
        for (const std::string& record : batch->records()) self->lines_ += record + "\n";
        self->request_.set_after_id(batch->next_after_id());
        self->ended_ = batch->next_after_id().empty();
      } else {
        self->lines_ += R"({"error":{"reason":")" + batch.error().reason + "\"}}\n";
        self->ended_ = true;
      }
      wake = self->wake_;
    }
    if (wake) wake();
    co_return true;
  }

  rpc::Channel& services_;
  const Clock& clock_;
  const std::shared_ptr<StreamSlots> slots_;
  const std::string client_;
  const int64_t end_steady_ms_;
  const auth::Actor viewer_;
  directory::v1::QueryRecordsRequest request_;
  std::mutex mutex_;
  std::string lines_;
  std::function<void()> wake_;
  bool fetching_ = false;
  bool ended_ = false;
};

}  // namespace

bool StreamSlots::Take(const std::string& client) {
  const std::lock_guard lock(mutex_);
  const auto known = taken_.find(client);
  if (all_ >= kMost || (known != taken_.end() && known->second >= kMostOfOne)) return false;
  ++all_;
  ++taken_[client];
  return true;
}

void StreamSlots::Give(const std::string& client) {
  const std::lock_guard lock(mutex_);
  --all_;
  if (--taken_[client] == 0) taken_.erase(client);
}

Result<std::shared_ptr<BodyStream>> StreamRecords(rpc::Channel& services, const Clock& clock,
                                                  std::shared_ptr<StreamSlots> slots,
                                                  std::string client, auth::Actor viewer,
                                                  directory::v1::QueryRecordsRequest request) {
  if (!slots->Take(client)) {
    return Fail(Code::kResourceExhausted, "TOO_MANY_STREAMS",
                "Other streams of records are under way: wait until one has ended.");
  }
  return std::shared_ptr<BodyStream>(std::make_shared<RecordStream>(
      services, clock, std::move(slots), std::move(client), std::move(viewer), std::move(request)));
}

}  // namespace fairlead::gateway
