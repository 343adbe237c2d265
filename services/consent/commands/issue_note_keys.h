// At the moment a sealed note is written: no release in force, no key.
#ifndef SERVICES_CONSENT_COMMANDS_ISSUE_NOTE_KEYS_H_
#define SERVICES_CONSENT_COMMANDS_ISSUE_NOTE_KEYS_H_

#include <string>
#include <vector>

#include "services/common/base/random.h"
#include "services/consent/commands/unit.h"
#include "services/consent/domain/decision.h"

namespace fairlead::consent {

struct NoteKeysRequest {
  std::string release_id;
  std::string referral_id;
  std::string note_id;       // whose keys: as that of a packet elsewhere
  std::string to_agency_id;  // the writer is the caller's agency
  Use use;                   // agency_id is set for each in turn
};

// 32 bytes for the writer's agency and for the other. One of the two must be the discloser, and the
// referral must have been sent to the other under this release: a note goes where the packet went.
// What the discloser writes is a `sent` line of the log; what it is written back is none of its
// disclosures, and the trail has it. Asked again for the same note, it gives the same keys and
// writes no second line. Denials: those of Decide, RELEASE_NOT_FOUND, RELEASE_RECIPIENT_MISMATCH,
// RELEASE_ONE_WAY, RELEASE_ALREADY_USED, DISCLOSURE_NOT_LOGGED, CUSTODY_CONFLICT.
Result<std::vector<CustodyKey>> IssueNoteKeys(Unit& unit, Random& random,
                                              const NoteKeysRequest& request);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_COMMANDS_ISSUE_NOTE_KEYS_H_
