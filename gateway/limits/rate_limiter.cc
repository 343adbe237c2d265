#include "gateway/limits/rate_limiter.h"

#include <algorithm>
#include <limits>

#include "services/common/base/encoding.h"

namespace fairlead::gateway {
namespace {

constexpr int64_t kSecondUs = 1'000'000;
constexpr size_t kSeedBytes = 32;

int64_t IntervalUs(Rate rate) {
  return rate.per_s <= 0 ? 0 : std::max<int64_t>(1, kSecondUs / rate.per_s);
}

}  // namespace

RateLimiter::RateLimiter(Rate rate, Random& random)
    : interval_us_(IntervalUs(rate)),
      burst_us_(interval_us_ * std::max<int64_t>(1, rate.burst)),
      seed_(random.Bytes(kSeedBytes)),
      due_us_(interval_us_ == 0 ? 0 : kRows * kPlacesPerRow) {}

std::array<size_t, RateLimiter::kRows> RateLimiter::Places(std::string_view key) const {
  const std::string hash = Sha256(seed_ + std::string(key));
  const auto byte = [&hash](size_t i) -> size_t { return static_cast<uint8_t>(hash[i]); };
  std::array<size_t, kRows> places{};
  for (size_t row = 0; row < kRows; ++row) {
    places[row] = row * kPlacesPerRow + (byte(2 * row) << 8U) + byte(2 * row + 1);
  }
  return places;
}

int64_t RateLimiter::Take(std::string_view key, int64_t steady_ms) {
  if (interval_us_ == 0) return 0;
  const int64_t now_us = steady_ms * 1000;
  const std::array<size_t, kRows> places = Places(key);
  const std::lock_guard lock(mutex_);
  int64_t due_us = std::numeric_limits<int64_t>::max();
  for (const size_t place : places) due_us = std::min(due_us, due_us_[place]);
  due_us = std::max(due_us, now_us) + interval_us_;
  const int64_t early_us = due_us - now_us - burst_us_;
  if (early_us > 0) return (early_us + kSecondUs - 1) / kSecondUs;
  for (const size_t place : places) due_us_[place] = std::max(due_us_[place], due_us);
  return 0;
}

}  // namespace fairlead::gateway
