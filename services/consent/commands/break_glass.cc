#include "services/consent/commands/break_glass.h"

#include "fairlead/events/v1/events.pb.h"
#include "services/consent/domain/decision.h"
#include "services/consent/store/break_glass_store.h"

namespace fairlead::consent {
namespace {

constexpr char kTooManyGlass[] = "TOO_MANY_BREAK_GLASS";

tl::unexpected<Error> GlassNotFound() {
  return Fail(Code::kNotFound, "BREAK_GLASS_NOT_FOUND", "There is no such break-glass.");
}

// The release stands in the parties' records alone: at an office it would tie two referrals of one
// person together.
Result<void> AuditGlass(Unit& unit, audit::Action action, const BreakGlass& glass) {
  audit::Record record{.action = action, .by = unit.by};
  record.subject_agency_id = glass.discloser_agency_id;
  record.referral_id = glass.referral_id;
  record.record_id = glass.id;
  const bool party = unit.agency_id == glass.agency_id ||
                     unit.agency_id == glass.discloser_agency_id || unit.agency_id.empty();
  if (party) record.release_id = glass.release_id;
  FAIRLEAD_ASSIGN(const std::optional<Release> release, unit.store.Find(glass.release_id));
  if (release) record.case_handle = release->case_handle;
  return audit::Append(unit.tx, unit.ids, unit.now_ms, record);
}

// The record and the event. A request is the own agency's affair: it opens nothing yet.
Result<void> TellOfGlass(Unit& unit, const BreakGlass& glass, const std::string& change) {
  const auto action = audit::ActionFromCode("break_glass_" + change);
  if (!action) return Fail(Code::kInternal, "AUDIT_ACTION_UNKNOWN", "No such act: " + change);
  FAIRLEAD_RETURN_IF_ERROR(AuditGlass(unit, *action, glass));
  fairlead::events::v1::BreakGlassChanged data;
  data.set_break_glass_id(glass.id);
  data.set_referral_id(glass.referral_id);
  data.set_agency_id(glass.agency_id);
  data.set_discloser_agency_id(glass.discloser_agency_id);
  data.set_change(change);
  data.set_reason_code(glass.reason_code);
  data.set_outcome(std::string(GlassOutcomeName(glass.outcome)));
  const bool requested = glass.approve_ms == 0;
  std::vector<std::string> audience = {glass.agency_id};
  if (!requested) audience.push_back(glass.discloser_agency_id);
  return AppendEvent(unit, "break_glass_" + change, glass.referral_id, data, std::move(audience),
                     /*for_coordinators=*/!requested);
}

// Breaking glass is no way of working: who needs it more often should have sent for a new release.
Result<void> CheckGlassRate(Unit& unit) {
  FAIRLEAD_ASSIGN(
      const std::optional<int64_t> oldest,
      ApprovedBefore(unit.tx, unit.agency_id, unit.now_ms - kDayMs, kBreakGlassPerDay));
  if (!oldest) return {};
  return UsedUpToday(unit, *oldest, kTooManyGlass,
                     "An agency breaks glass at most five times in 24 hours.");
}

// Who asks and finds nobody does not go on asking.
Result<void> CheckOwnRequests(Unit& unit) {
  FAIRLEAD_ASSIGN(const std::optional<int64_t> oldest,
                  UnapprovedBefore(unit.tx, unit.agency_id, unit.staff_id,
                                   unit.now_ms - kDayMs, kUnapprovedPerDay));
  if (!oldest) return {};
  return UsedUpToday(unit, *oldest, kTooManyGlass,
                     "Nobody has approved two that you asked for in 24 hours: a colleague asks.");
}

// The release under which it was sent is in force, and there is a key left to that very packet:
// nothing goes past a person's no, and nothing brings a destroyed key back.
Result<Release> CheckBreakable(Unit& unit, const SentPacket& sent, const std::string& agency_id) {
  FAIRLEAD_ASSIGN(std::optional<Release> release, unit.store.Find(sent.release_id));
  if (!release) return Fail(Code::kInternal, "STORAGE_ERROR", "A release vanished.");
  FAIRLEAD_RETURN_IF_ERROR(CheckInForce(*release, unit.now_ms));
  FAIRLEAD_ASSIGN(const bool key, HoldsKeyTo(unit.tx, sent, agency_id));
  if (key) return std::move(*release);
  return Fail(Code::kPermissionDenied, "CUSTODY_KEY_GONE",
              "The key to this packet has been destroyed.");
}

auth::Standing StandingTo(const Unit& unit, const std::optional<BreakGlass>& glass) {
  auth::Standing standing;
  if (glass && glass->agency_id == unit.agency_id) standing.relations = auth::Relation::kRecipient;
  if (glass && glass->discloser_agency_id == unit.agency_id) {
    standing.relations = standing.relations | auth::Relation::kDiscloser;
  }
  return standing;
}

}  // namespace

Result<BreakGlass> RequestBreakGlass(Unit& unit, const std::string& referral_id,
                                     const std::string& reason_code) {
  FAIRLEAD_RETURN_IF_ERROR(CheckGlassReason(reason_code));
  FAIRLEAD_ASSIGN(const std::optional<SentPacket> sent,
                  LastSent(unit.tx, referral_id, unit.agency_id));
  auth::Standing standing;
  if (sent) standing.relations = auth::Relation::kRecipient;
  if (!sent || Ask(unit.context, standing) != auth::Verdict::kAllowed) {
    return Fail(Code::kNotFound, "REFERRAL_NOT_FOUND", "Your agency was sent no such referral.");
  }
  FAIRLEAD_ASSIGN(const Release release, CheckBreakable(unit, *sent, unit.agency_id));
  FAIRLEAD_ASSIGN(const std::optional<BreakGlass> newest,
                  NewestBreakGlass(unit.tx, referral_id, unit.agency_id));
  if (newest && (StateOf(*newest, unit.now_ms) == GlassState::kRequested ||
                 OpensNow(*newest, unit.now_ms))) {
    return Fail(Code::kFailedPrecondition, "BREAK_GLASS_UNDER_WAY",
                "Your agency has asked for this already.", {{"break_glass_id", newest->id}});
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckGlassRate(unit));
  FAIRLEAD_RETURN_IF_ERROR(CheckOwnRequests(unit));
  const BreakGlass glass{.id = unit.ids.New(),
                         .referral_id = referral_id,
                         .release_id = release.id,
                         .agency_id = unit.agency_id,
                         .discloser_agency_id = release.discloser_agency_id,
                         .reason_code = reason_code,
                         .request_ms = unit.now_ms,
                         .request_staff_id = unit.staff_id};
  FAIRLEAD_RETURN_IF_ERROR(InsertBreakGlass(unit.tx, glass));
  FAIRLEAD_RETURN_IF_ERROR(TellOfGlass(unit, glass, "requested"));
  return glass;
}

Result<BreakGlass> ApproveBreakGlass(Unit& unit, const std::string& id) {
  FAIRLEAD_ASSIGN(std::optional<BreakGlass> glass, FindBreakGlass(unit.tx, id));
  if (!glass || Ask(unit.context, StandingTo(unit, glass)) != auth::Verdict::kAllowed) {
    return GlassNotFound();
  }
  const GlassState state = StateOf(*glass, unit.now_ms);
  if (state != GlassState::kRequested) {
    return Fail(Code::kFailedPrecondition, "BREAK_GLASS_NOT_WAITING",
                "It does not wait for a second person.",
                {{"state", std::string(GlassStateName(state))}});
  }
  if (unit.staff_id.empty() || unit.staff_id == glass->request_staff_id) {
    return Fail(Code::kFailedPrecondition, "SECOND_PERSON_NEEDED",
                "Who asked cannot approve it: a colleague does.");
  }
  FAIRLEAD_ASSIGN(const std::optional<SentPacket> sent,
                  LastSent(unit.tx, glass->referral_id, glass->agency_id));
  if (!sent) return GlassNotFound();
  FAIRLEAD_RETURN_IF_ERROR(CheckBreakable(unit, *sent, glass->agency_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckGlassRate(unit));
  glass->approve_ms = unit.now_ms;
  glass->approve_staff_id = unit.staff_id;
  FAIRLEAD_RETURN_IF_ERROR(UpdateBreakGlass(unit.tx, *glass));
  FAIRLEAD_RETURN_IF_ERROR(TellOfGlass(unit, *glass, "approved"));
  return std::move(*glass);
}

Result<BreakGlass> ReviewBreakGlass(Unit& unit, const std::string& id, GlassOutcome outcome) {
  FAIRLEAD_ASSIGN(std::optional<BreakGlass> glass, FindBreakGlass(unit.tx, id));
  const auth::Verdict verdict = Ask(unit.context, StandingTo(unit, glass));
  if (glass && verdict == auth::Verdict::kForbidden) {
    return Fail(Code::kPermissionDenied, "BREAK_GLASS_OWN",
                "Who broke it does not judge it: the other agency or the coalition office does.");
  }
  if (!glass || verdict != auth::Verdict::kAllowed) return GlassNotFound();
  if (glass->approve_ms == 0) {
    return Fail(Code::kFailedPrecondition, "BREAK_GLASS_NOT_APPROVED",
                "It was not approved: there is nothing to review.");
  }
  if (glass->review_ms > 0) {
    return Fail(Code::kFailedPrecondition, "BREAK_GLASS_REVIEWED", "It has been reviewed.",
                {{"outcome", std::string(GlassOutcomeName(glass->outcome))}});
  }
  glass->review_ms = unit.now_ms;
  glass->review_agency_id = unit.agency_id;
  glass->review_staff_id = unit.staff_id;
  glass->outcome = outcome;
  FAIRLEAD_RETURN_IF_ERROR(UpdateBreakGlass(unit.tx, *glass));
  FAIRLEAD_RETURN_IF_ERROR(TellOfGlass(unit, *glass, "reviewed"));
  return std::move(*glass);
}

Result<BreakGlass> OpenGlass(Unit& unit, const std::string& referral_id) {
  FAIRLEAD_ASSIGN(std::optional<BreakGlass> glass,
                  NewestBreakGlass(unit.tx, referral_id, unit.agency_id));
  if (glass && OpensNow(*glass, unit.now_ms)) return std::move(*glass);
  return Fail(Code::kPermissionDenied, "BREAK_GLASS_NEEDED",
              "The hand-off has ended: only a break-glass opens its packet.");
}

Result<void> CountOpening(Unit& unit, BreakGlass glass, const Release& release) {
  glass.opens += 1;
  FAIRLEAD_RETURN_IF_ERROR(UpdateBreakGlass(unit.tx, glass));
  audit::Record record{.action = audit::Action::kBreakGlassOpened, .by = unit.by};
  record.subject_agency_id = release.discloser_agency_id;
  record.case_handle = release.case_handle;
  record.release_id = release.id;
  record.referral_id = glass.referral_id;
  record.record_id = glass.id;
  return audit::Append(unit.tx, unit.ids, unit.now_ms, record);
}

Result<int> CallOverdueReviews(Unit& unit) {
  FAIRLEAD_ASSIGN(std::vector<BreakGlass> due,
                  UncalledReviews(unit.tx, unit.now_ms - kReviewWithinMs, kReviewsPerSweep));
  for (BreakGlass& glass : due) {
    glass.overdue_ms = unit.now_ms;
    FAIRLEAD_RETURN_IF_ERROR(UpdateBreakGlass(unit.tx, glass));
    FAIRLEAD_RETURN_IF_ERROR(TellOfGlass(unit, glass, "review_overdue"));
  }
  return static_cast<int>(due.size());
}

}  // namespace fairlead::consent
