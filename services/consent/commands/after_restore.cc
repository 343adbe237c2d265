#include "services/consent/commands/after_restore.h"

#include "services/consent/commands/end_release.h"

namespace fairlead::consent {
Result<int> RepeatForgottenEndings(Unit& unit) {
  FAIRLEAD_ASSIGN(const std::vector<RememberedEnding> endings,
                  unit.store.ForgottenEndings(kRepeatedAtOnce));
  for (const RememberedEnding& ending : endings) {
    FAIRLEAD_ASSIGN(std::optional<Release> release, unit.store.Find(ending.release_id));
    if (release) FAIRLEAD_RETURN_IF_ERROR(EndAgain(unit, std::move(*release), ending));
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
    const RememberedEnding ending{.release_id = release.id,
                                  .state = State::kExpired,
                                  .state_ms = unit.now_ms,
                                  .withdrawal = release.withdrawal};
    FAIRLEAD_RETURN_IF_ERROR(EndAgain(unit, std::move(release), ending));
  }
  if (active.empty()) FAIRLEAD_RETURN_IF_ERROR(unit.store.WriteMark(unit.ids.New()));
  return static_cast<int>(active.size());
}

}  // namespace fairlead::consent
