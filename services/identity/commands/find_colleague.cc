#include "services/identity/commands/find_colleague.h"

#include <optional>

namespace fairlead::identity {
namespace {

Result<std::optional<Staff>> Find(const Deps& deps, storage::ReadTransaction& tx,
                                  const ColleagueQuery& query) {
  if (!query.staff_id.empty()) return deps.store.FindStaff(tx, query.staff_id);
  FAIRLEAD_ASSIGN(const std::optional<Account> account,
                  deps.store.FindAccount(tx, query.sign_in_name));
  return account ? std::optional<Staff>(account->staff) : std::nullopt;
}

}  // namespace

Result<Staff> LookUpColleague(const Deps& deps, storage::ReadTransaction& tx,
                              const std::string& agency_id, const ColleagueQuery& query) {
  if (query.staff_id.empty() == query.sign_in_name.empty()) {
    return Fail(Code::kInvalidArgument, "STAFF_ID_OR_NAME", "Give an id or a sign-in name.",
                {{"field", "staff_id"}});
  }
  FAIRLEAD_ASSIGN(const std::optional<Staff> staff, Find(deps, tx, query));
  if (staff && staff->agency_id == agency_id && WorksOnCases(*staff)) return *staff;
  return Fail(Code::kNotFound, "COLLEAGUE_NOT_FOUND",
              "Nobody like that works on cases at your agency.");
}

}  // namespace fairlead::identity
