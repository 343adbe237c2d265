#include "services/common/base/random.h"

#include <sys/random.h>

#include <cerrno>

#include "services/common/base/check.h"

namespace fairlead {
namespace {

class KernelRandom final : public Random {
 public:
  std::string Bytes(size_t count) override {
    std::string bytes(count, '\0');
    size_t filled = 0;
    while (filled < count) {
      const ssize_t got = getrandom(bytes.data() + filled, count - filled, 0);
      if (got < 0 && errno == EINTR) continue;
      FAIRLEAD_CHECK(got > 0);
      filled += static_cast<size_t>(got);
    }
    return bytes;
  }
};

}  // namespace

Random& SystemRandom() {
  static KernelRandom random;
  return random;
}

// SplitMix64 (Steele, Lea, Flood 2014).
uint64_t SeededRandom::Next() {
  uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

std::string SeededRandom::Bytes(size_t count) {
  const std::lock_guard lock(mutex_);
  std::string bytes(count, '\0');
  uint64_t word = 0;
  for (size_t i = 0; i < count; ++i) {
    if (i % 8 == 0) word = Next();
    bytes[i] = static_cast<char>(word & 0xff);
    word >>= 8;
  }
  return bytes;
}

uint64_t SeededRandom::Below(uint64_t bound) {
  FAIRLEAD_CHECK(bound > 0);
  const std::lock_guard lock(mutex_);
  return Next() % bound;
}

}  // namespace fairlead
