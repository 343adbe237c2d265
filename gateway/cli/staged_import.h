// An import that is too large for one request: cut into parts at its records, put at the hub, and
// finished there.
#ifndef GATEWAY_CLI_STAGED_IMPORT_H_
#define GATEWAY_CLI_STAGED_IMPORT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fairlead/directory/v1/staged_import.pb.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

// A file in pieces, each a file by itself.
struct FilePart {
  int32_t first_record = 0;  // how many records of the file stand before
  std::string content;
};
// Errors: INVALID_ARGUMENT IMPORT_INVALID (JSON whose brackets are left open),
// IMPORT_PART_TOO_LARGE (one record alone has more than `max_bytes`; metadata file, row).
Result<std::vector<FilePart>> CutFile(const std::string& name, std::string_view content,
                                      size_t max_bytes);

struct StagedImportOptions {
  std::vector<std::string> paths;  // of files
  // Everything but request_id and fingerprint.
  directory::v1::StartImportRequest start;
  bool preview = false;
  bool replace = false;  // another one that the agency has open
};

// What was changed, or with `preview` what would be (with its problems). The same again, after it
// was broken off, goes on where it was. Errors: those of the hub; IMPORT_INVALID with the first
// problem; what the hub broke a check off for.
Result<directory::v1::ImportListingsResponse> ImportInParts(Context& context,
                                                            const StagedImportOptions& options);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_STAGED_IMPORT_H_
