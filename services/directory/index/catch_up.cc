#include "services/directory/index/catch_up.h"

#include <string>
#include <utility>
#include <vector>

#include "services/directory/store/hours_store.h"
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
  // A set that changes later has its listings read again: they bear the number of that change.
  FAIRLEAD_ASSIGN(const HolidaySets holidays, ReadHolidaySets(tx));
  for (const MatchableListing& one : page) Add(one, holidays, reading->batch);
  if (page.size() < static_cast<size_t>(kPage)) {
    index_.Apply(std::move(reading->batch), reading->version);
    return true;
  }
  reading->after_id = page.back().listing.id;
  reading_ = std::move(reading);
  return false;
}

void FollowedIndex::Add(const MatchableListing& one, const HolidaySets& holidays,
                        IndexBatch& batch) {
  const AboutListing about{.agency_id = one.agency_id,
                           .agency_kind = one.agency_kind,
                           .is_offered = one.is_offered,
                           .assured_ms = one.assured_ms,
                           .places = one.places};
  batch.Add({ToFacts(one.listing, about, batch.arena), hours_.Get(one.listing, holidays)},
            one.sort_key, one.words);
}

// A listing bears the number of its last change only: each comes once.
Result<void> FollowedIndex::ReadChanges(storage::ReadTransaction& tx, int64_t version) {
  IndexBatch changed;
  FAIRLEAD_ASSIGN(const HolidaySets holidays, ReadHolidaySets(tx));
  // Everything of the version that is in it is in it: numbers are of whole transactions.
  int64_t after_number = index_.snapshot()->version + 1;
  std::string after_id;
  while (true) {
    FAIRLEAD_ASSIGN(const std::vector<MatchableListing> page,
                    ChangedListings(tx, after_number, after_id, kPage));
    for (const MatchableListing& one : page) Add(one, holidays, changed);
    if (page.size() < static_cast<size_t>(kPage)) break;
    after_number = page.back().change_number;
    after_id = page.back().listing.id;
  }
  index_.Apply(std::move(changed), version);
  return {};
}

}  // namespace fairlead::directory
