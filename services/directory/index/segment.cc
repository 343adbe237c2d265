#include "services/directory/index/segment.h"

#include <algorithm>

namespace fairlead::directory {

Segment::Segment(std::vector<IndexedListing> listings) : listings_(std::move(listings)) {
  std::ranges::sort(listings_, {}, [](const IndexedListing& one) { return one.facts.id; });
  by_need_.resize(NeedSet::kMaxNeeds);
  for (size_t i = 0; i < listings_.size(); ++i) {
    Facts& facts = listings_[i].facts;
    facts.lists = arena_.Keep({facts.lists, facts.ListItems()});
    const auto place = static_cast<uint32_t>(i);
    for (size_t need = 0; need < NeedSet::kMaxNeeds; ++need) {
      if (facts.needs.Has(need)) by_need_[need].push_back(place);
    }
    AddAreas(place, facts);
  }
  Shrink();
}

void Segment::AddAreas(uint32_t place, const Facts& facts) {
  const auto add = [place](Map& map, uint32_t key) {
    Places& places = map[key];
    if (places.empty() || places.back() != place) places.push_back(place);
  };
  for (const uint32_t county : facts.Of(Facts::kCounties)) {
    add(by_county_, county);
    add(by_state_, county / kCountiesOfState);
  }
  for (const uint32_t state : facts.Of(Facts::kStates)) {
    add(by_whole_state_, state);
    add(by_state_, state);
  }
}

// It stays as it is for long: what was reserved while growing is given back.
void Segment::Shrink() {
  bytes_ = listings_.capacity() * sizeof(IndexedListing) + arena_.bytes();
  const auto shrink = [this](Places& places) {
    places.shrink_to_fit();
    bytes_ += sizeof(Places) + places.capacity() * sizeof(uint32_t);
  };
  for (Places& places : by_need_) shrink(places);
  for (Map* map : {&by_county_, &by_whole_state_, &by_state_}) {
    for (auto& [key, places] : *map) shrink(places);
  }
}

const Segment::Places& Segment::Get(const Map& map, uint32_t key) {
  static const Places none;
  const auto found = map.find(key);
  return found == map.end() ? none : found->second;
}

std::optional<uint32_t> Segment::Find(const IdNumber& id) const {
  const auto found = std::ranges::lower_bound(
      listings_, id, {}, [](const IndexedListing& one) { return one.facts.id; });
  if (found == listings_.end() || found->facts.id != id) return std::nullopt;
  return static_cast<uint32_t>(found - listings_.begin());
}

}  // namespace fairlead::directory
