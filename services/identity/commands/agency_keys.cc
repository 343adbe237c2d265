#include "services/identity/commands/agency_keys.h"

#include <optional>

#include "fairlead/events/v1/events.pb.h"
#include "services/common/outbox/outbox.h"
#include "services/common/seal/seal.h"
#include "services/identity/commands/note.h"
#include "services/identity/commands/read_key_list.h"

namespace fairlead::identity {
namespace {

Result<seal::PublicKey> ParseKey(const std::string& jwk, seal::KeyUse use, const char* field) {
  Result<seal::PublicKey> key = seal::ParseJwk(jwk);
  if (!key) {
    Error error = std::move(key.error());
    error.code = Code::kInvalidArgument;
    error.metadata["field"] = field;
    return Fail(std::move(error));
  }
  if (key->use != use) {
    return Fail(Code::kInvalidArgument, "INVALID_KEY", "The key is for another use.",
                {{"field", field}, {"detail", "wrong_alg"}});
  }
  return key;
}

}  // namespace

Result<AgencyKeys> ParseKeys(const std::string& agency_id, const std::string& epoch_jwk,
                             const std::string& signing_jwk, int64_t now_ms) {
  FAIRLEAD_ASSIGN(const seal::PublicKey epoch,
                  ParseKey(epoch_jwk, seal::KeyUse::kEpoch, "epoch_jwk"));
  FAIRLEAD_ASSIGN(const seal::PublicKey signing,
                  ParseKey(signing_jwk, seal::KeyUse::kSigning, "signing_jwk"));
  if (epoch.x == signing.x && epoch.y == signing.y) {
    return Fail(Code::kInvalidArgument, "INVALID_KEY", "One key cannot seal and sign.",
                {{"field", "signing_jwk"}, {"detail", "same_key"}});
  }
  AgencyKeys keys;
  keys.agency_id = agency_id;
  keys.epoch_jwk = seal::ToJwk(epoch);
  keys.signing_jwk = seal::ToJwk(signing);
  keys.epoch_kid = epoch.kid;
  keys.signing_kid = signing.kid;
  keys.create_ms = now_ms;
  return keys;
}

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
