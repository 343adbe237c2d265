// The audit service's methods: translate, call a command, translate back.
#ifndef SERVICES_AUDIT_AUDIT_SERVER_H_
#define SERVICES_AUDIT_AUDIT_SERVER_H_

#include <optional>
#include <string>
#include <vector>

#include "fairlead/audit/v1/audit.pb.h"
#include "services/audit/store/audit_store.h"
#include "services/common/base/clock.h"
#include "services/common/base/ids.h"
#include "services/common/base/random.h"
#include "services/common/rpc/method.h"
#include "services/common/rpc/page_token.h"
#include "services/common/storage/database.h"

namespace fairlead::audit {

class AuditServer {
 public:
  AuditServer(storage::Database& database, const Clock& clock, Random& random, IdGenerator& ids,
              int exports_per_day);
  void Register(rpc::Registry& registry);

  Task<Result<v1::ListAuditRecordsResponse>> ListAuditRecords(
      rpc::CallContext context, const v1::ListAuditRecordsRequest& request);
  Task<Result<v1::ListViewersResponse>> ListViewers(rpc::CallContext context,
                                                    const v1::ListViewersRequest& request);
  Task<Result<v1::ExportAuditRecordsResponse>> ExportAuditRecords(
      rpc::CallContext context, const v1::ExportAuditRecordsRequest& request);

 private:
  struct Page {
    std::vector<Entry> entries;
    std::string next_token;
  };
  struct Asked {
    Filter filter;
    std::string query;  // what the page token is bound to
    std::string page_token;
    int size = 0;
  };
  // A page of the trail. The first of them is itself recorded.
  Task<Result<Page>> Read(rpc::CallContext context, Asked asked);
  Task<Result<Page>> Find(rpc::CallContext context, Asked asked);

  storage::Database& database_;
  const Clock& clock_;
  IdGenerator& ids_;
  const rpc::PageTokens page_tokens_;
  const int exports_per_day_;
};

}  // namespace fairlead::audit

#endif  // SERVICES_AUDIT_AUDIT_SERVER_H_
