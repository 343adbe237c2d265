#include "services/consent/commands/expire_releases.h"

namespace fairlead::consent {

Result<int> ExpireReleases(Unit& unit) {
  FAIRLEAD_ASSIGN(std::vector<Release> due, unit.store.DueToExpire(unit.now_ms, kExpirePerSweep));
  for (Release& release : due) {
    FAIRLEAD_RETURN_IF_ERROR(Move(release, State::kExpired, unit.now_ms, ""));
    FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(release));
    FAIRLEAD_RETURN_IF_ERROR(unit.store.ShredKeys(release.id));
    FAIRLEAD_RETURN_IF_ERROR(Announce(unit, release, "expired"));
  }
  return static_cast<int>(due.size());
}

}  // namespace fairlead::consent
