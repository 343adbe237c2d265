// What the connections of both engines share.
#ifndef SERVICES_COMMON_STORAGE_ENGINE_H_
#define SERVICES_COMMON_STORAGE_ENGINE_H_

#include <cstddef>
#include <string>
#include <utility>

#include "services/common/base/result.h"

namespace fairlead::storage {

inline constexpr size_t kMaxStatements = 512;  // prepared ones, kept by a connection

// Bad SQL, a wrong count of parameters and the like.
inline tl::unexpected<Error> OurDefect(std::string message) {
  return Fail(Code::kInternal, "STORAGE_ERROR", std::move(message));
}

}  // namespace fairlead::storage

#endif  // SERVICES_COMMON_STORAGE_ENGINE_H_
