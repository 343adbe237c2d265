// An import in parts, until all of them are there: begun, put, looked at, finished, cancelled. What
// then becomes of it is in run_staged_import.h.
#ifndef SERVICES_DIRECTORY_COMMANDS_STAGE_IMPORT_H_
#define SERVICES_DIRECTORY_COMMANDS_STAGE_IMPORT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "services/common/rpc/call_context.h"
#include "services/directory/commands/deps.h"
#include "services/directory/domain/build_import.h"
#include "services/directory/domain/import_whole.h"
#include "services/directory/store/staged_import_store.h"

namespace fairlead::directory {

struct StageInput {
  std::string agency_id;
  bool is_json = false;
  ImportDefaults defaults;
  std::string fingerprint;  // base64url of SHA-256 of the key
};
// One that the agency has open with the same of everything is the answer. Errors: NOT_YOUR_AGENCY,
// UNKNOWN_NEED_CODE, UNKNOWN_ZONE, AGENCY_NOT_FOUND, AGENCY_NOT_ACTIVE, TOO_MANY_IMPORTS.
Result<StagedImport> StartImport(const Deps& deps, storage::Transaction& tx,
                                 const rpc::CallContext& context, const StageInput& input);

// That the caller may have to do with, as it stands. Error: IMPORT_NOT_FOUND.
Result<StagedImport> FindImport(const Deps& deps, storage::ReadTransaction& tx,
                                const rpc::CallContext& context, const std::string& import_id);

// Whether a part can be put, before it is read. Errors: IMPORT_NOT_FOUND, IMPORT_KEY_MISMATCH,
// IMPORT_UNDER_WAY, IMPORT_OVER, INVALID_FILE_NAME.
Result<StagedImport> CheckPut(const Deps& deps, storage::ReadTransaction& tx,
                              const rpc::CallContext& context, const std::string& import_id,
                              const ImportPart& part, std::string_view key);
// `sealed`: of SealPart. Errors: those of CheckPut, IMPORT_PART_DIFFERS, IMPORT_TOO_LARGE.
Result<void> PutPart(const Deps& deps, storage::Transaction& tx, const rpc::CallContext& context,
                     const std::string& import_id, int number, const ImportPart& part,
                     const std::string& sealed, std::string_view key);

// With its file's name and place: nothing of it is to be read.
std::string SealPart(const ImportPart& part, const std::string& import_id, int number,
                     std::string_view key, std::string_view nonce);
// Error: INTERNAL IMPORT_PART_UNREADABLE.
Result<ImportPart> OpenPart(const std::string& sealed, const std::string& import_id, int number,
                            std::string_view key);

// The check begins: `run_id` is whoever makes it. One that is over stays as it is. Errors:
// IMPORT_NOT_FOUND, IMPORT_KEY_MISMATCH, IMPORT_PARTS_MISSING, IMPORT_UNDER_WAY.
struct FinishInput {
  std::string import_id;
  int part_count = 0;
  std::string key;
  bool is_preview = false;
  std::string run_id;
};
Result<StagedImport> FinishImport(const Deps& deps, storage::Transaction& tx,
                                  const rpc::CallContext& context, const FinishInput& input);

// Errors: IMPORT_NOT_FOUND, IMPORT_UNDER_WAY.
Result<void> CancelImport(const Deps& deps, storage::Transaction& tx,
                          const rpc::CallContext& context, const std::string& import_id);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_STAGE_IMPORT_H_
