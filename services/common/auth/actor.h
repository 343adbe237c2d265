// Who is calling: a person of an agency with a session, a system of an agency (a machine client),
// or one of our own services. Made by the gateway from a session, a signed request or a client
// certificate, carried between processes as a signed assertion (assertion.h), and never believed
// from a bare header.
#ifndef SERVICES_COMMON_AUTH_ACTOR_H_
#define SERVICES_COMMON_AUTH_ACTOR_H_

#include <cstdint>
#include <set>
#include <string>
#include <utility>

namespace fairlead::auth {

enum class Role {
  kCaseworker = 1,
  kHotlineOperator = 2,
  kAgencyAdmin = 3,
  kCoordinator = 4,
  kAuditor = 5,
  kIntegration = 6,
};

enum class ActorKind {
  kAnonymous,  // nobody signed in: may sign in, and little else
  kStaff,
  kService,    // one of our own services acting for itself: `staff_id` is its name
  kMachine,    // a system of an agency, without a person: `staff_id` is the machine client's id
};

enum class AgencyKind {
  kUnspecified = 0,
  kVictimServiceProvider = 1,
  kHealthProvider = 2,
  kPart2Program = 3,
  kLegalServices = 4,
  kLawEnforcement = 5,
  kGovernment = 6,
  kHotline = 7,
  kCoalitionOffice = 8,
  kOther = 9,
};

enum class Membership {
  kUnspecified = 0,
  kApplied = 1,
  kSponsored = 2,
  kActive = 3,
  kSuspended = 4,
  kDeparted = 5,
};

struct Actor {
  ActorKind kind = ActorKind::kAnonymous;
  std::string staff_id;    // UUID of a person or machine client; for kService the service's name
  std::string agency_id;   // UUID; empty for kService
  AgencyKind agency_kind = AgencyKind::kUnspecified;
  Membership membership = Membership::kUnspecified;
  std::set<Role> roles;
  std::string session_id;  // UUID; empty for what is no person
  // How well it is known who sits there: kSignedIn or kProvenLately (policy.h); 0 nobody.
  int assurance = 0;
  // Where the call comes from, as the gateway saw it: an IPv4 address or an IPv6 /64. Empty for a
  // call that came past the gateway. To count by, never to decide by, and never stored as it is.
  std::string network = {};

  bool Has(Role role) const { return roles.contains(role); }
  bool operator==(const Actor&) const = default;
};

inline Actor ServiceActor(std::string name) {
  Actor actor;
  actor.kind = ActorKind::kService;
  actor.staff_id = std::move(name);
  return actor;
}

}  // namespace fairlead::auth

#endif  // SERVICES_COMMON_AUTH_ACTOR_H_
