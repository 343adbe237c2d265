#include "services/consent/commands/after_restore.h"

namespace fairlead::consent {
namespace {

Result<void> EndAgain(Unit& unit, Release release, State to, int64_t state_ms) {
  FAIRLEAD_RETURN_IF_ERROR(Move(release, to, state_ms, ""));
  if (to == State::kRevoked) release.revoke_ms = state_ms;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(release));
  FAIRLEAD_RETURN_IF_ERROR(unit.store.ShredKeys(release.id));
  return Announce(unit, release, std::string(StateName(to)));
}

}  // namespace

Result<int> RepeatForgottenEndings(Unit& unit) {
  FAIRLEAD_ASSIGN(const std::vector<RememberedEnding> endings,
                  unit.store.ForgottenEndings(kRepeatedAtOnce));
  for (const RememberedEnding& ending : endings) {
    FAIRLEAD_ASSIGN(std::optional<Release> release, unit.store.Find(ending.release_id));
    // A draft of then was signed and ended since: of what it was, a draft can only be taken back.
    const State to = release->state == State::kDraft ? State::kRevoked : ending.state;
    FAIRLEAD_RETURN_IF_ERROR(EndAgain(unit, std::move(*release), to, ending.state_ms));
  }
  return static_cast<int>(endings.size());
}

Result<int> EndWhatNobodyKnows(Unit& unit) {
  FAIRLEAD_ASSIGN(const Marks marks, unit.store.ReadMarks());
  if (!marks.main.empty() && marks.main == marks.custody) return 0;
  const bool first_time = marks.main.empty() && marks.custody.empty();
  std::vector<Release> active;
  if (!first_time) {
    FAIRLEAD_ASSIGN(active, unit.store.Active(kRepeatedAtOnce));
  }
  for (Release& release : active) {
    FAIRLEAD_RETURN_IF_ERROR(EndAgain(unit, std::move(release), State::kExpired, unit.now_ms));
  }
  if (active.empty()) FAIRLEAD_RETURN_IF_ERROR(unit.store.WriteMark(unit.ids.New()));
  return static_cast<int>(active.size());
}

}  // namespace fairlead::consent
