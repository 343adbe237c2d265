// Reading and writing whole files, with the modes that private things need.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/cli/home.h"
#include "services/common/base/private_file.h"

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

tl::unexpected<Error> Unwritable(const std::string& path, const Error& error) {
  const auto problem = error.metadata.find("problem");
  return Fail(Code::kInternal, "FILE_UNWRITABLE",
              path + " " + (problem == error.metadata.end() ? "" : problem->second) + ".",
              {{"file", path}});
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
  Result<void> written = ReplacePrivateFile(path, contents);
  if (!written) return Unwritable(path, written.error());
  return {};
}

Result<void> WriteNewFile(const std::string& path, std::string_view contents, bool force) {
  if (force) return WriteFile(path, contents);
  const Result<bool> made = MakePrivateFile(path, contents);
  if (!made) return Unwritable(path, made.error());
  if (*made) return {};
  return Fail(Code::kAlreadyExists, "OUTPUT_EXISTS", path + " exists already.", {{"file", path}});
}

}  // namespace fairlead::cli
