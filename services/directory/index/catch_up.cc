#include "services/directory/index/catch_up.h"

#include <string>
#include <utility>
#include <vector>

#include "services/directory/store/listing_changes.h"

namespace fairlead::directory {
namespace {

constexpr int kPage = 2000;

tl::unexpected<Error> Starting() {
  return Fail(Code::kUnavailable, "DIRECTORY_STARTING",
              "The directory is still being read: try again in a few seconds.");
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
    return Starting();
  }
  snapshot = index_.snapshot();
  if (snapshot->version < 0) {
    if (reading_ != nullptr) return Starting();
    bool all = false;
    while (!all) {
      FAIRLEAD_ASSIGN(all, ReadPageLocked(tx));
    }
  } else if (snapshot->version < last) {
    FAIRLEAD_RETURN_IF_ERROR(ReadChanges(tx, last));
  }
  return index_.snapshot();
}

Result<bool> FollowedIndex::ReadPage(storage::ReadTransaction& tx) {
  const std::lock_guard lock(mutex_);
  if (index_.snapshot()->version >= 0) return true;
  return ReadPageLocked(tx);
}

void FollowedIndex::GiveUp() {
  const std::lock_guard lock(mutex_);
  reading_.reset();
}

Result<bool> FollowedIndex::ReadPageLocked(storage::ReadTransaction& tx) {
  // After an error it is gone.
  std::unique_ptr<Reading> reading = std::move(reading_);
  if (reading == nullptr) {
    reading = std::make_unique<Reading>();
    FAIRLEAD_ASSIGN(reading->version, LastListingChange(tx));
  }
  FAIRLEAD_ASSIGN(const std::vector<MatchableListing> page,
                  OfferedListings(tx, reading->after_id, kPage));
  for (const MatchableListing& one : page) Add(one, reading->batch);
  if (page.size() < static_cast<size_t>(kPage)) {
    index_.Apply(std::move(reading->batch), reading->version);
    return true;
  }
  reading->after_id = page.back().listing.id;
  reading_ = std::move(reading);
  return false;
}

void FollowedIndex::Add(const MatchableListing& one, IndexBatch& batch) {
  batch.Add({ToFacts(one.listing, one.agency_id, one.agency_kind, one.is_offered, one.assured_ms,
                     batch.arena),
             hours_.Get(one.listing.schedules)},
            one.sort_key, one.words);
}

// A listing bears the number of its last change only: each comes once.
Result<void> FollowedIndex::ReadChanges(storage::ReadTransaction& tx, int64_t version) {
  IndexBatch changed;
  // Everything of the version that is in it is in it: numbers are of whole transactions.
  int64_t after_number = index_.snapshot()->version + 1;
  std::string after_id;
  while (true) {
    FAIRLEAD_ASSIGN(const std::vector<MatchableListing> page,
                    ChangedListings(tx, after_number, after_id, kPage));
    for (const MatchableListing& one : page) Add(one, changed);
    if (page.size() < static_cast<size_t>(kPage)) break;
    after_number = page.back().change_number;
    after_id = page.back().listing.id;
  }
  index_.Apply(std::move(changed), version);
  return {};
}

}  // namespace fairlead::directory
