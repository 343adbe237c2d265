#include "services/identity/commands/set_up_code.h"

#include <unistd.h>

#include "services/common/base/encoding.h"
#include "services/common/base/private_file.h"

namespace fairlead::identity {
namespace {

constexpr std::string_view kFileName = "/setup-code";
constexpr size_t kCodeBytes = 32;
constexpr size_t kMaxCodeFileBytes = 256;

tl::unexpected<Error> FileTrouble(const std::string& what) {
  return Fail(Code::kInternal, "SET_UP_CODE_FILE",
              "The file setup-code in the data folder cannot be " + what + ".");
}

}  // namespace

Result<void> SetUpCode::Open(const std::string& data_dir, Random& random) {
  const std::lock_guard lock(mutex_);
  path_ = data_dir + std::string(kFileName);
  Result<std::string> code = ReadOrMakePrivateFile(path_, kMaxCodeFileBytes, [&random] {
    return Base64UrlEncode(random.Bytes(kCodeBytes)) + "\n";
  });
  if (!code) return FileTrouble("used: " + code.error().metadata["problem"]);
  while (!code->empty() && (code->back() == '\n' || code->back() == '\r')) code->pop_back();
  const auto bytes = Base64UrlDecode(*code);
  if (!bytes || bytes->size() != kCodeBytes) return FileTrouble("understood; remove it");
  sha256_ = Sha256(*code);
  return {};
}

void SetUpCode::Close(const std::string& data_dir) {
  const std::lock_guard lock(mutex_);
  sha256_.clear();
  unlink((data_dir + std::string(kFileName)).c_str());
}

bool SetUpCode::Matches(std::string_view code) const {
  const std::lock_guard lock(mutex_);
  return !sha256_.empty() && ConstantTimeEquals(Sha256(code), sha256_);
}

void SetUpCode::Spend() {
  const std::lock_guard lock(mutex_);
  if (sha256_.empty()) return;
  sha256_.clear();
  unlink(path_.c_str());
}

}  // namespace fairlead::identity
