#include "services/consent/domain/states.h"

#include <algorithm>
#include <array>

#include "services/common/base/text.h"

namespace fairlead::consent {
namespace {

using enum State;

struct Way {
  State from;
  State to;
};

// A release that has ended does not come back; whatever was recorded wrongly can be said to be so.
constexpr std::array kWays = {
    Way{kDraft, kActive},           Way{kDraft, kRevoked},
    Way{kDraft, kEnteredInError},   Way{kActive, kRevoked},
    Way{kActive, kExpired},         Way{kActive, kSuperseded},
    Way{kActive, kEnteredInError},  Way{kRevoked, kEnteredInError},
    Way{kExpired, kEnteredInError}, Way{kSuperseded, kEnteredInError},
};
constexpr std::array kStates = {kDraft, kActive, kRevoked, kExpired, kSuperseded, kEnteredInError};

std::string Names(const std::vector<State>& states, std::string_view between) {
  std::string names;
  for (const State state : states) {
    if (!names.empty()) names += between;
    names += StateName(state);
  }
  return names;
}

}  // namespace

std::string_view StateName(State state) {
  switch (state) {
    case kDraft: return "draft";
    case kActive: return "active";
    case kRevoked: return "revoked";
    case kExpired: return "expired";
    case kSuperseded: return "superseded";
    case kEnteredInError: return "entered_in_error";
  }
  return "unknown";
}

std::vector<State> Successors(State from) {
  std::vector<State> states;
  for (const Way& way : kWays) {
    if (way.from == from) states.push_back(way.to);
  }
  return states;
}

Result<void> CheckMove(State from, State to) {
  const std::vector<State> allowed = Successors(from);
  if (std::find(allowed.begin(), allowed.end(), to) != allowed.end()) return {};
  std::map<std::string, std::string> metadata = {{"state", std::string(StateName(from))},
                                                 {"allowed", Names(allowed, " ")}};
  if (to == kActive) {
    return Fail(Code::kFailedPrecondition, "RELEASE_NOT_DRAFT", "Only a draft can be signed.",
                std::move(metadata));
  }
  if (to == kEnteredInError) {
    return Fail(Code::kFailedPrecondition, "RELEASE_ENTERED_IN_ERROR",
                "The release was entered in error already.", std::move(metadata));
  }
  return Fail(Code::kFailedPrecondition, "RELEASE_NOT_ACTIVE", "The release is not in force.",
              std::move(metadata));
}

std::string StatesAsMarkdown() {
  std::string page = "| from | to |\n|---|---|\n";
  for (const State state : kStates) {
    const std::string to = Names(Successors(state), ", ");
    page += "| " + std::string(StateName(state)) + " | " + (to.empty() ? "nothing" : to) + " |\n";
  }
  return page;
}

}  // namespace fairlead::consent
