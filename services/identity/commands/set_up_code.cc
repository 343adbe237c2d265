#include "services/identity/commands/set_up_code.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "services/common/base/encoding.h"

namespace fairlead::identity {
namespace {

constexpr std::string_view kFileName = "/setup-code";
constexpr size_t kCodeBytes = 32;
constexpr size_t kMaxFileBytes = 256;

tl::unexpected<Error> FileTrouble(const char* what) {
  return Fail(Code::kInternal, "SET_UP_CODE_FILE",
              std::string("The file setup-code in the data folder cannot be ") + what + ".");
}

Result<std::string> ReadCode(int fd) {
  std::array<char, kMaxFileBytes> buffer{};
  const ssize_t count = read(fd, buffer.data(), buffer.size());
  if (count < 0) return FileTrouble("read");
  std::string code(buffer.data(), static_cast<size_t>(count));
  while (!code.empty() && (code.back() == '\n' || code.back() == '\r')) code.pop_back();
  const auto bytes = Base64UrlDecode(code);
  if (!bytes || bytes->size() != kCodeBytes) return FileTrouble("understood; remove it");
  return code;
}

Result<std::string> MakeCode(const std::string& path, Random& random) {
  // Written whole before it gets its name: a crash leaves no half code.
  const std::string draft = path + ".new";
  unlink(draft.c_str());
  const int fd = open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return FileTrouble("made");
  std::string code = Base64UrlEncode(random.Bytes(kCodeBytes));
  const std::string line = code + "\n";
  const bool written =
      write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && fsync(fd) == 0;
  close(fd);
  if (!written || rename(draft.c_str(), path.c_str()) != 0) return FileTrouble("written");
  return code;
}

}  // namespace

Result<void> SetUpCode::Open(const std::string& data_dir, Random& random) {
  const std::lock_guard lock(mutex_);
  path_ = data_dir + std::string(kFileName);
  const int fd = open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0 && errno != ENOENT) return FileTrouble("opened");
  Result<std::string> code = fd < 0 ? MakeCode(path_, random) : ReadCode(fd);
  if (fd >= 0) close(fd);
  if (!code) return Fail(std::move(code.error()));
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
