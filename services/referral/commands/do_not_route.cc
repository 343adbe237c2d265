#include "services/referral/commands/do_not_route.h"

#include <algorithm>

#include "services/referral/commands/cancel_referral.h"
#include "services/referral/store/routing_store.h"

namespace fairlead::referral {
namespace {

bool WaitsWith(const DoNotRoute& list, const Offer& offer) {
  return IsPending(offer.state) && list.Has(offer.recipient_agency_id);
}

// Some of those that were asked; the others go on.
Result<void> WithdrawListed(Unit& unit, Referral& referral, const DoNotRoute& list) {
  referral.update_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(referral));
  for (Offer& offer : referral.offers) {
    if (!WaitsWith(list, offer)) continue;
    FAIRLEAD_RETURN_IF_ERROR(
        EndOffer(unit, referral, offer, OfferState::kWithdrawn, "cancelled", kTakenBack));
  }
  return {};
}

// One live referral of the case.
Result<void> Obey(Unit& unit, Referral& referral, DoNotRouteSet& set) {
  const auto is_listed = [&](const Offer& offer) { return WaitsWith(set.list, offer); };
  const auto is_agreed = [&](const Offer& offer) {
    return offer.state == OfferState::kAccepted && set.list.Has(offer.recipient_agency_id);
  };
  if (std::ranges::any_of(referral.offers, is_agreed)) set.agreed.push_back(referral.id);
  if (std::ranges::none_of(referral.offers, is_listed)) return {};
  set.withdrawn.push_back(referral.id);
  // While offers wait there is a packet only where one agency alone was asked: it was sealed to it.
  FAIRLEAD_RETURN_IF_ERROR(unit.store.DestroyPacket(referral));
  const bool others_wait = std::ranges::any_of(referral.offers, [&](const Offer& offer) {
    return IsPending(offer.state) && !is_listed(offer);
  });
  if (others_wait) return WithdrawListed(unit, referral, set.list);
  return Cancel(unit, referral, kTakenBack);
}

}  // namespace

Result<DoNotRouteSet> SetDoNotRoute(Unit& unit, const DoNotRouteChange& change) {
  FAIRLEAD_RETURN_IF_ERROR(CheckEntries(change.entries, unit.agency_id));
  DoNotRouteSet set;
  FAIRLEAD_ASSIGN(set.list, unit.store.FindDoNotRoute(unit.agency_id, change.case_handle));
  if (change.etag != Etag(set.list)) {
    return Fail(Code::kAborted, "ETAG_MISMATCH",
                "The list has changed since it was read, or was not read: read it again.",
                {{"current_etag", Etag(set.list)}});
  }
  set.list.entries = change.entries;
  set.list.version += 1;
  FAIRLEAD_RETURN_IF_ERROR(PutDoNotRoute(unit.tx, set.list, unit.now_ms));
  audit::Record record{.action = audit::Action::kDoNotRouteSet, .by = unit.by};
  record.subject_agency_id = unit.agency_id;
  record.case_handle = change.case_handle;
  FAIRLEAD_RETURN_IF_ERROR(audit::Append(unit.tx, unit.ids, unit.now_ms, record));
  FAIRLEAD_RETURN_IF_ERROR(ObeyList(unit, set));
  return set;
}

Result<void> ObeyList(Unit& unit, DoNotRouteSet& set) {
  std::string after_id;
  while (true) {
    FAIRLEAD_ASSIGN(const std::vector<std::string> live,
                    LiveOfCase(unit.tx, set.list.agency_id, set.list.case_handle, after_id));
    if (live.empty()) return {};
    for (const std::string& id : live) {
      FAIRLEAD_ASSIGN(std::optional<Referral> referral, unit.store.Find(id));
      if (referral) FAIRLEAD_RETURN_IF_ERROR(Obey(unit, *referral, set));
    }
    after_id = live.back();
  }
}

Result<void> CheckMayBeAsked(ReferralReader& store, const Referral& referral,
                             const std::vector<std::string>& agency_ids) {
  FAIRLEAD_ASSIGN(const DoNotRoute list,
                  store.FindDoNotRoute(referral.sender_agency_id, referral.case_handle));
  for (const std::string& agency_id : agency_ids) {
    if (!list.Has(agency_id)) continue;
    return Fail(Code::kFailedPrecondition, kNotToBeAsked,
                "Your agency's list for this case says that it must not be put to that agency.",
                {{"agency_id", agency_id}});
  }
  return {};
}

}  // namespace fairlead::referral
