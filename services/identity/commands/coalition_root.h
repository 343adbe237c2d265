// The coalition's root and its certificates of agencies' keys. Made and signed away from the hub;
// the hub keeps them, hands them out, and takes none that its readers would refuse.
#ifndef SERVICES_IDENTITY_COMMANDS_COALITION_ROOT_H_
#define SERVICES_IDENTITY_COMMANDS_COALITION_ROOT_H_

#include <string>
#include <vector>

#include "services/common/keys/statements.h"
#include "services/identity/commands/key_deps.h"

namespace fairlead::identity {

inline constexpr int kMaxRootsShown = 20;

// Oldest first, the latest 20. Error: FAILED_PRECONDITION NO_COALITION_ROOT.
Result<std::vector<std::string>> FindRoots(const KeyDeps& deps, storage::ReadTransaction& tx);
// Of a statement about keys: `check` is the member that is not acceptable.
tl::unexpected<Error> StatementInvalid(const char* check);
// The root in force. Error: NO_COALITION_ROOT.
Result<keys::RootStatement> CurrentRoot(const KeyDeps& deps, storage::ReadTransaction& tx,
                                        int64_t now_s);
// The first, or the one that the current one has signed. Error: STATEMENT_INVALID.
Result<void> PublishRoot(const KeyDeps& deps, storage::Transaction& tx,
                         const rpc::CallContext& context, const std::string& statement,
                         int64_t now_ms);
// Errors: NO_COALITION_ROOT, STATEMENT_INVALID (check "iat": older than the one that is there).
Result<void> PublishCertificate(const KeyDeps& deps, storage::Transaction& tx,
                                const rpc::CallContext& context, const std::string& certificate,
                                int64_t now_ms);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_COALITION_ROOT_H_
