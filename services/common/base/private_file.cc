#include "services/common/base/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "services/common/base/encoding.h"
#include "services/common/base/random.h"

namespace fairlead {
namespace {

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

tl::unexpected<Error> Trouble(const std::string& path, const std::string& problem) {
  return Fail(Code::kFailedPrecondition, "PRIVATE_FILE",
              "The file " + path + " cannot be used: " + problem + ".",
              {{"path", path}, {"problem", problem}});
}

// A file of its own beside the target: gone again unless it is given the target's name.
class Draft {
 public:
  explicit Draft(const std::string& target)
      : target_(target), path_(target + "." + HexEncode(SystemRandom().Bytes(8)) + ".new") {}
  ~Draft() { ::unlink(path_.c_str()); }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  Result<void> Write(std::string_view text) const {
    const File file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file.fd() < 0) return Trouble(target_, "cannot be made");
    while (!text.empty()) {
      const ssize_t put = ::write(file.fd(), text.data(), text.size());
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) return Trouble(target_, "cannot be written");
      text.remove_prefix(static_cast<size_t>(put));
    }
    if (::fsync(file.fd()) != 0) return Trouble(target_, "cannot be written");
    return {};
  }
  const std::string& path() const { return path_; }

 private:
  const std::string& target_;
  const std::string path_;
};

// The name is in the folder, and the folder is on the disk.
Result<void> SyncFolderOf(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  const File directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.fd() < 0 || ::fsync(directory.fd()) != 0) return Trouble(path, "cannot be made");
  return {};
}

}  // namespace

Result<std::string> ReadPrivateFile(const std::string& path, size_t max_bytes) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.fd() < 0 && errno == ENOENT)
    return Fail(Code::kNotFound, "PRIVATE_FILE_MISSING", "There is no file " + path + ".",
                {{"path", path}});
  if (file.fd() < 0) return Trouble(path, "cannot be opened");
  struct stat info{};
  if (::fstat(file.fd(), &info) != 0 || !S_ISREG(info.st_mode)) return Trouble(path, "not a file");
  if ((info.st_mode & 077) != 0) return Trouble(path, "others may read it; chmod 600");
  std::string text(max_bytes + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.fd(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Trouble(path, "cannot be read");
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size > max_bytes) return Trouble(path, "too large");
  text.resize(size);
  return text;
}

Result<bool> MakePrivateFile(const std::string& path, std::string_view contents) {
  const Draft draft(path);
  FAIRLEAD_RETURN_IF_ERROR(draft.Write(contents));
  // link() fails when the name is taken.
  const bool ours = ::link(draft.path().c_str(), path.c_str()) == 0;
  if (!ours && errno != EEXIST) return Trouble(path, "cannot be made");
  FAIRLEAD_RETURN_IF_ERROR(SyncFolderOf(path));
  return ours;
}

Result<std::string> ReadOrMakePrivateFile(const std::string& path, size_t max_bytes,
                                          const std::function<std::string()>& contents) {
  Result<std::string> text = ReadPrivateFile(path, max_bytes);
  if (text || text.error().code != Code::kNotFound) return text;
  FAIRLEAD_RETURN_IF_ERROR(MakePrivateFile(path, contents()));
  text = ReadPrivateFile(path, max_bytes);
  if (!text && text.error().code == Code::kNotFound) return Trouble(path, "cannot be made");
  return text;
}

Result<void> ReplacePrivateFile(const std::string& path, std::string_view contents) {
  const Draft draft(path);
  FAIRLEAD_RETURN_IF_ERROR(draft.Write(contents));
  if (::rename(draft.path().c_str(), path.c_str()) != 0) return Trouble(path, "cannot be made");
  return SyncFolderOf(path);
}

}  // namespace fairlead
