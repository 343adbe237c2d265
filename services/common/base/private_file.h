// Small files that hold secrets: mode 0600, whole or not there, and still there after a power cut.
#ifndef SERVICES_COMMON_BASE_PRIVATE_FILE_H_
#define SERVICES_COMMON_BASE_PRIVATE_FILE_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "services/common/base/result.h"

namespace fairlead {

// At most `max_bytes`. Errors: NOT_FOUND PRIVATE_FILE_MISSING; FAILED_PRECONDITION PRIVATE_FILE
// with metadata {"path", "problem"}: not a regular file, a symbolic link, open to others
// (mode & 077), too large.
Result<std::string> ReadPrivateFile(const std::string& path, size_t max_bytes);

// Puts it there unless something is there already: whoever is first wins, and nobody overwrites.
// The folder is there. Answers whether it is ours. Error: PRIVATE_FILE.
Result<bool> MakePrivateFile(const std::string& path, std::string_view contents);

// Reads it, or makes it with `contents()` first. What is there counts, whoever made it. Errors:
// PRIVATE_FILE.
Result<std::string> ReadOrMakePrivateFile(const std::string& path, size_t max_bytes,
                                          const std::function<std::string()>& contents);

// Puts it there, in place of what was. The folder is there. Error: PRIVATE_FILE.
Result<void> ReplacePrivateFile(const std::string& path, std::string_view contents);

}  // namespace fairlead

#endif  // SERVICES_COMMON_BASE_PRIVATE_FILE_H_
