#include <algorithm>
#include <iterator>
#include <optional>

#include "services/directory/index/match_index.h"
#include "services/directory/index/now.h"
#include "services/directory/index/places.h"

namespace fairlead::directory {
namespace {

using Places = FacetLists::Places;

// What both have. The longer one is leapt through: it costs as the shorter one does.
Places Intersection(const Places& one, const Places& other) {
  const Places& few = one.size() <= other.size() ? one : other;
  const Places& many = one.size() <= other.size() ? other : one;
  Places both;
  size_t at = 0;
  for (const uint32_t place : few) {
    at = Leap(many, at, place);
    if (at == many.size()) break;
    if (many[at] == place) both.push_back(place);
  }
  return both;
}

// The nearest `max` misses of what was put in.
class Nearest {
 public:
  struct Entry {
    Missed missed;
    const IndexedListing* listing;
    bool operator<(const Entry& other) const { return missed < other.missed; }
  };
  explicit Nearest(size_t max) : max_(max) {}
  void Put(const Missed& missed, const IndexedListing& listing) {
    if (entries_.size() == max_) {
      if (max_ == 0 || !(missed < entries_.front().missed)) return;
      std::pop_heap(entries_.begin(), entries_.end());
      entries_.pop_back();
    }
    entries_.push_back({missed, &listing});
    std::push_heap(entries_.begin(), entries_.end());
  }
  size_t size() const { return entries_.size(); }
  const Entry& farthest() const { return entries_.front(); }
  std::vector<Entry> Sorted() const {
    std::vector<Entry> sorted = entries_;
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  }

 private:
  const size_t max_;
  std::vector<Entry> entries_;  // a heap, the farthest at the front
};

// The best matches of what was put in: at most kMaxOfAgency of one agency, unless it alone is
// asked.
class Chosen {
 public:
  struct Entry {
    Ranked rank;
    const IndexedListing* listing;
  };

  explicit Chosen(const MatchQuery& query)
      : most_of_agency_(query.only_agency ? kMaxMatches : kMaxOfAgency) {}

  void Put(const Ranked& rank, const IndexedListing& listing) {
    size_t same = 0;
    auto gives_way = entries_.end();  // the last of the same agency, in order
    for (auto at = entries_.begin(); at != entries_.end(); ++at) {
      if (at->listing->facts.agency_id != listing.facts.agency_id) continue;
      ++same;
      gives_way = at;
    }
    if (same < most_of_agency_) {
      gives_way = entries_.size() < kMaxMatches ? entries_.end() : entries_.end() - 1;
    }
    if (gives_way != entries_.end()) {
      if (!(rank < gives_way->rank)) return;
      entries_.erase(gives_way);
    }
    const auto is_before = [](const Entry& one, const Ranked& other) { return one.rank < other; };
    const auto at = std::lower_bound(entries_.begin(), entries_.end(), rank, is_before);
    entries_.insert(at, {rank, &listing});
  }
  // Is one of this rank left out, whosever it is?
  bool IsOut(const Ranked& rank) const {
    return entries_.size() == kMaxMatches && !(rank < entries_.back().rank);
  }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  const size_t most_of_agency_;
  std::vector<Entry> entries_;  // the best first
};

class Finder {
 public:
  Finder(const Snapshot& snapshot, const MatchQuery& query, size_t max_misses,
         const AgencyLoads& loads)
      : snapshot_(snapshot),
        query_(query),
        max_misses_(max_misses),
        loads_(loads),
        matches_(query),
        misses_(max_misses) {}

  Result<Found> Run(const CapacitiesOf& capacities) {
    Found found;
    for (const Snapshot::Part& part : snapshot_.parts) {
      found.need_is_offered |=
          std::ranges::any_of(part.segment->by_id().OfNeed(query_.need),
                              [&](uint32_t place) { return !part.IsDead(place); });
      for (const uint32_t place : InArea(*part.segment)) Judge(part, place);
    }
    FAIRLEAD_RETURN_IF_ERROR(AskForRoom(capacities));
    // Whoever meets the need in the area and fails later is nearer than anybody elsewhere.
    const bool enough = max_misses_ == 0 || (misses_.size() == max_misses_ &&
                                             misses_.farthest().missed.filter > Filter::kArea);
    if (query_.county != 0 && !enough) {
      for (const Snapshot::Part& part : snapshot_.parts) Neighbours(part);
    }
    for (const Chosen::Entry& entry : matches_.entries()) {
      Found::One one{entry.rank, entry.listing->facts, {}};
      Score(query_, entry.listing->facts, NowOf(*entry.listing), &one.reasons);
      found.matches.push_back(std::move(one));
    }
    for (const auto& entry : misses_.Sorted()) {
      found.misses.push_back({entry.missed, entry.listing->facts});
    }
    return found;
  }

