#include "services/identity/commands/manage_passkeys.h"

#include <algorithm>
#include <optional>

#include "services/identity/commands/note.h"

namespace fairlead::identity {
namespace {

Result<bool> HasPassphrase(const Deps& deps, storage::Transaction& tx,
                           const std::string& staff_id) {
  FAIRLEAD_ASSIGN(const std::optional<Staff> staff, deps.store.FindStaff(tx, staff_id));
  if (!staff) return false;
  FAIRLEAD_ASSIGN(const std::optional<Account> account,
                  deps.store.FindAccount(tx, staff->sign_in_name));
  return account && !account->passphrase_hash.empty();
}

}  // namespace

Task<Result<std::vector<Passkey>>> ListPasskeys(const Deps& deps, rpc::CallContext context,
                                                std::string after_id, int limit) {
  std::function<Result<std::vector<Passkey>>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) {
        return deps.passkeys->store.List(tx, context.actor.staff_id, after_id, limit);
      };
  Task<Result<std::vector<Passkey>>> reading = deps.database.Read<std::vector<Passkey>>(read);
  co_return co_await std::move(reading);
}

Result<void> RemovePasskey(const Deps& deps, storage::Transaction& tx,
                           const rpc::CallContext& context, const std::string& passkey_id) {
  const PasskeyStore& store = deps.passkeys->store;
  const std::string& staff_id = context.actor.staff_id;
  FAIRLEAD_ASSIGN(const std::vector<Passkey> passkeys,
                  store.List(tx, staff_id, "", kMaxPasskeysPerStaff));
  const auto found = std::find_if(passkeys.begin(), passkeys.end(),
                                  [&](const Passkey& each) { return each.id == passkey_id; });
  if (found == passkeys.end()) {
    return Fail(Code::kNotFound, "PASSKEY_NOT_FOUND", "You have no such passkey.");
  }
  const auto good = std::count_if(passkeys.begin(), passkeys.end(),
                                  [](const Passkey& each) { return each.stop_ms == 0; });
  // A stopped one signs nobody in: nothing is lost with it.
  if (found->stop_ms == 0 && good == 1) {
    FAIRLEAD_ASSIGN(const bool has_passphrase, HasPassphrase(deps, tx, staff_id));
    if (!has_passphrase) {
      return Fail(Code::kFailedPrecondition, "LAST_CREDENTIAL",
                  "This passkey is all you can sign in with. Add another one first.");
    }
  }
  FAIRLEAD_RETURN_IF_ERROR(store.Delete(tx, staff_id, passkey_id));
  audit::Record record{.action = audit::Action::kPasskeyRemoved, .by = audit::ByCaller(context)};
  record.subject_staff_id = staff_id;
  record.subject_agency_id = context.actor.agency_id;
  record.record_id = passkey_id;
  return Note(deps, tx, record);
}

}  // namespace fairlead::identity
