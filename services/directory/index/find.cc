#include <algorithm>
#include <iterator>
#include <optional>

#include "services/directory/index/match_index.h"

namespace fairlead::directory {
namespace {

using Places = Segment::Places;

// What both have. The longer one is leapt through: it costs as the shorter one does.
Places Intersection(const Places& one, const Places& other) {
  const Places& few = one.size() <= other.size() ? one : other;
  const Places& many = one.size() <= other.size() ? other : one;
  Places both;
  auto at = many.begin();
  for (const uint32_t place : few) {
    std::ptrdiff_t leap = 1;
    auto end = at;
    while (end != many.end() && *end < place) {
      at = end;
      end = std::distance(end, many.end()) > leap ? end + leap : many.end();
      leap *= 2;
    }
    at = std::lower_bound(at, end, place);
    if (at == many.end()) break;
    if (*at == place) both.push_back(place);
  }
  return both;
}

class Now final : public Circumstances {
 public:
  Now(const MatchQuery& query, const IndexedListing& listing, std::optional<CapacityView> capacity)
      : query_(query), listing_(listing), capacity_(capacity) {}
  OpenState Hours() const override {
    return listing_.hours == nullptr ? OpenState() : listing_.hours->At(query_.now_ms);
  }
  std::optional<CapacityView> Capacity() const override { return capacity_; }

 private:
  const MatchQuery& query_;
  const IndexedListing& listing_;
  const std::optional<CapacityView> capacity_;
};

// The best `max` of what was put in.
template <class Item>
class Best {
 public:
  struct Entry {
    Item item;
    const IndexedListing* listing;
    bool operator<(const Entry& other) const { return item < other.item; }
  };
  explicit Best(size_t max) : max_(max) {}
  void Put(const Item& item, const IndexedListing& listing) {
    if (entries_.size() == max_) {
      if (max_ == 0 || !(item < entries_.front().item)) return;
      std::pop_heap(entries_.begin(), entries_.end());
      entries_.pop_back();
    }
    entries_.push_back({item, &listing});
    std::push_heap(entries_.begin(), entries_.end());
  }
  size_t size() const { return entries_.size(); }
  const Entry& worst() const { return entries_.front(); }
  std::vector<Entry> Sorted() const {
    std::vector<Entry> sorted = entries_;
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  }

 private:
  const size_t max_;
  std::vector<Entry> entries_;  // a heap, the worst at the front
};

class Finder {
 public:
  Finder(const Snapshot& snapshot, const MatchQuery& query, size_t max_misses)
      : snapshot_(snapshot), query_(query), max_misses_(max_misses), misses_(max_misses) {}

  Result<Found> Run(const CapacitiesOf& capacities) {
    Found found;
    for (const Snapshot::Part& part : snapshot_.parts) {
      found.need_is_offered |= std::ranges::any_of(
          part.segment->OfNeed(query_.need), [&](uint32_t place) { return !part.IsDead(place); });
      for (const uint32_t place : InArea(*part.segment)) Judge(part, place);
    }
    FAIRLEAD_RETURN_IF_ERROR(AskForRoom(capacities));
    // Whoever meets the need in the area and fails later is nearer than anybody elsewhere.
    const bool enough = max_misses_ == 0 || (misses_.size() == max_misses_ &&
                                             misses_.worst().item.filter > Filter::kArea);
    if (query_.county != 0 && !enough) {
      for (const Snapshot::Part& part : snapshot_.parts) Neighbours(part);
    }
    for (const auto& entry : matches_.Sorted()) {
      Found::One one{entry.item, entry.listing->facts, {}};
      Score(query_, entry.listing->facts, NowOf(*entry.listing), &one.reasons);
      found.matches.push_back(std::move(one));
    }
    for (const auto& entry : misses_.Sorted()) {
      found.misses.push_back({entry.item, entry.listing->facts});
    }
    return found;
  }

 private:
  // Those that meet the need in the area.
  Places InArea(const Segment& segment) const {
    const Places& need = segment.OfNeed(query_.need);
    if (query_.state == 0) return need;
    if (query_.county == 0) return Intersection(need, segment.OfState(query_.state));
    const Places county = Intersection(need, segment.OfCounty(query_.county));
    const Places state = Intersection(need, segment.OfWholeState(query_.state));
    Places all;
    std::set_union(county.begin(), county.end(), state.begin(), state.end(),
                   std::back_inserter(all));
    return all;
  }

  // Those that meet it elsewhere in the state: out of area, or of no use for an earlier reason.
  void Neighbours(const Snapshot::Part& part) {
    const Places here = InArea(*part.segment);
    size_t out_of_area = 0;
    for (const uint32_t place :
         Intersection(part.segment->OfNeed(query_.need), part.segment->OfState(query_.state))) {
      if (std::binary_search(here.begin(), here.end(), place)) continue;
      // In the order of ids: nobody further on is nearer.
      if (Judge(part, place) == Filter::kArea && ++out_of_area == max_misses_) return;
    }
  }

  // By every filter but those of room; who passes waits for AskForRoom. kNotOffered: it is dead.
  Filter Judge(const Snapshot::Part& part, uint32_t place) {
    if (part.IsDead(place)) return Filter::kNotOffered;
    const IndexedListing& listing = part.segment->listings()[place];
    const CapacityView room{.available = 1, .as_of_ms = query_.now_ms};
    const Filter failure = FirstFailure(query_, listing.facts, Now(query_, listing, room));
    if (failure == Filter::kPassed) {
      waiting_.push_back(&listing);
    } else {
      misses_.Put({failure, listing.facts.id}, listing);
    }
    return failure;
  }

  Result<void> AskForRoom(const CapacitiesOf& capacities) {
    if (capacities != nullptr && !waiting_.empty()) {
      KeepBest();
      std::vector<IdNumber> ids;
      for (const IndexedListing* listing : waiting_) ids.push_back(listing->facts.id);
      FAIRLEAD_ASSIGN(capacities_, capacities(ids));
    }
    for (const IndexedListing* listing : waiting_) {
      const Now now = NowOf(*listing);
      const Facts& facts = listing->facts;
      const Filter failure = FirstFailure(query_, facts, now);
      if (failure == Filter::kPassed) {
        matches_.Put({Score(query_, facts, now, nullptr), facts.id}, *listing);
      } else {
        misses_.Put({failure, facts.id}, *listing);
      }
    }
    return {};
  }

  void KeepBest() {
    if (waiting_.size() <= kMaxAsked) return;
    Best<Ranked> best(kMaxAsked);
    for (const IndexedListing* listing : waiting_) {
      best.Put({Score(query_, listing->facts, NowOf(*listing), nullptr), listing->facts.id},
               *listing);
    }
    waiting_.clear();
    for (const auto& entry : best.Sorted()) waiting_.push_back(entry.listing);
  }

  Now NowOf(const IndexedListing& listing) const {
    const auto found = capacities_.find(listing.facts.id);
    return {query_, listing,
            found == capacities_.end() ? std::nullopt : std::optional(found->second)};
  }

  const Snapshot& snapshot_;
  const MatchQuery& query_;
  const size_t max_misses_;
  std::vector<const IndexedListing*> waiting_;
  Capacities capacities_;
  Best<Ranked> matches_{kMaxMatches};
  Best<Missed> misses_;
};

}  // namespace

Result<Found> Find(const Snapshot& snapshot, const MatchQuery& query, size_t max_misses,
                   const CapacitiesOf& capacities) {
  return Finder(snapshot, query, max_misses).Run(capacities);
}

}  // namespace fairlead::directory
