// How much agencies have lately been asked for, so that of services that fit alike those come first
// whose people have had less to do. Counts by agency and day, and nothing of what was asked: the
// last seven days that are over, so that nobody sees in an answer what somebody is sent now.
#ifndef SERVICES_DIRECTORY_DOMAIN_LOAD_H_
#define SERVICES_DIRECTORY_DOMAIN_LOAD_H_

#include <cstdint>
#include <map>

#include "services/directory/domain/facts.h"

namespace fairlead::directory {

inline constexpr int64_t kLoadDays = 7;
// Of an offer that was answered or has expired; and beside it when it was accepted, for then there
// is a client more.
inline constexpr int64_t kPointsOfOffer = 1;
inline constexpr int64_t kPointsOfMatch = 2;
inline constexpr int kMostLoadLevel = 3;

// The last day that is over at this time, in days since 1970 (UTC): the one before, when what was
// done at its end is sure to be committed.
int64_t LastLoadDayAt(int64_t now_ms);

// Of the points of kLoadDays: 0, little or nothing; to kMostLoadLevel.
int LoadLevelOf(int64_t points);

// By agency; who is not in it has 0.
class AgencyLoads {
 public:
  AgencyLoads() = default;
  explicit AgencyLoads(std::map<IdNumber, int> levels) : levels_(std::move(levels)) {}
  int LevelOf(const IdNumber& agency_id) const {
    const auto found = levels_.find(agency_id);
    return found == levels_.end() ? 0 : found->second;
  }

 private:
  std::map<IdNumber, int> levels_;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_LOAD_H_
