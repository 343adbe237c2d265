// Opening hours that many listings share, and what they say of now.
#ifndef SERVICES_DIRECTORY_INDEX_SERVICE_HOURS_H_
#define SERVICES_DIRECTORY_INDEX_SERVICE_HOURS_H_

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/directory/domain/holiday_sets.h"
#include "services/directory/domain/listing.h"
#include "services/directory/domain/open_state.h"

namespace fairlead::directory {

// Thread-safe. Openings are reckoned once for the next days, not at each question.
class ServiceHours {
 public:
  explicit ServiceHours(calendar::Hours hours) : hours_(std::move(hours)) {}
  OpenState At(int64_t now_ms) const;

 private:
  struct Window {
    int64_t from_ms = 0;
    int64_t to_ms = 0;
    std::vector<calendar::Opening> openings;
  };
  std::shared_ptr<const Window> WindowAt(int64_t now_ms) const;

  const calendar::Hours hours_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const Window> window_;
};

// One ServiceHours for all listings of the same hours. For one thread at a time.
class HoursPool {
 public:
  // nullptr: no hours are stated.
  std::shared_ptr<const ServiceHours> Get(const Listing& listing, const HolidaySets& holidays);

 private:
  void Sweep();

  std::unordered_map<std::string, std::weak_ptr<const ServiceHours>> pool_;
  size_t sweep_at_ = 1024;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_INDEX_SERVICE_HOURS_H_
