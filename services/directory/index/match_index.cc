#include "services/directory/index/match_index.h"

#include <algorithm>

namespace fairlead::directory {
namespace {

using Part = Snapshot::Part;

void Kill(Part& part, const std::vector<NewListing>& changed) {
  std::shared_ptr<std::vector<bool>> dead;
  for (const NewListing& one : changed) {
    const std::optional<uint32_t> place = part.segment->Find(one.listing.facts.id);
    if (!place || part.IsDead(*place)) continue;
    if (dead == nullptr) {
      dead = part.dead != nullptr
                 ? std::make_shared<std::vector<bool>>(*part.dead)
                 : std::make_shared<std::vector<bool>>(part.segment->listings().size());
      part.dead = dead;
    }
    (*dead)[*place] = true;
    ++part.dead_count;
  }
}

bool MustMerge(const std::vector<Part>& parts) {
  if (parts.size() < 2) return false;
  return parts.back().LiveCount() * 2 > parts[parts.size() - 2].LiveCount();
}

// The last `count` become one.
void Merge(std::vector<Part>& parts, size_t count) {
  IndexBatch living;
  for (size_t i = parts.size() - count; i < parts.size(); ++i) {
    const Part& part = parts[i];
    part.segment->AddLiving([&](uint32_t place) { return part.IsDead(place); }, living);
  }
  auto merged = std::make_shared<const Segment>(std::move(living));
  parts.resize(parts.size() - count);
  parts.push_back({std::move(merged), nullptr, 0});
}

}  // namespace

size_t Snapshot::LiveCount() const {
  size_t count = 0;
  for (const Part& part : parts) count += part.LiveCount();
  return count;
}

size_t Snapshot::Bytes() const {
  size_t bytes = 0;
  for (const Part& part : parts) bytes += part.segment->bytes();
  return bytes;
}

std::shared_ptr<const Snapshot> MatchIndex::snapshot() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

void MatchIndex::Apply(IndexBatch changed, int64_t version) {
  auto next = std::make_shared<Snapshot>(*snapshot());
  next->version = version;
  std::vector<Part>& parts = next->parts;
  for (Part& part : parts) Kill(part, changed.listings);
  std::erase_if(changed.listings,
                [](const NewListing& one) { return !one.listing.facts.is_offered; });
  std::erase_if(parts, [](const Part& part) { return part.LiveCount() == 0; });
  if (!changed.listings.empty()) {
    parts.push_back({std::make_shared<const Segment>(std::move(changed)), nullptr, 0});
  }
  while (MustMerge(parts)) Merge(parts, 2);
  // The dead are passed over again and again: more of them than living ones is too many.
  if (!parts.empty() && parts.front().dead_count > parts.front().LiveCount()) {
    Merge(parts, parts.size());
  }
  const std::lock_guard lock(mutex_);
  snapshot_ = std::move(next);
}

}  // namespace fairlead::directory
