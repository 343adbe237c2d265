// The sweep: offers whose time to answer has passed, and packets whose retention has.
#ifndef SERVICES_REFERRAL_COMMANDS_EXPIRE_OFFERS_H_
#define SERVICES_REFERRAL_COMMANDS_EXPIRE_OFFERS_H_

#include <string>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

inline constexpr int kExpirePerSweep = 200;
// Packets are destroyed this long after the referral has ended.
inline constexpr int64_t kRetentionMs = 24LL * 3600 * 1000;

// How many offers expired; kExpirePerSweep means there may be more.
Result<int> ExpireOffers(Unit& unit);
// How many packets were destroyed. Facets and codes stay for reporting, without the case handle.
Result<int64_t> ShredOldPackets(Unit& unit);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_EXPIRE_OFFERS_H_
