#include "services/directory/index/service_hours.h"

#include <algorithm>

#include "services/common/base/text.h"

namespace fairlead::directory {
namespace {

constexpr int64_t kBeforeMs = calendar::kDayMs;
constexpr int64_t kAheadMs = kHoursSpanMs + 2 * calendar::kDayMs;

}  // namespace

OpenState ServiceHours::At(int64_t now_ms) const {
  const std::shared_ptr<const Window> window = WindowAt(now_ms);
  return StateAt(window->openings, now_ms);
}

std::shared_ptr<const ServiceHours::Window> ServiceHours::WindowAt(int64_t now_ms) const {
  const std::lock_guard lock(mutex_);
  if (window_ == nullptr || now_ms < window_->from_ms || now_ms + kHoursSpanMs > window_->to_ms) {
    auto window = std::make_shared<Window>();
    window->from_ms = now_ms - kBeforeMs;
    window->to_ms = now_ms + kAheadMs;
    window->openings = calendar::Openings(hours_, window->from_ms, window->to_ms);
    window_ = std::move(window);
  }
  return window_;
}

std::shared_ptr<const ServiceHours> HoursPool::Get(const Listing& listing,
                                                   const HolidaySets& holidays) {
  if (listing.schedules.empty() && listing.special_days.empty()) return nullptr;
  // No line begins with a blank: what is imported is not taken for what is set.
  std::string key = Join(listing.schedules, '\n');
  if (!listing.special_days.empty()) key.append("\n ").append(Join(listing.special_days, '\n'));
  if (!listing.holiday_sets.empty()) {
    key.append("\n  ").append(holidays.KeyOf(listing.holiday_sets));
  }
  std::weak_ptr<const ServiceHours>& slot = pool_[key];
  if (auto there = slot.lock()) return there;
  calendar::Hours read = ReadHours(listing.schedules, listing.special_days,
                                   holidays.Of(listing.holiday_sets));
  if (!read.says_when()) return nullptr;
  auto made = std::make_shared<const ServiceHours>(std::move(read));
  slot = made;
  if (pool_.size() >= sweep_at_) Sweep();
  return made;
}

void HoursPool::Sweep() {
  std::erase_if(pool_, [](const auto& item) { return item.second.expired(); });
  sweep_at_ = std::max<size_t>(1024, pool_.size() * 2);
}

}  // namespace fairlead::directory
