// Listings from a publisher's HSDS files: all or nothing, and the same files again change nothing.
#ifndef SERVICES_DIRECTORY_COMMANDS_IMPORT_LISTINGS_H_
#define SERVICES_DIRECTORY_COMMANDS_IMPORT_LISTINGS_H_

#include <set>
#include <string>
#include <vector>

#include "services/common/rpc/call_context.h"
#include "services/directory/commands/deps.h"
#include "services/directory/domain/build_import.h"

namespace fairlead::directory {

enum class ImportFormat { kHsdsCsv, kHsdsJson };

struct ImportInput {
  std::string agency_id;
  ImportFormat format = ImportFormat::kHsdsCsv;
  std::vector<ImportText> files;  // views of the request, which outlives the command
  ImportDefaults defaults;
};

// Organizations and services together.
struct ImportCounts {
  int created = 0;
  int updated = 0;
  int unchanged = 0;
};

struct ParsedImport {
  ImportSet set;
  Problems problems;
  std::set<std::string> confidential;  // places: declared before, or by this import
};

// Before anything is read. Errors: NOT_YOUR_AGENCY, UNKNOWN_NEED_CODE, UNKNOWN_ZONE,
// INVALID_FILE_NAME.
Result<void> CheckImport(const auth::Actor& actor, const ImportInput& input);

// Reads and checks the files. Takes its time: not on a thread that serves calls.
Result<ParsedImport> ParseImport(storage::ReadTransaction& tx, const ImportInput& input);

template <class Imported>
struct Change {
  const Imported* item = nullptr;
  boost::json::object hsds;  // as it is to be kept
  std::string content_hash;
  bool is_new = false;
};
// What would change, or what is wrong, in the files or with what is there already:
// OWNED_BY_ANOTHER_AGENCY; PLACE_SAID_ELSEWHERE (it becomes confidential, and a service that is no
// part of the import names it openly), PLACE_IS_CONFIDENTIAL. Errors: AGENCY_NOT_FOUND,
// AGENCY_NOT_ACTIVE.
struct ImportPlan {
  ImportCounts counts;
  Problems problems;
  std::vector<Change<ImportedOrganization>> organizations;  // those that change
  std::vector<Change<ImportedListing>> listings;
};
Result<ImportPlan> PlanImport(const Deps& deps, storage::ReadTransaction& tx,
                              const std::string& agency_id, const ParsedImport& parsed);

// Makes the changes, keeps what they changed (record_history.h) and says so (ListingChanged for
// each service). Errors: AGENCY_NOT_FOUND;
// INVALID_ARGUMENT IMPORT_INVALID with the first problem: metadata file, row, column, problem.
Result<ImportCounts> ApplyImport(const Deps& deps, storage::Transaction& tx,
                                 const rpc::CallContext& context, const std::string& agency_id,
                                 const ParsedImport& parsed);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_IMPORT_LISTINGS_H_
