#include "services/common/auth/policy/rows.h"

namespace fairlead::auth {

using enum Role;
using enum Relation;

std::vector<PolicyRow> AuditRows() {
  return {
      // An auditor: everything. An administrator: the own agency's part (the service checks).
      {.method = "/fairlead.audit.v1.AuditService/ListAuditRecords",
       .roles = {kAuditor, kAgencyAdmin},
       .grants = {{kNone, {kAuditor}}, {kOwnAgency, {kAgencyAdmin}}}},
      {.method = "/fairlead.audit.v1.AuditService/ListViewers",
       .roles = {kAuditor, kAgencyAdmin},
       .grants = {{kNone, {kAuditor}}, {kOwnAgency, {kAgencyAdmin}}}},
      {.method = "/fairlead.audit.v1.AuditService/ExportAuditRecords",
       .roles = {kAuditor},
       .least_assurance = kProvenLately,
       .grants = {{kNone}}},
  };
}

}  // namespace fairlead::auth
