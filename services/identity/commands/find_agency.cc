#include "services/identity/commands/find_agency.h"

#include <optional>

namespace fairlead::identity {

Task<Result<Agency>> FindAgency(const Deps& deps, rpc::CallContext context, std::string agency_id) {
  std::function<Result<std::optional<Agency>>(storage::ReadTransaction&)> read =
      [&deps, agency_id](storage::ReadTransaction& tx) {
        return deps.store.FindAgency(tx, agency_id);
      };
  Result<std::optional<Agency>> known = co_await deps.database.Read<std::optional<Agency>>(read);
  if (!known) co_return Fail(std::move(known.error()));
  if (known->has_value()) co_return std::move(**known);

  Result<Agency> asked = co_await deps.agencies.Get(std::move(context), agency_id);
  if (!asked) co_return Fail(std::move(asked.error()));
  std::function<Result<Agency>(storage::Transaction&)> keep =
      [&deps, agency = *asked](storage::Transaction& tx) -> Result<Agency> {
    FAIRLEAD_RETURN_IF_ERROR(deps.store.AddAgency(tx, agency));
    return agency;
  };
  co_return co_await deps.database.Write<Agency>(keep);
}

}  // namespace fairlead::identity
