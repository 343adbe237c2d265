#include "services/identity/commands/set_up.h"

#include <optional>

#include "services/identity/domain/passphrase.h"

namespace fairlead::identity {
namespace {

tl::unexpected<Error> AlreadySetUp() {
  return Fail(Code::kFailedPrecondition, "ALREADY_SET_UP",
              "This coalition is set up: sign in, or ask a coordinator.");
}

}  // namespace

Result<void> OfferSetUp(const Deps& deps, SetUpCode& code, const std::string& data_dir) {
  std::function<Result<bool>(storage::Transaction&)> begin =
      [&deps](storage::Transaction& tx) -> Result<bool> {
    FAIRLEAD_ASSIGN(const bool has_staff, deps.store.HasStaff(tx));
    if (has_staff) return false;
    FAIRLEAD_RETURN_IF_ERROR(
        deps.store.BeginSetUp(tx, PendingSetUp{deps.ids.New(), deps.ids.New()}));
    return true;
  };
  FAIRLEAD_ASSIGN(const bool pending, SyncWait(deps.database.Write<bool>(begin)));
  if (pending) return code.Open(data_dir, deps.random);
  code.Close(data_dir);
  return {};
}

Task<Result<PreparedSetUp>> PrepareSetUp(const Deps& deps, const SetUpCode& code,
                                         rpc::CallContext context, SetUpInput input) {
  std::function<Result<std::optional<PendingSetUp>>(storage::ReadTransaction&)> read =
      [&deps](storage::ReadTransaction& tx) -> Result<std::optional<PendingSetUp>> {
    FAIRLEAD_ASSIGN(const bool has_staff, deps.store.HasStaff(tx));
    if (has_staff) return std::optional<PendingSetUp>();
    return deps.store.FindSetUp(tx);
  };
  Result<std::optional<PendingSetUp>> pending =
      co_await deps.database.Read<std::optional<PendingSetUp>>(read);
  if (!pending) co_return Fail(std::move(pending.error()));
  if (!pending->has_value()) co_return AlreadySetUp();
  if (!code.Matches(input.set_up_code)) {
    co_return Fail(Code::kPermissionDenied, "SET_UP_CODE_INVALID",
                   "This is not the set-up code of this hub.", {{"field", "set_up_code"}});
  }
  Result<void> good = CheckPassphrase(input.passphrase, input.sign_in_name, input.display_name);
  if (!good) co_return Fail(std::move(good.error()));
  Result<std::string> hash = co_await deps.hashes.Hash(std::move(input.passphrase));
  if (!hash) co_return Fail(std::move(hash.error()));
  Result<Agency> office =
      co_await deps.agencies.CreateCoalitionOffice(context, **pending, input.agency_name);
  if (!office) co_return Fail(std::move(office.error()));

  PreparedSetUp prepared;
  prepared.office = *office;
  prepared.coordinator.staff = Staff{.id = deps.ids.New(),
                                     .agency_id = office->id,
                                     .sign_in_name = input.sign_in_name,
                                     .display_name = input.display_name,
                                     .roles = {Role::kCoordinator, Role::kAgencyAdmin},
                                     .create_ms = deps.clock.NowMs()};
  prepared.coordinator.passphrase_hash = std::move(*hash);
  co_return prepared;
}

Result<Staff> FinishSetUp(const Deps& deps, storage::Transaction& tx,
                          const PreparedSetUp& prepared) {
  FAIRLEAD_ASSIGN(const bool has_staff, deps.store.HasStaff(tx));
  if (has_staff) return AlreadySetUp();
  FAIRLEAD_RETURN_IF_ERROR(deps.store.AddAgency(tx, prepared.office));
  FAIRLEAD_RETURN_IF_ERROR(deps.store.InsertAccount(tx, prepared.coordinator));
  FAIRLEAD_RETURN_IF_ERROR(deps.store.EndSetUp(tx));
  return prepared.coordinator.staff;
}

}  // namespace fairlead::identity
