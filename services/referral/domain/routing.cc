#include "services/referral/domain/routing.h"

#include <algorithm>
#include <set>

#include "services/referral/domain/codes.h"

namespace fairlead::referral {

bool DoNotRoute::Has(const std::string& listed_agency_id) const {
  return std::ranges::find(entries, listed_agency_id, &NotToBeAsked::agency_id) != entries.end();
}

std::string Etag(const DoNotRoute& list) {
  return list.version == 0 ? "" : "v" + std::to_string(list.version);
}

Result<void> CheckEntries(const std::vector<NotToBeAsked>& entries,
                          const std::string& own_agency_id) {
  std::set<std::string> listed;
  for (const NotToBeAsked& entry : entries) {
    if (!IsDoNotRouteReason(entry.reason_code)) {
      return Fail(Code::kInvalidArgument, "UNKNOWN_REASON_CODE",
                  "No such reason not to ask an agency.", {{"field", "entries.reason_code"}});
    }
    if (entry.agency_id == own_agency_id) {
      return Fail(Code::kInvalidArgument, "OWN_AGENCY_LISTED", "An agency does not list itself.",
                  {{"agency_id", entry.agency_id}});
    }
    if (!listed.insert(entry.agency_id).second) {
      return Fail(Code::kInvalidArgument, "DUPLICATE_AGENCY", "An agency is named twice.",
                  {{"agency_id", entry.agency_id}});
    }
  }
  return {};
}

bool IsStuck(const Referral& referral) { return referral.state == ReferralState::kOpen; }

bool HasAsked(const Referral& referral, const std::string& agency_id) {
  return std::ranges::find(referral.offers, agency_id, &Offer::recipient_agency_id) !=
         referral.offers.end();
}

}  // namespace fairlead::referral
