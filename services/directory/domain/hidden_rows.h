// The rows of an import, and members of them, that the coalition at large may not see
// (visibility.h): no listing shows them.
#ifndef SERVICES_DIRECTORY_DOMAIN_HIDDEN_ROWS_H_
#define SERVICES_DIRECTORY_DOMAIN_HIDDEN_ROWS_H_

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "services/directory/domain/import_rows.h"
#include "services/directory/domain/visibility.h"

namespace fairlead::directory {

class HiddenRows {
 public:
  // Problems: HIDDEN_RECORD (a service or an organization as a whole), UNKNOWN_REFERENCE (a mark
  // that marks nothing would fail open).
  HiddenRows(const ImportTables& tables, Problems& problems);

  bool Is(const ImportRow& row, std::string_view member = "") const;
  // It, or what it stands in.
  bool IsHere(const ImportRow& row) const;

 private:
  using Ids = std::set<std::pair<std::string_view, std::string>>;  // table and id

  void Mark(const Ids& ids, const ImportRow& row, Tier tier, Problems& problems);

  std::set<std::pair<std::string, std::string>> hidden_;  // id of a row, and a member or ""
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_HIDDEN_ROWS_H_
