// The next key list of an agency. Two steps, so that the signatures are checked outside the
// transaction, and so that the second can stand in another act's transaction (somebody leaves):
//
//   Result<NewKeyList> list = ReadKeyList(agency_id, jws, wraps, now_s);
//   …RemoveDevicesOf(…) …
//   Result<StoredKeyList> stored = PublishKeyList(deps, tx, context, *list);
#ifndef SERVICES_IDENTITY_COMMANDS_PUBLISH_KEY_LIST_H_
#define SERVICES_IDENTITY_COMMANDS_PUBLISH_KEY_LIST_H_

#include <string>
#include <vector>

#include "services/common/keys/statements.h"
#include "services/common/keys/wrap.h"
#include "services/identity/commands/key_deps.h"

namespace fairlead::identity {

struct NewKeyList {
  std::string jws;
  keys::KeyList list;
  std::vector<StoredWrap> wraps;
};

// Form and signatures. Errors: STATEMENT_INVALID with metadata `check`, WRAP_INVALID with metadata
// `check`, WRAP_UNEXPECTED (twice the same, or its header says otherwise than its envelope).
Result<NewKeyList> ReadKeyList(const std::string& agency_id, std::string jws,
                               std::vector<StoredWrap> wraps, int64_t now_s);

// Against what is there. One administrator at a time: a list that does not follow the current one
// is ABORTED KEY_LIST_OUTDATED (metadata current: its version). Other errors: STATEMENT_INVALID,
// FAILED_PRECONDITION AGENCY_KEY_CHANGED (another agency key without the root's statement),
// ALREADY_EXISTS KEY_ALREADY_PUBLISHED (a key that was used before, or is another agency's),
// NOT_FOUND DEVICE_NOT_FOUND (not registered here, or removed), INVALID_ARGUMENT WRAP_MISSING and
// WRAP_UNEXPECTED with metadata kid or epoch. A device that the list no longer names is removed.
Result<void> PublishKeyList(const KeyDeps& deps, storage::Transaction& tx,
                            const rpc::CallContext& context, const NewKeyList& next);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_PUBLISH_KEY_LIST_H_
