// How long an event takes from the commit of its cause to the commit of its effect, and how many
// a second get through. Real Redis, SQLite files with full durability.
//
//   events_bench [--postgres] [--seconds N]
//
// Prints one object a line: {"bench","in_flight","rate_per_s","p50_ms","p99_ms"}. Latency runs
// from the moment the producer is told that its write is durable (an effect seen before that
// counts as 0) to the moment the consumer's transaction has committed, or a tail was given the
// event. {"bench":"entry_mac","bytes","us_per_event"} is what making one MAC costs, or checking it.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <thread>

#include "services/common/events/entry_mac.h"
#include "tests/events/events_fixture.h"

namespace fairlead::events {
namespace {

using SteadyClock = std::chrono::steady_clock;

class Bench final : public World {
 public:
  bool Prepare(Kind kind) {
    if (!StartWorld(kind)) return false;
    StartRelay();
    ConsumerOptions options;
    // Between commit and XACK: everything up to `sequence` has had its effect.
    options.die_before_ack = [this](int64_t sequence) {
      const auto now = SteadyClock::now();
      const std::lock_guard lock(mutex_);
      while (static_cast<int64_t>(applied_.size()) < sequence) applied_.push_back(now);
      progress_.notify_all();
      return false;
    };
    StartConsumer(options);
    TailOptions tail_options{.streams = {kService},
                             .redis_socket = redis_server_->socket_path(),
                             .event_key = kEventKey};
    tail_options.after[kService] = 0;
    tail_ = StartTail(
        tail_options,
        [this](const std::string&, const v1::EventEnvelope&) {
          const std::lock_guard lock(mutex_);
          seen_.push_back(SteadyClock::now());
          progress_.notify_all();
        },
        [] {});
    return WaitUntil([&] { return consumer_->status().connected; });
  }
  void Finish() {
    tail_.reset();
    StopWorld();
  }

  // One writer at a time waits for its event's effect: sequence and write correspond.
  void Latency(int64_t seconds) {
    std::vector<double> applied_ms;
    std::vector<double> seen_ms;
    const auto end = SteadyClock::now() + std::chrono::seconds(seconds);
    const auto begin = SteadyClock::now();
    while (SteadyClock::now() < end) {
      const int64_t sequence = ++written_;
      if (!Produce(sequence)) return;
      const auto committed = SteadyClock::now();
      std::unique_lock lock(mutex_);
      const auto count = static_cast<size_t>(sequence);
      progress_.wait(lock, [&] { return applied_.size() >= count && seen_.size() >= count; });
      applied_ms.push_back(Between(committed, applied_[count - 1]));
      seen_ms.push_back(Between(committed, seen_[count - 1]));
    }
    const double elapsed = Between(begin, SteadyClock::now()) / 1000;
    Print("commit_to_tail", 1, elapsed, std::move(seen_ms));
    Print("commit_to_applied", 1, elapsed, std::move(applied_ms));
  }

  // The same writes with nobody to publish them: what the pipe is measured against.
  void Ceiling(int64_t seconds, int64_t in_flight) {
    auto database = Open(NewUrl());
    if (!database) return;
    int64_t done_count = 0;
    int64_t submitted = 0;
    std::vector<double> latencies_ms;
    const auto begin = SteadyClock::now();
    const auto end = begin + std::chrono::seconds(seconds);
    std::unique_lock lock(mutex_);
    while (SteadyClock::now() < end) {
      progress_.wait(lock, [&] { return submitted - done_count < in_flight; });
      const int64_t value = ++submitted;
      const auto now = SteadyClock::now();
      lock.unlock();
      database->Write(ProduceJob(value), [&, now](Result<void>) {
        const std::lock_guard inner(mutex_);
        latencies_ms.push_back(Between(now, SteadyClock::now()));
        ++done_count;
        progress_.notify_all();
      });
      lock.lock();
    }
    progress_.wait(lock, [&] { return submitted == done_count; });
    lock.unlock();
    const double elapsed = Between(begin, SteadyClock::now()) / 1000;
    Print("submit_to_commit", in_flight, elapsed, std::move(latencies_ms));
    database->Close();
  }

