// The end of a packet: some time after its referral has ended.
#ifndef SERVICES_REFERRAL_COMMANDS_SHRED_PACKETS_H_
#define SERVICES_REFERRAL_COMMANDS_SHRED_PACKETS_H_

#include <cstdint>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

inline constexpr int kPacketsPerSweep = 200;
// Packets are destroyed this long after the referral has ended.
inline constexpr int64_t kRetentionMs = 24LL * 3600 * 1000;

// How many packets were destroyed. Facets and codes stay for reporting, without the case handle.
Result<int64_t> ShredOldPackets(Unit& unit);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_SHRED_PACKETS_H_
