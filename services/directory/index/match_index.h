// All offered listings in memory, to be matched and searched in milliseconds whatever their number.
// Rebuilt from the store at start, and kept current by the numbers that changed listings bear
// (index/catch_up.h).
//
//   index.Apply(std::move(changed), version);
//   const std::shared_ptr<const Snapshot> snapshot = index.snapshot();
//   FAIRLEAD_ASSIGN(const Found found, Find(*snapshot, query, kMaxMisses, capacities));
//
// A snapshot is a few immutable segments, each at least twice as large as the next. A change adds a
// small one, and marks what it replaces as dead; neighbours of like size are merged. So a reader
// has a whole, unchanging view for as long as it likes, and waits for no writer.
#ifndef SERVICES_DIRECTORY_INDEX_MATCH_INDEX_H_
#define SERVICES_DIRECTORY_INDEX_MATCH_INDEX_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "services/common/base/result.h"
#include "services/directory/domain/load.h"
#include "services/directory/domain/match.h"
#include "services/directory/index/segment.h"

namespace fairlead::directory {

struct Snapshot {
  struct Part {
    std::shared_ptr<const Segment> segment;
    std::shared_ptr<const std::vector<bool>> dead;  // nullptr: none
    size_t dead_count = 0;

    size_t LiveCount() const { return segment->listings().size() - dead_count; }
    bool IsDead(uint32_t place) const { return dead != nullptr && (*dead)[place]; }
  };
  std::vector<Part> parts;
  int64_t version = -1;  // of the last change that is in it; -1: nothing has been read yet

  size_t LiveCount() const;
  size_t Bytes() const;
};

class MatchIndex {
 public:
  MatchIndex() : snapshot_(std::make_shared<const Snapshot>()) {}

  std::shared_ptr<const Snapshot> snapshot() const;

  // The newest of each of these, once each; those that are not offered are taken out. One thread
  // at a time.
  void Apply(IndexBatch changed, int64_t version);

 private:
  mutable std::mutex mutex_;  // held to copy the pointer only
  std::shared_ptr<const Snapshot> snapshot_;
};

// What is known of the room of these services; of which nobody has said anything is left out.
using Capacities = std::map<IdNumber, CapacityView>;
using CapacitiesOf = std::function<Result<Capacities>(const std::vector<IdNumber>& service_ids)>;

struct Found {
  struct One {
    Ranked rank;
    Facts facts;  // lists: good as long as the snapshot
    std::vector<Reason> reasons;
  };
  struct Out {
    Missed missed;
    Facts facts;
  };
  std::vector<One> matches;      // at most kMaxMatches, the best first
  std::vector<Out> misses;       // of those that are near, the nearest first
  bool need_is_offered = false;  // by anybody, anywhere
};

// Never walks through all listings: through those that meet the need in the area, and when they
// give too few misses, in the state. `capacities` is asked about those that pass every other
// filter: kAskedAtOnce at a time, the best without it first, until there are kMaxMatches whom those
// further on do not excel without it. Whoever is further on is neither a match nor a miss. Its
// errors are those of Find. `loads`: of the candidates' agencies.
inline constexpr size_t kAskedAtOnce = 200;
Result<Found> Find(const Snapshot& snapshot, const MatchQuery& query, size_t max_misses,
                   const CapacitiesOf& capacities, const AgencyLoads& loads = {});

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_INDEX_MATCH_INDEX_H_
