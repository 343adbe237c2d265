// The one-time code of the first run: whoever can read the data folder may make the first person.
#ifndef SERVICES_IDENTITY_COMMANDS_SET_UP_CODE_H_
#define SERVICES_IDENTITY_COMMANDS_SET_UP_CODE_H_

#include <mutex>
#include <string>
#include <string_view>

#include "services/common/base/random.h"
#include "services/common/base/result.h"

namespace fairlead::identity {

// The file `setup-code` (mode 0600) in the data folder: 43 characters and a line end. Only its
// SHA-256 is kept in memory. Thread-safe.
class SetUpCode {
 public:
  // Reads the file, or makes it. Error: INTERNAL SET_UP_CODE_FILE.
  Result<void> Open(const std::string& data_dir, Random& random);
  // Removes the file that an earlier run left behind, if any.
  void Close(const std::string& data_dir);
  // In constant time. False when there is no code.
  bool Matches(std::string_view code) const;
  // Makes the code worthless and removes the file.
  void Spend();

 private:
  mutable std::mutex mutex_;
  std::string path_;
  std::string sha256_;  // empty: no code is good
};

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_COMMANDS_SET_UP_CODE_H_
