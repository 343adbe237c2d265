#include "services/identity/directory_client.h"

#include <charconv>
#include <string_view>

#include "fairlead/directory/v1/directory.pb.h"

namespace fairlead::identity {
namespace {

namespace directory_v1 = ::fairlead::directory::v1;

// "AGENCY_KIND_HEALTH_PROVIDER" → "health_provider".
std::string CodeOf(std::string_view enum_name, std::string_view prefix) {
  if (enum_name.starts_with(prefix)) enum_name.remove_prefix(prefix.size());
  std::string code(enum_name);
  for (char& c : code) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return code;
}

// Directory's etag of an agency is its version.
int64_t VersionOf(const std::string& etag) {
  int64_t version = 0;
  std::from_chars(etag.data(), etag.data() + etag.size(), version);
  return version;
}

Agency AgencyOf(const directory_v1::Agency& agency) {
  return Agency{.id = agency.id(),
                .name = agency.name(),
                .kind = CodeOf(directory_v1::AgencyKind_Name(agency.kind()), "AGENCY_KIND_"),
                .membership = CodeOf(directory_v1::MembershipState_Name(agency.membership()),
                                     "MEMBERSHIP_STATE_"),
                .version = VersionOf(agency.etag())};
}

// For identity itself, not for the person: who signs in has no rights yet.
rpc::CallOptions Options(const rpc::CallContext& context) {
  rpc::CallOptions options = rpc::Onward(context, "identity");
  options.actor = auth::ServiceActor("identity");
  return options;
}

}  // namespace

Task<Result<Agency>> DirectoryClient::Get(rpc::CallContext context, std::string agency_id) {
  directory_v1::GetAgencyRequest request;
  request.set_agency_id(agency_id);
  rpc::CallOptions options = Options(context);
  Result<directory_v1::GetAgencyResponse> response =
      co_await rpc::Call<directory_v1::GetAgencyResponse>(
          channel_, "/fairlead.directory.v1.DirectoryService/GetAgency", request,
          std::move(options));
  if (!response) co_return Fail(std::move(response.error()));
  co_return AgencyOf(response->agency());
}

Task<Result<Agency>> DirectoryClient::CreateCoalitionOffice(rpc::CallContext context,
                                                            PendingSetUp pending,
                                                            std::string name) {
  directory_v1::CreateAgencyRequest request;
  request.set_request_id(pending.request_id);
  request.set_agency_id(pending.agency_id);
  request.set_name(name);
  request.set_kind(directory_v1::AGENCY_KIND_COALITION_OFFICE);
  rpc::CallOptions options = Options(context);
  Result<directory_v1::CreateAgencyResponse> response =
      co_await rpc::Call<directory_v1::CreateAgencyResponse>(
          channel_, "/fairlead.directory.v1.DirectoryService/CreateAgency", request,
          std::move(options));
  if (response) co_return AgencyOf(response->agency());
  // An earlier set-up was cut short after this step, and tried under another name.
  const std::string& reason = response.error().reason;
  if (reason != "REQUEST_ID_REUSED" && reason != "AGENCY_EXISTS") {
    co_return Fail(std::move(response.error()));
  }
  co_return co_await Get(std::move(context), pending.agency_id);
}

}  // namespace fairlead::identity
