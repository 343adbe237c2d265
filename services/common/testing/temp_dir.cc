#include "services/common/testing/temp_dir.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "services/common/base/check.h"

namespace fairlead::testing {
namespace {
// sun_path holds 108 bytes: leave room for a socket's name.
constexpr size_t kMaxBaseLength = 60;
}  // namespace

TempDir::TempDir() {
  const char* base = std::getenv("TMPDIR");
  std::string pattern = base != nullptr && *base != '\0' ? base : "/tmp";
  if (pattern.size() > kMaxBaseLength) pattern = "/tmp";
  pattern += "/fairlead-XXXXXX";
  FAIRLEAD_CHECK(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;  // a leftover folder harms nobody
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace fairlead::testing
