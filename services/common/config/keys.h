// The table of every configuration key: its place in HubConfig, its type, its range, its meaning.
// The file, the environment, the flags and the example file are all read off this one table.
#ifndef SERVICES_COMMON_CONFIG_KEYS_H_
#define SERVICES_COMMON_CONFIG_KEYS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/config/config.h"

namespace fairlead::config {

enum class Kind { kText, kAddress, kUrl, kInteger, kChoice };

struct Key {
  std::string path;  // "log.level"
  std::string meaning;
  Kind kind = Kind::kText;
  int64_t min = 0;
  int64_t max = 0;
  std::vector<std::string> choices;
  // For a text with a form of its own: what it must be, or empty when it is that.
  std::function<std::string(const std::string&)> must_be = {};
  // Exactly one of these is set, by kind.
  std::function<std::string&(HubConfig&)> text;
  std::function<int64_t&(HubConfig&)> integer;
  std::function<void(HubConfig&, size_t)> choose;
  std::function<size_t(const HubConfig&)> chosen;
};

// In the order of the example file: keys without a table first.
const std::vector<Key>& Keys();
const Key* FindKey(std::string_view path);

std::string EnvironmentName(const Key& key);  // "FAIRLEAD_LOG_LEVEL"
std::string FlagName(const Key& key);         // "--log-level"
// The value that `config` has, as TOML spells it.
std::string TomlValue(const Key& key, const HubConfig& config);

// Where a value was given. `text` is for people; file and line go into the error's metadata.
struct Origin {
  std::string text;  // "hub.toml:12", "FAIRLEAD_LISTEN", "--listen"
  std::string file;
  int line = 0;
};

struct OtherType {
  std::string name;  // "a boolean", "an array": never right for any key
};
// From a file values come typed; from elsewhere they are text, and `untyped` is set.
struct Given {
  std::variant<std::string, int64_t, OtherType> value;
  bool untyped = false;
  Origin origin;
};

// An error about `key`, with its place in front of the message and in the metadata.
tl::unexpected<Error> KeyError(std::string reason, const std::string& key, const Origin& origin,
                               const std::string& message);

// Checks type and range, and sets the value.
Result<void> Apply(const Key& key, const Given& given, HubConfig& config);

}  // namespace fairlead::config

#endif  // SERVICES_COMMON_CONFIG_KEYS_H_
