// Exports: beginning one, and its parts.
#include <functional>

#include "fairlead/directory/v1/export.pb.h"
#include "services/common/rpc/mutate.h"
#include "services/common/rpc/proto_time.h"
#include "services/directory/commands/begin_export.h"
#include "services/directory/commands/export_listings.h"
#include "services/directory/hsds_server.h"

namespace fairlead::directory {

Task<Result<v1::BeginExportResponse>> HsdsServer::BeginExport(
    rpc::CallContext context, const v1::BeginExportRequest& request) {
  const bool as_tables = request.format() == v1::IMPORT_FORMAT_HSDS_CSV;
  // Counted on a reader: the one writer need not wait for it.
  std::function<Result<int64_t>(storage::ReadTransaction&)> count =
      [&](storage::ReadTransaction& tx) {
        return CountExported(tx, context.actor, request.agency_id());
      };
  const Result<int64_t> records = co_await deps_.database.Read<int64_t>(count);
  if (!records) co_return Fail(records.error());
  std::function<Result<v1::BeginExportResponse>(storage::Transaction&)> begin =
      [&](storage::Transaction& tx) -> Result<v1::BeginExportResponse> {
    FAIRLEAD_ASSIGN(const BegunExport begun,
                    directory::BeginExport(deps_, tx, context, request.agency_id(), as_tables,
                                           *records));
    v1::BeginExportResponse response;
    response.set_export_id(begun.run.id);
    rpc::SetTime(begun.run.begin_ms + kExportOpenMs,
                 [&] { return response.mutable_expire_time(); });
    response.set_record_count(*records);
    response.set_exports_left(begun.exports_left);
    return response;
  };
  co_return co_await rpc::Mutate<v1::BeginExportResponse>(deps_.database, context, request,
                                                          deps_.clock.NowMs(), begin);
}

Task<Result<v1::ExportListingsResponse>> HsdsServer::ExportListings(
    rpc::CallContext context, const v1::ExportListingsRequest& request) {
  const bool as_tables = request.format() == v1::IMPORT_FORMAT_HSDS_CSV;
  const std::string key = "ExportListings " + request.export_id();
  const ExportRun asked{.id = request.export_id(),
                        .staff_id = context.actor.staff_id,
                        .agency_id = request.agency_id(),
                        .as_tables = as_tables};
  ExportPosition at;
  if (!request.page_token().empty()) {
    const auto position = page_tokens_.Decode(key, request.page_token());
    if (!position) co_return Fail(position.error());
    at = {.kind = position->at(0), .after_id = position->at(1)};
  }
  std::function<Result<ExportedPart>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) -> Result<ExportedPart> {
    FAIRLEAD_RETURN_IF_ERROR(CheckExport(tx, context, asked, deps_.clock.NowMs()));
    return directory::ExportListings(tx, context.actor, request.agency_id(), as_tables, at);
  };
  Result<ExportedPart> part = co_await deps_.database.Read<ExportedPart>(read);
  if (!part) co_return Fail(std::move(part.error()));
  v1::ExportListingsResponse response;
  for (const CsvTable& table : part->tables) {
    v1::ExportPart* out = response.add_parts();
    out->set_table(table.name);
    rpc::SetRepeated(table.columns, out->mutable_columns());
    for (const std::vector<std::string>& row : table.rows) {
      rpc::SetRepeated(row, out->add_rows()->mutable_cells());
    }
  }
  if (!part->records.empty()) {
    v1::ExportPart* out = response.add_parts();
    out->set_table(at.kind);
    rpc::SetRepeated(part->records, out->mutable_records());
  }
  if (!part->next.kind.empty()) {
    response.set_next_page_token(
        page_tokens_.Encode(key, {part->next.kind, part->next.after_id}));
  }
  co_return response;
}

}  // namespace fairlead::directory
