// Listings that do not change any more, with lists of who meets a need, who covers an area and who
// has a word. Immutable: any number of threads read it.
//
// They stand in two orders: by id, as matching breaks its ties, and by name, as a search answers.
#ifndef SERVICES_DIRECTORY_INDEX_SEGMENT_H_
#define SERVICES_DIRECTORY_INDEX_SEGMENT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "services/directory/index/batch.h"
#include "services/directory/index/places.h"
#include "services/directory/index/word_lists.h"

namespace fairlead::directory {

// Who meets a need and who covers an area: places in order.
class FacetLists {
 public:
  using Places = std::vector<uint32_t>;

  FacetLists() : by_need_(NeedSet::kMaxNeeds) {}
  // Each place once, in order.
  void Add(uint32_t place, const Facts& facts);
  // It grows no more: what was reserved while growing is given back.
  void Shrink();

  const Places& OfNeed(size_t need) const { return by_need_.at(need); }
  const Places& OfCounty(uint32_t county) const { return Get(by_county_, county); }
  const Places& OfWholeState(uint32_t state) const { return Get(by_whole_state_, state); }
  // The whole of it or some county in it.
  const Places& OfState(uint32_t state) const { return Get(by_state_, state); }
  size_t bytes() const { return bytes_; }

 private:
  using Map = std::unordered_map<uint32_t, Places>;
  static const Places& Get(const Map& map, uint32_t key);

  std::vector<Places> by_need_;
  Map by_county_;
  Map by_whole_state_;
  Map by_state_;
  size_t bytes_ = 0;
};

class Segment {
 public:
  // What the batch refers to is copied.
  explicit Segment(IndexBatch batch);

  // By id. A place in here is a place.
  std::span<const IndexedListing> listings() const { return listings_; }
  const FacetLists& by_id() const { return by_id_; }
  std::optional<uint32_t> Find(const IdNumber& id) const;

  // By (sort key, id), in bytes: the n-th of them has rank n.
  uint32_t PlaceOf(uint32_t rank) const { return place_of_[rank]; }
  std::string_view SortKeyOf(uint32_t rank) const { return sort_keys_[rank]; }
  const FacetLists& by_name() const { return by_name_; }
  const WordLists& words() const { return words_; }
  // The least rank of those behind (sort key, id).
  uint32_t RankBehind(std::string_view sort_key, const IdNumber& id) const;

  // Adds what is not dead. The facts' lists stay in here.
  template <class IsDead>
  void AddLiving(IsDead is_dead, IndexBatch& batch) const;

  size_t bytes() const { return bytes_; }

 private:
  // Sorts the batch by name; its order is that of the ranks.
  static WordLists Words(IndexBatch& batch);

  WordLists words_;
  std::vector<IndexedListing> listings_;
  FactsArena arena_;
  FacetLists by_id_;
  std::vector<uint32_t> place_of_;
  Texts sort_keys_;
  FacetLists by_name_;
  size_t bytes_ = 0;
};

template <class IsDead>
void Segment::AddLiving(IsDead is_dead, IndexBatch& batch) const {
  const Rows by_rank = words_.ByPlace();
  // Only of words that are still said.
  std::vector<uint32_t> numbers(words_.words().size(), kNoPlace);
  std::vector<uint32_t> row;
  for (uint32_t rank = 0; rank < place_of_.size(); ++rank) {
    if (is_dead(place_of_[rank])) continue;
    row.clear();
    for (const uint32_t word : by_rank[rank]) {
      uint32_t& number = numbers[word];
      if (number == kNoPlace) number = batch.lexicon.NumberOf(words_.words()[word]);
      row.push_back(number);
    }
    batch.listings.push_back({listings_[place_of_[rank]],
                              std::string(sort_keys_[rank]),
                              {batch.arena.Keep(row), row.size()}});
  }
}

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_INDEX_SEGMENT_H_
