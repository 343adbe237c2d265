#include "services/common/config/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fairlead::config {
namespace {

constexpr size_t kMaxSecretBytes = 64 * 1024;

struct FileDescriptor {
  int value;
  ~FileDescriptor() {
    if (value >= 0) close(value);
  }
};

bool IsPrivateMount(const std::string& path) {
  return path.starts_with("/run/secrets/") || path.starts_with("/run/credentials/");
}

tl::unexpected<Error> Refuse(const char* reason, const std::string& path, const char* why) {
  return Fail(Code::kFailedPrecondition, reason, path + " " + why, {{"file", path}});
}

}  // namespace

Result<std::string> ReadSecret(const std::string& path) {
  const FileDescriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.value < 0) return Refuse("SECRET_FILE_UNREADABLE", path, "cannot be opened");
  struct stat status {};
  if (fstat(file.value, &status) != 0 || !S_ISREG(status.st_mode)) {
    return Refuse("SECRET_FILE_UNREADABLE", path, "is not a regular file");
  }
  if ((status.st_mode & 0007) != 0 && !IsPrivateMount(path)) {
    return Refuse("SECRET_FILE_OPEN_TO_ALL", path, "is open to everyone; chmod 0600 it");
  }
  std::string contents(kMaxSecretBytes + 1, '\0');
  size_t length = 0;
  while (length < contents.size()) {
    const ssize_t count = read(file.value, contents.data() + length, contents.size() - length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Refuse("SECRET_FILE_UNREADABLE", path, "cannot be read");
    if (count == 0) break;
    length += static_cast<size_t>(count);
  }
  if (length > kMaxSecretBytes) return Refuse("SECRET_FILE_TOO_LARGE", path, "exceeds 64 KiB");
  contents.resize(length);
  if (contents.ends_with('\n')) contents.pop_back();
  if (contents.ends_with('\r')) contents.pop_back();
  if (contents.empty()) return Refuse("SECRET_FILE_EMPTY", path, "is empty");
  return contents;
}

}  // namespace fairlead::config
