#include "services/identity/commands/agency_keys.h"

#include <optional>

#include "fairlead/events/v1/events.pb.h"
#include "services/common/outbox/outbox.h"
#include "services/identity/commands/note.h"
#include "services/identity/commands/read_key_list.h"

namespace fairlead::identity {
Result<AgencyKeys> PublishKeys(const Deps& deps, storage::Transaction& tx,
                               const rpc::CallContext& context, const AgencyKeys& keys) {
  FAIRLEAD_ASSIGN(AgencyKeys stored, deps.store.AppendKeys(tx, keys));
  events::v1::AgencyKeysPublished published;
  published.set_agency_id(stored.agency_id);
  published.set_epoch(stored.epoch);
  published.set_epoch_kid(stored.epoch_kid);
  published.set_signing_kid(stored.signing_kid);
  outbox::Event event;
  event.id = deps.ids.New();
  event.type = "fairlead.identity.agency_keys_published.v1";
  event.subject = stored.agency_id;
  event.time_ms = stored.create_ms;
  event.data_schema = "fairlead.events.v1.AgencyKeysPublished";
  event.data = published.SerializeAsString();
  event.traceparent = context.traceparent;
  event.audience_agency_ids = {stored.agency_id};
  FAIRLEAD_RETURN_IF_ERROR(outbox::Append(tx, event));
  audit::Record record{.action = audit::Action::kAgencyKeysPublished,
                       .by = audit::ByCaller(context)};
  record.subject_agency_id = stored.agency_id;
  record.record_id = stored.epoch_kid;
  FAIRLEAD_RETURN_IF_ERROR(Note(deps, tx, record));
  return stored;
}

Task<Result<AgencyKeys>> FindKeys(const Deps& deps, std::string agency_id, int64_t epoch,
                                  std::string kid) {
  std::function<Result<AgencyKeys>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) -> Result<AgencyKeys> {
    FAIRLEAD_ASSIGN(std::optional<AgencyKeys> current, deps.store.CurrentKeys(tx, agency_id));
    if (!current) {
      return Fail(Code::kNotFound, "AGENCY_HAS_NO_KEYS", "The agency has published no keys yet.");
    }
    if (kid.empty() && epoch == 0) {
      FAIRLEAD_RETURN_IF_ERROR(CheckKeysInUse(deps, tx, agency_id));
      return *current;
    }
    FAIRLEAD_ASSIGN(const std::optional<AgencyKeys> keys,
                    kid.empty() ? deps.store.KeysOfEpoch(tx, agency_id, epoch)
                                : deps.store.KeysOfKid(tx, agency_id, kid));
    if (!keys || (epoch != 0 && keys->epoch != epoch)) {
      return Fail(Code::kNotFound, "KEYS_NOT_FOUND", "The agency has no such keys.");
    }
    return *keys;
  };
  co_return co_await deps.database.Read<AgencyKeys>(read);
}

}  // namespace fairlead::identity
