// The audit trail for people, and the filter that its verbs share.
#ifndef GATEWAY_CLI_AUDIT_VIEW_H_
#define GATEWAY_CLI_AUDIT_VIEW_H_

#include <string>

#include "fairlead/audit/v1/audit.pb.h"
#include "gateway/cli/args.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

struct AuditOptions {
  std::string staff;
  std::string agency;
  std::string case_handle;
  std::string referral;
  std::string release;
  std::string action;
  std::string since;
  std::string until;
  bool refused = false;
};

void AddFilterOptions(Args verb, AuditOptions* options);
// Errors: USAGE, those of Context::AgencyIdAtHub.
Result<audit::v1::AuditFilter> ToFilter(Context& context, const AuditOptions& options);

using AuditRecords = google::protobuf::RepeatedPtrField<fairlead::events::v1::AuditRecorded>;
void PrintAuditRecords(Context& context, const AuditRecords& records);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_AUDIT_VIEW_H_
