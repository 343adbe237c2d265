#include "services/identity/commands/read_key_list.h"

namespace fairlead::identity {

Result<void> CheckKeysInUse(const Deps& deps, storage::ReadTransaction& tx,
                            std::string_view agency_id) {
  FAIRLEAD_ASSIGN(const auto agency, deps.store.FindAgency(tx, agency_id));
  if (!agency) return {};
  const std::string_view membership = agency->membership;
  if (membership == std::string_view("suspended") || membership == std::string_view("departed")) {
    return Fail(Code::kFailedPrecondition, "AGENCY_KEYS_STOPPED",
                "The agency is suspended or has left: nothing new is sealed to it.");
  }
  return {};
}

Task<Result<ShownKeyList>> FindKeyList(const KeyDeps& deps, auth::Actor by, std::string agency_id,
                                       int64_t version) {
  std::function<Result<ShownKeyList>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) -> Result<ShownKeyList> {
    FAIRLEAD_ASSIGN(auto current, deps.keys.FindKeyList(tx, agency_id, 0));
    if (!current) {
      return Fail(Code::kNotFound, "AGENCY_HAS_NO_KEYS", "The agency has published no keys yet.");
    }
    ShownKeyList shown;
    const Result<void> in_use = CheckKeysInUse(deps.base, tx, agency_id);
    if (version == 0) {
      if (!in_use) return Fail(in_use.error());
      shown.key_list = std::move(current->key_list);
    } else {
      FAIRLEAD_ASSIGN(auto earlier, deps.keys.FindKeyList(tx, agency_id, version));
      const bool is_shown = version == current->version || by.agency_id == agency_id || !in_use;
      if (!earlier || !is_shown) {
        return Fail(Code::kNotFound, "KEYS_NOT_FOUND", "The agency has no such keys.");
      }
      shown.key_list = std::move(earlier->key_list);
    }
    FAIRLEAD_ASSIGN(const auto certificate, deps.keys.FindCertificate(tx, agency_id));
    if (certificate) shown.certificate = certificate->certificate;
    FAIRLEAD_ASSIGN(shown.key_change_due, deps.keys.IsKeyChangeDue(tx, agency_id));
    return shown;
  };
  co_return co_await deps.base.database.Read<ShownKeyList>(read);
}

}  // namespace fairlead::identity
