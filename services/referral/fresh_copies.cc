// Our copies of other services' records may lag behind: a refusal that comes of them is the last
// word only after their owners have been asked.
#include <set>
#include <utility>

#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "services/common/seal/seal.h"
#include "services/referral/consumers/apply_events.h"
#include "services/referral/in_unit.h"
#include "services/referral/referral_server.h"
#include "services/referral/store/sql_referral_store.h"

namespace fairlead::referral {
namespace {

bool MayBeStale(const Error& error) {
  return error.reason == "AGENCY_NOT_ACTIVE" || error.reason == "AGENCY_HAS_NO_KEYS" ||
         error.reason == "PACKET_RECIPIENT_MISMATCH" || error.reason == "PACKET_SENDER_MISMATCH" ||
         error.reason == "RESEAL_KEY_NOT_CURRENT" || error.reason == "RESEAL_NOT_NEEDED" ||
         error.reason == "LAW_ENFORCEMENT_NOT_OFFERED";
}

// The owners could not be asked: then nobody knows whether our copies are right, and whoever calls
// tries again. A refusal out of a copy that may be old would be taken for the last word.
bool MayPass(const Error& error) {
  return error.code == Code::kUnavailable || error.code == Code::kDeadlineExceeded ||
         error.code == Code::kAborted || error.code == Code::kResourceExhausted;
}

}  // namespace

Task<Result<Referral>> ReferralServer::CheckAfresh(
    rpc::CallContext context, std::function<Result<Referral>(ReferralReader&)> check) {
  std::function<Result<Referral>(storage::ReadTransaction&)> job =
      [&check](storage::ReadTransaction& tx) { return check(*MakeSqlReferralReader(tx)); };
  std::set<std::string> asked;
  while (true) {
    Result<Referral> checked = co_await database_.Read<Referral>(job);
    if (checked || !MayBeStale(checked.error())) co_return checked;
    // Whose record it was; without a word of that, the caller's own.
    const auto named = checked.error().metadata.find("agency_id");
    const std::string agency_id =
        named == checked.error().metadata.end() ? context.actor.agency_id : named->second;
    if (!asked.insert(agency_id).second) co_return checked;
    Task<Result<bool>> refreshing = RefreshAgency(context, agency_id);
    Result<bool> refreshed = co_await std::move(refreshing);
    if (!refreshed && MayPass(refreshed.error())) co_return Fail(std::move(refreshed.error()));
    if (!refreshed) co_return checked;
  }
}

Task<Result<bool>> ReferralServer::RefreshAgency(rpc::CallContext context, std::string agency_id) {
  fairlead::directory::v1::GetAgencyRequest agency_request;
  agency_request.set_agency_id(agency_id);
  auto options = rpc::Onward(context, kServiceName);
  auto agency = co_await rpc::Call<fairlead::directory::v1::GetAgencyResponse>(
      services_, "/fairlead.directory.v1.DirectoryService/GetAgency", agency_request, options);
  if (!agency) co_return Fail(std::move(agency.error()));
  fairlead::identity::v1::GetAgencyKeysRequest keys_request;
  keys_request.set_agency_id(agency_id);
  auto keys = co_await rpc::Call<fairlead::identity::v1::GetAgencyKeysResponse>(
      services_, "/fairlead.identity.v1.IdentityService/GetAgencyKeys", keys_request, options);
  if (!keys && keys.error().code != Code::kNotFound) co_return Fail(std::move(keys.error()));
  std::optional<AgencyKeyRecord> key;
  if (keys) {
    Result<seal::PublicKey> epoch = seal::ParseJwk(keys->keys().epoch_jwk());
    Result<seal::PublicKey> signing = seal::ParseJwk(keys->keys().signing_jwk());
    if (!epoch || !signing) {
      co_return Fail(Code::kInternal, "INVALID_KEY", "A published key cannot be read.");
    }
    key = AgencyKeyRecord{agency_id, keys->keys().epoch(), epoch->kid, signing->kid};
  }
  const AgencyRecord record = ToRecord(agency->agency());
  std::function<Result<bool>(Unit&)> put = [&](Unit& unit) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(unit.store.PutAgency(record));
    if (key) FAIRLEAD_RETURN_IF_ERROR(unit.store.PutAgencyKey(*key));
    return true;
  };
  auto job = InUnit(context, std::move(put));
  co_return co_await database_.Write<bool>(job);
}

}  // namespace fairlead::referral
