// Writes docs/states.md: the state machines of the hand-off, drawn and in words.
#include <cstdio>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "services/referral/domain/fhir_task.h"
#include "services/referral/domain/states.h"

namespace fairlead::referral {
namespace {

std::string NameOf(Mover by) {
  switch (by) {
    case Mover::kSender: return "sender";
    case Mover::kRecipient: return "recipient";
    case Mover::kHub: return "hub";
    case Mover::kProposer: return "proposer";
    case Mover::kOther: return "other agency";
  }
  return "?";
}

// Mermaid takes no hyphen in a name; what is drawn is the name as it is.
std::string Node(std::string name) {
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
}

template <class State, class Name>
void Draw(std::span<const Transition<State>> all, State first, const Name& name) {
  std::printf("```mermaid\nstateDiagram-v2\n  [*] --> %s\n",
              Node(std::string(name(first))).c_str());
  std::set<std::string> declared;
  std::set<std::pair<State, State>> drawn;
  for (const Transition<State>& each : all) {
    for (const State state : {each.from, each.to}) {
      const std::string text(name(state));
      if (Node(text) == text || !declared.insert(text).second) continue;
      std::printf("  %s: %s\n", Node(text).c_str(), text.c_str());
    }
  }
  for (const Transition<State>& each : all) {
    if (!drawn.insert({each.from, each.to}).second) continue;
    std::set<std::string> who;
    for (const Transition<State>& same : all) {
      if (same.from == each.from && same.to == each.to) who.insert(NameOf(same.by));
    }
    std::string label;
    for (const std::string& one : who) label += (label.empty() ? "" : ", ") + one;
    std::printf("  %s --> %s: %s\n", Node(std::string(name(each.from))).c_str(),
                Node(std::string(name(each.to))).c_str(), label.c_str());
  }
  std::printf("```\n\n| from | to | who | by |\n|---|---|---|---|\n");
  for (const Transition<State>& each : all) {
    const std::string how = "`" + std::string(each.how) + "`";
    std::printf("| `%s` | `%s` | %s | %s |\n", std::string(name(each.from)).c_str(),
                std::string(name(each.to)).c_str(), NameOf(each.by).c_str(), how.c_str());
  }
  std::printf("\n");
}

void PrintMapping() {
  struct Row {
    ReferralState referral;
    std::optional<OfferState> offer;
  };
  using R = ReferralState;
  using O = OfferState;
  const Row rows[] = {
      {R::kDraft, std::nullopt},  {R::kCancelled, std::nullopt}, {R::kOpen, O::kSent},
      {R::kOpen, O::kDelivered},  {R::kOpen, O::kQuestion},      {R::kMatched, O::kAccepted},
      {R::kInService, O::kAccepted}, {R::kCompleted, O::kAccepted}, {R::kClosed, O::kDeclined},
      {R::kClosed, O::kExpired},  {R::kClosed, O::kWithdrawn},   {R::kCancelled, O::kWithdrawn},
      {R::kClosed, O::kFellThrough}, {R::kCancelled, O::kFellThrough},
  };
  std::printf("| referral | offer | Task.status | statusReason |\n|---|---|---|---|\n");
  for (const Row& row : rows) {
    const TaskStatus status = TaskStatusOf(row.referral, row.offer);
    const std::string offer = row.offer ? "`" + std::string(StateName(*row.offer)) + "`" : "";
    std::printf("| `%s` | %s | `%s` | %s |\n", std::string(StateName(row.referral)).c_str(),
                offer.c_str(), std::string(TaskCode(status)).c_str(),
                NeedsStatusReason(status) ? "required" : "");
  }
  std::printf("| `entered_in_error` | any | `entered-in-error` | |\n\n");
}

void Print() {
  std::printf(
      "# States\n\nThe state machines of the hand-off. Drawn from\n"
      "[`states.cc`](../services/referral/domain/states.cc) and\n"
      "[`fhir_task.cc`](../services/referral/domain/fhir_task.cc) by `ninja accept_states_page`: "
      "do not edit.\n\n"
      "Every other change is refused: `ILLEGAL_TRANSITION`, with `from`, `to` and, in `allowed`, "
      "the legal ones. *By*: the\n"
      "method that does it, or why the hub does it: an offer's `clock`\n"
      "([decision 25](decisions/0025-clocks.md)), `release_ended`\n"
      "([decision 21](decisions/0021-a-release-ends-mid-service.md)), `agency_suspended` and\n"
      "`agency_departed` ([decision 9](decisions/0009-membership.md)). *Nothing yet*: a place for "
      "what comes later.\n\n"
      "## Referral\n");
  const auto state_name = [](auto state) { return StateName(state); };
  Draw(ReferralTransitions(), ReferralState::kDraft, state_name);
  std::printf("## Offer\n");
  Draw(OfferTransitions(), OfferState::kSent, state_name);
  std::printf(
      "## Appointment\n"
      "Between the two agencies of a referral that is matched or in service; its time and place "
      "are sealed\n"
      "([decision 34](decisions/0034-sealed-notes.md)). Either proposes, the other answers; "
      "`referral_ended`: completed, closed or cancelled.\n");
  Draw(AppointmentTransitions(), AppointmentState::kProposed, state_name);
  std::printf(
      "## As FHIR Tasks\n"
      "An offer is a Task of the closed loop (FHIR R4, Gravity SDOH Clinical Care 3.0): the sender "
      "is the requester, the\n"
      "recipient the target, and the hub the platform between them.\n\n");
  PrintMapping();
  Draw(TaskTransitions(), TaskStatus::kDraft, TaskCode);
}

}  // namespace
}  // namespace fairlead::referral

int main() { fairlead::referral::Print(); }
