// Reading and writing whole files, with the modes that private things need.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/cli/home.h"

namespace fairlead::cli {
namespace {

namespace fs = std::filesystem;

Result<void> MakeFolders(const fs::path& folder) {
  // One by one with mode 0700: create_directories would follow the umask.
  std::error_code error;
  if (folder.empty() || fs::is_directory(folder, error)) return {};
  FAIRLEAD_RETURN_IF_ERROR(MakeFolders(folder.parent_path()));
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return Fail(Code::kInternal, "FILE_UNWRITABLE",
                "Cannot make the folder " + folder.string() + ": " + std::strerror(errno) + ".");
  }
  return {};
}

Result<void> WriteAll(const std::string& path, int flags, std::string_view contents) {
  const int fd = ::open(path.c_str(), flags | O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    if (errno == EEXIST) {
      return Fail(Code::kAlreadyExists, "OUTPUT_EXISTS", path + " exists already.",
                  {{"file", path}});
    }
    return Fail(Code::kInternal, "FILE_UNWRITABLE",
                "Cannot write " + path + ": " + std::strerror(errno) + ".");
  }
  bool good = ::fchmod(fd, 0600) == 0;
  while (good && !contents.empty()) {
    const ssize_t count = ::write(fd, contents.data(), contents.size());
    if (count < 0 && errno == EINTR) continue;
    good = count > 0;
    if (good) contents.remove_prefix(static_cast<size_t>(count));
  }
  good = good && ::fsync(fd) == 0;
  good = ::close(fd) == 0 && good;
  if (good) return {};
  return Fail(Code::kInternal, "FILE_UNWRITABLE", "Cannot write all of " + path + ".");
}

}  // namespace

Result<std::string> ReadFile(const std::string& path, size_t max_bytes) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return Fail(Code::kNotFound, "FILE_NOT_FOUND", path + ": " + std::strerror(errno) + ".",
                {{"file", path}});
  }
  if (S_ISDIR(status.st_mode)) {
    return Fail(Code::kInvalidArgument, "FILE_UNREADABLE", path + " is a folder.",
                {{"file", path}});
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return Fail(Code::kPermissionDenied, "FILE_UNREADABLE",
                path + ": " + std::strerror(errno) + ".", {{"file", path}});
  }
  std::string contents(max_bytes + 1, '\0');
  file.read(contents.data(), static_cast<std::streamsize>(contents.size()));
  contents.resize(static_cast<size_t>(file.gcount()));
  if (contents.size() > max_bytes) {
    return Fail(Code::kInvalidArgument, "FILE_TOO_LARGE",
                path + " is larger than " + std::to_string(max_bytes) + " bytes.",
                {{"file", path}});
  }
  return contents;
}

Result<void> WriteFile(const std::string& path, std::string_view contents) {
  FAIRLEAD_RETURN_IF_ERROR(MakeFolders(fs::path(path).parent_path()));
  // Two commands at once must not share a temporary file.
  const std::string temporary = path + "." + std::to_string(::getpid()) + ".new";
  FAIRLEAD_RETURN_IF_ERROR(WriteAll(temporary, O_TRUNC, contents));
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    static_cast<void>(::unlink(temporary.c_str()));
    return Fail(Code::kInternal, "FILE_UNWRITABLE",
                "Cannot write " + path + ": " + std::strerror(errno) + ".");
  }
  return {};
}

Result<void> WriteNewFile(const std::string& path, std::string_view contents, bool force) {
  return force ? WriteFile(path, contents) : WriteAll(path, O_EXCL, contents);
}

}  // namespace fairlead::cli
