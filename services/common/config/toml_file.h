// A TOML 1.0 file as a flat list of keys with their lines.
#ifndef SERVICES_COMMON_CONFIG_TOML_FILE_H_
#define SERVICES_COMMON_CONFIG_TOML_FILE_H_

#include <string>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/config/keys.h"

namespace fairlead::config {

struct TomlEntry {
  std::string path;  // "log.level"
  Given given;
};

// In the order of the file. At most 1 MiB. Errors: CONFIG_FILE_UNREADABLE, CONFIG_SYNTAX (with
// file and line).
Result<std::vector<TomlEntry>> ReadTomlFile(const std::string& path);

}  // namespace fairlead::config

#endif  // SERVICES_COMMON_CONFIG_TOML_FILE_H_
