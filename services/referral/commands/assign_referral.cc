#include "services/referral/commands/assign_referral.h"

#include <utility>
#include <vector>

#include "services/common/base/clock.h"
#include "services/referral/store/assignment_store.h"

namespace fairlead::referral {
namespace {

Result<void> CheckHolder(const Assignment& now, const Assigning& assigning) {
  const std::string current = Etag(now);
  if (!assigning.etag.empty() && assigning.etag != current) {
    return Fail(Code::kAborted, "ETAG_MISMATCH",
                "Who has it in hand has changed since it was read: read it again.",
                {{"current_etag", current}});
  }
  if (now.staff_id.empty() || now.staff_id == assigning.staff_id ||
      now.staff_id == assigning.from_staff_id) {
    return {};
  }
  return Fail(Code::kFailedPrecondition, "ALREADY_ASSIGNED", "A colleague has it in hand.",
              {{"staff_id", now.staff_id},
               {"assign_time", FormatTime(now.assign_ms)},
               {"current_etag", current}});
}

// The own offer, where the agency is the recipient.
const Offer* OwnOffer(const Referral& referral, const std::string& agency_id) {
  const std::optional<size_t> at = OfferOf(referral, agency_id);
  return at ? &referral.offers[*at] : nullptr;
}

Result<Assignment> Put(Unit& unit, const Referral& referral, Assignment next,
                       const std::string& from_staff_id, const std::string& reason_code) {
  next.assign_ms = unit.now_ms;
  ++next.version;
  FAIRLEAD_RETURN_IF_ERROR(PutAssignment(unit.tx, next));
  const Offer* offer = OwnOffer(referral, unit.agency_id);
  const TimelineEntry line{.id = unit.ids.New(),
                           .referral_id = referral.id,
                           .time_ms = unit.now_ms,
                           .event = next.staff_id.empty() ? "unassigned" : "assigned",
                           .agency_id = unit.agency_id,
                           .staff_id = unit.staff_id,
                           .reason_code = reason_code,
                           .offer_id = offer != nullptr ? offer->id : "",
                           .to_staff_id = next.staff_id,
                           .from_staff_id = from_staff_id};
  FAIRLEAD_RETURN_IF_ERROR(AddAssignmentLine(unit.tx, line));
  FAIRLEAD_RETURN_IF_ERROR(TellOwnAgency(unit, referral, offer, line));
  return next;
}

}  // namespace

Result<Assignment> AssignReferral(Unit& unit, const Assigning& assigning) {
  FAIRLEAD_ASSIGN(const Found found, FindAsEither(unit, assigning.referral_id));
  if (found.verdict == auth::Verdict::kWrongState) {
    return Fail(Code::kFailedPrecondition, "REFERRAL_ENDED", "It has ended: nobody has it in hand.",
                {{"state", std::string(StateName(found.referral.state))}});
  }
  FAIRLEAD_RETURN_IF_ERROR(found.Permitted());
  FAIRLEAD_ASSIGN(Assignment next,
                  FindAssignment(unit.tx, assigning.referral_id, unit.agency_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckHolder(next, assigning));
  if (next.staff_id == assigning.staff_id) return next;
  FAIRLEAD_ASSIGN(const bool has_left, HasLeft(unit.tx, assigning.staff_id));
  if (has_left) {
    return Fail(Code::kNotFound, "COLLEAGUE_NOT_FOUND", "This person has left your agency.");
  }
  const std::string from = std::exchange(next.staff_id, assigning.staff_id);
  return Put(unit, found.referral, std::move(next), from, "");
}

Result<void> ReturnToQueue(Unit& unit, const Referral& referral, const std::string& agency_id,
                           const std::string& reason_code) {
  FAIRLEAD_ASSIGN(Assignment next, FindAssignment(unit.tx, referral.id, agency_id));
  if (next.staff_id.empty()) return {};
  // The agency hears that it is so, and not who at another one may have been the cause.
  Unit hub = unit;
  hub.agency_id = agency_id;
  hub.staff_id.clear();
  hub.by = {};
  const std::string from = std::exchange(next.staff_id, "");
  FAIRLEAD_RETURN_IF_ERROR(Put(hub, referral, std::move(next), from, reason_code));
  return {};
}

Result<void> ReturnAllOf(Unit& unit, const std::string& agency_id, const std::string& staff_id) {
  FAIRLEAD_RETURN_IF_ERROR(PutLeaver(unit.tx, staff_id, unit.now_ms));
  std::string after_id;
  while (true) {
    FAIRLEAD_ASSIGN(const std::vector<std::string> ids,
                    AssignedTo(unit.tx, agency_id, staff_id, after_id));
    if (ids.empty()) return {};
    for (const std::string& id : ids) {
      FAIRLEAD_ASSIGN(const std::optional<Referral> referral, unit.store.Find(id));
      if (!referral || referral->state == ReferralState::kCompleted) continue;
      if (StandingOf(*referral, agency_id).state == auth::RecordState::kEnded) continue;
      FAIRLEAD_RETURN_IF_ERROR(ReturnToQueue(unit, *referral, agency_id, kStaffLeft));
    }
    after_id = ids.back();
  }
}

}  // namespace fairlead::referral
