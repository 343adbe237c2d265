// Who at an agency has a referral in hand. An agency's queue is never a person's inbox: whoever is
// on duty can act, whoever has it in hand.
#ifndef SERVICES_REFERRAL_COMMANDS_ASSIGN_REFERRAL_H_
#define SERVICES_REFERRAL_COMMANDS_ASSIGN_REFERRAL_H_

#include <string>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

struct Assigning {
  std::string referral_id;
  std::string staff_id;       // who is to have it; empty: the queue
  std::string from_staff_id;  // who may have it now
  std::string etag;           // of the assignment; empty: whatever its version
};

// By the caller's agency, for itself; that `staff_id` works there on cases has been asked before.
// What is as it should be already stays, untold. Errors: REFERRAL_NOT_FOUND, REFERRAL_ENDED,
// ETAG_MISMATCH (metadata current_etag); ALREADY_ASSIGNED (somebody who is not named has it:
// metadata staff_id, assign_time, current_etag); COLLEAGUE_NOT_FOUND (has left meanwhile).
Result<Assignment> AssignReferral(Unit& unit, const Assigning& assigning);

inline constexpr char kStaffLeft[] = "staff_left";
inline constexpr char kOfferedAgain[] = "offered_again";

// By the hub: whoever of the agency has it in hand, has it no longer. Nothing when nobody does.
Result<void> ReturnToQueue(Unit& unit, const Referral& referral, const std::string& agency_id,
                           const std::string& reason_code);
// By the hub: somebody has left. What is under way goes back to the agency's queue; of what has
// ended it stays known who had it. Doing it again does nothing.
Result<void> ReturnAllOf(Unit& unit, const std::string& agency_id, const std::string& staff_id);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_ASSIGN_REFERRAL_H_
