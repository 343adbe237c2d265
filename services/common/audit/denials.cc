#include "services/common/audit/denials.h"

#include <algorithm>
#include <functional>

#include "services/common/telemetry/log.h"

namespace fairlead::audit {
namespace {
constexpr size_t kBatch = 64;
}  // namespace

DenialWriter::DenialWriter(storage::Database& database, IdGenerator& ids, const Clock& clock,
                           DenialOptions options)
    : database_(database), ids_(ids), clock_(clock), options_(options) {
  if (options_.flush_every_ms > 0) timer_.emplace(options_.flush_every_ms, [this] { Flush(); });
}

void DenialWriter::Add(const auth::Actor& actor, std::string_view method, const Error& error,
                       Action action) {
  rpc::CallContext context;
  context.actor = actor;
  context.method = std::string(method);
  Record record{.action = action,
                .by = ByCaller(context),
                .refused = Refusal(error),
                .count = 1};
  Kind kind{record.by.staff_id, record.by.method, error.reason};
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  const auto found = windows_.find(kind);
  if (found != windows_.end()) {
    ++found->second.record.count;
    return;
  }
  if (windows_.size() >= options_.max_kinds) {
    ++not_recorded_;
    return;
  }
  windows_.emplace(std::move(kind), Window{std::move(record), clock_.SteadyMs(), false});
}

// The first of a kind at once; what came after it when its minute is over.
std::vector<Record> DenialWriter::TakeDue(bool all) {
  const int64_t now_ms = clock_.SteadyMs();
  std::vector<Record> due;
  const std::lock_guard lock(mutex_);
  if (all) stopped_ = true;
  for (auto at = windows_.begin(); at != windows_.end();) {
    Window& window = at->second;
    const bool over = all || now_ms - window.since_ms >= options_.window_ms;
    if (window.record.count > 0 && (over || !window.begun)) {
      due.push_back(window.record);
      window.record.count = 0;
      window.begun = true;
    }
    at = over ? windows_.erase(at) : std::next(at);
  }
  if (not_recorded_ > 0) {
    due.push_back(Record{.action = Action::kDenialsNotRecorded, .count = not_recorded_});
    not_recorded_ = 0;
  }
  return due;
}

Result<bool> DenialWriter::Write(const std::vector<Record>& records) {
  const std::function<Result<bool>(storage::Transaction&)> job =
      [this, &records, now_ms = clock_.NowMs()](storage::Transaction& tx) -> Result<bool> {
    for (const Record& record : records) {
      FAIRLEAD_RETURN_IF_ERROR(Append(tx, ids_, now_ms, record));
    }
    return true;
  };
  return SyncWait(database_.Write<bool>(job));
}

void DenialWriter::WriteAll(const std::vector<Record>& due) {
  for (size_t at = 0; at < due.size(); at += kBatch) {
    const size_t end = std::min(due.size(), at + kBatch);
    const std::vector<Record> records(due.begin() + static_cast<std::ptrdiff_t>(at),
                                      due.begin() + static_cast<std::ptrdiff_t>(end));
    const Result<bool> written = Write(records);
    if (written) continue;
    // The database is out of reach: what could not be written is not forgotten, it is counted; and
    // logged, for this process may end before it can be written.
    int64_t lost = 0;
    for (const Record& record : records) lost += record.count;
    telemetry::Critical(telemetry::Event::kDenialsNotRecorded, telemetry::Reason(written.error()),
                     telemetry::Count(telemetry::Key::kCount, lost));
    const std::lock_guard lock(mutex_);
    not_recorded_ += lost;
  }
}

void DenialWriter::Flush() { WriteAll(TakeDue(false)); }

void DenialWriter::Stop() {
  if (timer_) timer_->Stop();
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
  }
  WriteAll(TakeDue(true));
}

void Denials::Route(std::string prefix, DenialWriter& writer) {
  routes_[std::move(prefix)] = &writer;
}

void Denials::Add(const auth::Actor& actor, std::string_view method, const Error& error) const {
  for (const auto& [prefix, writer] : routes_) {
    if (method.starts_with(prefix)) return writer->Add(actor, method, error);
  }
}

}  // namespace fairlead::audit
