// Keys of agencies as the hub gives them out, and what this machine believes of them: key lists
// that the agency has signed, under the coalition's root where a person trusts one, and held
// against what was believed before (services/common/keys/trust.h names every lie).
#ifndef GATEWAY_CLI_AGENCY_KEYS_H_
#define GATEWAY_CLI_AGENCY_KEYS_H_

#include <cstdint>
#include <string>

#include "gateway/cli/context.h"
#include "services/common/keys/trust.h"
#include "services/common/seal/seal.h"

namespace fairlead::cli {

struct AgencyKeys {
  keys::Verdict verdict;
  std::string jws;              // the list as sent
  bool key_change_due = false;  // somebody has left since the last epoch
};

// The current list, believed or an error of keys::Judge. Nothing is remembered yet.
// `accepted_agency_kid`: see keys::Known. Errors also: AGENCY_HAS_NO_KEYS, AGENCY_KEYS_STOPPED.
Result<AgencyKeys> FetchKeys(Context& context, const std::string& agency_id,
                             const std::string& accepted_agency_kid = {});

// By the hub's word, for advice only: whether nobody of the agency has made keys.
bool HasNoKeysYet(Context& context, const std::string& agency_id);

// Whom a release names: the id for what a person typed. A name is held against the root's
// certificate where a root is trusted here and against the pin; where neither has it, the person is
// told that the hub alone says so. Errors: those of Context::AgencyId and FetchKeys.
Result<std::string> AgencyForRelease(Context& context, const std::string& id_or_name);

// The own agency's list while its agency key changes hands: believed because the pin, or the agency
// key `own_kid` where there is none yet, says so. The root is not asked: it may have certified the
// next key already. Errors: those of FetchKeys without those about certificates.
Result<AgencyKeys> FetchOwnByPin(Context& context, const std::string& agency_id,
                                 const std::string& own_kid);

// The key to seal to: that of the current epoch. `name`: by which a person means the agency, empty
// when by its id; for the name the hub has found the id (AGENCY_NAME_MISMATCH). At first use a
// person says yes to the fingerprint on a terminal, or did so before (`first_use`), unless the root
// vouches for the agency. Errors (FAILED_PRECONDITION): those of FetchKeys, AGENCY_ID_CHANGED (the
// name is pinned to another id), FIRST_USE_UNCONFIRMED (nobody to ask).
Result<seal::PublicKey> KeyToSealTo(Context& context, const std::string& agency_id,
                                    const std::string& name, bool first_use);

struct Sender {
  seal::PublicKey key;
  std::string name;
  bool name_confirmed = false;  // by a person or the root; else the hub alone says it
};
// The key that the signature of a packet sent at `sent_s` (0: not known) must verify with. Pins at
// first use, and then for reading only: nothing is sealed to an agency because the hub delivered
// something in its name. Errors: those of FetchKeys, SENDER_KEY_UNKNOWN, SENDER_KEY_RETIRED,
// AGENCY_ID_CHANGED.
Result<Sender> KeyToVerifyWith(Context& context, const std::string& agency_id,
                               const std::string& kid, int64_t sent_s);

// The list without belief, signed by whatever key it carries: only to show to a person. Errors:
// KEY_LIST_INVALID.
Result<keys::KeyList> PeekKeys(Context& context, const std::string& agency_id);

// The name under which AcceptKeys would pin: the root's, else the hub's.
std::string NameToAccept(Context& context, const std::string& agency_id,
                         const keys::Verdict& verdict);

// Takes these keys, which a person has seen, as the agency's own from now on, and the agency as the
// one of its name.
Result<void> AcceptKeys(Context& context, const std::string& agency_id,
                        const keys::Verdict& verdict);

// An agency whose agency key is known from elsewhere than the hub (the files of a demonstration):
// pinned with its name unless it is pinned already.
Result<void> PinTrusted(Context& context, const std::string& agency_id, const std::string& name,
                        const std::string& agency_kid);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_AGENCY_KEYS_H_
