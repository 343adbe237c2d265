// Argon2id (RFC 9106) on threads of its own. One hash takes 64 MiB and about 0.1 s: never on the
// writer, a reader or a gRPC thread, and never more than a few at once.
//
//   Result<std::string> hash = co_await pool.Hash(passphrase, turn);
//   Result<bool> right = co_await pool.Verify(*hash, attempt, turn);
#ifndef SERVICES_IDENTITY_COMMANDS_HASH_POOL_H_
#define SERVICES_IDENTITY_COMMANDS_HASH_POOL_H_

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "services/common/base/clock.h"
#include "services/common/base/result.h"
#include "services/common/base/task.h"

namespace fairlead::identity {

// What a hash costs whoever guesses; one lane (p=1). The defaults are those of docs/security.md:
// compiled in, never configured.
struct HashCost {
  unsigned long long passes = 3;
  size_t memory_bytes = 64 * 1024 * 1024;
};
// For the tests of what stands around it, which make hundreds.
inline constexpr HashCost kCheapHash = {1, 8 * 1024};

class HashPool {
 public:
  // Who is served first. An attempt that came with a right one-time code never waits behind those
  // of somebody who guesses, nor behind new credentials, for which an invitation is enough.
  enum class Lane { kProven, kNew, kOrdinary };
  struct Turn {
    Lane lane = Lane::kOrdinary;
    // By Clock::SteadyMs(): a job that is still queued then is dropped unhashed. 0: waits.
    int64_t deadline_steady_ms = 0;
    // Whoever has a job here, queued or being worked on, gets no second one. Empty: nobody's.
    std::string owner = {};
  };

  // At most `max_queued` wait in each lane beside those being worked on.
  explicit HashPool(const Clock& clock, int threads = 2, size_t max_queued = 64,
                    HashCost cost = {});
  ~HashPool() { Stop(); }
  HashPool(const HashPool&) = delete;
  HashPool& operator=(const HashPool&) = delete;

  // Ends what is being worked on, refuses what is queued and all that comes. Blocks for one hash at
  // most. Before whatever its callers point at goes.
  void Stop();

  // Passphrases are brought to Unicode form NFKC first, so that one typed on another keyboard is
  // the same. Errors: RESOURCE_EXHAUSTED SIGN_IN_BUSY (a full lane, or a second job of one owner;
  // metadata retry_after_s); UNAVAILABLE SHUTTING_DOWN; DEADLINE_EXCEEDED SIGN_IN_BUSY;
  // RESOURCE_EXHAUSTED OUT_OF_MEMORY.
  Task<Result<std::string>> Hash(std::string passphrase, Turn turn);
  Task<Result<bool>> Verify(std::string hash, std::string passphrase, Turn turn);
  // A hash of 32 random bytes that nobody kept, of the pool's own cost: what an unknown name is
  // checked against, so that it takes as long as a known one.
  std::string DummyHash() const;

 private:
  static constexpr size_t kLanes = 3;
  struct Job {
    Turn turn;
    std::function<std::function<void()>()> work;  // hashes; returns what tells whoever asked
    std::function<void(Error)> refuse;
  };
  // Has the job worked on or refused, once, now or later.
  void Enqueue(Job job);
  void Run();
  // The first lane in which somebody waits; nullptr: nobody does.
  std::deque<Job>* FirstWaiting();

  const Clock& clock_;
  const size_t max_queued_;
  const HashCost cost_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::array<std::deque<Job>, kLanes> queues_;  // by Lane
  std::set<std::string> owners_;                // of what is queued or being worked on
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_HASH_POOL_H_
