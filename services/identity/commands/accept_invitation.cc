#include "services/identity/commands/accept_invitation.h"

#include "services/common/base/encoding.h"
#include "services/identity/commands/find_agency.h"
#include "services/identity/commands/note.h"
#include "services/identity/commands/passkey_registration.h"
#include "services/identity/commands/session.h"

namespace fairlead::identity {
namespace {

using Found = std::optional<Invitation>;

tl::unexpected<Error> Invalid() {
  return Fail(Code::kPermissionDenied, "INVITATION_INVALID",
              "This invitation is not, or no longer, good. Ask for a new one.");
}

template <class Read>
Result<Invitation> OpenInvitation(const Deps& deps, Read& tx, const std::string& code_sha256) {
  FAIRLEAD_ASSIGN(const Found found,
                  deps.store.FindInvitationByCode(tx, code_sha256, deps.clock.NowMs()));
  if (!found) return Invalid();
  if (!found->first_only) return *found;
  FAIRLEAD_ASSIGN(const bool has_staff, deps.store.AgencyHasStaff(tx, found->agency_id));
  if (has_staff) return Invalid();
  return *found;
}

Result<Staff> MakeAccount(const Deps& deps, storage::Transaction& tx,
                          const rpc::CallContext& context, const Staff& staff,
                          const std::string& code_sha256, const Credential* credential,
                          const CheckedPasskey* passkey) {
  // Again, inside the transaction: a link opens once.
  FAIRLEAD_ASSIGN(const Invitation invitation, OpenInvitation(deps, tx, code_sha256));
  FAIRLEAD_ASSIGN(const std::optional<Agency> agency,
                  deps.store.FindAgency(tx, invitation.agency_id));
  if (!agency || agency->membership != kActive) {
    return Fail(Code::kFailedPrecondition, "AGENCY_NOT_ACTIVE",
                "The agency is not an active member of the coalition.");
  }
  FAIRLEAD_ASSIGN(const bool deleted, deps.store.DeleteInvitation(tx, invitation.id));
  if (!deleted) return Invalid();
  FAIRLEAD_RETURN_IF_ERROR(deps.store.InsertAccount(
      tx, Account{.staff = staff, .passphrase_hash = {}, .totp_sealed = {}}));
  if (credential != nullptr) {
    FAIRLEAD_RETURN_IF_ERROR(KeepCredential(deps, tx, staff, *credential));
  } else {
    FAIRLEAD_RETURN_IF_ERROR(KeepPasskey(deps, tx, context, *passkey, staff));
  }
  audit::Record record = RecordOf(audit::Action::kInvitationAccepted, context, staff);
  record.record_id = invitation.id;
  FAIRLEAD_RETURN_IF_ERROR(Note(deps, tx, record));
  return staff;
}

}  // namespace

Task<Result<Staff>> AcceptInvitation(const Deps& deps, rpc::CallContext context,
                                     AcceptInvitationInput input) {
  const bool by_passkey = !input.passkey_registration_json.empty();
  if (by_passkey == input.passphrase.has_value() || (by_passkey && deps.passkeys == nullptr)) {
    co_return Fail(Code::kInvalidArgument, "CREDENTIAL_NEEDED",
                   "Give a passphrase with one-time codes, or a passkey.");
  }
  const std::string code_sha256 = Sha256(input.code);
  std::function<Result<Invitation>(storage::ReadTransaction&)> look =
      [&](storage::ReadTransaction& tx) { return OpenInvitation(deps, tx, code_sha256); };
  Task<Result<Invitation>> looking = deps.database.Read<Invitation>(look);
  Result<Invitation> invitation = co_await std::move(looking);
  if (!invitation) co_return Fail(std::move(invitation.error()));
  // So that the copy is there when the transaction looks.
  Task<Result<Agency>> finding = FindAgency(deps, context, invitation->agency_id);
  Result<Agency> agency = co_await std::move(finding);
  if (!agency) co_return Fail(std::move(agency.error()));

  const Staff staff{.id = deps.ids.New(),
                    .agency_id = invitation->agency_id,
                    .sign_in_name = input.sign_in_name,
                    .display_name = invitation->display_name,
                    .roles = invitation->roles,
                    .create_ms = deps.clock.NowMs()};
  std::optional<Credential> credential;
  if (input.passphrase) {
    Task<Result<Credential>> preparing =
        PrepareCredential(deps, context, staff, std::move(*input.passphrase));
    Result<Credential> prepared = co_await std::move(preparing);
    if (!prepared) co_return Fail(std::move(prepared.error()));
    credential = std::move(*prepared);
  }
  std::optional<CheckedPasskey> passkey;
  if (by_passkey) {
    Task<Result<CheckedPasskey>> checking =
        CheckPasskey(deps, ChallengePurpose::kInvite, invitation->id,
                     std::move(input.passkey_registration_json));
    Result<CheckedPasskey> checked = co_await std::move(checking);
    if (!checked) co_return Fail(std::move(checked.error()));
    passkey = std::move(*checked);
  }
  std::function<Result<Staff>(storage::Transaction&)> make = [&](storage::Transaction& tx) {
    return MakeAccount(deps, tx, context, staff, code_sha256, credential ? &*credential : nullptr,
                       passkey ? &*passkey : nullptr);
  };
  Task<Result<Staff>> making = deps.database.Write<Staff>(make);
  co_return co_await std::move(making);
}

Task<Result<Credential>> PrepareSetPassphrase(const Deps& deps, rpc::CallContext context,
                                              CredentialInput input) {
  Task<Result<SignedIn>> asking = GetMe(deps, context);
  Result<SignedIn> me = co_await std::move(asking);
  if (!me) co_return Fail(std::move(me.error()));
  Task<Result<Credential>> preparing =
      PrepareCredential(deps, std::move(context), std::move(me->staff), std::move(input));
  co_return co_await std::move(preparing);
}

Result<void> SetPassphrase(const Deps& deps, storage::Transaction& tx,
                           const rpc::CallContext& context, const Credential& credential) {
  const Staff staff{.id = context.actor.staff_id,
                    .agency_id = context.actor.agency_id,
                    .sign_in_name = {},
                    .display_name = {},
                    .roles = {}};
  FAIRLEAD_RETURN_IF_ERROR(KeepCredential(deps, tx, staff, credential));
  FAIRLEAD_RETURN_IF_ERROR(
      deps.store.DeleteSessionsOf(tx, context.actor.staff_id, context.actor.session_id));
  return Note(deps, tx, RecordOf(audit::Action::kPassphraseSet, context, staff));
}

}  // namespace fairlead::identity
