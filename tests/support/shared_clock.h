// The machine's clock and an offset that processes share by a file: a wall clock that a test sets
// for all of them at once. Steady time is untouched.
#ifndef TESTS_SUPPORT_SHARED_CLOCK_H_
#define TESTS_SUPPORT_SHARED_CLOCK_H_

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <string>

#include "services/common/base/clock.h"

namespace fairlead::testing {

class SharedClock final : public Clock {
 public:
  // Makes the file when it is not there: then the offset is 0.
  explicit SharedClock(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    EXPECT_GE(file, 0);
    EXPECT_EQ(::ftruncate(file, sizeof(int64_t)), 0);
    void* place = ::mmap(nullptr, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    EXPECT_NE(place, MAP_FAILED);
    ::close(file);
    offset_ms_ = static_cast<int64_t*>(place);
  }
  ~SharedClock() override { ::munmap(offset_ms_, sizeof(int64_t)); }
  SharedClock(const SharedClock&) = delete;
  SharedClock& operator=(const SharedClock&) = delete;

  int64_t NowMs() const override {
    return SystemClock().NowMs() + std::atomic_ref<int64_t>(*offset_ms_).load();
  }
  int64_t SteadyMs() const override { return SystemClock().SteadyMs(); }
  void Jump(int64_t by_ms) { std::atomic_ref<int64_t>(*offset_ms_).fetch_add(by_ms); }

 private:
  int64_t* offset_ms_;
};

}  // namespace fairlead::testing

#endif  // TESTS_SUPPORT_SHARED_CLOCK_H_
