#include "services/consent/commands/end_release.h"

#include <algorithm>

#include "services/common/base/text.h"
#include "services/consent/commands/destroy_notices.h"

namespace fairlead::consent {
namespace {

// So many replacements back those are looked for who were not asked to destroy when their release
// was replaced: at one a month, five years.
constexpr int kLongestChain = 60;

bool Covers(const Release& successor, const Opened& opened) {
  return Contains(successor.recipient_agency_ids, opened.agency_id) &&
         std::all_of(opened.categories.begin(), opened.categories.end(),
                     [&](const std::string& category) {
                       return Contains(successor.categories, category) &&
                              !Contains(successor.excluded_categories, category);
                     });
}

// Asks those who opened something under the release, or under those whose place it took: a
// replacement that lets somebody keep what they have ends with what replaced it. Gives all who have
// been asked, whenever it was.
Result<std::vector<std::string>> AskToDestroy(Unit& unit, const Release& ended,
                                              const Release* successor) {
  const std::string cause(StateName(ended.state));
  std::vector<std::string> asked;
  Release release = ended;
  for (int length = 0; length < kLongestChain; ++length) {
    FAIRLEAD_ASSIGN(const std::vector<Opened> all, unit.store.OpenedByOthers(release));
    for (const Opened& opened : all) {
      if (successor != nullptr && Covers(*successor, opened)) continue;
      asked.push_back(opened.agency_id);
      FAIRLEAD_RETURN_IF_ERROR(RequestDestruction(unit, release, opened, cause));
    }
    if (release.supersedes_id.empty()) break;
    FAIRLEAD_ASSIGN(std::optional<Release> before, unit.store.Find(release.supersedes_id));
    // What had ended before it could be replaced has asked by itself, or ended on its day.
    if (!before || before->superseded_by_id != release.id) break;
    release = std::move(*before);
  }
  return SortedUnique(std::move(asked));
}

Result<Ending> End(Unit& unit, Release release, State to, const Release* successor) {
  FAIRLEAD_RETURN_IF_ERROR(Move(release, to, unit.now_ms, unit.staff_id));
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(release));
  Ending ending;
  FAIRLEAD_ASSIGN(ending.keys_deleted, unit.store.ShredKeys(release.id));
  FAIRLEAD_ASSIGN(ending.agency_ids_that_opened, AskToDestroy(unit, release, successor));
  FAIRLEAD_RETURN_IF_ERROR(Announce(unit, release, std::string(StateName(to))));
  ending.release = std::move(release);
  return ending;
}

}  // namespace

Result<Ending> RevokeRelease(Unit& unit, const std::string& release_id, const std::string& etag,
                             Method method) {
  FAIRLEAD_ASSIGN(Release release, FindOwn(unit, release_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(release, etag));
  release.revoke_ms = unit.now_ms;
  release.withdrawal = {.method = method, .staff_id = unit.staff_id};
  return End(unit, std::move(release), State::kRevoked, nullptr);
}

Result<Ending> EnterReleaseInError(Unit& unit, const std::string& release_id,
                                   const std::string& etag) {
  FAIRLEAD_ASSIGN(Release release, FindOwn(unit, release_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(release, etag));
  return End(unit, std::move(release), State::kEnteredInError, nullptr);
}

Result<void> Supersede(Unit& unit, Release old, const Release& successor) {
  old.superseded_by_id = successor.id;
  FAIRLEAD_RETURN_IF_ERROR(End(unit, std::move(old), State::kSuperseded, &successor));
  return {};
}

Result<void> EndAgain(Unit& unit, Release release, const RememberedEnding& ending) {
  // A draft of then was signed and ended since: of what it was, a draft can only be taken back.
  const State to = release.state == State::kDraft ? State::kRevoked : ending.state;
  FAIRLEAD_RETURN_IF_ERROR(Move(release, to, ending.state_ms, ending.withdrawal.staff_id));
  if (to == State::kRevoked) release.revoke_ms = ending.state_ms;
  release.withdrawal = ending.withdrawal;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(release));
  FAIRLEAD_RETURN_IF_ERROR(unit.store.ShredKeys(release.id));
  if (to != State::kExpired) {
    FAIRLEAD_RETURN_IF_ERROR(AskToDestroy(unit, release, nullptr));
  }
  return Announce(unit, release, std::string(StateName(to)));
}

}  // namespace fairlead::consent