  // `in_flight` events between commit and effect: the whole pipe at its rate.
  void Throughput(int64_t seconds, int64_t in_flight) {
    const int64_t first = written_ + 1;
    std::vector<SteadyClock::time_point> submitted;
    std::atomic<int64_t> failed{0};
    const auto begin = SteadyClock::now();
    const auto end = begin + std::chrono::seconds(seconds);
    while (SteadyClock::now() < end) {
      Await(written_ - in_flight + 1);
      const int64_t value = ++written_;
      submitted.push_back(SteadyClock::now());
      producer_->Write(ProduceJob(value), [&](Result<void> done) {
        if (!done) ++failed;
      });
    }
    Await(written_ - failed);
    const double elapsed = Between(begin, SteadyClock::now()) / 1000;
    std::vector<double> latencies_ms;
    const std::lock_guard lock(mutex_);
    for (size_t i = 0; i < submitted.size(); ++i) {
      const auto applied = applied_[static_cast<size_t>(first - 1) + i];
      latencies_ms.push_back(Between(submitted[i], applied));
    }
    Print("submit_to_applied", in_flight, elapsed, std::move(latencies_ms));
  }

 private:
  static storage::Database::Job ProduceJob(int64_t value) {
    return [value](storage::Transaction& tx) -> Result<void> {
      FAIRLEAD_RETURN_IF_ERROR(tx.Execute("INSERT INTO produced (value) VALUES ($1)", {value}));
      outbox::Event event;
      event.id = "01890a5d-ac96-774b-bcce-b302099a8057";
      event.type = "fairlead.probe.happened.v1";
      event.subject = "s";
      event.time_ms = SystemClock().NowMs();
      event.data = std::to_string(value);
      return outbox::Append(tx, event);
    };
  }
  void Await(int64_t sequence) {
    std::unique_lock lock(mutex_);
    progress_.wait(lock, [&] { return static_cast<int64_t>(applied_.size()) >= sequence; });
  }
  // What was seen before its writer was told counts as 0.
  static double Between(SteadyClock::time_point from, SteadyClock::time_point to) {
    return std::max(0.0, std::chrono::duration<double, std::milli>(to - from).count());
  }
  static void Print(const char* name, int64_t in_flight, double elapsed_s,
                    std::vector<double> latencies_ms) {
    if (latencies_ms.empty()) return;
    std::sort(latencies_ms.begin(), latencies_ms.end());
    const size_t count = latencies_ms.size();
    std::printf(
        "{\"bench\":\"%s\",\"in_flight\":%lld,\"rate_per_s\":%.0f,\"p50_ms\":%.3f,"
        "\"p99_ms\":%.3f}\n",
        name, static_cast<long long>(in_flight), static_cast<double>(count) / elapsed_s,
        latencies_ms[count / 2], latencies_ms[count * 99 / 100]);
    std::fflush(stdout);
  }

  std::unique_ptr<Tail> tail_;
  std::mutex mutex_;
  std::condition_variable progress_;
  std::vector<SteadyClock::time_point> seen_;
  std::vector<SteadyClock::time_point> applied_;  // by sequence, from 1
  int64_t written_ = 0;
};

// In time of the processor, so that it says the same on a busy machine.
void MacCost() {
  constexpr int64_t kRounds = 200'000;
  const std::string envelope(400, 'e');  // about what an event has
  EntryMac mac(kEventKey, kService);
  size_t bytes = 0;
  const std::clock_t begin = std::clock();
  for (int64_t round = 1; round <= kRounds; ++round) bytes += mac.Make(round, envelope).size();
  const double elapsed_us = static_cast<double>(std::clock() - begin) * 1e6 / CLOCKS_PER_SEC;
  if (bytes == 0) return;
  std::printf("{\"bench\":\"entry_mac\",\"bytes\":%zu,\"us_per_event\":%.3f}\n",
              envelope.size(), elapsed_us / kRounds);
}

}  // namespace
}  // namespace fairlead::events

int main(int argc, char** argv) {
  using fairlead::events::Bench;
  using fairlead::events::Kind;
  Kind kind = Kind::kSqlite;
  int64_t seconds = 3;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--postgres") {
      kind = Kind::kPostgres;
    } else if (argument == "--seconds" && i + 1 < argc) {
      const std::string_view number = argv[++i];
      std::from_chars(number.data(), number.data() + number.size(), seconds);
    } else {
      std::cerr << "usage: events_bench [--postgres] [--seconds N]\n";
      return 2;
    }
  }
  fairlead::events::MacCost();
  Bench bench;
  if (!bench.Prepare(kind)) return 1;
  bench.Latency(seconds);
  for (const int64_t in_flight : {16, 64, 1024}) {
    bench.Ceiling(seconds, in_flight);
    bench.Throughput(seconds, in_flight);
  }
  bench.Finish();
  return 0;
}
