// The end of a packet: some time after its referral has ended. And of what is kept with a case.
#ifndef SERVICES_REFERRAL_COMMANDS_SHRED_PACKETS_H_
#define SERVICES_REFERRAL_COMMANDS_SHRED_PACKETS_H_

#include <cstdint>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

inline constexpr int kPacketsPerSweep = 200;
inline constexpr int kAttachmentsPerSweep = 4;  // of those that are unfinished: up to 100 MiB
// Packets are destroyed this long after the referral has ended.
inline constexpr int64_t kRetentionMs = 24LL * 3600 * 1000;

// A case's list of agencies that it must never be put to is kept so long after it was last set, or
// the case's last referral has ended: no release lasts longer, so whoever goes on with the case
// asks anew by then.
inline constexpr int64_t kKeepListsMs = 365LL * 24 * 3600 * 1000;

// No median looks further back.
inline constexpr int64_t kKeepPacesMs = 90LL * 24 * 3600 * 1000;
// What was under way when somebody left is over long before.
inline constexpr int64_t kKeepLeaversMs = 400LL * 24 * 3600 * 1000;

// How many packets were destroyed, lists looked at that had come of age, and attachments thrown
// away that were not finished in time. Some of the paces and leavers that have come of age go with
// them. Facets and codes stay for reporting, without the case handle.
Result<int64_t> ShredOldPackets(Unit& unit);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_SHRED_PACKETS_H_
