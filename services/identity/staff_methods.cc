// The methods of IdentityServer about people and their invitations.
#include <optional>

#include "services/common/base/encoding.h"
#include "services/common/rpc/mutate.h"
#include "services/identity/commands/accept_invitation.h"
#include "services/identity/commands/asker.h"
#include "services/identity/commands/change_staff.h"
#include "services/identity/commands/close_agency_access.h"
#include "services/identity/commands/find_agency.h"
#include "services/identity/commands/find_colleague.h"
#include "services/identity/commands/invite_staff.h"
#include "services/identity/commands/publish_key_list.h"
#include "services/identity/identity_server.h"
#include "services/identity/translate.h"

namespace fairlead::identity {

Task<Result<v1::InviteStaffResponse>> IdentityServer::InviteStaff(
    rpc::CallContext context, const v1::InviteStaffRequest& request) {
  InviteStaffInput input{.agency_id = request.agency_id(),
                         .display_name = request.display_name(),
                         .roles = RolesFromProto(request.roles()),
                         .code_sha256 = Base64UrlDecode(request.code_sha256()).value_or("")};
  Task<Result<Agency>> preparing = PrepareInvitation(deps_, context, input.agency_id);
  Result<Agency> agency = co_await std::move(preparing);
  if (!agency) co_return Fail(std::move(agency.error()));
  std::function<Result<v1::InviteStaffResponse>(storage::Transaction&)> invite =
      [&](storage::Transaction& tx) -> Result<v1::InviteStaffResponse> {
    FAIRLEAD_ASSIGN(const Invitation invitation,
                    identity::InviteStaff(deps_, tx, context, input, *agency));
    v1::InviteStaffResponse response;
    *response.mutable_invitation() = ToProto(invitation);
    return response;
  };
  Task<Result<v1::InviteStaffResponse>> inviting = rpc::Mutate<v1::InviteStaffResponse>(
      deps_.database, context, request, deps_.clock.NowMs(), invite);
  Result<v1::InviteStaffResponse> response = co_await std::move(inviting);
  // Once somebody may come in, a set-up is over (the demonstration makes people without one).
  if (response) set_up_code_.Spend();
  co_return response;
}

Task<Result<v1::ListInvitationsResponse>> IdentityServer::ListInvitations(
    rpc::CallContext context, const v1::ListInvitationsRequest& request) {
  Result<Standing> standing = CheckMayInvite(AskerOf(context.actor), request.agency_id());
  if (!standing) co_return Fail(std::move(standing.error()));
  const std::string query = "ListInvitations\n" + request.agency_id();
  Result<std::string> after_id = AfterId(query, request.page_token());
  if (!after_id) co_return Fail(std::move(after_id.error()));
  const int size = rpc::PageSize(request.page_size());
  std::function<Result<std::vector<Invitation>>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) {
        return deps_.store.ListInvitations(tx, request.agency_id(), deps_.clock.NowMs(), *after_id,
                                           size + 1);
      };
  Task<Result<std::vector<Invitation>>> reading =
      deps_.database.Read<std::vector<Invitation>>(read);
  Result<std::vector<Invitation>> found = co_await std::move(reading);
  if (!found) co_return Fail(std::move(found.error()));
  v1::ListInvitationsResponse response;
  const bool more = found->size() > static_cast<size_t>(size);
  if (more) found->pop_back();
  for (const Invitation& each : *found) *response.add_invitations() = ToProto(each);
  if (more) response.set_next_page_token(page_tokens_.Encode(query, {found->back().id}));
  co_return response;
}

Task<Result<v1::RevokeInvitationResponse>> IdentityServer::RevokeInvitation(
    rpc::CallContext context, const v1::RevokeInvitationRequest& request) {
  std::function<Result<v1::RevokeInvitationResponse>(storage::Transaction&)> revoke =
      [&](storage::Transaction& tx) -> Result<v1::RevokeInvitationResponse> {
    FAIRLEAD_RETURN_IF_ERROR(
        identity::RevokeInvitation(deps_, tx, context, request.invitation_id()));
    return v1::RevokeInvitationResponse();
  };
  Task<Result<v1::RevokeInvitationResponse>> revoking = rpc::Mutate<v1::RevokeInvitationResponse>(
      deps_.database, context, request, deps_.clock.NowMs(), revoke);
  co_return co_await std::move(revoking);
}

