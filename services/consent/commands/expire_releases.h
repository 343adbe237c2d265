// The sweep: releases whose time has passed become expired, and their keys are destroyed. Opening
// is refused from the very moment of expiry by the decision; the sweep only cleans up.
#ifndef SERVICES_CONSENT_COMMANDS_EXPIRE_RELEASES_H_
#define SERVICES_CONSENT_COMMANDS_EXPIRE_RELEASES_H_

#include "services/consent/commands/unit.h"

namespace fairlead::consent {

inline constexpr int kExpirePerSweep = 200;

// How many expired; kExpirePerSweep means there may be more.
Result<int> ExpireReleases(Unit& unit);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_COMMANDS_EXPIRE_RELEASES_H_
