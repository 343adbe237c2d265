#include "services/identity/commands/passkey_registration.h"

#include <optional>
#include <vector>

#include "services/common/base/encoding.h"
#include "services/identity/commands/note.h"

namespace fairlead::identity {
namespace {

using Challenge = std::optional<PasskeyChallenge>;

// Makes a challenge for this person or invitation, keeps it, and says what to ask of the
// authenticator.
Result<std::string> GiveOut(const Deps& deps, storage::Transaction& tx, const RelyingParty& party,
                            ChallengePurpose purpose, const std::string& subject_id,
                            const PasskeyPerson& person) {
  const int64_t now_ms = deps.clock.NowMs();
  const PasskeyChallenge challenge{.challenge = deps.random.Bytes(kChallengeBytes),
                                   .purpose = purpose,
                                   .subject_id = subject_id,
                                   .user_handle = person.user_handle,
                                   .expire_ms = now_ms + kChallengeLifetimeMs};
  FAIRLEAD_RETURN_IF_ERROR(deps.passkeys->store.InsertChallenge(tx, challenge, now_ms));
  return CreationOptionsJson(party, person, challenge.challenge);
}

}  // namespace

Result<std::string> BeginPasskey(const Deps& deps, storage::Transaction& tx,
                                 const rpc::CallContext& context) {
  FAIRLEAD_ASSIGN(const RelyingParty party, Result<RelyingParty>(deps.passkeys->party));
  const std::string& staff_id = context.actor.staff_id;
  FAIRLEAD_ASSIGN(const std::optional<Staff> staff, deps.store.FindStaff(tx, staff_id));
  if (!staff) {
    return Fail(Code::kUnauthenticated, "SESSION_INVALID", "The session has ended: sign in again.");
  }
  FAIRLEAD_ASSIGN(const std::vector<Passkey> passkeys,
                  deps.passkeys->store.List(tx, staff_id, "", kMaxPasskeysPerStaff));
  PasskeyPerson person{.user_handle = {},
                       .name = staff->sign_in_name,
                       .display_name = staff->display_name,
                       .credential_ids = {}};
  for (const Passkey& passkey : passkeys) person.credential_ids.push_back(passkey.credential_id);
  // One handle a person, so that an authenticator replaces rather than piles up.
  person.user_handle =
      passkeys.empty() ? deps.random.Bytes(kUserHandleBytes) : passkeys.front().user_handle;
  return GiveOut(deps, tx, party, ChallengePurpose::kAdd, staff_id, person);
}

Task<Result<std::string>> BeginInvitedPasskey(const Deps& deps, std::string invitation_code) {
  if (!deps.passkeys->party) co_return Fail(Error(deps.passkeys->party.error()));
  std::function<Result<std::string>(storage::Transaction&)> begin =
      [&deps,
       code_sha256 = Sha256(invitation_code)](storage::Transaction& tx) -> Result<std::string> {
    FAIRLEAD_ASSIGN(const std::optional<Invitation> invitation,
                    deps.store.FindInvitationByCode(tx, code_sha256, deps.clock.NowMs()));
    if (!invitation) {
      return Fail(Code::kPermissionDenied, "INVITATION_INVALID",
                  "This invitation is not, or no longer, good. Ask for a new one.");
    }
    const PasskeyPerson person{.user_handle = deps.random.Bytes(kUserHandleBytes),
                               .name = invitation->display_name,
                               .display_name = invitation->display_name,
                               .credential_ids = {}};
    return GiveOut(deps, tx, *deps.passkeys->party, ChallengePurpose::kInvite, invitation->id,
                   person);
  };
  Task<Result<std::string>> writing = deps.database.Write<std::string>(begin);
  co_return co_await std::move(writing);
}

Task<Result<CheckedPasskey>> CheckPasskey(const Deps& deps, ChallengePurpose purpose,
                                          std::string subject_id, std::string registration_json) {
  const PasskeyTools& tools = *deps.passkeys;
  if (!tools.party) co_return Fail(Error(tools.party.error()));
  Result<RegistrationAnswer> answer = ReadRegistration(registration_json);
  if (!answer) co_return Fail(std::move(answer.error()));
  Result<std::string> challenge =
      CheckClientData(answer->client_data, Ceremony::kCreate, *tools.party);
  if (!challenge) co_return Fail(std::move(challenge.error()));
  std::function<Result<Challenge>(storage::ReadTransaction&)> look =
      [&](storage::ReadTransaction& tx) {
        return tools.store.FindChallenge(tx, *challenge, deps.clock.NowMs());
      };
  Task<Result<Challenge>> looking = deps.database.Read<Challenge>(look);
  Result<Challenge> known = co_await std::move(looking);
  if (!known) co_return Fail(std::move(known.error()));
  if (!known->has_value() || (*known)->purpose != purpose || (*known)->subject_id != subject_id) {
    co_return PasskeyInvalid("challenge");
  }
  Result<Passkey> passkey = tools.verifier.ReadAttestation(*tools.party, *answer);
  if (!passkey) co_return Fail(std::move(passkey.error()));
  passkey->user_handle = (*known)->user_handle;
  CheckedPasskey checked{std::move(*passkey), std::move(*challenge)};
  co_return checked;
}

Result<Passkey> KeepPasskey(const Deps& deps, storage::Transaction& tx,
                            const rpc::CallContext& context, const CheckedPasskey& checked,
                            const Staff& staff) {
  const int64_t now_ms = deps.clock.NowMs();
  FAIRLEAD_ASSIGN(const bool spent,
                  deps.passkeys->store.SpendChallenge(tx, checked.challenge, now_ms));
  if (!spent) return PasskeyInvalid("challenge");
  Passkey passkey = checked.passkey;
  passkey.id = deps.ids.New();
  passkey.staff_id = staff.id;
  passkey.create_ms = now_ms;
  FAIRLEAD_RETURN_IF_ERROR(deps.passkeys->store.Insert(tx, passkey));
  audit::Record record = RecordOf(audit::Action::kPasskeyAdded, context, staff);
  record.record_id = passkey.id;
  FAIRLEAD_RETURN_IF_ERROR(Note(deps, tx, record));
  return passkey;
}

}  // namespace fairlead::identity