Task<Result<v1::AcceptInvitationResponse>> IdentityServer::AcceptInvitation(
    rpc::CallContext context, const v1::AcceptInvitationRequest& request) {
  AcceptInvitationInput input{.code = request.code(),
                              .sign_in_name = request.sign_in_name(),
                              .passphrase = {},
                              .passkey_registration_json = request.passkey_registration_json()};
  if (request.has_passphrase()) input.passphrase = FromProto(request.passphrase());
  Task<Result<Staff>> accepting =
      identity::AcceptInvitation(deps_, std::move(context), std::move(input));
  Result<Staff> staff = co_await std::move(accepting);
  if (!staff) co_return Fail(std::move(staff.error()));
  v1::AcceptInvitationResponse response;
  *response.mutable_staff() = ToProto(*staff);
  co_return response;
}

Task<Result<v1::SetPassphraseResponse>> IdentityServer::SetPassphrase(
    rpc::CallContext context, const v1::SetPassphraseRequest& request) {
  // A repeat is answered before its one-time code, which is used up by now, is looked at.
  Task<Result<std::optional<v1::SetPassphraseResponse>>> replaying =
      rpc::Replay<v1::SetPassphraseResponse>(deps_.database, context, request);
  Result<std::optional<v1::SetPassphraseResponse>> before = co_await std::move(replaying);
  if (!before) co_return Fail(std::move(before.error()));
  if (before->has_value()) co_return std::move(**before);
  Task<Result<Credential>> preparing =
      PrepareSetPassphrase(deps_, context, FromProto(request.passphrase()));
  Result<Credential> credential = co_await std::move(preparing);
  if (!credential) co_return Fail(std::move(credential.error()));
  std::function<Result<v1::SetPassphraseResponse>(storage::Transaction&)> keep =
      [&](storage::Transaction& tx) -> Result<v1::SetPassphraseResponse> {
    FAIRLEAD_RETURN_IF_ERROR(identity::SetPassphrase(deps_, tx, context, *credential));
    return v1::SetPassphraseResponse();
  };
  Task<Result<v1::SetPassphraseResponse>> keeping = rpc::Mutate<v1::SetPassphraseResponse>(
      deps_.database, context, request, deps_.clock.NowMs(), keep);
  co_return co_await std::move(keeping);
}

Task<Result<v1::SetStaffRolesResponse>> IdentityServer::SetStaffRoles(
    rpc::CallContext context, const v1::SetStaffRolesRequest& request) {
  const SetStaffRolesInput input{.staff_id = request.staff_id(),
                                 .roles = RolesFromProto(request.roles()),
                                 .etag = request.etag()};
  // So that the copy is there when the transaction looks.
  Task<Result<Agency>> finding = FindAgency(deps_, context, context.actor.agency_id);
  Result<Agency> agency = co_await std::move(finding);
  if (!agency) co_return Fail(std::move(agency.error()));
  std::function<Result<v1::SetStaffRolesResponse>(storage::Transaction&)> set =
      [&](storage::Transaction& tx) -> Result<v1::SetStaffRolesResponse> {
    FAIRLEAD_ASSIGN(const Staff staff, identity::SetStaffRoles(deps_, tx, context, input));
    v1::SetStaffRolesResponse response;
    *response.mutable_staff() = ToProto(staff);
    return response;
  };
  Task<Result<v1::SetStaffRolesResponse>> setting = rpc::Mutate<v1::SetStaffRolesResponse>(
      deps_.database, context, request, deps_.clock.NowMs(), set);
  co_return co_await std::move(setting);
}

