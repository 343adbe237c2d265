#include "services/consent/commands/release_custody_key.h"

#include "services/common/base/text.h"

namespace fairlead::consent {

Result<std::string> ReleaseCustodyKey(Unit& unit, const OpenRequest& request) {
  FAIRLEAD_ASSIGN(const std::optional<Release> release, unit.store.Find(request.release_id));
  if (!release || request.use.agency_id != unit.agency_id ||
      (release->discloser_agency_id != unit.agency_id &&
       !Contains(release->recipient_agency_ids, unit.agency_id))) {
    return Fail(Code::kNotFound, "RELEASE_NOT_FOUND", "There is no such release.");
  }
  FAIRLEAD_RETURN_IF_ERROR(Decide(*release, request.use, unit.now_ms));
  FAIRLEAD_ASSIGN(std::optional<CustodyKey> key,
                  unit.store.FindKey(request.referral_id, unit.agency_id));
  if (!key || key->release_id != release->id) {
    return Fail(Code::kPermissionDenied, "CUSTODY_KEY_GONE",
                "The key to this packet has been destroyed.");
  }
  FAIRLEAD_RETURN_IF_ERROR(
      unit.store.AddDisclosure({.id = unit.ids.New(),
                                .release_id = release->id,
                                .case_handle = release->case_handle,
                                .discloser_agency_id = release->discloser_agency_id,
                                .referral_id = request.referral_id,
                                .recipient_agency_id = unit.agency_id,
                                .staff_id = unit.staff_id,
                                .categories = request.use.categories,
                                .purpose = request.use.purpose,
                                .kind = "opened",
                                .time_ms = unit.now_ms}));
  return std::move(key->key);
}

}  // namespace fairlead::consent
