// FAIRLEAD_CHECK: an invariant of ours that must hold in every build. A broken one stops the
// process, because going on could lose or leak what people entrusted to us.
#ifndef SERVICES_COMMON_BASE_CHECK_H_
#define SERVICES_COMMON_BASE_CHECK_H_

namespace fairlead {
[[noreturn]] void CheckFailed(const char* expression, const char* file, int line);
}  // namespace fairlead

#define FAIRLEAD_CHECK(expression) \
  ((expression) ? static_cast<void>(0) : ::fairlead::CheckFailed(#expression, __FILE__, __LINE__))

#endif  // SERVICES_COMMON_BASE_CHECK_H_
