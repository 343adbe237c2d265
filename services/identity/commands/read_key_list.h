// An agency's key list and what the root says of its agency key.
#ifndef SERVICES_IDENTITY_COMMANDS_READ_KEY_LIST_H_
#define SERVICES_IDENTITY_COMMANDS_READ_KEY_LIST_H_

#include <string>

#include "services/identity/commands/key_deps.h"

namespace fairlead::identity {

struct ShownKeyList {
  std::string key_list;
  std::string certificate;  // empty: none yet
  bool key_change_due = false;
};

// version 0: the current one. Earlier ones, which tell who came and left, are for the agency's own
// people (`by`); for others only when its keys are stopped, so that what it sent can be checked.
// Errors (NOT_FOUND): AGENCY_HAS_NO_KEYS (nor is anything said about whether there is such an
// agency), KEYS_NOT_FOUND; FAILED_PRECONDITION AGENCY_KEYS_STOPPED (suspended or departed: nothing
// new is sealed to it).
Task<Result<ShownKeyList>> FindKeyList(const KeyDeps& deps, auth::Actor by, std::string agency_id,
                                       int64_t version);

// AGENCY_KEYS_STOPPED when the agency is suspended or departed, as far as is known here.
Result<void> CheckKeysInUse(const Deps& deps, storage::ReadTransaction& tx,
                            std::string_view agency_id);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_READ_KEY_LIST_H_
