// Places in a segment, in lists and sets, walked in order.
#ifndef SERVICES_DIRECTORY_INDEX_PLACES_H_
#define SERVICES_DIRECTORY_INDEX_PLACES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fairlead::directory {

inline constexpr uint32_t kNoPlace = UINT32_MAX;

// Where in `sorted`, from `at` on, the first item that is at least `floor` stands: by leaps of
// growing length, so that it costs as the logarithm of the way.
size_t Leap(std::span<const uint32_t> sorted, size_t at, uint32_t floor);

// What is in any of some lists. They must outlive it.
class PlaceSet {
 public:
  // Of places below `size`.
  explicit PlaceSet(size_t size) : size_(size) {}

  // In order. For few: each costs at every step.
  void AddList(std::span<const uint32_t> sorted);
  // In any order, one list behind the other.
  void AddMany(std::span<const uint32_t> items);

  // The first that is at least `floor`, which never is less than in the call before; kNoPlace:
  // none.
  uint32_t Next(uint32_t floor);

 private:
  struct List {
    std::span<const uint32_t> items;
    size_t at = 0;
  };
  uint32_t NextBit(uint32_t floor) const;

  size_t size_;
  std::vector<List> lists_;
  std::vector<uint64_t> bits_;  // empty: nothing was added to them
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_INDEX_PLACES_H_
