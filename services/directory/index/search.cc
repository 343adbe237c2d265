#include "services/directory/index/search.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "services/directory/domain/misspelt.h"
#include "services/directory/domain/need_codes.h"
#include "services/directory/index/now.h"
#include "services/directory/index/places.h"

namespace fairlead::directory {
namespace {

constexpr size_t kFewWords = 4;

// What meets the query in one part, in order: each condition that has lists is a set of ranks, the
// others are looked up in the facts.
class Stream {
 public:
  Stream(const Snapshot::Part& part, const SearchQuery& query, bool misspelt)
      : part_(part), query_(query) {
    const FacetLists& lists = part.segment->by_name();
    if (query.filters.need != kAnyNeed) NewSet().AddList(lists.OfNeed(query.filters.need));
    AddArea();
    for (const std::string& word : query.words) {
      AddWord(word, misspelt ? SlipsAllowed(word) : 0);
    }
  }

  // Goes to the first that is at `floor` or above.
  void Seek(uint32_t floor) {
    const uint32_t end = static_cast<uint32_t>(part_.segment->listings().size());
    for (rank_ = floor; rank_ < end; ++rank_) {
      if (!Align(end)) break;
      if (Passes()) return;
    }
    rank_ = kNoPlace;
  }
  void Advance() { Seek(rank_ + 1); }

  bool IsAtEnd() const { return rank_ == kNoPlace; }
  std::string_view sort_key() const { return part_.segment->SortKeyOf(rank_); }
  const Facts& facts() const { return listing().facts; }
  const IdNumber& id() const { return facts().id; }
  bool operator<(const Stream& other) const {
    return std::tuple(sort_key(), id()) < std::tuple(other.sort_key(), other.id());
  }

 private:
  PlaceSet& NewSet() { return sets_.emplace_back(part_.segment->listings().size()); }

  void AddArea() {
    const MatchQuery& filters = query_.filters;
    if (filters.state == 0) return;
    const FacetLists& lists = part_.segment->by_name();
    PlaceSet& area = NewSet();
    if (filters.county == 0) {
      area.AddList(lists.OfState(filters.state));
    } else {
      area.AddList(lists.OfCounty(filters.county));
      area.AddList(lists.OfWholeState(filters.state));
    }
  }

  void AddWord(const std::string& word, int slips) {
    const WordLists& lists = part_.segment->words();
    PlaceSet& set = NewSet();
    const WordLists::Range range = lists.Beginning(word);
    if (range.last - range.first > kFewWords) {
      set.AddMany(lists.places().Of(range.first, range.last));
    } else {
      for (size_t i = range.first; i < range.last; ++i) set.AddList(lists.places()[i]);
    }
    if (slips > 0) {
      for (const uint32_t meant : lists.Meant(word, slips)) set.AddMany(lists.places()[meant]);
    }
    for (const std::string& code : NeedCodesOfWord(word, slips)) {
      set.AddList(part_.segment->by_name().OfNeed(NeedNumber(code)));
    }
  }

  // Goes on until all sets have the rank; false: there is none.
  bool Align(uint32_t end) {
    for (size_t i = 0; i < sets_.size();) {
      const uint32_t next = sets_[i].Next(rank_);
      if (next >= end) return false;
      i = next == rank_ ? i + 1 : 0;
      rank_ = next;
    }
    return true;
  }

  bool Passes() const {
    if (part_.IsDead(part_.segment->PlaceOf(rank_))) return false;
    return FirstFailure(query_.filters, listing().facts, Now(query_.filters, listing())) ==
           Filter::kPassed;
  }

  const IndexedListing& listing() const {
    return part_.segment->listings()[part_.segment->PlaceOf(rank_)];
  }

  const Snapshot::Part& part_;
  const SearchQuery& query_;
  std::vector<PlaceSet> sets_;
  uint32_t rank_ = kNoPlace;
};

// All parts together, in order.
class Streams {
 public:
  Streams(const Snapshot& snapshot, const SearchQuery& query, const SearchPosition& after,
          bool misspelt) {
    for (const Snapshot::Part& part : snapshot.parts) {
      Stream& stream = streams_.emplace_back(part, query, misspelt);
      const bool from_start = after.sort_key.empty() && after.id == IdNumber();
      stream.Seek(from_start ? 0 : part.segment->RankBehind(after.sort_key, after.id));
    }
  }

  // The next one, until it is asked for again; nullptr: that was all.
  Stream* Next() {
    if (taken_ != nullptr) taken_->Advance();
    taken_ = nullptr;
    for (Stream& stream : streams_) {
      if (stream.IsAtEnd()) continue;
      if (taken_ == nullptr || stream < *taken_) taken_ = &stream;
    }
    return taken_;
  }

 private:
  std::vector<Stream> streams_;
  Stream* taken_ = nullptr;
};

bool HasRoom(const Capacities& capacities, const IdNumber& id) {
  const auto found = capacities.find(id);
  return found != capacities.end() && found->second.accepting && found->second.available > 0;
}

struct Candidate {
  SearchPosition at;
  std::optional<size_t> distance;
};

// One page of those that have the words in this way.
Result<SearchPage> PageOf(Streams& streams, const MatchQuery& filters, size_t size,
                          const CapacitiesOf& capacities) {
  SearchPage page;
  size_t asked = 0;
  SearchPosition last;
  while (true) {
    // One more than fit tells whether there is another page.
    std::vector<Candidate> batch;
    while (batch.size() < (filters.with_capacity_only ? kAskedAtOnce : size + 1)) {
      const Stream* one = streams.Next();
      if (one == nullptr) break;
      batch.push_back({{false, std::string(one->sort_key()), one->id()},
                       DistanceBand(filters, one->facts())});
    }
    if (batch.empty()) return page;
    Capacities said;
    if (filters.with_capacity_only) {
      std::vector<IdNumber> ids;
      for (const Candidate& one : batch) ids.push_back(one.at.id);
      FAIRLEAD_ASSIGN(said, capacities(ids));
      asked += ids.size();
    }
    for (const Candidate& one : batch) {
      if (filters.with_capacity_only && !HasRoom(said, one.at.id)) continue;
      if (page.ids.size() == size) {
        page.next = std::move(last);
        return page;
      }
      page.ids.push_back(one.at.id);
      page.distances.push_back(one.distance);
      last = one.at;
    }
    if (asked >= kMostAskedOfPage) {
      page.next = std::move(batch.back().at);
      return page;
    }
  }
}

}  // namespace

Result<SearchPage> Search(const Snapshot& snapshot, const SearchQuery& query,
                          const SearchPosition& after, size_t size,
                          const CapacitiesOf& capacities) {
  const auto search = [&](bool misspelt) -> Result<SearchPage> {
    Streams streams(snapshot, query, after, misspelt);
    FAIRLEAD_ASSIGN(SearchPage page, PageOf(streams, query.filters, size, capacities));
    page.misspelt = misspelt;
    if (page.next) page.next->misspelt = misspelt;
    return page;
  };
  FAIRLEAD_ASSIGN(SearchPage page, search(after.misspelt));
  const bool first = after.sort_key.empty() && after.id == IdNumber();
  const bool may_slip = std::ranges::any_of(
      query.words, [](const std::string& word) { return SlipsAllowed(word) > 0; });
  if (!page.ids.empty() || page.next || !first || !may_slip) return page;
  FAIRLEAD_ASSIGN(SearchPage near, search(true));
  if (near.ids.empty() && !near.next) near.misspelt = false;
  return near;
}

}  // namespace fairlead::directory
