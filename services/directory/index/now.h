// What changes about an indexed listing without its being edited.
#ifndef SERVICES_DIRECTORY_INDEX_NOW_H_
#define SERVICES_DIRECTORY_INDEX_NOW_H_

#include <optional>

#include "services/directory/domain/match.h"
#include "services/directory/index/batch.h"

namespace fairlead::directory {

class Now final : public Circumstances {
 public:
  // `capacity`: nullopt: nobody has said. Both references outlive it.
  Now(const MatchQuery& query, const IndexedListing& listing, std::optional<CapacityView> capacity,
      int load)
      : query_(query), listing_(listing), capacity_(capacity), load_(load) {}
  // With room: for the filters that do not ask about it.
  Now(const MatchQuery& query, const IndexedListing& listing)
      : Now(query, listing, CapacityView{.available = 1, .as_of_ms = query.now_ms}, 0) {}

  OpenState Hours() const override {
    return listing_.hours == nullptr ? OpenState() : listing_.hours->At(query_.now_ms);
  }
  std::optional<CapacityView> Capacity() const override { return capacity_; }
  int Load() const override { return load_; }

 private:
  const MatchQuery& query_;
  const IndexedListing& listing_;
  const std::optional<CapacityView> capacity_;
  const int load_;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_INDEX_NOW_H_
