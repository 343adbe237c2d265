// A folder of its own for one test, gone with the object.
//
//   const TempDir folder;
//   auto database = OpenDatabase({.url = "sqlite:" + folder.File("a.db")}, {Migrations()});
#ifndef SERVICES_COMMON_TESTING_TEMP_DIR_H_
#define SERVICES_COMMON_TESTING_TEMP_DIR_H_

#include <string>
#include <string_view>

namespace fairlead::testing {

class TempDir {
 public:
  // Mode 0700, below $TMPDIR or /tmp; short enough for Unix sockets inside it. Aborts when it
  // cannot be made: no test can go on without.
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string File(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

}  // namespace fairlead::testing

#endif  // SERVICES_COMMON_TESTING_TEMP_DIR_H_
