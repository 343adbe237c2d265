// Runs a job so that nothing it throws gets further, and so that both engines agree on what an
// error inside it means.
#ifndef SERVICES_COMMON_STORAGE_GUARD_JOB_H_
#define SERVICES_COMMON_STORAGE_GUARD_JOB_H_

#include <exception>
#include <optional>

#include "services/common/base/result.h"

namespace fairlead::storage {

template <class Job, class Tx>
Result<void> GuardJob(const Job& job, Tx& transaction) {
  try {
    return job(transaction);
  } catch (const std::exception&) {
    return Fail(Code::kInternal, "STORAGE_ERROR", "the job threw an exception");
  } catch (...) {
    return Fail(Code::kInternal, "STORAGE_ERROR", "the job threw");
  }
}

}  // namespace fairlead::storage

#endif  // SERVICES_COMMON_STORAGE_GUARD_JOB_H_
