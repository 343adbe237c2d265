#include "services/referral/commands/shred_packets.h"

#include "services/referral/commands/attach.h"
#include "services/referral/store/assignment_store.h"
#include "services/referral/store/pace_store.h"
#include "services/referral/store/routing_store.h"

namespace fairlead::referral {

Result<int64_t> ShredOldPackets(Unit& unit) {
  FAIRLEAD_ASSIGN(const int64_t shredded,
                  unit.store.ShredPackets(unit.now_ms - kRetentionMs, kPacketsPerSweep));
  FAIRLEAD_ASSIGN(const int64_t lists,
                  DropOldLists(unit.tx, unit.now_ms - kKeepListsMs, unit.now_ms, kPacketsPerSweep));
  FAIRLEAD_ASSIGN(const int64_t unfinished,
                  DropUnfinishedAttachments(unit.tx, unit.now_ms - kKeepUnfinishedMs,
                                            kAttachmentsPerSweep));
  FAIRLEAD_RETURN_IF_ERROR(
      DropOldPaces(unit.tx, unit.now_ms - kKeepPacesMs, kPacketsPerSweep));
  FAIRLEAD_RETURN_IF_ERROR(
      DropOldLeavers(unit.tx, unit.now_ms - kKeepLeaversMs, kPacketsPerSweep));
  return shredded + lists + unfinished;
}

}  // namespace fairlead::referral
