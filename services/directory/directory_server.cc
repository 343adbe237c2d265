#include "services/directory/directory_server.h"

#include <optional>
#include <vector>

#include "services/common/rpc/mutate.h"
#include "services/common/rpc/proto_time.h"
#include "services/directory/commands/create_agency.h"
#include "services/directory/commands/import_listings.h"
#include "services/directory/commands/tell_agency.h"
#include "services/directory/domain/need_codes.h"
#include "services/directory/service_view.h"
#include "services/directory/translate.h"

namespace fairlead::directory {
namespace {

ImportInput ToInput(const v1::ImportListingsRequest& request) {
  ImportInput input;
  input.agency_id = request.agency_id();
  input.format = request.format() == v1::IMPORT_FORMAT_HSDS_JSON ? ImportFormat::kHsdsJson
                                                                 : ImportFormat::kHsdsCsv;
  for (const v1::ImportFile& file : request.files()) {
    input.files.push_back({file.name(), file.content()});
  }
  input.defaults.need_codes = rpc::ToVector(request.default_need_codes());
  input.defaults.counties = rpc::ToVector(request.default_counties());
  input.defaults.time_zone = request.default_time_zone();
  input.source = request.source();
  return input;
}

// With how many of its services nobody finds by need, or by area.
v1::ImportListingsResponse ToProto(const ImportCounts& counts, const ImportSet& set) {
  v1::ImportListingsResponse proto;
  proto.set_created(counts.created);
  proto.set_updated(counts.updated);
  proto.set_unchanged(counts.unchanged);
  for (const ImportedListing& one : set.listings) {
    const Listing& listing = one.listing;
    const bool has_area = !listing.counties.empty() || !listing.eligibility.states.empty();
    if (listing.need_codes.empty()) {
      proto.set_services_without_need(proto.services_without_need() + 1);
    }
    if (!has_area) proto.set_services_without_area(proto.services_without_area() + 1);
  }
  return proto;
}

v1::ImportListingsResponse ToProto(const ImportPlan& plan, const ImportSet& set) {
  // With a problem nothing would change.
  v1::ImportListingsResponse proto =
      plan.problems.empty() ? ToProto(plan.counts, set) : v1::ImportListingsResponse();
  for (const ImportProblem& problem : plan.problems.list()) {
    v1::ImportProblem* out = proto.add_problems();
    out->set_file(problem.file);
    out->set_row(problem.row);
    out->set_column(problem.column);
    out->set_reason(problem.reason);
  }
  return proto;
}

// Bit n: the state with that number is asked for, and the caller may see it.
uint32_t ListedStates(const v1::ListAgenciesRequest& request, const auth::Actor& viewer) {
  constexpr uint32_t kAll = 0b111110;
  const uint32_t allowed =
      MaySeeApplicants(viewer) ? kAll : 1U << static_cast<uint32_t>(Membership::kActive);
  if (request.memberships().empty()) return allowed;
  uint32_t asked = 0;
  for (const int state : request.memberships()) asked |= 1U << static_cast<uint32_t>(state);
  return asked & allowed;
}

template <class Request, class Response>
void AddMethod(rpc::Registry& registry, DirectoryServer* server, const char* name,
               Task<Result<Response>> (DirectoryServer::*method)(rpc::CallContext,
                                                                 const Request&)) {
  rpc::Add<Request, Response>(registry,
                              std::string("/fairlead.directory.v1.DirectoryService/") + name,
                              [server, method](rpc::CallContext context, const Request& request) {
                                return (server->*method)(std::move(context), request);
                              });
}

}  // namespace

void DirectoryServer::Register(rpc::Registry& registry) {
  AddMethod(registry, this, "CreateAgency", &DirectoryServer::CreateAgency);
  AddMethod(registry, this, "GetAgency", &DirectoryServer::GetAgency);
  AddMethod(registry, this, "ListAgencies", &DirectoryServer::ListAgencies);
  AddMethod(registry, this, "ImportListings", &DirectoryServer::ImportListings);
  AddMethod(registry, this, "GetService", &DirectoryServer::GetService);
  AddMethod(registry, this, "ListNeeds", &DirectoryServer::ListNeeds);
}

Task<Result<v1::CreateAgencyResponse>> DirectoryServer::CreateAgency(
    rpc::CallContext context, const v1::CreateAgencyRequest& request) {
  const CreateAgencyInput input{.agency_id = request.agency_id(),
                                .name = request.name(),
                                .kind = static_cast<AgencyKind>(request.kind())};
  std::function<Result<v1::CreateAgencyResponse>(storage::Transaction&)> create =
      [this, &context, &input](storage::Transaction& tx) -> Result<v1::CreateAgencyResponse> {
    FAIRLEAD_ASSIGN(const Agency agency, directory::CreateAgency(deps_, tx, context, input));
    v1::CreateAgencyResponse response;
    *response.mutable_agency() = ToProto(agency, context.actor);
    return response;
  };
  co_return co_await rpc::Mutate<v1::CreateAgencyResponse>(deps_.database, context, request,
                                                           deps_.clock.NowMs(), create);
}

Task<Result<v1::GetAgencyResponse>> DirectoryServer::GetAgency(
    rpc::CallContext context, const v1::GetAgencyRequest& request) {
  std::function<Result<Agency>(storage::ReadTransaction&)> read =
      [this, &request](storage::ReadTransaction& tx) {
        return GetAgencyById(deps_, tx, request.agency_id());
      };
  Result<Agency> agency = co_await deps_.database.Read<Agency>(read);
  if (!agency) co_return Fail(std::move(agency.error()));
  if (!MaySee(*agency, context.actor)) co_return AgencyNotFound();
  v1::GetAgencyResponse response;
  *response.mutable_agency() = ToProto(*agency, context.actor);
  co_return response;
}

Task<Result<v1::ListAgenciesResponse>> DirectoryServer::ListAgencies(
    rpc::CallContext context, const v1::ListAgenciesRequest& request) {
  const uint32_t states = ListedStates(request, context.actor);
  const std::string query = "ListAgencies " + std::to_string(states);
  Result<Position> after = DecodePosition(page_tokens_, query, request.page_token());
  if (!after) co_return Fail(std::move(after.error()));
  const int size = rpc::PageSize(request.page_size());
  std::function<Result<std::vector<Agency>>(storage::ReadTransaction&)> read =
      [this, &after, states, size](storage::ReadTransaction& tx) {
        return deps_.store.ListAgencies(tx, states, *after, size + 1);
      };
  Result<std::vector<Agency>> agencies = co_await deps_.database.Read<std::vector<Agency>>(read);
  if (!agencies) co_return Fail(std::move(agencies.error()));
  const bool more = agencies->size() > static_cast<size_t>(size);
  if (more) agencies->pop_back();
  v1::ListAgenciesResponse response;
  for (const Agency& agency : *agencies) {
    *response.add_agencies() = ToProto(agency, context.actor);
  }
  if (more) {
    const Agency& last = agencies->back();
    response.set_next_page_token(page_tokens_.Encode(query, {SortKey(last.name), last.id}));
  }
  co_return response;
}

Task<Result<v1::ImportListingsResponse>> DirectoryServer::ImportListings(
    rpc::CallContext context, const v1::ImportListingsRequest& request) {
  ImportInput input = ToInput(request);
  input.now_ms = deps_.clock.NowMs();
  Result<void> allowed = CheckImport(context.actor, input);
  if (!allowed) co_return Fail(std::move(allowed.error()));
  // Files are read on a reader thread: neither a thread that serves calls nor the writer waits.
  auto parsed = std::make_shared<ParsedImport>();
  std::function<Result<ImportPlan>(storage::ReadTransaction&)> plan =
      [this, &input, parsed](storage::ReadTransaction& tx) -> Result<ImportPlan> {
    FAIRLEAD_ASSIGN(*parsed, ParseImport(tx, input));
    return PlanImport(deps_, tx, input.agency_id, *parsed);
  };
  Result<ImportPlan> planned = co_await deps_.database.Read<ImportPlan>(plan);
  if (!planned) co_return Fail(std::move(planned.error()));
  if (request.preview()) co_return ToProto(*planned, parsed->set);
  std::function<Result<v1::ImportListingsResponse>(storage::Transaction&)> apply =
      [this, &context, &input,
       parsed](storage::Transaction& tx) -> Result<v1::ImportListingsResponse> {
    FAIRLEAD_ASSIGN(const ImportCounts counts,
                    ApplyImport(deps_, tx, context, input.agency_id, *parsed));
    return ToProto(counts, parsed->set);
  };
  co_return co_await rpc::Mutate<v1::ImportListingsResponse>(deps_.database, context, request,
                                                             deps_.clock.NowMs(), apply);
}

Task<Result<v1::GetServiceResponse>> DirectoryServer::GetService(
    rpc::CallContext, const v1::GetServiceRequest& request) {
  std::function<Result<std::optional<StoredListing>>(storage::ReadTransaction&)> read =
      [this, &request](storage::ReadTransaction& tx) {
        return deps_.store.FindListing(tx, request.service_id());
      };
  Result<std::optional<StoredListing>> found =
      co_await deps_.database.Read<std::optional<StoredListing>>(read);
  if (!found) co_return Fail(std::move(found.error()));
  if (!found->has_value()) {
    co_return Fail(Code::kNotFound, "SERVICE_NOT_FOUND", "There is no such service.");
  }
  v1::GetServiceResponse response;
  const int64_t now_ms = deps_.clock.NowMs();
  *response.mutable_service() = ToProto(**found, now_ms);
  SetHours(**found, now_ms, true, *response.mutable_service());
  co_return response;
}

Task<Result<v1::ListNeedsResponse>> DirectoryServer::ListNeeds(rpc::CallContext,
                                                               const v1::ListNeedsRequest&) {
  v1::ListNeedsResponse response;
  for (const NeedCode& need : NeedCodes()) {
    v1::Need* out = response.add_needs();
    out->set_code(need.code);
    out->set_parent_code(need.parent);
    out->set_label_en(need.label_en);
    out->set_label_es(need.label_es);
    out->set_open_eligibility_id(need.open_eligibility_id);
  }
  co_return response;
}

}  // namespace fairlead::directory
