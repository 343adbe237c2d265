#include "services/identity/commands/create_staff.h"

#include "services/identity/commands/find_agency.h"
#include "services/identity/domain/passphrase.h"

namespace fairlead::identity {

Asker AskerOf(const auth::Actor& actor) {
  Asker asker;
  asker.agency_id = actor.agency_id;
  for (const auth::Role role : actor.roles) {
    asker.roles.insert(static_cast<Role>(static_cast<int>(role)));
  }
  return asker;
}

Task<Result<Account>> PrepareStaff(const Deps& deps, rpc::CallContext context,
                                   CreateStaffInput input) {
  const Asker asker = AskerOf(context.actor);
  Result<void> allowed = CheckMayCreateStaff(asker, input.agency_id);
  if (!allowed) co_return Fail(std::move(allowed.error()));
  Result<Agency> agency = co_await FindAgency(deps, context, input.agency_id);
  if (!agency) co_return Fail(std::move(agency.error()));
  Result<void> grantable = CheckRolesGrantable(asker, *agency, input.roles);
  if (!grantable) co_return Fail(std::move(grantable.error()));
  Result<void> good = CheckPassphrase(input.passphrase, input.sign_in_name, input.display_name);
  if (!good) co_return Fail(std::move(good.error()));
  Result<std::string> hash = co_await deps.hashes.Hash(std::move(input.passphrase));
  if (!hash) co_return Fail(std::move(hash.error()));
  Account account;
  account.staff = Staff{.id = deps.ids.New(),
                        .agency_id = input.agency_id,
                        .sign_in_name = input.sign_in_name,
                        .display_name = input.display_name,
                        .roles = input.roles,
                        .create_ms = deps.clock.NowMs()};
  account.passphrase_hash = std::move(*hash);
  co_return account;
}

Result<Staff> InsertStaff(const Deps& deps, storage::Transaction& tx, const Account& account) {
  FAIRLEAD_RETURN_IF_ERROR(deps.store.InsertAccount(tx, account));
  return account.staff;
}

}  // namespace fairlead::identity
