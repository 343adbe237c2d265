// The agencies that a case must never be put to: kept, and obeyed.
#ifndef SERVICES_REFERRAL_COMMANDS_DO_NOT_ROUTE_H_
#define SERVICES_REFERRAL_COMMANDS_DO_NOT_ROUTE_H_

#include <string>
#include <vector>

#include "services/referral/commands/unit.h"
#include "services/referral/domain/routing.h"

namespace fairlead::referral {

struct DoNotRouteChange {
  std::string case_handle;
  std::vector<NotToBeAsked> entries;  // all of them from now on
  std::string etag;                   // of the list that was read; empty: there was none
};
struct DoNotRouteSet {
  DoNotRoute list;
  // Referrals: in which offers were taken back; matched or in service with an agency of the list.
  std::vector<std::string> withdrawn;
  std::vector<std::string> agreed;
};

// Of the caller's agency: everybody who may do it at all may do it to any case handle, for the
// list is the own one whoever else has that handle. Offers that wait with an agency of the list are
// taken back, their packets destroyed. Errors: those of CheckEntries; ETAG_MISMATCH.
Result<DoNotRouteSet> SetDoNotRoute(Unit& unit, const DoNotRouteChange& change);

// Takes back what waits with an agency of `set.list`, and fills in what that was.
Result<void> ObeyList(Unit& unit, DoNotRouteSet& set);

inline constexpr char kNotToBeAsked[] = "AGENCY_NOT_TO_BE_ASKED";
// FAILED_PRECONDITION kNotToBeAsked (metadata agency_id) for the first of them that the list of the
// referral's case has. For its sender alone to hear. Asked by all that puts a case to an agency,
// inside the transaction that does; the last thing, so that nothing else tells who is listed.
Result<void> CheckMayBeAsked(ReferralReader& store, const Referral& referral,
                             const std::vector<std::string>& agency_ids);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_DO_NOT_ROUTE_H_
