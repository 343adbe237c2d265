#include "services/hub/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace fairlead::hub {

Result<std::unique_ptr<DataFolder>> DataFolder::Open(const std::string& path,
                                                     const std::string& lock_name) {
  const auto unusable = [&path](const char* why) {
    return Fail(Code::kFailedPrecondition, "DATA_FOLDER_UNUSABLE",
                "The data folder " + path + " cannot be used: " + why);
  };
  std::error_code error;
  const std::string absolute = std::filesystem::absolute(path, error).lexically_normal().string();
  for (const char* part : {"", "/keys", "/run"}) {
    std::filesystem::create_directories(absolute + part, error);
    if (error) return unusable("it cannot be made.");
    if (chmod((absolute + part).c_str(), 0700) != 0) return unusable("it belongs to another.");
  }
  const std::string lock_path = absolute + "/" + lock_name + ".lock";
  const int fd = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return unusable("its lock file cannot be opened.");
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    std::string pid;
    std::ifstream(lock_path) >> pid;
    close(fd);
    return Fail(Code::kFailedPrecondition, "DATA_FOLDER_IN_USE",
                "Another fairlead (process " + pid + ") is already running on " + absolute + ".",
                {{"pid", pid}});
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0) {
    close(fd);
    return unusable("its disk does not take writes.");
  }
  return std::unique_ptr<DataFolder>(new DataFolder(absolute, fd));
}

DataFolder::~DataFolder() { close(lock_fd_); }

}  // namespace fairlead::hub
