#include "services/directory/index/segment.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace fairlead::directory {

void FacetLists::Add(uint32_t place, const Facts& facts) {
  facts.needs.ForEach([&](size_t need) { by_need_[need].push_back(place); });
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

void FacetLists::Shrink() {
  bytes_ = 0;
  const auto shrink = [this](Places& places) {
    places.shrink_to_fit();
    bytes_ += sizeof(Places) + places.capacity() * sizeof(uint32_t);
  };
  for (Places& places : by_need_) shrink(places);
  for (Map* map : {&by_county_, &by_whole_state_, &by_state_}) {
    for (auto& [key, places] : *map) shrink(places);
  }
}

const FacetLists::Places& FacetLists::Get(const Map& map, uint32_t key) {
  static const Places none;
  const auto found = map.find(key);
  return found == map.end() ? none : found->second;
}

WordLists Segment::Words(IndexBatch& batch) {
  std::ranges::sort(batch.listings, [](const NewListing& one, const NewListing& other) {
    return std::tie(one.sort_key, one.listing.facts.id) <
           std::tie(other.sort_key, other.listing.facts.id);
  });
  return {batch.lexicon, batch.listings};
}

Segment::Segment(IndexBatch batch) : words_(Words(batch)) {
  std::vector<NewListing>& by_name = batch.listings;
  std::vector<uint32_t> rank_of(by_name.size());  // by place
  std::iota(rank_of.begin(), rank_of.end(), 0U);
  std::ranges::sort(rank_of, {}, [&](uint32_t rank) { return by_name[rank].listing.facts.id; });
  place_of_.resize(by_name.size());
  listings_.reserve(by_name.size());
  for (size_t i = 0; i < rank_of.size(); ++i) {
    const auto place = static_cast<uint32_t>(i);
    listings_.push_back(std::move(by_name[rank_of[i]].listing));
    Facts& facts = listings_.back().facts;
    facts.lists = arena_.Keep({facts.lists, facts.ListItems()});
    by_id_.Add(place, facts);
    place_of_[rank_of[i]] = place;
  }
  for (uint32_t rank = 0; rank < place_of_.size(); ++rank) {
    sort_keys_.Add(by_name[rank].sort_key);
    by_name_.Add(rank, listings_[place_of_[rank]].facts);
  }
  sort_keys_.Shrink();
  by_id_.Shrink();
  by_name_.Shrink();
  bytes_ = listings_.capacity() * sizeof(IndexedListing) + arena_.bytes() + by_id_.bytes() +
           place_of_.capacity() * sizeof(uint32_t) + sort_keys_.bytes() + by_name_.bytes() +
           words_.bytes();
}

std::optional<uint32_t> Segment::Find(const IdNumber& id) const {
  const auto found = std::ranges::lower_bound(
      listings_, id, {}, [](const IndexedListing& one) { return one.facts.id; });
  if (found == listings_.end() || found->facts.id != id) return std::nullopt;
  return static_cast<uint32_t>(found - listings_.begin());
}

uint32_t Segment::RankBehind(std::string_view sort_key, const IdNumber& id) const {
  uint32_t low = 0;
  auto high = static_cast<uint32_t>(place_of_.size());
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    const std::string_view key = sort_keys_[middle];
    if (std::tie(sort_key, id) < std::tie(key, listings_[place_of_[middle]].facts.id)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace fairlead::directory
