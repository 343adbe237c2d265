// The methods of fairlead.identity.v1.IdentityService: translate, call a command, translate back.
#ifndef SERVICES_IDENTITY_IDENTITY_SERVER_H_
#define SERVICES_IDENTITY_IDENTITY_SERVER_H_

#include "fairlead/identity/v1/identity.pb.h"
#include "services/common/base/task.h"
#include "services/common/rpc/method.h"
#include "services/common/rpc/page_token.h"
#include "services/identity/commands/key_deps.h"
#include "services/identity/commands/set_up_code.h"

namespace fairlead::identity {

class IdentityServer {
 public:
  // What is referenced outlives the server. `page_token_key`: 32 random bytes.
  IdentityServer(const KeyDeps& deps, SetUpCode& set_up_code, std::string page_token_key)
      : deps_(deps.base),
        key_deps_(deps),
        set_up_code_(set_up_code),
        page_tokens_(std::move(page_token_key)) {}

  void Register(rpc::Registry& registry);

  Task<Result<v1::SetUpResponse>> SetUp(rpc::CallContext context, const v1::SetUpRequest& request);
  Task<Result<v1::SignInResponse>> SignIn(rpc::CallContext context,
                                          const v1::SignInRequest& request);
  Task<Result<v1::SignOutResponse>> SignOut(rpc::CallContext context,
                                            const v1::SignOutRequest& request);
  Task<Result<v1::GetMeResponse>> GetMe(rpc::CallContext context, const v1::GetMeRequest& request);
  Task<Result<v1::CheckSessionResponse>> CheckSession(rpc::CallContext context,
                                                      const v1::CheckSessionRequest& request);
  Task<Result<v1::StepUpResponse>> StepUp(rpc::CallContext context,
                                          const v1::StepUpRequest& request);
  Task<Result<v1::ListSessionsResponse>> ListSessions(rpc::CallContext context,
                                                      const v1::ListSessionsRequest& request);
  Task<Result<v1::EndSessionsResponse>> EndSessions(rpc::CallContext context,
                                                    const v1::EndSessionsRequest& request);
  Task<Result<v1::SetStaffRolesResponse>> SetStaffRoles(rpc::CallContext context,
                                                        const v1::SetStaffRolesRequest& request);
  Task<Result<v1::DisableStaffResponse>> DisableStaff(rpc::CallContext context,
                                                      const v1::DisableStaffRequest& request);
  Task<Result<v1::CloseAgencyAccessResponse>> CloseAgencyAccess(
      rpc::CallContext context, const v1::CloseAgencyAccessRequest& request);
  Task<Result<v1::InviteStaffResponse>> InviteStaff(rpc::CallContext context,
                                                    const v1::InviteStaffRequest& request);
  Task<Result<v1::ListInvitationsResponse>> ListInvitations(
      rpc::CallContext context, const v1::ListInvitationsRequest& request);
  Task<Result<v1::RevokeInvitationResponse>> RevokeInvitation(
      rpc::CallContext context, const v1::RevokeInvitationRequest& request);
  Task<Result<v1::AcceptInvitationResponse>> AcceptInvitation(
      rpc::CallContext context, const v1::AcceptInvitationRequest& request);
  Task<Result<v1::SetPassphraseResponse>> SetPassphrase(rpc::CallContext context,
                                                        const v1::SetPassphraseRequest& request);
  Task<Result<v1::ListStaffResponse>> ListStaff(rpc::CallContext context,
                                                const v1::ListStaffRequest& request);
  Task<Result<v1::FindColleagueResponse>> FindColleague(rpc::CallContext context,
                                                        const v1::FindColleagueRequest& request);
  Task<Result<v1::GetAgencyKeysResponse>> GetAgencyKeys(rpc::CallContext context,
                                                        const v1::GetAgencyKeysRequest& request);

 private:
  // Where a list goes on: the id in its page token, or "" at the start.
  Result<std::string> AfterId(const std::string& query, const std::string& page_token) const;

  const Deps& deps_;
  const KeyDeps& key_deps_;
  SetUpCode& set_up_code_;
  const rpc::PageTokens page_tokens_;
};

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_IDENTITY_SERVER_H_
