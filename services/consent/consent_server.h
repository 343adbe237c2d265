// The consent service's methods: translate, call a command, translate back.
#ifndef SERVICES_CONSENT_CONSENT_SERVER_H_
#define SERVICES_CONSENT_CONSENT_SERVER_H_

#include <functional>

#include "fairlead/consent/v1/break_glass.pb.h"
#include "fairlead/consent/v1/consent.pb.h"
#include "fairlead/consent/v1/custody_check.pb.h"
#include "fairlead/consent/v1/note_keys.pb.h"
#include "services/common/base/clock.h"
#include "services/common/base/ids.h"
#include "services/common/base/random.h"
#include "services/common/rpc/method.h"
#include "services/common/rpc/page_token.h"
#include "services/common/storage/database.h"
#include "services/consent/commands/release_custody_key.h"
#include "services/consent/commands/unit.h"
#include "services/consent/domain/break_glass.h"

namespace fairlead::consent {

class ConsentServer {
 public:
  ConsentServer(storage::Database& database, const Clock& clock, Random& random, IdGenerator& ids,
                int opens_per_day = 300, SignerRules signer_rules = {});
  void Register(rpc::Registry& registry);

  Task<Result<v1::CreateReleaseResponse>> CreateRelease(rpc::CallContext context,
                                                        const v1::CreateReleaseRequest& request);
  Task<Result<v1::SignReleaseResponse>> SignRelease(rpc::CallContext context,
                                                    const v1::SignReleaseRequest& request);
  Task<Result<v1::RevokeReleaseResponse>> RevokeRelease(rpc::CallContext context,
                                                        const v1::RevokeReleaseRequest& request);
  Task<Result<v1::ConfirmWithdrawalResponse>> ConfirmWithdrawal(
      rpc::CallContext context, const v1::ConfirmWithdrawalRequest& request);
  Task<Result<v1::EnterReleaseInErrorResponse>> EnterReleaseInError(
      rpc::CallContext context, const v1::EnterReleaseInErrorRequest& request);
  Task<Result<v1::GetReleaseResponse>> GetRelease(rpc::CallContext context,
                                                  const v1::GetReleaseRequest& request);
  Task<Result<v1::ListReleasesResponse>> ListReleases(rpc::CallContext context,
                                                      const v1::ListReleasesRequest& request);
  Task<Result<v1::ListDisclosuresResponse>> ListDisclosures(
      rpc::CallContext context, const v1::ListDisclosuresRequest& request);
  Task<Result<v1::ListDestroyNoticesResponse>> ListDestroyNotices(
      rpc::CallContext context, const v1::ListDestroyNoticesRequest& request);
  Task<Result<v1::AcknowledgeDestructionResponse>> AcknowledgeDestruction(
      rpc::CallContext context, const v1::AcknowledgeDestructionRequest& request);
  Task<Result<v1::IssueCustodyKeysResponse>> IssueCustodyKeys(
      rpc::CallContext context, const v1::IssueCustodyKeysRequest& request);
  Task<Result<v1::ReleaseCustodyKeyResponse>> ReleaseCustodyKey(
      rpc::CallContext context, const v1::ReleaseCustodyKeyRequest& request);
  Task<Result<v1::RenewCustodyKeyResponse>> RenewCustodyKey(
      rpc::CallContext context, const v1::RenewCustodyKeyRequest& request);
  Task<Result<v1::CheckCustodyResponse>> CheckCustody(rpc::CallContext context,
                                                      const v1::CheckCustodyRequest& request);
  Task<Result<v1::DestroyCustodyKeysResponse>> DestroyCustodyKeys(
      rpc::CallContext context, const v1::DestroyCustodyKeysRequest& request);

  Task<Result<v1::IssueNoteKeysResponse>> IssueNoteKeys(rpc::CallContext context,
                                                        const v1::IssueNoteKeysRequest& request);

  Task<Result<v1::RequestBreakGlassResponse>> RequestBreakGlass(
      rpc::CallContext context, const v1::RequestBreakGlassRequest& request);
  Task<Result<v1::ApproveBreakGlassResponse>> ApproveBreakGlass(
      rpc::CallContext context, const v1::ApproveBreakGlassRequest& request);
  Task<Result<v1::ListBreakGlassResponse>> ListBreakGlass(
      rpc::CallContext context, const v1::ListBreakGlassRequest& request);
  Task<Result<v1::ReviewBreakGlassResponse>> ReviewBreakGlass(
      rpc::CallContext context, const v1::ReviewBreakGlassRequest& request);

  // Calls out the reviews of break-glasses that are overdue. Blocks; for the sweep. How many.
  Result<int> SweepReviews();
  // Expires what is due. Blocks; for the sweep. How many it expired.
  Result<int> Sweep();
  // At start, before anything is served: ends what a database that was put back has forgotten the
  // end of. Blocks.
  Result<void> AfterRestore();
  // At start: destroys keys whose release is not active, which a crash between two files can leave
  // behind. Blocks. How many keys.
  Result<int64_t> ShredOrphans();

 private:
  void RegisterBreakGlass(rpc::Registry& registry);
  // A break-glass changes, and the caller sees what it is then.
  template <class Response>
  Task<Result<Response>> ChangeGlass(rpc::CallContext context,
                                     const google::protobuf::Message& request,
                                     std::function<Result<BreakGlass>(Unit&)> command);
  // A decision in a transaction of its own and, when it is a refusal, the record of that in
  // another, before it is answered.
  template <class T>
  Task<Result<T>> DecideAndRecord(
      rpc::CallContext context, std::function<Result<T>(Unit&)> command,
      std::function<Result<void>(Unit&, const Error&)> record_refusal);
  // Runs `command` with a Unit of this call, inside a write transaction.
  template <class T>
  std::function<Result<T>(storage::Transaction&)> InUnit(
      const rpc::CallContext& context, std::function<Result<T>(Unit&)> command) const;

  storage::Database& database_;
  const Clock& clock_;
  Random& random_;
  IdGenerator& ids_;
  const rpc::PageTokens page_tokens_;
  const int opens_per_day_;
  const SignerRules signer_rules_;
};

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_CONSENT_SERVER_H_
