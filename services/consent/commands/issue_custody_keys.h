// At the moment of sending: the first of the two checks. No release in force, no key.
#ifndef SERVICES_CONSENT_COMMANDS_ISSUE_CUSTODY_KEYS_H_
#define SERVICES_CONSENT_COMMANDS_ISSUE_CUSTODY_KEYS_H_

#include <string>
#include <vector>

#include "services/common/base/random.h"
#include "services/consent/commands/unit.h"
#include "services/consent/domain/decision.h"

namespace fairlead::consent {

struct IssueRequest {
  std::string release_id;
  std::string referral_id;
  std::string packet_id;  // whose keys: the referral's id, or that of the match's offer
  std::vector<std::string> agency_ids;  // the sender and the recipients
  std::string case_handle;
  Use use;  // agency_id is set for each in turn
  bool check_only = false;  // nothing is written, and no key is given
};

struct IssuedKeys {
  std::vector<CustodyKey> keys;  // in the order of agency_ids
  int64_t expire_ms = 0;
};

// Writes a `sent` line in the disclosure log for each recipient. Asked again for the same
// packet, it gives the same keys and writes no second line. Denials: those of Decide,
// RELEASE_NOT_FOUND, RELEASE_SUBJECT_MISMATCH, RELEASE_ALREADY_USED, CUSTODY_CONFLICT,
// DISCLOSURE_NOT_LOGGED (keys were issued before, and the log does not have it). With `check_only`
// the same denials, and nothing else.
Result<IssuedKeys> IssueCustodyKeys(Unit& unit, Random& random, const IssueRequest& request);

// The audit record of keys that were refused, in a transaction of its own.
Result<void> AuditRefusedIssue(Unit& unit, const IssueRequest& request, const Error& error);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_COMMANDS_ISSUE_CUSTODY_KEYS_H_
