// What becomes of an import in parts once all are there: it is checked as a whole; then it is
// decided, in one short transaction; then it is written down, a hundred listings at a time, so that
// nobody waits for it, and to its end whatever happens to the process meanwhile.
#ifndef SERVICES_DIRECTORY_COMMANDS_RUN_STAGED_IMPORT_H_
#define SERVICES_DIRECTORY_COMMANDS_RUN_STAGED_IMPORT_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "services/common/rpc/call_context.h"
#include "services/directory/commands/deps.h"
#include "services/directory/commands/import_listings.h"
#include "services/directory/commands/stage_import.h"
#include "services/directory/domain/decided_change.h"
#include "services/directory/domain/import_whole.h"

namespace fairlead::directory {

// The check that FinishImport began: the one with this `run_id`. Blocks, and takes its time: on a
// thread of its own.
struct ImportCheck {
  std::string import_id;
  std::string run_id;
  std::string key;
  int part_count = 0;
  bool is_preview = false;
  rpc::CallContext context;
};

// Checks and, unless it is a preview, decides. How it ended is written down; so are errors, after
// which it can be finished again. `is_stopping`: asked now and then; the check ends with
// IMPORT_INTERRUPTED.
Result<void> CheckStagedImport(const Deps& deps, const ImportCheck& check,
                               const std::function<bool()>& is_stopping);

// Writes down the next changes of one that is decided; false: that was all, and it is applied. One
// that nobody has decided, or that is applied: false.
Result<bool> WriteStagedImport(const Deps& deps, storage::Transaction& tx,
                               const std::string& import_id);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_RUN_STAGED_IMPORT_H_
