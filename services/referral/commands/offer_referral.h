// draft → open in a blind mode: the facets to several agencies, and nothing sealed yet.
#ifndef SERVICES_REFERRAL_COMMANDS_OFFER_REFERRAL_H_
#define SERVICES_REFERRAL_COMMANDS_OFFER_REFERRAL_H_

#include <string>
#include <vector>

#include "services/referral/commands/draft.h"
#include "services/referral/commands/unit.h"

namespace fairlead::referral {

struct Asked {
  std::string agency_id;
  std::string service_id;
};
struct Offering {
  Draft draft;
  Mode mode = Mode::kFirstToAccept;
  std::vector<Asked> recipients;
};

// Errors: those of draft.h; RECIPIENT_IS_SENDER, DUPLICATE_RECIPIENT, ALREADY_OFFERED,
// LAW_ENFORCEMENT_NOT_OFFERED and AGENCY_HAS_NO_KEYS (metadata agency_id), TOO_MANY_OFFERS,
// MODE_MISMATCH, AGENCY_NOT_TO_BE_ASKED, FORWARD_LOOP, ILLEGAL_TRANSITION.
Result<Sendable> CheckOffering(ReferralReader& store, const std::string& agency_id,
                               const Offering& offering, int64_t now_ms);
// Referral, offers, story and events in the one transaction.
Result<Referral> OfferReferral(Unit& unit, const Offering& offering);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_OFFER_REFERRAL_H_
