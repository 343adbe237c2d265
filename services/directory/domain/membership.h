// How an agency becomes a member and ceases to be one: which steps there are, for which reasons,
// and whose word counts as a sponsor's. Pure.
#ifndef SERVICES_DIRECTORY_DOMAIN_MEMBERSHIP_H_
#define SERVICES_DIRECTORY_DOMAIN_MEMBERSHIP_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/common/base/result.h"
#include "services/directory/domain/agency.h"

namespace fairlead::directory {

// The numbers are those of fairlead.directory.v1.
enum class MembershipReason {
  kNone = 0,
  kVetted = 1,
  kReviewDue = 2,
  kSecurityIncident = 3,
  kConduct = 4,
  kOwnWish = 5,
  kClosed = 6,
  kNotVetted = 7,
  kResolved = 8,
};

// One line of an agency's story.
struct MembershipChange {
  std::string id;  // UUIDv7: in the order of time
  std::string agency_id;
  Membership from = Membership::kApplied;
  Membership to = Membership::kApplied;
  MembershipReason reason = MembershipReason::kNone;
  std::string actor_staff_id;  // empty: an application from outside
  std::string actor_agency_id;
  int64_t time_ms = 0;
  bool is_sponsorship = false;
  std::string request_id;  // of the call that made it
};

// Somebody's word for an applicant.
struct Sponsor {
  std::string agency_id;
  std::string staff_id;
  bool is_office = false;    // a coordinator, while there are too few members
  bool is_in_force = false;  // the agency is active now
};

inline constexpr int kSponsorsNeeded = 2;
// So many agencies that may sponsor, and the office's coordinators stand in no more.
inline constexpr int kMembersThatSponsor = 2;

// applied → sponsored → active ⇄ suspended → departed; departed from everywhere.
bool CanMove(Membership from, Membership to);

// Moves it, and raises its version. Errors: FAILED_PRECONDITION MEMBERSHIP_STATE_CONFLICT with
// metadata `state`, OFFICE_STAYS; INVALID_ARGUMENT REASON_NOT_ALLOWED.
Result<void> Move(Agency& agency, Membership to, MembershipReason reason);
// ABORTED ETAG_MISMATCH unless `etag` is empty or names this version.
Result<void> CheckEtag(const Agency& agency, const std::string& etag);

// Law enforcement sponsors nobody: a sponsor knows applicants.
bool MaySponsor(const Agency& agency);

// How many words are still missing: agencies count once each, coordinators each.
int SponsorsMissing(const std::vector<Sponsor>& sponsors);

// May `staff_id` of `own` add a word? `members_that_sponsor`: how many active agencies beside the
// office could. Errors: FAILED_PRECONDITION OWN_AGENCY, MEMBERSHIP_STATE_CONFLICT,
// SPONSOR_NOT_NEEDED; ALREADY_EXISTS ALREADY_SPONSORED.
Result<void> CheckSponsor(const Agency& applicant, const std::vector<Sponsor>& sponsors,
                          const Agency& own, const std::string& staff_id,
                          int64_t members_that_sponsor);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_MEMBERSHIP_H_
