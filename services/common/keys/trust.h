// What a program has come to believe about keys, and its verdict on what the hub answers now. Every
// way in which a hub can lie about keys is an error by name; docs/decisions/0008-keys.md lists them
// in the order of the checks.
//
//   Result<Verdict> verdict = Judge({.root = root_pin, .agency = agency_pin, .agency_id = id},
//                                   {.key_list = …, .certificate = …}, now_s);
//   if (verdict) …; keep verdict->pin, seal to verdict->list.epoch_key
//
// Pure: the caller keeps the pins, and asks people.
#ifndef SERVICES_COMMON_KEYS_TRUST_H_
#define SERVICES_COMMON_KEYS_TRUST_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/keys/statements.h"
#include "services/common/seal/seal.h"

namespace fairlead::keys {

// The root that this program believes: the highest number it has seen.
struct RootPin {
  int64_t number = 0;
  seal::PublicKey root;
  std::string coalition;
  bool operator==(const RootPin&) const = default;
};

// The first root that the statements begin with, and those that follow from it. Not believed until
// a person has compared the fingerprint of the last. Errors: ROOT_INVALID with metadata `check`,
// ROOT_ROLLBACK (there is none).
Result<RootPin> ReadRoots(const std::vector<std::string>& statements, int64_t now_s);
// What to believe after the hub has shown these, oldest first: the pin itself, or a later root that
// a chain of signatures from the pin leads to. Errors (FAILED_PRECONDITION): ROOT_INVALID,
// ROOT_CHANGED, ROOT_ROLLBACK.
Result<RootPin> FollowRoots(const RootPin& pin, const std::vector<std::string>& statements,
                            int64_t now_s);

// What is remembered of an agency: enough to see any later answer that contradicts it.
struct AgencyPin {
  std::string name;         // of the certificate, or as a person has called it
  std::string agency_kid;   // the key that signs its lists
  int64_t certified_s = 0;  // iat of the certificate taken last; 0: none
  int64_t version = 0;
  std::string list_hash;  // ListHash
  int64_t epoch = 0;
  std::string epoch_kid;
  std::string signing_kid;
  std::vector<std::string> kids = {};  // AgencyKids of the list seen last
  bool operator==(const AgencyPin&) const = default;
};

struct Known {
  std::optional<RootPin> root;      // none: this program has no root yet
  std::optional<AgencyPin> agency;  // none: never seen
  std::string agency_id;            // who was asked for
  // The agency key that a person has just accepted in place of the pinned one; usually empty.
  std::string accepted_agency_kid;
  // The name by which a person means the agency; empty: by its id. The hub has found the id for it.
  std::string expected_name = {};
  // What other agencies' lists have named: AgencyPin::kids of every other pin.
  std::set<std::string> kids_of_others = {};
};

// As the hub gives it out (GetKeyListResponse).
struct Answer {
  std::string key_list;
  std::string certificate;
};

struct Verdict {
  KeyList list;
  AgencyPin pin;               // to be remembered from now on
  bool first_use = false;      // no pin stood behind it
  bool certified = false;      // the root vouches for the agency key
  bool epoch_changed = false;  // since the pin: worth telling a person
};

// Errors, in the order of the checks: CERTIFICATE_MISSING, CERTIFICATE_INVALID,
// CERTIFICATE_EXPIRED, CERTIFICATE_ROLLBACK, AGENCY_NAME_MISMATCH (the certificate's name, else the
// pin's, is not the expected one; metadata known, expected), KEY_LIST_INVALID, KEY_LIST_EXPIRED,
// AGENCY_KEY_UNCERTIFIED, AGENCY_KEY_CHANGED (metadata known, offered: fingerprints),
// KEY_LIST_ROLLBACK, KEY_LIST_FORKED, EPOCH_ROLLBACK, EPOCH_KEYS_CHANGED, KEY_OF_ANOTHER_AGENCY
// (the list names a key that is known as another agency's). All FAILED_PRECONDITION,
// with metadata {"agency": id} and, where a statement's form is at fault, {"check": …}. Without a
// root a certificate is not looked at.
Result<Verdict> Judge(const Known& known, const Answer& answer, int64_t now_s);

// The agency's key with which a packet sent at `sent_s` may be signed. Errors: SENDER_KEY_UNKNOWN,
// SENDER_KEY_RETIRED (a key of the past, and the packet is said to be younger).
Result<seal::PublicKey> SenderKey(const KeyList& list, std::string_view kid, int64_t sent_s);

// Where a share that was sealed anew stands in a delivered packet: the kid of the recipient that
// is, or was, an epoch key of `own`, the believed list of the reader's agency. Error
// (FAILED_PRECONDITION): NOT_A_RECIPIENT. Else a hub, with a true recipient, could pass a packet on
// as if it had been meant for us.
Result<std::string> PlaceSealedAnew(const KeyList& own, const seal::Envelope& envelope);

}  // namespace fairlead::keys

#endif  // SERVICES_COMMON_KEYS_TRUST_H_
