#include "services/referral/domain/referral.h"

#include <algorithm>

#include "services/referral/domain/codes.h"

namespace fairlead::referral {

bool MaySeeEntry(const Referral& referral, const TimelineEntry& entry,
                 const std::string& agency_id) {
  if (referral.sender_agency_id == agency_id || entry.agency_id == agency_id) return true;
  return std::any_of(referral.offers.begin(), referral.offers.end(), [&](const Offer& offer) {
    return offer.recipient_agency_id == agency_id && offer.id == entry.offer_id;
  });
}

bool HasUndelivered(const std::vector<Referral>& referrals, const std::string& agency_id) {
  for (const Referral& referral : referrals) {
    for (const Offer& offer : referral.offers) {
      if (offer.recipient_agency_id == agency_id && offer.state == OfferState::kSent) return true;
    }
  }
  return false;
}

Result<void> CheckFacets(const Facets& facets) {
  if (!facets.age_band.empty() && !IsAgeBand(facets.age_band)) {
    return Fail(Code::kInvalidArgument, "UNKNOWN_AGE_BAND",
                "The age band is one of 0-11, 12-17, 18-24, 25-59, 60+.",
                {{"field", "facets.age_band"}});
  }
  return {};
}

}  // namespace fairlead::referral