 private:
  // Those that meet the need in the area.
  Places InArea(const Segment& segment) const {
    const FacetLists& lists = segment.by_id();
    const Places& need = lists.OfNeed(query_.need);
    if (query_.state == 0) return need;
    if (query_.county == 0) return Intersection(need, lists.OfState(query_.state));
    const Places county = Intersection(need, lists.OfCounty(query_.county));
    const Places state = Intersection(need, lists.OfWholeState(query_.state));
    Places all;
    std::set_union(county.begin(), county.end(), state.begin(), state.end(),
                   std::back_inserter(all));
    return all;
  }

  // Those that meet it elsewhere in the state: out of area, or of no use for an earlier reason.
  void Neighbours(const Snapshot::Part& part) {
    const Places here = InArea(*part.segment);
    size_t out_of_area = 0;
    for (const uint32_t place : Intersection(part.segment->by_id().OfNeed(query_.need),
                                             part.segment->by_id().OfState(query_.state))) {
      if (std::binary_search(here.begin(), here.end(), place)) continue;
      // In the order of ids: nobody further on is nearer.
      if (Judge(part, place) == Filter::kArea && ++out_of_area == max_misses_) return;
    }
  }

  // By every filter but those of room; who passes waits for AskForRoom. kNotOffered: it is dead, or
  // was not asked.
  Filter Judge(const Snapshot::Part& part, uint32_t place) {
    const IndexedListing& listing = part.segment->listings()[place];
    if (part.IsDead(place) || !IsAsked(query_, listing.facts)) return Filter::kNotOffered;
    const Filter failure = FirstFailure(query_, listing.facts, Now(query_, listing));
    if (failure == Filter::kPassed) {
      waiting_.push_back({RankOf(listing), &listing});
    } else {
      misses_.Put({failure, listing.facts.id}, listing);
    }
    return failure;
  }

  Ranked RankOf(const IndexedListing& listing) const {
    return {Score(query_, listing.facts, NowOf(listing), nullptr), listing.facts.id};
  }

  Result<void> AskForRoom(const CapacitiesOf& capacities) {
    const auto is_before = [](const Chosen::Entry& one, const Chosen::Entry& other) {
      return one.rank < other.rank;
    };
    for (std::span<Chosen::Entry> left = waiting_; !left.empty();) {
      const std::span<Chosen::Entry> asked = left.first(std::min(left.size(), kAskedAtOnce));
      std::partial_sort(left.begin(), asked.end(), left.end(), is_before);
      if (matches_.IsOut(left.front().rank)) break;
      if (capacities != nullptr) {
        std::vector<IdNumber> ids;
        for (const Chosen::Entry& entry : asked) ids.push_back(entry.rank.id);
        FAIRLEAD_ASSIGN(Capacities said, capacities(ids));
        capacities_.merge(said);
      }
      for (const Chosen::Entry& entry : asked) TakeIn(*entry.listing);
      left = left.subspan(asked.size());
    }
    return {};
  }

  // One of which all is known.
  void TakeIn(const IndexedListing& listing) {
    const Filter failure = FirstFailure(query_, listing.facts, NowOf(listing));
    if (failure == Filter::kPassed) {
      matches_.Put(RankOf(listing), listing);
    } else {
      misses_.Put({failure, listing.facts.id}, listing);
    }
  }

  Now NowOf(const IndexedListing& listing) const {
    const auto found = capacities_.find(listing.facts.id);
    return {query_, listing,
            found == capacities_.end() ? std::nullopt : std::optional(found->second),
            loads_.LevelOf(listing.facts.agency_id)};
  }

  const Snapshot& snapshot_;
  const MatchQuery& query_;
  const size_t max_misses_;
  const AgencyLoads& loads_;
  std::vector<Chosen::Entry> waiting_;  // ranked without their room
  Capacities capacities_;               // of those that were asked about
  Chosen matches_;
  Nearest misses_;
};

}  // namespace

Result<Found> Find(const Snapshot& snapshot, const MatchQuery& query, size_t max_misses,
                   const CapacitiesOf& capacities, const AgencyLoads& loads) {
  return Finder(snapshot, query, max_misses, loads).Run(capacities);
}

}  // namespace fairlead::directory
