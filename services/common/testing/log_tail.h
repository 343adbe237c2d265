// The end of a log file, for the message of a fixture that did not start.
#ifndef SERVICES_COMMON_TESTING_LOG_TAIL_H_
#define SERVICES_COMMON_TESTING_LOG_TAIL_H_

#include <fstream>
#include <iterator>
#include <string>

namespace fairlead::testing {

// At most the last 2,000 bytes.
inline std::string LogTail(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  constexpr size_t kMaxBytes = 2'000;
  return text.size() > kMaxBytes ? text.substr(text.size() - kMaxBytes) : text;
}

}  // namespace fairlead::testing

#endif  // SERVICES_COMMON_TESTING_LOG_TAIL_H_
