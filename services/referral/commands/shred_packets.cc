#include "services/referral/commands/shred_packets.h"

namespace fairlead::referral {

Result<int64_t> ShredOldPackets(Unit& unit) {
  return unit.store.ShredPackets(unit.now_ms - kRetentionMs, kPacketsPerSweep);
}

}  // namespace fairlead::referral
