#include "services/identity/commands/manage_machines.h"

#include <optional>

#include "services/common/auth/policy.h"
#include "services/common/seal/seal.h"
#include "services/identity/commands/note.h"

namespace fairlead::identity {
namespace {

audit::Record MachineRecord(audit::Action action, const rpc::CallContext& context,
                            const MachineClient& client) {
  audit::Record record{.action = action, .by = audit::ByCaller(context)};
  record.subject_agency_id = client.agency_id;
  record.record_id = client.id;
  return record;
}

Result<seal::PublicKey> SigningKey(const std::string& jwk) {
  Result<seal::PublicKey> key = seal::ParseJwk(jwk);
  if (!key) {
    Error error = std::move(key.error());
    error.code = Code::kInvalidArgument;
    error.metadata["field"] = "signing_jwk";
    return Fail(std::move(error));
  }
  if (key->use != seal::KeyUse::kSigning) {
    return Fail(Code::kInvalidArgument, "INVALID_KEY", "The key is for another use.",
                {{"field", "signing_jwk"}, {"detail", "wrong_alg"}});
  }
  return key;
}

}  // namespace

Result<MachineClient> CreateMachine(const MachineDeps& deps, storage::Transaction& tx,
                                    const rpc::CallContext& context,
                                    const CreateMachineInput& input, const Agency& agency) {
  if (input.signing_jwk.empty() && input.certificate_sha256.empty()) {
    return Fail(Code::kInvalidArgument, "CREDENTIAL_NEEDED",
                "A machine client has a signing key, a certificate or both.");
  }
  FAIRLEAD_ASSIGN(const auto now, deps.base.store.FindAgency(tx, context.actor.agency_id));
  if (now.value_or(agency).membership != kActive) {
    return Fail(Code::kFailedPrecondition, "AGENCY_NOT_ACTIVE",
                "The agency is not an active member of the coalition.");
  }
  MachineClient client{.id = deps.base.ids.New(),
                       .agency_id = context.actor.agency_id,
                       .label = input.label,
                       .signing_jwk = "",
                       .key_id = "",
                       .certificate_sha256 = input.certificate_sha256,
                       .creator_staff_id = context.actor.staff_id,
                       .create_ms = deps.base.clock.NowMs()};
  if (!input.signing_jwk.empty()) {
    FAIRLEAD_ASSIGN(const seal::PublicKey key, SigningKey(input.signing_jwk));
    client.signing_jwk = seal::ToJwk(key);
    client.key_id = key.kid;
  }
  FAIRLEAD_RETURN_IF_ERROR(deps.machines.Insert(tx, client));
  FAIRLEAD_RETURN_IF_ERROR(
      Note(deps.base, tx, MachineRecord(audit::Action::kMachineClientCreated, context, client)));
  return client;
}

Result<MachineClient> DisableMachine(const MachineDeps& deps, storage::Transaction& tx,
                                     const rpc::CallContext& context, const std::string& id) {
  FAIRLEAD_ASSIGN(std::optional<MachineClient> client, deps.machines.Find(tx, id));
  const auth::Standing standing{
      .relations = client && client->agency_id == context.actor.agency_id
                       ? auth::Relation::kOwnAgency
                       : auth::Relation::kNone};
  const auth::Verdict verdict = auth::Decide(auth::FindPolicy(context.method), context.actor,
                                             standing, context.calling_service);
  if (!client || verdict != auth::Verdict::kAllowed) {
    return Fail(Code::kNotFound, "MACHINE_CLIENT_NOT_FOUND",
                "Your agency has no machine client with this id.");
  }
  if (client->disable_ms != 0) {
    return Fail(Code::kFailedPrecondition, "ALREADY_DISABLED",
                "This machine client is disabled already.");
  }
  client->disable_ms = deps.base.clock.NowMs();
  FAIRLEAD_RETURN_IF_ERROR(deps.machines.Disable(tx, client->id, client->disable_ms));
  FAIRLEAD_RETURN_IF_ERROR(
      Note(deps.base, tx, MachineRecord(audit::Action::kMachineClientDisabled, context, *client)));
  return *client;
}

}  // namespace fairlead::identity
