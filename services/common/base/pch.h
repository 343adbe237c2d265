// The standard headers that nearly every file uses, compiled once.
#ifndef SERVICES_COMMON_BASE_PCH_H_
#define SERVICES_COMMON_BASE_PCH_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <tl/expected.hpp>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#endif  // SERVICES_COMMON_BASE_PCH_H_
