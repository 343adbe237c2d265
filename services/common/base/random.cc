#include "services/common/base/random.h"

#include <sys/random.h>

#include <cerrno>
#include <cstring>

#include "services/common/base/check.h"

namespace fairlead {
namespace {

// Fewer bytes than any key has: parts of ids and nonces, of which a hand-off needs many. They come
// from a block, so that not each is a system call. Keys never wait in memory for their use.
constexpr size_t kFewBytes = 15;
constexpr size_t kBlockBytes = 480;

void FillFromKernel(char* bytes, size_t count) {
  size_t filled = 0;
  while (filled < count) {
    const ssize_t got = getrandom(bytes + filled, count - filled, 0);
    if (got < 0 && errno == EINTR) continue;
    FAIRLEAD_CHECK(got > 0);
    filled += static_cast<size_t>(got);
  }
}

// One for each thread. A child made by fork would share what is left of it; ours only exec.
class Block {
 public:
  void Take(char* out, size_t count) {
    if (at_ + count > kBlockBytes) {
      FillFromKernel(bytes_, kBlockBytes);
      at_ = 0;
    }
    std::memcpy(out, bytes_ + at_, count);
    std::memset(bytes_ + at_, 0, count);  // given out once
    at_ += count;
  }

 private:
  char bytes_[kBlockBytes];
  size_t at_ = kBlockBytes;
};

class KernelRandom final : public Random {
 public:
  std::string Bytes(size_t count) override {
    std::string bytes(count, '\0');
    if (count > kFewBytes) {
      FillFromKernel(bytes.data(), count);
      return bytes;
    }
    thread_local Block block;
    block.Take(bytes.data(), count);
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
