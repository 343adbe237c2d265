// The states of a release and the ways between them: the one table, which the commands move by and
// docs/life_of_a_release.md shows.
#ifndef SERVICES_CONSENT_DOMAIN_STATES_H_
#define SERVICES_CONSENT_DOMAIN_STATES_H_

#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"

namespace fairlead::consent {

// Numeric values are those of fairlead.consent.v1 on the wire and in the database.
enum class State {
  kDraft = 1,
  kActive = 2,
  kRevoked = 3,
  kExpired = 4,
  kSuperseded = 5,
  kEnteredInError = 6,
};

std::string_view StateName(State state);  // "active"; "unknown" for a number that is no state

// The states that can be reached from this one, in the order of their numbers.
std::vector<State> Successors(State from);

// Error: FAILED_PRECONDITION with metadata state and allowed (the names of its Successors, with
// spaces between); the reason says what was wanted: RELEASE_NOT_DRAFT (to be signed),
// RELEASE_NOT_ACTIVE (to end), RELEASE_ENTERED_IN_ERROR (is so already).
Result<void> CheckMove(State from, State to);

// The table as Markdown, a row for each state.
std::string StatesAsMarkdown();

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_DOMAIN_STATES_H_
