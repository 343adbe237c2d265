#include "services/identity/commands/check_machine.h"

#include <optional>

#include "services/common/seal/seal.h"
#include "services/identity/commands/find_agency.h"

namespace fairlead::identity {
namespace {

using FoundMachine = std::optional<MachineClient>;

tl::unexpected<Error> NotRecognised() {
  return Fail(Code::kUnauthenticated, "MACHINE_NOT_RECOGNISED",
              "No machine client has this key or certificate, or the signature does not fit.");
}

Result<void> CheckSignature(const MachineClient& client, const MachineEvidence& evidence,
                            int64_t now_ms) {
  FAIRLEAD_ASSIGN(const seal::PublicKey key, seal::ParseJwk(client.signing_jwk));
  if (!seal::VerifyBytes(key, evidence.base, evidence.signature)) return NotRecognised();
  if (!IsTimely(evidence.created_s, evidence.expires_s, now_ms / 1000)) {
    return Fail(Code::kUnauthenticated, "SIGNATURE_TIME",
                "The signature is too old, or from the future: set the clock, and sign anew.",
                {{"server_time", FormatTime(now_ms)}});
  }
  return {};
}

tl::unexpected<Error> MachineDisabled() {
  return Fail(Code::kUnauthenticated, "MACHINE_CLIENT_DISABLED",
              "This machine client has been disabled.");
}

// In one transaction: a client that is disabled meanwhile is refused, and a nonce counts once.
Result<bool> Spend(const MachineDeps& deps, storage::Transaction& tx, const MachineClient& client,
                   const MachineEvidence& evidence, int64_t now_ms) {
  FAIRLEAD_ASSIGN(const FoundMachine now, deps.machines.Find(tx, client.id));
  if (!now || now->disable_ms != 0) return MachineDisabled();
  FAIRLEAD_ASSIGN(const bool fresh,
                  deps.machines.SpendNonce(tx, client.id, evidence.nonce, now_ms,
                                           (evidence.created_s + kNonceKeptS) * 1000));
  if (fresh) return true;
  return Fail(Code::kUnauthenticated, "SIGNATURE_REPLAYED",
              "This signature was used before: sign each request anew, with a new nonce.");
}

void NoteRefusal(const MachineDeps& deps, const rpc::CallContext& context,
                 const MachineClient& client, const Error& error) {
  auth::Actor actor;
  actor.kind = auth::ActorKind::kMachine;
  actor.staff_id = client.id;
  actor.agency_id = client.agency_id;
  deps.refusals.Add(actor, context.method, error, audit::Action::kMachineClientRefused);
}

Task<Result<Agency>> Admit(const MachineDeps& deps, rpc::CallContext context,
                           const MachineClient& client, const MachineEvidence& evidence) {
  if (evidence.key_id.empty()) {
    if (client.disable_ms != 0) co_return MachineDisabled();
  } else {
    const int64_t now_ms = deps.base.clock.NowMs();
    Result<void> checked = CheckSignature(client, evidence, now_ms);
    if (!checked) co_return Fail(std::move(checked.error()));
    std::function<Result<bool>(storage::Transaction&)> spend =
        [&deps, &client, &evidence, now_ms](storage::Transaction& tx) {
          return Spend(deps, tx, client, evidence, now_ms);
        };
    Task<Result<bool>> spending = deps.base.database.Write<bool>(spend);
    Result<bool> spent = co_await std::move(spending);
    if (!spent) co_return Fail(std::move(spent.error()));
  }
  Task<Result<Agency>> finding = FindAgency(deps.base, std::move(context), client.agency_id);
  co_return co_await std::move(finding);
}

}  // namespace

Task<Result<MachineCaller>> CheckMachine(const MachineDeps& deps, rpc::CallContext context,
                                         MachineEvidence evidence) {
  std::function<Result<FoundMachine>(storage::ReadTransaction&)> find =
      [&deps, &evidence](storage::ReadTransaction& tx) {
        return evidence.key_id.empty()
                   ? deps.machines.FindByCertificate(tx, evidence.certificate_sha256)
                   : deps.machines.FindByKey(tx, evidence.key_id);
      };
  Task<Result<FoundMachine>> finding = deps.base.database.Read<FoundMachine>(find);
  Result<FoundMachine> found = co_await std::move(finding);
  if (!found) co_return Fail(std::move(found.error()));
  if (!found->has_value()) co_return NotRecognised();
  MachineCaller caller{.client = std::move(**found), .agency = {}};
  Task<Result<Agency>> admitting = Admit(deps, context, caller.client, evidence);
  Result<Agency> agency = co_await std::move(admitting);
  if (!agency) {
    if (agency.error().code == Code::kUnauthenticated ||
        agency.error().code == Code::kResourceExhausted) {
      NoteRefusal(deps, context, caller.client, agency.error());
    }
    co_return Fail(std::move(agency.error()));
  }
  caller.agency = std::move(*agency);
  co_return caller;
}

}  // namespace fairlead::identity
