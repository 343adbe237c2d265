#include "services/identity/commands/hash_pool.h"

#include <sodium.h>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>

#include <array>
#include <iterator>

#include "services/common/base/check.h"

namespace fairlead::identity {
namespace {

void Wipe(std::string& secret) { sodium_memzero(secret.data(), secret.size()); }

// What ICU cannot read (never, for valid UTF-8) stays as it is.
std::string Normalise(const std::string& passphrase) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* form = icu::Normalizer2::getNFKCInstance(status);
  if (U_FAILURE(status) != 0) return passphrase;
  std::string normal;
  icu::StringByteSink<std::string> sink(&normal);
  form->normalizeUTF8(0, passphrase, sink, nullptr, status);
  return U_FAILURE(status) != 0 ? passphrase : normal;
}

Result<std::string> HashNow(std::string passphrase, HashCost cost) {
  std::string normal = Normalise(passphrase);
  Wipe(passphrase);
  std::array<char, crypto_pwhash_STRBYTES> text{};
  const int failed = crypto_pwhash_str_alg(text.data(), normal.data(), normal.size(), cost.passes,
                                           cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13);
  Wipe(normal);
  if (failed != 0) {
    return Fail(Code::kResourceExhausted, "OUT_OF_MEMORY", "No memory for a passphrase hash.");
  }
  return std::string(text.data());
}

Result<bool> VerifyNow(const std::string& hash, std::string passphrase) {
  std::string normal = Normalise(passphrase);
  Wipe(passphrase);
  const bool right = crypto_pwhash_str_verify(hash.c_str(), normal.data(), normal.size()) == 0;
  Wipe(normal);
  return right;
}

Error ShuttingDown() { return {Code::kUnavailable, "SHUTTING_DOWN", "The hub is stopping.", {}}; }

Error Busy(Code code) {
  return {code,
          "SIGN_IN_BUSY",
          "Too many sign-ins at once; try again in a few seconds.",
          {{"retry_after_s", "2"}}};
}

// A job's two ends, around what it works out.
template <class T>
struct Ends {
  std::function<void(Result<T>)> done;
  std::function<void()> Tell(Result<T> result) const {
    return [tell = done, result = std::move(result)] { tell(result); };
  }
  std::function<void(Error)> Refuse() const {
    return [tell = done](Error error) { tell(Fail(std::move(error))); };
  }
};

}  // namespace

HashPool::HashPool(const Clock& clock, int threads, size_t max_queued, HashCost cost)
    : clock_(clock), max_queued_(max_queued), cost_(cost) {
  FAIRLEAD_CHECK(sodium_init() >= 0);
  threads_.reserve(static_cast<size_t>(threads));
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

std::string HashPool::DummyHash() const {
  return "$argon2id$v=19$m=" + std::to_string(cost_.memory_bytes / 1024) +
         ",t=" + std::to_string(cost_.passes) +
         ",p=1$xotDMHFADpbgga+sNLviOQ$LNCVLtZmV2P/fEjiz2mMBjwTj8ExUW/Rl5w2Wy/w8Ow";
}

void HashPool::Stop() {
  std::vector<Job> left;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (std::deque<Job>& queue : queues_) {
      std::move(queue.begin(), queue.end(), std::back_inserter(left));
      queue.clear();
    }
  }
  ready_.notify_all();
  for (Job& job : left) job.refuse(ShuttingDown());
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void HashPool::Enqueue(Job job) {
  bool stopping = false;
  {
    const std::lock_guard lock(mutex_);
    stopping = stopping_;
    std::deque<Job>& queue = queues_.at(static_cast<size_t>(job.turn.lane));
    const std::string& owner = job.turn.owner;
    const bool has_room = queue.size() < max_queued_;
    if (!stopping && has_room && (owner.empty() || owners_.insert(owner).second)) {
      queue.push_back(std::move(job));
      ready_.notify_one();
      return;
    }
  }
  job.refuse(stopping ? ShuttingDown() : Busy(Code::kResourceExhausted));
}

std::deque<HashPool::Job>* HashPool::FirstWaiting() {
  for (std::deque<Job>& queue : queues_) {
    if (!queue.empty()) return &queue;
  }
  return nullptr;
}

void HashPool::Run() {
  while (true) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      std::deque<Job>* queue = nullptr;
      ready_.wait(lock, [&] { return stopping_ || (queue = FirstWaiting()) != nullptr; });
      if (stopping_) return;
      job = std::move(queue->front());
      queue->pop_front();
    }
    // Whoever asked has given up: the time is for those who still wait.
    const int64_t deadline_ms = job.turn.deadline_steady_ms;
    const bool is_late = deadline_ms != 0 && clock_.SteadyMs() >= deadline_ms;
    const std::function<void()> tell = is_late ? std::function<void()>() : job.work();
    if (!job.turn.owner.empty()) {
      const std::lock_guard lock(mutex_);
      owners_.erase(job.turn.owner);
    }
    if (is_late) {
      job.refuse(Busy(Code::kDeadlineExceeded));
    } else {
      tell();
    }
  }
}

Task<Result<std::string>> HashPool::Hash(std::string passphrase, Turn turn) {
  Async<Result<std::string>> pending(
      [this, &passphrase, &turn](std::function<void(Result<std::string>)> done) {
        const Ends<std::string> ends{std::move(done)};
        Job job{.turn = std::move(turn),
                .work = [ends, secret = passphrase, cost = cost_]() mutable {
                  return ends.Tell(HashNow(std::move(secret), cost));
                },
                .refuse = ends.Refuse()};
        Wipe(passphrase);
        Enqueue(std::move(job));
      });
  co_return co_await pending;
}

Task<Result<bool>> HashPool::Verify(std::string hash, std::string passphrase, Turn turn) {
  Async<Result<bool>> pending(
      [this, &hash, &passphrase, &turn](std::function<void(Result<bool>)> done) {
        const Ends<bool> ends{std::move(done)};
        Job job{.turn = std::move(turn),
                .work = [ends, expected = hash, secret = passphrase]() mutable {
                  return ends.Tell(VerifyNow(expected, std::move(secret)));
                },
                .refuse = ends.Refuse()};
        Wipe(passphrase);
        Enqueue(std::move(job));
      });
  co_return co_await pending;
}

}  // namespace fairlead::identity
