#include "services/consent/commands/destroy_notices.h"

#include "fairlead/events/v1/events.pb.h"

namespace fairlead::consent {
namespace {

std::string OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kUnanswered: return "";
    case Outcome::kDestroyed: return "destroyed";
    case Outcome::kNothingKept: return "nothing_kept";
    case Outcome::kKeptByLaw: return "kept_by_law";
  }
  return "";
}

// The record in the trail and the event, for the two agencies that the notice is between.
Result<void> TellOfNotice(Unit& unit, const DestroyNotice& notice, const std::string& change) {
  audit::Record record{.action = change == "requested" ? audit::Action::kDestructionRequested
                                                       : audit::Action::kDestructionAcknowledged,
                       .by = unit.by};
  record.subject_agency_id = notice.discloser_agency_id;
  record.release_id = notice.release_id;
  record.record_id = notice.id;
  FAIRLEAD_RETURN_IF_ERROR(audit::Append(unit.tx, unit.ids, unit.now_ms, record));
  fairlead::events::v1::DestroyNoticeChanged data;
  data.set_notice_id(notice.id);
  data.set_release_id(notice.release_id);
  data.set_discloser_agency_id(notice.discloser_agency_id);
  data.set_recipient_agency_id(notice.recipient_agency_id);
  data.set_change(change);
  data.set_outcome(OutcomeName(notice.outcome));
  return AppendEvent(unit, "destruction_" + change, notice.id, data,
                     {notice.recipient_agency_id, notice.discloser_agency_id});
}

}  // namespace

Result<void> RequestDestruction(Unit& unit, const Release& release, const Opened& opened,
                                const std::string& cause) {
  const DestroyNotice notice{.id = unit.ids.New(),
                             .release_id = release.id,
                             .discloser_agency_id = release.discloser_agency_id,
                             .recipient_agency_id = opened.agency_id,
                             .referral_ids = opened.referral_ids,
                             .cause = cause,
                             .create_ms = unit.now_ms,
                             .outcome = Outcome::kUnanswered,
                             .acknowledge_ms = 0,
                             .acknowledge_staff_id = ""};
  FAIRLEAD_ASSIGN(const bool added, unit.store.AddNotice(notice));
  if (!added) return {};
  return TellOfNotice(unit, notice, "requested");
}

Result<DestroyNotice> AcknowledgeDestruction(Unit& unit, const std::string& notice_id,
                                             Outcome outcome) {
  FAIRLEAD_ASSIGN(std::optional<DestroyNotice> notice, unit.store.FindNotice(notice_id));
  auth::Standing standing;
  if (notice && notice->recipient_agency_id == unit.agency_id) {
    standing.relations = auth::Relation::kRecipient;
  }
  if (!notice || Ask(unit.context, standing) != auth::Verdict::kAllowed) {
    return Fail(Code::kNotFound, "DESTROY_NOTICE_NOT_FOUND",
                "Your agency was sent no such request to destroy.");
  }
  const bool open = notice->outcome == Outcome::kUnanswered ||
                    (notice->outcome == Outcome::kKeptByLaw && outcome != Outcome::kKeptByLaw);
  if (!open) {
    return Fail(Code::kFailedPrecondition, "DESTRUCTION_ALREADY_ACKNOWLEDGED",
                "Your agency has answered this request already.",
                {{"outcome", OutcomeName(notice->outcome)}});
  }
  notice->outcome = outcome;
  notice->acknowledge_ms = unit.now_ms;
  notice->acknowledge_staff_id = unit.staff_id;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.UpdateNotice(*notice));
  FAIRLEAD_RETURN_IF_ERROR(TellOfNotice(unit, *notice, "acknowledged"));
  return std::move(*notice);
}

}  // namespace fairlead::consent
