// What every command works with: its transaction's store, the moment, the caller.
#ifndef SERVICES_CONSENT_COMMANDS_UNIT_H_
#define SERVICES_CONSENT_COMMANDS_UNIT_H_

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "services/common/audit/audit.h"
#include "services/common/auth/policy.h"
#include "services/common/base/ids.h"
#include "services/common/base/result.h"
#include "services/common/rpc/call_context.h"
#include "services/common/storage/database.h"
#include "services/consent/domain/signer_rules.h"
#include "services/consent/store/release_store.h"

namespace fairlead::consent {

struct Unit {
  storage::Transaction& tx;
  ReleaseStore& store;
  IdGenerator& ids;
  const SignerRules& signer_rules;
  int64_t now_ms = 0;
  std::string agency_id;  // of the caller
  std::string staff_id;
  std::string traceparent;
  audit::By by = {};              // for the audit trail; empty: the hub itself
  rpc::CallContext context = {};  // the call; nobody's when the hub itself acts
};

// What the policy table says of this call on a record to which the caller stands so.
auth::Verdict Ask(const rpc::CallContext& context, const auth::Standing& standing);
// PERMISSION_DENIED RELEASE_REQUIRED when the table does not allow it, release and all: the last
// word, after the release's own rules have given their reasons.
Result<void> AskWithRelease(const Unit& unit, auth::Relation relation);

// The caller's own release. Another agency's answers as if it were not there:
// NOT_FOUND RELEASE_NOT_FOUND.
Result<Release> FindOwn(Unit& unit, const std::string& release_id);

// A release to which the caller's agency is a party, as its discloser or as one that it names;
// whether it is in force is for the caller to find out. Any other answers as if it were not there.
struct AsParty {
  Release release;
  auth::Relation relations = {};
};
Result<AsParty> FindAsParty(Unit& unit, const std::string& release_id);

// ABORTED ETAG_MISMATCH unless `etag` is empty or names this version.
Result<void> CheckEtag(const Release& release, const std::string& etag);
std::string Etag(const Release& release);

// The log is an element of the release (17): no agency is given what the log does not have as sent
// to it. The discloser's own is no disclosure. PERMISSION_DENIED DISCLOSURE_NOT_LOGGED.
Result<void> CheckLogged(Unit& unit, const Release& release, const std::string& referral_id,
                         const std::string& agency_id);

// RESOURCE_EXHAUSTED `reason`: of what may be done so often in 24 hours and was, for the first time
// that counts at `oldest_ms`. Metadata retry_after_s.
tl::unexpected<Error> UsedUpToday(const Unit& unit, int64_t oldest_ms, const char* reason,
                                  const char* message);

// Writes the audit record of what was done to a release. `referral_id`: may be empty.
Result<void> Audit(Unit& unit, audit::Action action, const Release& release,
                   const std::string& referral_id = "");

// Tells that a release changed (signed, revoked, expired, superseded, entered_in_error): the
// discloser, and those agencies that something was sent to under it. Whom else it names is nobody's
// business. With its audit record.
Result<void> Announce(Unit& unit, const Release& release, const std::string& change);

// An event fairlead.consent.<change>.v1 about `subject`, for these agencies, and for the
// coalition's coordinators where it says so.
Result<void> AppendEvent(Unit& unit, const std::string& change, const std::string& subject,
                         const google::protobuf::Message& data,
                         std::vector<std::string> audience_agency_ids,
                         bool for_coordinators = false);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_COMMANDS_UNIT_H_
