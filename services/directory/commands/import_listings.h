// Listings from a publisher's HSDS files: all or nothing, and the same files again change nothing.
#ifndef SERVICES_DIRECTORY_COMMANDS_IMPORT_LISTINGS_H_
#define SERVICES_DIRECTORY_COMMANDS_IMPORT_LISTINGS_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/rpc/call_context.h"
#include "services/directory/commands/deps.h"
#include "services/directory/domain/build_import.h"

namespace fairlead::directory {

// kHsdsCsv: or an older folder, which its files tell.
enum class ImportFormat { kHsdsCsv, kHsdsJson };

struct ImportInput {
  std::string agency_id;
  ImportFormat format = ImportFormat::kHsdsCsv;
  std::vector<ImportText> files;  // views of the request, which outlives the command
  ImportDefaults defaults;
  // Of an older folder, whose ids are numbers (domain/ohana_csv.h).
  std::string source = {};  // tells several of one agency apart; may be empty
  int64_t now_ms = 0;
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

// Whether the caller may import for that agency by that method.
bool MayImport(const auth::Actor& actor, std::string_view method, const std::string& agency_id);
tl::unexpected<Error> NotYourAgency();
// Errors: UNKNOWN_NEED_CODE, UNKNOWN_ZONE.
Result<void> CheckDefaults(const ImportDefaults& defaults);
bool IsPlainFileName(std::string_view name);
tl::unexpected<Error> InvalidFileName();

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
// Errors: AGENCY_NOT_FOUND, AGENCY_NOT_ACTIVE.
Result<void> CheckMember(const Deps& deps, storage::ReadTransaction& tx,
                         const std::string& agency_id);
// Of some of an import's records, added to `plan`, which has views of `set`. `confidential`: places
// that are, by this import or before.
Result<void> PlanRecords(const Deps& deps, storage::ReadTransaction& tx,
                         const std::string& agency_id, const ImportSet& set,
                         const std::set<std::string>& confidential, ImportPlan& plan);
// A place that becomes confidential (`places`, and where they came from) must not be named openly
// by a service that is no part of the import: what was said there would stay. (Of other agencies'
// listings nobody decides here.) `known`: those that the import was read with, and its own.
Result<void> CheckPlaces(storage::ReadTransaction& tx, const std::string& agency_id,
                         const std::map<std::string, ImportProblem>& places,
                         const std::set<std::string>& known,
                         const std::function<bool(const std::string&)>& is_imported,
                         Problems& problems);
Result<ImportPlan> PlanImport(const Deps& deps, storage::ReadTransaction& tx,
                              const std::string& agency_id, const ParsedImport& parsed);

// Makes the changes, keeps what they changed (record_history.h) and says so (ListingChanged for
// each service). Errors: AGENCY_NOT_FOUND; IMPORT_UNDER_WAY (a staged one is being applied);
// INVALID_ARGUMENT IMPORT_INVALID with the first problem: metadata file, row, column, problem.
Result<ImportCounts> ApplyImport(const Deps& deps, storage::Transaction& tx,
                                 const rpc::CallContext& context, const std::string& agency_id,
                                 const ParsedImport& parsed);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_IMPORT_LISTINGS_H_
