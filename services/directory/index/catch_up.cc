#include "services/directory/index/catch_up.h"

#include <string>
#include <utility>
#include <vector>

#include "services/directory/store/listing_changes.h"

namespace fairlead::directory {
namespace {

constexpr int kBatch = 2000;

IndexedListing Indexed(const MatchableListing& one, HoursPool& hours, FactsArena& arena) {
  return {ToFacts(one.listing, one.agency_id, one.agency_kind, one.is_offered, arena),
          hours.Get(one.listing.schedules)};
}

}  // namespace

Result<std::shared_ptr<const Snapshot>> FollowedIndex::At(storage::ReadTransaction& tx) {
  FAIRLEAD_ASSIGN(const int64_t last, LastListingChange(tx));
  std::shared_ptr<const Snapshot> snapshot = index_.snapshot();
  if (snapshot->version >= last) return snapshot;
  const std::unique_lock<std::mutex> lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) {
    // Somebody is catching up. To wait here would keep a reader from everybody else; what the index
    // knew a moment ago is looked at again in the database before it is answered.
    if (snapshot->version >= 0) return snapshot;
    return Fail(Code::kUnavailable, "DIRECTORY_STARTING",
                "The directory is still being read: try again in a few seconds.");
  }
  snapshot = index_.snapshot();
  if (snapshot->version >= last) return snapshot;
  if (snapshot->version < 0) {
    FAIRLEAD_RETURN_IF_ERROR(ReadAll(tx, last));
  } else {
    FAIRLEAD_RETURN_IF_ERROR(ReadChanges(tx, last));
  }
  return index_.snapshot();
}

Result<void> FollowedIndex::ReadAll(storage::ReadTransaction& tx, int64_t version) {
  FactsArena arena;
  std::vector<IndexedListing> all;
  std::string after;
  while (true) {
    FAIRLEAD_ASSIGN(const std::vector<MatchableListing> batch, OfferedListings(tx, after, kBatch));
    for (const MatchableListing& one : batch) all.push_back(Indexed(one, hours_, arena));
    if (batch.size() < static_cast<size_t>(kBatch)) break;
    after = batch.back().listing.id;
  }
  index_.Apply(std::move(all), version);
  return {};
}

// A listing bears the number of its last change only: each comes once.
Result<void> FollowedIndex::ReadChanges(storage::ReadTransaction& tx, int64_t version) {
  FactsArena arena;
  std::vector<IndexedListing> changed;
  // Everything of the version that is in it is in it: numbers are of whole transactions.
  int64_t after_number = index_.snapshot()->version + 1;
  std::string after_id;
  while (true) {
    FAIRLEAD_ASSIGN(const std::vector<MatchableListing> batch,
                    ChangedListings(tx, after_number, after_id, kBatch));
    for (const MatchableListing& one : batch) changed.push_back(Indexed(one, hours_, arena));
    if (batch.size() < static_cast<size_t>(kBatch)) break;
    after_number = batch.back().change_number;
    after_id = batch.back().listing.id;
  }
  index_.Apply(std::move(changed), version);
  return {};
}

}  // namespace fairlead::directory
