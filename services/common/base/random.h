// Randomness comes in through an interface, so that one seed replays everything.
#ifndef SERVICES_COMMON_BASE_RANDOM_H_
#define SERVICES_COMMON_BASE_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

namespace fairlead {

class Random {
 public:
  virtual ~Random() = default;
  // `count` random bytes. Thread-safe.
  virtual std::string Bytes(size_t count) = 0;
};

// The kernel's generator (getrandom). Never fails short; lives for the whole process.
Random& SystemRandom();

// Reproducible and NOT secret: xoshiro-like, for tests and the simulation only.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  std::string Bytes(size_t count) override;
  // Uniform in [0, bound); bound > 0.
  uint64_t Below(uint64_t bound);

 private:
  uint64_t Next();
  std::mutex mutex_;
  uint64_t state_;
};

}  // namespace fairlead

#endif  // SERVICES_COMMON_BASE_RANDOM_H_
