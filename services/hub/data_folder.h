// The data folder: made on first use, for one process at a time.
#ifndef SERVICES_HUB_DATA_FOLDER_H_
#define SERVICES_HUB_DATA_FOLDER_H_

#include <memory>
#include <string>

#include "services/common/base/result.h"

namespace fairlead::hub {

// Holds an exclusive lock on DATA/<name>.lock for as long as it lives; the file names the holder.
class DataFolder {
 public:
  // Makes `path` (0700) with keys/ and run/ in it. Errors: DATA_FOLDER_IN_USE with metadata `pid`,
  // DATA_FOLDER_UNUSABLE.
  static Result<std::unique_ptr<DataFolder>> Open(const std::string& path,
                                                  const std::string& lock_name);
  ~DataFolder();
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  const std::string& path() const { return path_; }  // absolute

 private:
  DataFolder(std::string path, int lock_fd) : path_(std::move(path)), lock_fd_(lock_fd) {}
  const std::string path_;
  const int lock_fd_;
};

}  // namespace fairlead::hub

#endif  // SERVICES_HUB_DATA_FOLDER_H_
