// Listings that do not change any more, sorted, with lists of who meets a need and who covers an
// area. Immutable: any number of threads read it.
#ifndef SERVICES_DIRECTORY_INDEX_SEGMENT_H_
#define SERVICES_DIRECTORY_INDEX_SEGMENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "services/directory/domain/facts.h"
#include "services/directory/index/service_hours.h"

namespace fairlead::directory {

struct IndexedListing {
  Facts facts;
  std::shared_ptr<const ServiceHours> hours;  // nullptr: not stated
};

class Segment {
 public:
  // Places in listings(), in order.
  using Places = std::vector<uint32_t>;

  // Each id once, in whatever order. Their lists are copied: the arena they are in may go.
  explicit Segment(std::vector<IndexedListing> listings);

  std::span<const IndexedListing> listings() const { return listings_; }
  std::optional<uint32_t> Find(const IdNumber& id) const;

  const Places& OfNeed(size_t need) const { return by_need_.at(need); }
  const Places& OfCounty(uint32_t county) const { return Get(by_county_, county); }
  const Places& OfWholeState(uint32_t state) const { return Get(by_whole_state_, state); }
  // The whole of it or some county in it.
  const Places& OfState(uint32_t state) const { return Get(by_state_, state); }

  size_t bytes() const { return bytes_; }

 private:
  using Map = std::unordered_map<uint32_t, Places>;
  static const Places& Get(const Map& map, uint32_t key);
  void AddAreas(uint32_t place, const Facts& facts);
  void Shrink();

  std::vector<IndexedListing> listings_;
  FactsArena arena_;
  std::vector<Places> by_need_;
  Map by_county_;
  Map by_whole_state_;
  Map by_state_;
  size_t bytes_ = 0;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_INDEX_SEGMENT_H_
