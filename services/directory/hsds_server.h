// The directory's HSDS methods and its exports (export_methods.cc): translate, call a command,
// translate back.
#ifndef SERVICES_DIRECTORY_HSDS_SERVER_H_
#define SERVICES_DIRECTORY_HSDS_SERVER_H_

#include <string>

#include "fairlead/directory/v1/export.pb.h"
#include "fairlead/directory/v1/hsds.pb.h"
#include "services/common/rpc/method.h"
#include "services/common/rpc/page_token.h"
#include "services/directory/commands/deps.h"

namespace fairlead::directory {

class HsdsServer {
 public:
  // `deps` outlives the server.
  HsdsServer(const Deps& deps, std::string page_token_key)
      : deps_(deps), page_tokens_(std::move(page_token_key)) {}
  void Register(rpc::Registry& registry);

  Task<Result<v1::QueryRecordsResponse>> QueryRecords(rpc::CallContext context,
                                                      const v1::QueryRecordsRequest& request);
  Task<Result<v1::GetRecordResponse>> GetRecord(rpc::CallContext context,
                                                const v1::GetRecordRequest& request);
  Task<Result<v1::BeginExportResponse>> BeginExport(rpc::CallContext context,
                                                    const v1::BeginExportRequest& request);
  Task<Result<v1::ExportListingsResponse>> ExportListings(
      rpc::CallContext context, const v1::ExportListingsRequest& request);

 private:
  const Deps& deps_;
  const rpc::PageTokens page_tokens_;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_HSDS_SERVER_H_