Task<Result<v1::DisableStaffResponse>> IdentityServer::DisableStaff(
    rpc::CallContext context, const v1::DisableStaffRequest& request) {
  const int64_t now_ms = deps_.clock.NowMs();
  std::optional<NewKeyList> next;
  if (!request.key_list().empty() || request.wraps_size() > 0) {
    Result<NewKeyList> read = ReadKeyList(context.actor.agency_id, request.key_list(),
                                          WrapsFromProto(request.wraps()), now_ms / 1000);
    if (!read) co_return Fail(std::move(read.error()));
    next = std::move(*read);
  }
  std::function<Result<v1::DisableStaffResponse>(storage::Transaction&)> disable =
      [&](storage::Transaction& tx) -> Result<v1::DisableStaffResponse> {
    FAIRLEAD_ASSIGN(const Disabled disabled,
                    identity::DisableStaff(key_deps_, tx, context, request.staff_id(),
                                           next ? &*next : nullptr));
    v1::DisableStaffResponse response;
    *response.mutable_staff() = ToProto(disabled.staff);
    response.set_sessions_ended(static_cast<int32_t>(disabled.sessions_ended));
    response.set_key_change_due(disabled.key_change_due);
    return response;
  };
  Task<Result<v1::DisableStaffResponse>> disabling =
      rpc::Mutate<v1::DisableStaffResponse>(deps_.database, context, request, now_ms, disable);
  co_return co_await std::move(disabling);
}

Task<Result<v1::CloseAgencyAccessResponse>> IdentityServer::CloseAgencyAccess(
    rpc::CallContext context, const v1::CloseAgencyAccessRequest& request) {
  CloseAgencyAccessInput input{.agency_id = request.agency_id(),
                               .membership = request.membership(),
                               .version = request.version()};
  Task<Result<int64_t>> closing =
      identity::CloseAgencyAccess(deps_, std::move(context), std::move(input));
  Result<int64_t> ended = co_await std::move(closing);
  if (!ended) co_return Fail(std::move(ended.error()));
  v1::CloseAgencyAccessResponse response;
  response.set_sessions_ended(static_cast<int32_t>(*ended));
  co_return response;
}

Result<std::string> IdentityServer::AfterId(const std::string& query,
                                            const std::string& page_token) const {
  if (page_token.empty()) return std::string();
  FAIRLEAD_ASSIGN(const std::vector<std::string> position, page_tokens_.Decode(query, page_token));
  return position.empty() ? std::string() : position.front();
}

Task<Result<v1::ListStaffResponse>> IdentityServer::ListStaff(rpc::CallContext context,
                                                              const v1::ListStaffRequest& request) {
  Result<void> allowed = CheckMayListStaff(AskerOf(context.actor), request.agency_id());
  if (!allowed) co_return Fail(std::move(allowed.error()));
  const std::string query = "ListStaff\n" + request.agency_id();
  Result<std::string> after_id = AfterId(query, request.page_token());
  if (!after_id) co_return Fail(std::move(after_id.error()));
  const int size = rpc::PageSize(request.page_size());
  std::function<Result<std::vector<Staff>>(storage::ReadTransaction&)> read =
      [this, &request, &after_id, size](storage::ReadTransaction& tx) {
        return deps_.store.ListStaff(tx, request.agency_id(), *after_id, size + 1);
      };
  Result<std::vector<Staff>> staff = co_await deps_.database.Read<std::vector<Staff>>(read);
  if (!staff) co_return Fail(std::move(staff.error()));
  v1::ListStaffResponse response;
  const bool more = staff->size() > static_cast<size_t>(size);
  if (more) staff->pop_back();
  for (const Staff& person : *staff) *response.add_staff() = ToProto(person);
  if (more) response.set_next_page_token(page_tokens_.Encode(query, {staff->back().id}));
  co_return response;
}

Task<Result<v1::FindColleagueResponse>> IdentityServer::FindColleague(
    rpc::CallContext context, const v1::FindColleagueRequest& request) {
  const ColleagueQuery query{.staff_id = request.staff_id(),
                             .sign_in_name = request.sign_in_name()};
  std::function<Result<Staff>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) {
        return LookUpColleague(deps_, tx, context.actor.agency_id, query);
      };
  Result<Staff> found = co_await deps_.database.Read<Staff>(read);
  if (!found) co_return Fail(std::move(found.error()));
  v1::FindColleagueResponse response;
  response.mutable_colleague()->set_staff_id(found->id);
  response.mutable_colleague()->set_display_name(found->display_name);
  co_return response;
}

}  // namespace fairlead::identity
