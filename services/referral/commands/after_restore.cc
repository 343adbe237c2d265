#include "services/referral/commands/after_restore.h"

#include "services/referral/commands/do_not_route.h"

namespace fairlead::referral {

Result<int> CarryOver(Unit& unit, const CarriedOver& carried) {
  FAIRLEAD_ASSIGN(const std::vector<KeptList> later, WriteCarriedOver(unit.tx, carried));
  for (const KeptList& list : later) {
    DoNotRouteSet set;
    FAIRLEAD_ASSIGN(set.list, unit.store.FindDoNotRoute(list.agency_id, list.case_handle));
    FAIRLEAD_RETURN_IF_ERROR(ObeyList(unit, set));
  }
  return static_cast<int>(later.size());
}

}  // namespace fairlead::referral
