#include "services/identity/commands/accept_invitation.h"

#include "services/common/base/encoding.h"
#include "services/identity/commands/attempt.h"
#include "services/identity/commands/find_agency.h"
#include "services/identity/commands/note.h"
#include "services/identity/commands/passkey_registration.h"
#include "services/identity/commands/session.h"

namespace fairlead::identity {
namespace {

using FoundInvitation = std::optional<Invitation>;

tl::unexpected<Error> InvitationInvalid() {
  return Fail(Code::kPermissionDenied, "INVITATION_INVALID",
              "This invitation is not, or no longer, good. Ask for a new one.");
}

Error TooManyTries(const Attempt& attempt) {
  return {Code::kResourceExhausted,
          "TOO_MANY_ATTEMPTS",
          "This invitation has been tried too often. Wait, or ask for a new one.",
          {{"retry_after_s", std::to_string(attempt.retry_after_s)}}};
}

template <class Read>
Result<Invitation> OpenInvitation(const Deps& deps, Read& tx, const std::string& code_sha256) {
  FAIRLEAD_ASSIGN(const FoundInvitation found,
                  deps.store.FindInvitationByCode(tx, code_sha256, deps.clock.NowMs()));
  if (!found) return InvitationInvalid();
  if (!found->first_only) return *found;
  FAIRLEAD_ASSIGN(const bool has_staff, deps.store.AgencyHasStaff(tx, found->agency_id));
  if (has_staff) return InvitationInvalid();
  return *found;
}

Result<Staff> MakeAccount(const Deps& deps, storage::Transaction& tx,
                          const rpc::CallContext& context, const Staff& staff,
                          const std::string& code_sha256, const Attempt& attempt,
                          const Credential* credential, const CheckedPasskey* passkey) {
  // Again, inside the transaction: a link opens once.
  FAIRLEAD_ASSIGN(const Invitation invitation, OpenInvitation(deps, tx, code_sha256));
  FAIRLEAD_ASSIGN(const std::optional<Agency> agency,
                  deps.store.FindAgency(tx, invitation.agency_id));
  if (!agency || agency->membership != kActive) {
    return Fail(Code::kFailedPrecondition, "AGENCY_NOT_ACTIVE",
                "The agency is not an active member of the coalition.");
  }
  FAIRLEAD_ASSIGN(const bool deleted, deps.store.DeleteInvitation(tx, invitation.id));
  if (!deleted) return InvitationInvalid();
  FAIRLEAD_RETURN_IF_ERROR(deps.store.InsertAccount(
      tx, Account{.staff = staff, .passphrase_hash = {}, .totp_sealed = {}}));
  if (credential != nullptr) {
    FAIRLEAD_RETURN_IF_ERROR(KeepCredential(deps, tx, staff, *credential));
  } else {
    FAIRLEAD_RETURN_IF_ERROR(KeepPasskey(deps, tx, context, *passkey, staff));
  }
  FAIRLEAD_RETURN_IF_ERROR(ForgiveAttempt(deps, tx, attempt));
  audit::Record record = RecordOf(audit::Action::kInvitationAccepted, context, staff);
  record.record_id = invitation.id;
  FAIRLEAD_RETURN_IF_ERROR(Note(deps, tx, record));
  return staff;
}

Task<Result<Attempt>> Charge(const Deps& deps, std::string invitation_id) {
  std::function<Result<Attempt>(storage::Transaction&)> charge = [&](storage::Transaction& tx) {
    return ChargeInvitation(deps, tx, invitation_id);
  };
  Task<Result<Attempt>> charging = deps.database.Write<Attempt>(charge);
  co_return co_await std::move(charging);
}

Task<Result<Credential>> MakeCredential(const Deps& deps, rpc::CallContext context, Staff staff,
                                        std::string invitation_id, CredentialInput input) {
  // Before anything is hashed for it; the transaction looks again.
  std::function<Result<bool>(storage::ReadTransaction&)> look =
      [&](storage::ReadTransaction& tx) -> Result<bool> {
    FAIRLEAD_ASSIGN(const auto holder, deps.store.FindAccount(tx, staff.sign_in_name));
    return holder.has_value();
  };
  Task<Result<bool>> looking = deps.database.Read<bool>(look);
  Result<bool> is_taken = co_await std::move(looking);
  if (!is_taken) co_return Fail(std::move(is_taken.error()));
  if (*is_taken) co_return Fail(SignInNameTaken());
  Result<Credential> checked = CheckCredential(deps, staff, input);
  if (!checked) co_return checked;
  Task<Result<Credential>> hashing =
      HashPassphrase(deps, std::move(context), "invitation\n" + invitation_id,
                     std::move(input.passphrase), std::move(*checked));
  co_return co_await std::move(hashing);
}

Task<Result<Staff>> AcceptOpen(const Deps& deps, rpc::CallContext context,
                               AcceptInvitationInput input, Invitation invitation,
                               Attempt attempt) {
  // So that the copy is there when the transaction looks.
  Task<Result<Agency>> finding = FindAgency(deps, context, invitation.agency_id);
  Result<Agency> agency = co_await std::move(finding);
  if (!agency) co_return Fail(std::move(agency.error()));
  const Staff staff{.id = deps.ids.New(),
                    .agency_id = invitation.agency_id,
                    .sign_in_name = input.sign_in_name,
                    .display_name = invitation.display_name,
                    .roles = invitation.roles,
                    .create_ms = deps.clock.NowMs()};
  std::optional<Credential> credential;
  std::optional<CheckedPasskey> passkey;
  if (input.passphrase) {
    Task<Result<Credential>> making =
        MakeCredential(deps, context, staff, invitation.id, std::move(*input.passphrase));
    Result<Credential> made = co_await std::move(making);
    if (!made) co_return Fail(std::move(made.error()));
    credential = std::move(*made);
  } else {
    Task<Result<CheckedPasskey>> checking =
        CheckPasskey(deps, ChallengePurpose::kInvite, invitation.id,
                     std::move(input.passkey_registration_json));
    Result<CheckedPasskey> checked = co_await std::move(checking);
    if (!checked) co_return Fail(std::move(checked.error()));
    passkey = std::move(*checked);
  }
  const std::string code_sha256 = Sha256(input.code);
  std::function<Result<Staff>(storage::Transaction&)> make = [&](storage::Transaction& tx) {
    return MakeAccount(deps, tx, context, staff, code_sha256, attempt,
                       credential ? &*credential : nullptr, passkey ? &*passkey : nullptr);
  };
  Task<Result<Staff>> making = deps.database.Write<Staff>(make);
  co_return co_await std::move(making);
}

// What told the caller something, or cost a hash. A slip of the pen and a full queue do not count.
bool Counts(const Error& error) {
  return error.code == Code::kAlreadyExists || error.code == Code::kFailedPrecondition ||
         error.code == Code::kPermissionDenied;
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
  Task<Result<Attempt>> charging = Charge(deps, invitation->id);
  Result<Attempt> attempt = co_await std::move(charging);
  if (!attempt) co_return Fail(std::move(attempt.error()));
  if (!attempt->open) co_return Fail(TooManyTries(*attempt));
  Task<Result<Staff>> accepting =
      AcceptOpen(deps, std::move(context), std::move(input), std::move(*invitation), *attempt);
  Result<Staff> staff = co_await std::move(accepting);
  if (!staff && !Counts(staff.error())) {
    Task<bool> giving_back = GiveBackAttempt(deps, std::move(*attempt));
    static_cast<void>(co_await std::move(giving_back));
  }
  co_return staff;
}

Task<Result<Credential>> PrepareSetPassphrase(const Deps& deps, rpc::CallContext context,
                                              CredentialInput input) {
  Task<Result<SignedIn>> asking = GetMe(deps, context);
  Result<SignedIn> me = co_await std::move(asking);
  if (!me) co_return Fail(std::move(me.error()));
  Result<Credential> checked = CheckCredential(deps, me->staff, input);
  if (!checked) co_return checked;
  Task<Result<Credential>> hashing =
      HashPassphrase(deps, std::move(context), "staff\n" + me->staff.id,
                     std::move(input.passphrase), std::move(*checked));
  co_return co_await std::move(hashing);
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
