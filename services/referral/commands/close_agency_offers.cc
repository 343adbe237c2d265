#include "services/referral/commands/close_agency_offers.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/common/audit/audit.h"
#include "services/referral/commands/cancel_referral.h"
#include "services/referral/commands/decline_offer.h"
#include "services/referral/store/follow_up_store.h"
#include "services/referral/store/note_store.h"

namespace fairlead::referral {
namespace {

using Page = std::function<Result<std::vector<std::string>>(const std::string& after_id)>;
using Each = std::function<Result<void>(const std::string& id)>;

Result<int64_t> ForEach(const Page& page, const Each& each) {
  int64_t count = 0;
  std::string after_id;
  while (true) {
    FAIRLEAD_ASSIGN(const std::vector<std::string> ids, page(after_id));
    if (ids.empty()) return count;
    for (const std::string& id : ids) FAIRLEAD_RETURN_IF_ERROR(each(id));
    count += static_cast<int64_t>(ids.size());
    after_id = ids.back();
  }
}

// The offer to the agency that ends. The hub acts here, not a person: there is nobody of whom the
// policy table could be asked, and who may call for it has been looked at before.
Result<Found> FindToEnd(Unit& unit, const std::string& offer_id) {
  FAIRLEAD_ASSIGN(const std::optional<std::string> referral_id,
                  unit.store.ReferralOfOffer(offer_id));
  if (!referral_id) return NotFound();
  FAIRLEAD_ASSIGN(std::optional<Referral> referral, unit.store.Find(*referral_id));
  if (!referral) return NotFound();
  for (size_t i = 0; i < referral->offers.size(); ++i) {
    const Offer& offer = referral->offers[i];
    if (offer.id == offer_id && offer.recipient_agency_id == unit.agency_id) {
      return Found{std::move(*referral), i, auth::Verdict::kAllowed};
    }
  }
  return NotFound();
}

Result<void> Withdraw(Unit& unit, const std::string& offer_id, const std::string& reason) {
  FAIRLEAD_ASSIGN(Found received, FindToEnd(unit, offer_id));
  Offer& offer = received.offer();
  FAIRLEAD_RETURN_IF_ERROR(Move(offer.state, OfferState::kWithdrawn));
  offer.decide_ms = unit.now_ms;
  offer.reason_code = reason;
  FAIRLEAD_RETURN_IF_ERROR(CloseIfNoOfferLeft(unit, received.referral, reason));
  FAIRLEAD_RETURN_IF_ERROR(unit.store.UpdateOffer(offer));
  return Tell(unit, received.referral, &offer, "withdrawn", reason);
}

// The other agency counts on a service that was agreed: its people decide what comes next.
Result<void> TellSuspended(Unit& unit, const std::string& offer_id, const std::string& reason) {
  FAIRLEAD_ASSIGN(Found received, FindToEnd(unit, offer_id));
  return Tell(unit, received.referral, &received.offer(), "recipient_suspended", reason);
}

// Nobody is left who could begin or end the service.
Result<void> CloseAgreed(Unit& unit, const std::string& offer_id, const std::string& reason) {
  FAIRLEAD_ASSIGN(Found received, FindToEnd(unit, offer_id));
  Referral& referral = received.referral;
  FAIRLEAD_RETURN_IF_ERROR(Move(referral.state, ReferralState::kClosed));
  referral.reason_code = reason;
  referral.update_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(referral));
  FAIRLEAD_RETURN_IF_ERROR(EndAppointments(unit.tx, referral.id, unit.now_ms));
  return EndOffer(unit, referral, received.offer(), OfferState::kFellThrough, "closed", reason);
}

Result<void> CancelOwn(Unit& unit, const std::string& referral_id, const std::string& reason) {
  FAIRLEAD_ASSIGN(std::optional<Referral> referral, unit.store.Find(referral_id));
  if (!referral || referral->sender_agency_id != unit.agency_id) return NotFound();
  return Cancel(unit, *referral, reason);
}

}  // namespace

bool EndsOffers(std::string_view membership) {
  return membership == "suspended" || membership == "departed";
}

Result<int64_t> CloseAgencyOffers(Unit& unit, const AgencyRecord& agency) {
  FAIRLEAD_ASSIGN(const std::optional<AgencyRecord> known, unit.store.FindAgency(agency.id));
  if (known && known->version > agency.version) return 0;
  if (known && known->closed_version == agency.version) return known->offers_closed;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.PutAgency(agency));
  const bool departed = agency.membership == "departed";
  const std::string reason = departed ? "agency_departed" : "agency_suspended";
  FAIRLEAD_ASSIGN(
      const int64_t closed,
      ForEach(
          [&](const std::string& after) { return unit.store.PendingOffersTo(agency.id, after); },
          [&](const std::string& id) { return Withdraw(unit, id, reason); }));
  FAIRLEAD_RETURN_IF_ERROR(ForEach(
      [&](const std::string& after) { return unit.store.AcceptedOffersOf(agency.id, after); },
      [&](const std::string& id) {
        return departed ? CloseAgreed(unit, id, reason) : TellSuspended(unit, id, reason);
      }));
  if (departed) {
    FAIRLEAD_RETURN_IF_ERROR(ForEach(
        [&](const std::string& after) { return unit.store.UnmatchedFrom(agency.id, after); },
        [&](const std::string& id) { return CancelOwn(unit, id, reason); }));
    FAIRLEAD_RETURN_IF_ERROR(EndFollowUpsOwedBy(unit.tx, agency.id));
  }
  audit::Record record{.action = audit::Action::kAgencyOffersClosed};
  record.subject_agency_id = agency.id;
  FAIRLEAD_RETURN_IF_ERROR(audit::Append(unit.tx, unit.ids, unit.now_ms, record));
  FAIRLEAD_RETURN_IF_ERROR(unit.store.PutOffersClosed(agency.id, agency.version, closed));
  return closed;
}

}  // namespace fairlead::referral
