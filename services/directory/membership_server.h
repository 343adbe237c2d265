// The methods of fairlead.directory.v1.MembershipService: translate, call a command, translate
// back; and, where a membership ends, carry it out at identity and referral before answering.
#ifndef SERVICES_DIRECTORY_MEMBERSHIP_SERVER_H_
#define SERVICES_DIRECTORY_MEMBERSHIP_SERVER_H_

#include <string>
#include <utility>

#include "fairlead/directory/v1/membership.pb.h"
#include "services/common/base/task.h"
#include "services/common/rpc/channel.h"
#include "services/common/rpc/method.h"
#include "services/common/rpc/page_token.h"
#include "services/directory/commands/change_membership.h"
#include "services/directory/commands/deps.h"

namespace fairlead::directory {

class MembershipServer {
 public:
  // `deps` and `services` outlive the server. `page_token_key`: 32 random bytes.
  MembershipServer(const Deps& deps, rpc::Channel& services, std::string page_token_key)
      : deps_(deps), services_(services), page_tokens_(std::move(page_token_key)) {}

  void Register(rpc::Registry& registry);

  Task<Result<v1::ApplyForMembershipResponse>> ApplyForMembership(
      rpc::CallContext context, const v1::ApplyForMembershipRequest& request);
  Task<Result<v1::SponsorAgencyResponse>> SponsorAgency(rpc::CallContext context,
                                                        const v1::SponsorAgencyRequest& request);
  Task<Result<v1::ActivateAgencyResponse>> ActivateAgency(rpc::CallContext context,
                                                          const v1::ActivateAgencyRequest& request);
  Task<Result<v1::SuspendAgencyResponse>> SuspendAgency(rpc::CallContext context,
                                                        const v1::SuspendAgencyRequest& request);
  Task<Result<v1::ReinstateAgencyResponse>> ReinstateAgency(
      rpc::CallContext context, const v1::ReinstateAgencyRequest& request);
  Task<Result<v1::DepartAgencyResponse>> DepartAgency(rpc::CallContext context,
                                                      const v1::DepartAgencyRequest& request);
  Task<Result<v1::ListMembershipChangesResponse>> ListMembershipChanges(
      rpc::CallContext context, const v1::ListMembershipChangesRequest& request);

 private:
  // What the other services did.
  struct Closed {
    int sessions_ended = 0;
    int offers_closed = 0;
  };

  // Changes the membership, and nothing else.
  template <class Response>
  Task<Result<Response>> Change(rpc::CallContext context, const rpc::Message& request,
                                ChangeInput input);
  // Changes it, carries it out, and only then answers.
  template <class Response>
  Task<Result<Response>> End(rpc::CallContext context, const rpc::Message& request,
                             ChangeInput input);
  // Ends sessions and the use of keys, closes offers. Idempotent. Error: UNAVAILABLE
  // MEMBERSHIP_NOT_IN_FORCE_YET: the state is committed; what is missing follows from the event,
  // or from a repeat of the call.
  Task<Result<Closed>> CarryOut(rpc::CallContext context, Agency agency);

  const Deps& deps_;
  rpc::Channel& services_;
  const rpc::PageTokens page_tokens_;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_MEMBERSHIP_SERVER_H_
