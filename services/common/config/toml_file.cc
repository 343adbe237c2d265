#include "services/common/config/toml_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#define TOML_HEADER_ONLY 0
#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

namespace fairlead::config {
namespace {

constexpr off_t kMaxFileBytes = 1024 * 1024;

Origin OriginOf(const std::string& file, const toml::source_region& region) {
  const int line = static_cast<int>(region.begin.line);
  return Origin{file + ":" + std::to_string(line), file, line};
}

std::string TypeName(toml::node_type type) {
  switch (type) {
    case toml::node_type::boolean:
      return "a boolean";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::floating_point:
      return "a floating-point number";
    default:
      return "a date or time";
  }
}

void Flatten(const toml::table& table, const std::string& prefix, const std::string& file,
             std::vector<TomlEntry>& entries) {
  for (const auto& [name, node] : table) {
    const std::string path = prefix + std::string(name.str());
    if (const toml::table* inner = node.as_table()) {
      Flatten(*inner, path + ".", file, entries);
      continue;
    }
    TomlEntry entry;
    entry.path = path;
    entry.given.origin = OriginOf(file, node.source());
    if (const auto* text = node.as_string()) {
      entry.given.value = text->get();
    } else if (const auto* integer = node.as_integer()) {
      entry.given.value = integer->get();
    } else {
      entry.given.value = OtherType{TypeName(node.type())};
    }
    entries.push_back(std::move(entry));
  }
}

tl::unexpected<Error> Unreadable(const std::string& path, const char* why) {
  return Fail(Code::kInvalidArgument, "CONFIG_FILE_UNREADABLE", path + " " + why,
              {{"file", path}});
}

}  // namespace

Result<std::vector<TomlEntry>> ReadTomlFile(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return Unreadable(path, "does not exist");
  if (!S_ISREG(status.st_mode)) return Unreadable(path, "is not a regular file");
  if (status.st_size > kMaxFileBytes) return Unreadable(path, "is larger than 1 MiB");
  std::ifstream stream(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (stream.bad() || !stream.is_open()) return Unreadable(path, "cannot be read");
  std::vector<TomlEntry> entries;
  try {
    const toml::table table = toml::parse(text, path);
    Flatten(table, "", path, entries);
  } catch (const toml::parse_error& error) {
    const Origin origin = OriginOf(path, error.source());
    return Fail(Code::kInvalidArgument, "CONFIG_SYNTAX",
                origin.text + ": " + std::string(error.description()),
                {{"file", path}, {"line", std::to_string(origin.line)}});
  }
  // The library orders keys by name; the first error should be the first in the file.
  std::stable_sort(entries.begin(), entries.end(), [](const TomlEntry& a, const TomlEntry& b) {
    return a.given.origin.line < b.given.origin.line;
  });
  return entries;
}

}  // namespace fairlead::config
