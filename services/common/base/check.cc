#include "services/common/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace fairlead {

void CheckFailed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "fairlead: check failed: %s at %s:%d\n", expression, file, line);
  std::abort();
}

}  // namespace fairlead
