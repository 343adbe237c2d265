#include "services/common/auth/policy/rows.h"

namespace fairlead::auth {

// Who can read the hub's own keys can sign such calls, and nobody else can: the operator at the
// machine (`fairlead admin`).
std::vector<PolicyRow> OperationsRows() {
  return {
      {.method = "/fairlead.operations.v1.BackupService/StartBackup",
       .services_only = true,
       .services = {kHub}},
      {.method = "/fairlead.operations.v1.BackupService/GetBackup",
       .services_only = true,
       .services = {kHub}},
  };
}

}  // namespace fairlead::auth
