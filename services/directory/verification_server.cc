#include "services/directory/verification_server.h"

#include <charconv>
#include <functional>
#include <vector>

#include "services/common/rpc/mutate.h"
#include "services/common/rpc/proto_time.h"
#include "services/directory/commands/verify_listing.h"
#include "services/directory/domain/verification.h"
#include "services/directory/translate.h"

namespace fairlead::directory {
namespace {

static_assert(static_cast<int>(VerificationState::kVerified) == v1::VERIFICATION_STATE_VERIFIED);
static_assert(static_cast<int>(VerificationState::kDue) == v1::VERIFICATION_STATE_DUE);
static_assert(static_cast<int>(VerificationState::kStale) == v1::VERIFICATION_STATE_STALE);

v1::Verification VerificationToProto(const ListingVerification& from, int64_t now_ms) {
  v1::Verification to;
  to.set_service_id(from.service_id);
  to.set_service_name(from.service_name);
  to.set_agency_id(from.agency_id);
  to.set_state(static_cast<v1::VerificationState>(VerificationOf(from.assured_ms, now_ms)));
  to.set_assurer_agency_id(from.assurer_agency_id);
  to.set_assurer_role(from.assurer_role);
  if (from.assured_ms == 0) return to;
  rpc::SetTime(from.assured_ms, [&] { return to.mutable_assured_time(); });
  rpc::SetTime(from.assured_ms + kVerifiedForMs, [&] { return to.mutable_due_time(); });
  return to;
}

AssurancePosition ToAssurancePosition(const Position& position) {
  AssurancePosition after{.service_id = position.id};
  const std::string& text = position.sort_key;
  std::from_chars(text.data(), text.data() + text.size(), after.assured_ms);
  return after;
}

}  // namespace

void VerificationServer::Register(rpc::Registry& registry) {
  rpc::Add<v1::VerifyListingRequest, v1::VerifyListingResponse>(
      registry, "/fairlead.directory.v1.VerificationService/VerifyListing",
      [this](rpc::CallContext context, const v1::VerifyListingRequest& request) {
        return VerifyListing(std::move(context), request);
      });
  rpc::Add<v1::ListVerificationsRequest, v1::ListVerificationsResponse>(
      registry, "/fairlead.directory.v1.VerificationService/ListVerifications",
      [this](rpc::CallContext context, const v1::ListVerificationsRequest& request) {
        return ListVerifications(std::move(context), request);
      });
}

Task<Result<v1::VerifyListingResponse>> VerificationServer::VerifyListing(
    rpc::CallContext context, const v1::VerifyListingRequest& request) {
  std::function<Result<v1::VerifyListingResponse>(storage::Transaction&)> verify =
      [this, &context, &request](storage::Transaction& tx) -> Result<v1::VerifyListingResponse> {
    FAIRLEAD_ASSIGN(const ListingVerification verified,
                    directory::VerifyListing(deps_, tx, context, request.service_id()));
    v1::VerifyListingResponse response;
    *response.mutable_verification() = VerificationToProto(verified, verified.assured_ms);
    return response;
  };
  co_return co_await rpc::Mutate<v1::VerifyListingResponse>(deps_.database, context, request,
                                                            deps_.clock.NowMs(), verify);
}

Task<Result<v1::ListVerificationsResponse>> VerificationServer::ListVerifications(
    rpc::CallContext context, const v1::ListVerificationsRequest& request) {
  const Result<std::string> agency_id = AgencyToVerify(context, request.agency_id());
  if (!agency_id) co_return Fail(agency_id.error());
  const std::string key = "ListVerifications " + *agency_id;
  const Result<Position> after = DecodePosition(page_tokens_, key, request.page_token());
  if (!after) co_return Fail(after.error());
  const int64_t now_ms = deps_.clock.NowMs();
  const int size = rpc::PageSize(request.page_size());
  using Listed = std::vector<ListingVerification>;
  std::function<Result<Listed>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) {
        return ListingsVerifiedBefore(tx, *agency_id, now_ms - (kVerifiedForMs - kDueBeforeMs),
                                      ToAssurancePosition(*after), size + 1);
      };
  Result<Listed> listed = co_await deps_.database.Read<Listed>(read);
  if (!listed) co_return Fail(std::move(listed.error()));
  const bool more = listed->size() > static_cast<size_t>(size);
  if (more) listed->pop_back();
  v1::ListVerificationsResponse response;
  for (const ListingVerification& one : *listed) {
    *response.add_verifications() = VerificationToProto(one, now_ms);
  }
  if (more) {
    const ListingVerification& last = listed->back();
    response.set_next_page_token(
        page_tokens_.Encode(key, {std::to_string(last.assured_ms), last.service_id}));
  }
  co_return response;
}

Result<int64_t> VerificationServer::Remind() {
  // Looked for on a reader: mostly there is nothing, and then the writer is left alone.
  std::function<Result<bool>(storage::ReadTransaction&)> look =
      [this](storage::ReadTransaction& tx) -> Result<bool> {
    FAIRLEAD_ASSIGN(const auto due, ListingsToRemind(tx, deps_.clock.NowMs(), 1));
    return !due.empty();
  };
  FAIRLEAD_ASSIGN(const bool is_due, SyncWait(deps_.database.Read<bool>(look)));
  if (!is_due) return 0;
  std::function<Result<int64_t>(storage::Transaction&)> remind =
      [this](storage::Transaction& tx) { return RemindOfVerifications(deps_, tx); };
  return SyncWait(deps_.database.Write<int64_t>(remind));
}

}  // namespace fairlead::directory
