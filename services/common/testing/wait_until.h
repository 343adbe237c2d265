// Waits for something that another thread or process brings about: how long it takes is not the
// point, that it comes to be is.
//
//   ASSERT_TRUE(WaitUntil([&] { return hub.Get(id).state() == CANCELLED; }));
#ifndef SERVICES_COMMON_TESTING_WAIT_UNTIL_H_
#define SERVICES_COMMON_TESTING_WAIT_UNTIL_H_

#include <chrono>
#include <cstdint>
#include <thread>

namespace fairlead::testing {

inline constexpr int64_t kWaitMs = 30'000;

// Whether `holds()` came to be true within so many milliseconds. Looks at least once, and then that
// often: seldom, where looking is work for whoever is waited for.
template <class Condition>
bool WaitUntil(const Condition& holds, int64_t within_ms = kWaitMs, int64_t every_ms = 2) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(within_ms);
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(every_ms));
  }
  return true;
}

}  // namespace fairlead::testing

#endif  // SERVICES_COMMON_TESTING_WAIT_UNTIL_H_
