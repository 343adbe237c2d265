#include "services/directory/hsds_server.h"

#include <functional>

#include "services/common/rpc/proto_time.h"
#include "services/directory/commands/answer_hsds.h"
#include "services/directory/domain/fold.h"

namespace fairlead::directory {
namespace {

constexpr int kPerPage = 25;
constexpr int kMostInFull = 50;
constexpr int kMostInList = 1000;
constexpr int kMostMinimal = 10'000;
constexpr size_t kMostWords = 8;

std::string KindOf(v1::HsdsResource resource) {
  switch (resource) {
    case v1::HSDS_RESOURCE_ORGANIZATIONS:
      return "organizations";
    case v1::HSDS_RESOURCE_SERVICE_AT_LOCATIONS:
      return "service_at_location";
    case v1::HSDS_RESOURCE_TAXONOMIES:
      return "taxonomies";
    case v1::HSDS_RESOURCE_TAXONOMY_TERMS:
      return "taxonomy_terms";
    default:
      return "services";
  }
}

int PerPage(const v1::QueryRecordsRequest& request) {
  const int most = request.full() || request.full_service() ? kMostInFull
                   : request.minimal()                      ? kMostMinimal
                                                            : kMostInList;
  const int asked = request.per_page() == 0 && !request.in_one() ? kPerPage : request.per_page();
  return asked == 0 ? most : std::min(asked, most);
}

HsdsQuery ToQuery(const v1::QueryRecordsRequest& request, const auth::Actor& viewer) {
  HsdsQuery query = VisibleTo(viewer);
  query.kind = KindOf(request.resource());
  query.organization_id = request.organization_id();
  query.taxonomy_term_id = request.taxonomy_term_id();
  query.taxonomy_id = request.taxonomy_id();
  query.parent_id = request.parent_id();
  query.top_only = request.top_only();
  query.tokens = Tokens(request.search(), kMostWords);
  if (request.has_modified_after()) {
    query.modified_after_ms = rpc::ToMs(request.modified_after());
  }
  query.postal_code = request.postcode();
  query.proximity_m = request.proximity_m();
  query.limit = PerPage(request);
  query.after_id = request.after_id();
  const int64_t page = std::max(request.page(), 1);
  if (!request.in_one()) query.offset = (page - 1) * query.limit;
  return query;
}

}  // namespace

void HsdsServer::Register(rpc::Registry& registry) {
  const auto add = [&]<class Request, class Response>(
                       const char* name, Task<Result<Response>> (HsdsServer::*method)(
                                             rpc::CallContext, const Request&)) {
    rpc::Add<Request, Response>(registry,
                                std::string("/fairlead.directory.v1.HsdsService/") + name,
                                [this, method](rpc::CallContext context, const Request& request) {
                                  return (this->*method)(std::move(context), request);
                                });
  };
  add("QueryRecords", &HsdsServer::QueryRecords);
  add("GetRecord", &HsdsServer::GetRecord);
  add("ExportListings", &HsdsServer::ExportListings);
  rpc::Add<v1::BeginExportRequest, v1::BeginExportResponse>(
      registry, "/fairlead.directory.v1.ExportService/BeginExport",
      [this](rpc::CallContext context, const v1::BeginExportRequest& request) {
        return BeginExport(std::move(context), request);
      });
}

Task<Result<v1::QueryRecordsResponse>> HsdsServer::QueryRecords(
    rpc::CallContext context, const v1::QueryRecordsRequest& request) {
  const HsdsQuery query = ToQuery(request, context.actor);
  const HsdsForm form{.minimal = request.minimal(),
                      .full = request.full(),
                      .full_service = request.full_service()};
  std::function<Result<HsdsPage>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) {
        return directory::QueryRecords(tx, context.actor, query, form, request.in_one());
      };
  Result<HsdsPage> page = co_await deps_.database.Read<HsdsPage>(read);
  if (!page) co_return Fail(std::move(page.error()));
  v1::QueryRecordsResponse response;
  response.set_total_items(page->total);
  rpc::SetRepeated(page->records, response.mutable_records());
  response.set_next_after_id(page->next_after_id);
  co_return response;
}

Task<Result<v1::GetRecordResponse>> HsdsServer::GetRecord(rpc::CallContext context,
                                                          const v1::GetRecordRequest& request) {
  const std::string kind = KindOf(request.resource());
  std::function<Result<HsdsAnswer>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) {
        return directory::GetRecord(tx, context.actor, kind, request.id(),
                                    request.full_service(), request.history());
      };
  Result<HsdsAnswer> answer = co_await deps_.database.Read<HsdsAnswer>(read);
  if (!answer) co_return Fail(std::move(answer.error()));
  v1::GetRecordResponse response;
  response.set_record(std::move(answer->record));
  rpc::SetTime(answer->update_ms, [&] { return response.mutable_update_time(); });
  co_return response;
}

}  // namespace fairlead::directory
