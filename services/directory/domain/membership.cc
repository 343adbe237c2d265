#include "services/directory/domain/membership.h"

#include <algorithm>
#include <set>
#include <utility>

namespace fairlead::directory {
namespace {

tl::unexpected<Error> StateConflict(const Agency& agency, const std::string& message) {
  return Fail(Code::kFailedPrecondition, "MEMBERSHIP_STATE_CONFLICT", message,
              {{"state", std::string(CodeOf(agency.membership))}});
}

bool ReasonFits(Membership from, Membership to, MembershipReason reason) {
  using enum MembershipReason;
  switch (to) {
    case Membership::kSponsored:
      return reason == kNone;
    case Membership::kActive:
      return from == Membership::kSuspended ? reason == kResolved || reason == kVetted
                                            : reason == kVetted;
    case Membership::kSuspended:
      return reason == kReviewDue || reason == kSecurityIncident || reason == kConduct ||
             reason == kOwnWish;
    case Membership::kDeparted: {
      const bool applicant = from == Membership::kApplied || from == Membership::kSponsored;
      return reason == kOwnWish || reason == kClosed || reason == kConduct ||
             reason == kSecurityIncident || (applicant && reason == kNotVetted);
    }
    case Membership::kApplied:
      break;
  }
  return false;
}

}  // namespace

bool CanMove(Membership from, Membership to) {
  using enum Membership;
  switch (from) {
    case kApplied:
      return to == kSponsored || to == kDeparted;
    case kSponsored:
      return to == kActive || to == kDeparted;
    case kActive:
      return to == kSuspended || to == kDeparted;
    case kSuspended:
      return to == kActive || to == kDeparted;
    case kDeparted:
      return false;
  }
  return false;
}

Result<void> Move(Agency& agency, Membership to, MembershipReason reason) {
  if (agency.kind == AgencyKind::kCoalitionOffice) {
    // Nobody would be left who could take it back.
    return Fail(Code::kFailedPrecondition, "OFFICE_STAYS",
                "The coalition office can be neither suspended nor removed.");
  }
  if (!CanMove(agency.membership, to)) {
    return StateConflict(agency, "The agency is " + std::string(CodeOf(agency.membership)) +
                                     ": it cannot become " + std::string(CodeOf(to)) + ".");
  }
  if (!ReasonFits(agency.membership, to, reason)) {
    return Fail(Code::kInvalidArgument, "REASON_NOT_ALLOWED", "This is no reason for this step.",
                {{"field", "reason"}});
  }
  agency.membership = to;
  agency.version += 1;
  return {};
}

Result<void> CheckEtag(const Agency& agency, const std::string& etag) {
  const std::string current = std::to_string(agency.version);
  if (etag.empty() || etag == current) return {};
  return Fail(Code::kAborted, "ETAG_MISMATCH",
              "The agency has changed since it was read: read it again.",
              {{"current_etag", current}});
}

bool MaySponsor(const Agency& agency) {
  return agency.membership == Membership::kActive && agency.kind != AgencyKind::kLawEnforcement;
}

int SponsorsMissing(const std::vector<Sponsor>& sponsors) {
  std::set<std::pair<std::string, std::string>> words;
  for (const Sponsor& sponsor : sponsors) {
    if (!sponsor.is_in_force) continue;
    words.emplace(sponsor.agency_id, sponsor.is_office ? sponsor.staff_id : "");
  }
  return std::max(0, kSponsorsNeeded - static_cast<int>(words.size()));
}

Result<void> CheckSponsor(const Agency& applicant, const std::vector<Sponsor>& sponsors,
                          const Agency& own, const std::string& staff_id,
                          int64_t members_that_sponsor) {
  if (applicant.id == own.id) {
    return Fail(Code::kFailedPrecondition, "OWN_AGENCY", "Nobody sponsors the own agency.");
  }
  const bool waits =
      applicant.membership == Membership::kApplied ||
      (applicant.membership == Membership::kSponsored && SponsorsMissing(sponsors) > 0);
  if (!waits) return StateConflict(applicant, "The agency waits for no sponsor.");
  const bool is_office = own.kind == AgencyKind::kCoalitionOffice;
  if (is_office && members_that_sponsor >= kMembersThatSponsor) {
    return Fail(Code::kFailedPrecondition, "SPONSOR_NOT_NEEDED",
                "There are members enough: two of them sponsor, not the office.");
  }
  const bool already = std::ranges::any_of(sponsors, [&](const Sponsor& sponsor) {
    return sponsor.agency_id == own.id && (!is_office || sponsor.staff_id == staff_id);
  });
  if (already) {
    return Fail(Code::kAlreadyExists, "ALREADY_SPONSORED",
                "You, or your agency, have given your word for this agency already.");
  }
  return {};
}

}  // namespace fairlead::directory
