// Who a colleague is: for whoever hands work over, and to show who has it.
#ifndef SERVICES_IDENTITY_COMMANDS_FIND_COLLEAGUE_H_
#define SERVICES_IDENTITY_COMMANDS_FIND_COLLEAGUE_H_

#include <string>

#include "services/identity/commands/deps.h"

namespace fairlead::identity {

// Exactly one of the two is given.
struct ColleagueQuery {
  std::string staff_id;
  std::string sign_in_name;
};

// Somebody of the agency who works on cases. Errors: COLLEAGUE_NOT_FOUND, of whoever is not that
// and of nobody alike; STAFF_ID_OR_NAME.
Result<Staff> LookUpColleague(const Deps& deps, storage::ReadTransaction& tx,
                              const std::string& agency_id, const ColleagueQuery& query);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_FIND_COLLEAGUE_H_
