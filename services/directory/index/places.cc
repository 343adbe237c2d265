#include "services/directory/index/places.h"

#include <algorithm>
#include <bit>

namespace fairlead::directory {
namespace {

constexpr size_t kWordBits = 64;

}  // namespace

size_t Leap(std::span<const uint32_t> sorted, size_t at, uint32_t floor) {
  size_t end = at;
  for (size_t leap = 1; end < sorted.size() && sorted[end] < floor; leap *= 2) {
    at = end + 1;
    end = std::min(end + leap, sorted.size());
  }
  const auto found = std::lower_bound(sorted.begin() + static_cast<std::ptrdiff_t>(at),
                                      sorted.begin() + static_cast<std::ptrdiff_t>(end), floor);
  return static_cast<size_t>(found - sorted.begin());
}

void PlaceSet::AddList(std::span<const uint32_t> sorted) {
  if (!sorted.empty()) lists_.push_back({sorted});
}

void PlaceSet::AddMany(std::span<const uint32_t> items) {
  if (items.empty()) return;
  bits_.resize((size_ + kWordBits - 1) / kWordBits);
  for (const uint32_t item : items) bits_[item / kWordBits] |= uint64_t{1} << (item % kWordBits);
}

uint32_t PlaceSet::Next(uint32_t floor) {
  uint32_t next = NextBit(floor);
  for (List& list : lists_) {
    list.at = Leap(list.items, list.at, floor);
    if (list.at < list.items.size()) next = std::min(next, list.items[list.at]);
  }
  return next;
}

uint32_t PlaceSet::NextBit(uint32_t floor) const {
  size_t word = floor / kWordBits;
  if (word >= bits_.size()) return kNoPlace;
  uint64_t bits = bits_[word] & (~uint64_t{0} << (floor % kWordBits));
  while (bits == 0) {
    if (++word == bits_.size()) return kNoPlace;
    bits = bits_[word];
  }
  return static_cast<uint32_t>(word * kWordBits) + static_cast<uint32_t>(std::countr_zero(bits));
}

}  // namespace fairlead::directory
