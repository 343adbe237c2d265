// The directory as tables or as JSON records, in parts.
#ifndef SERVICES_DIRECTORY_COMMANDS_EXPORT_LISTINGS_H_
#define SERVICES_DIRECTORY_COMMANDS_EXPORT_LISTINGS_H_

#include <string>
#include <vector>

#include "services/directory/commands/answer_hsds.h"
#include "services/directory/domain/hsds_csv.h"

namespace fairlead::directory {

// Where an export stands: which kind of record, and after which id.
struct ExportPosition {
  std::string kind = "services";
  std::string after_id = {};
};

struct ExportedPart {
  std::vector<CsvTable> tables;
  std::vector<std::string> records;  // instead, JSON: of position's kind
  ExportPosition next;               // kind empty: that was all
};

// The next part of what `viewer` may see of `agency_id` (empty: all).
Result<ExportedPart> ExportListings(storage::ReadTransaction& tx, const auth::Actor& viewer,
                                    const std::string& agency_id, bool as_tables,
                                    const ExportPosition& at);

// How many records all parts have together.
Result<int64_t> CountExported(storage::ReadTransaction& tx, const auth::Actor& viewer,
                              const std::string& agency_id);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_EXPORT_LISTINGS_H_
