// The policy table: which verb is open to whom, on which records. Deny by default, forbid beats
// allow; an RPC without a row stops the process at start-up. Nothing here is remembered between
// calls. docs/authority.md shows the table to people.
//
// A role grants verbs, never data. So it is asked twice, of one row:
//
//   // the pipeline, before the method: may this caller use the verb at all?
//   Result<void> allowed = Authorise(FindPolicy(method), caller.actor, caller.calling_service);
//   // the command, inside its transaction: may it on this record?
//   Standing standing{.relations = Relation::kRecipient, .state = RecordState::kWaiting};
//   if (Decide(row, actor, standing) == Verdict::kNotYours) return NotFound();
#ifndef SERVICES_COMMON_AUTH_POLICY_H_
#define SERVICES_COMMON_AUTH_POLICY_H_

#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "services/common/auth/actor.h"
#include "services/common/base/result.h"

namespace fairlead::auth {

// Names of our own services, as they say them when they call.
inline constexpr std::string_view kIdentity = "identity";
inline constexpr std::string_view kDirectory = "directory";
inline constexpr std::string_view kConsent = "consent";
inline constexpr std::string_view kReferral = "referral";
inline constexpr std::string_view kGateway = "gateway";
inline constexpr std::string_view kHub = "hub";
inline constexpr std::string_view kAudit = "audit";

// Actor::assurance.
inline constexpr int kSignedIn = 2;      // two factors, or a passkey; a machine client's key
inline constexpr int kProvenLately = 3;  // the same, within the last 10 min: step-up

// How the caller stands to the record that a call names. One caller may stand in several ways.
enum class Relation : unsigned {
  kNone = 0,
  kSelf = 1U << 0U,       // account, session, device or passkey of the caller's own; a message or
                          // post that the caller has written
  kOwnAgency = 1U << 1U,  // it belongs to the caller's agency, or is that agency; a thread of it
  kSender = 1U << 2U,     // the caller's agency sent the referral, or drafts it; placed the hold;
                          // asks with the bed call, sent the alert
  kRecipient = 1U << 3U,  // a referral: offered to the caller's agency, and this is its offer;
                          // a release: something was, or is to be, sent to it under the release;
                          // a hold: it is on a service of the caller's agency;
                          // a channel, and what is in it: the agency is a member; an alert: it
                          // went to it
  kDiscloser = 1U << 4U,  // the caller's agency holds the client's release
};
constexpr Relation operator|(Relation a, Relation b) {
  return static_cast<Relation>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool Includes(Relation all, Relation one) {
  return (static_cast<unsigned>(all) & static_cast<unsigned>(one)) != 0;
}

// The record's state, as far as it decides who may: for a sender the referral's, for a recipient
// that of its offer.
enum class RecordState {
  kAny = 0,       // the record has no such state
  kDraft = 1,     // not sent yet
  kWaiting = 2,   // for an answer
  kAccepted = 3,  // matched, in service or completed
  kEnded = 4,     // declined, expired, withdrawn, fallen through, cancelled, closed
};

// Opens a row's verb on the records to which the caller stands so.
struct Grant {
  // Every one of these must hold; kNone: on any record, whoever's it is.
  Relation relation = Relation::kNone;
  std::set<Role> roles = {};          // only with one of these of the row's roles; none: with any
  std::set<RecordState> states = {};  // only while it is in one of these; none: always
};

// What a command found inside its transaction.
struct Standing {
  Relation relations = Relation::kNone;
  RecordState state = RecordState::kAny;
  // Consent has said within this call that the release is in force for this recipient, purpose and
  // these data categories (or, in consent itself, its own decision has).
  bool release_in_force = false;
};

enum class Verdict {
  kAllowed,
  kNotForCaller,   // Authorise refuses
  kNotYours,       // no grant for this relation: to be answered as if it were not there
  kForbidden,      // a relation that is forbidden
  kWrongState,     // a grant for the relation, but not in this state
  kReleaseNeeded,  // all but the release
};

struct PolicyRow {
  std::string_view method;  // "/fairlead.referral.v1.ReferralService/SendReferral"
  bool anonymous = false;   // open without a sign-in
  // Only through one of our own services (`services` says which). With `roles` given, a person
  // must stand behind the call, for whom roles, memberships and kinds hold as ever.
  bool services_only = false;
  // Which of our services may call it. For a services_only row: at all. For any other row: for
  // themselves, with no person behind the call (first set-up, background work); on behalf of a
  // person every service may call what the person may.
  std::set<std::string_view> services = {};
  std::set<Role> roles = {};  // any of these; none: no person
  std::set<Membership> memberships = {Membership::kActive};
  std::set<AgencyKind> forbidden_kinds = {};  // forbid beats allow
  int least_assurance = kSignedIn;
  // On which records. None: the verb names no record that is anybody's in particular, or means the
  // caller's own by itself ("list my sessions", "create a referral").
  std::vector<Grant> grants = {};
  Relation forbidden_relations = Relation::kNone;  // any of these: never, whatever is granted
  bool needs_release = false;                      // only while a release for it is in force
};

// All rows of the hub; one per RPC. Nothing is granted but here; identity, audit and membership ask
// about the record with rules of their own that allow less (see README.md).
std::span<const PolicyRow> PolicyTable();
// nullptr when there is none.
const PolicyRow* FindPolicy(std::string_view method);

// May this actor, through this service of ours (empty: the person's own call), call the method?
// Errors: UNAUTHENTICATED SIGN_IN_REQUIRED; PERMISSION_DENIED with reason ROLE_NOT_ALLOWED,
// AGENCY_NOT_ACTIVE, AGENCY_KIND_NOT_ALLOWED, SERVICES_ONLY, STEP_UP_REQUIRED, NO_POLICY. Says
// nothing about the record: that is Decide's.
Result<void> Authorise(const PolicyRow* row, const Actor& actor,
                       std::string_view calling_service = {});

// May it on a record to which it stands so? Pure: the same question, the same answer. The first
// that applies: kNotForCaller, kForbidden, kNotYours, kWrongState, kReleaseNeeded.
Verdict Decide(const PolicyRow* row, const Actor& actor, const Standing& standing,
               std::string_view calling_service = {});

// Coordinators and auditors are such only at the coalition office: elsewhere the role is void.
bool CountsAt(Role role, AgencyKind kind);
// Software is what machine clients are, and nothing else: no person has that role, and a machine
// client none of a person's.
bool CountsFor(Role role, ActorKind caller);

}  // namespace fairlead::auth

#endif  // SERVICES_COMMON_AUTH_POLICY_H_
