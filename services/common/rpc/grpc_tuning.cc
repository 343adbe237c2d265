#include "services/common/rpc/grpc_tuning.h"

#include <absl/synchronization/mutex.h>

namespace fairlead::rpc {

void TuneGrpc() {
  // Debian builds absl without NDEBUG, and so with its deadlock detector on: every lock that gRPC
  // takes is entered into one graph behind one process-wide lock. That is a tool for gRPC's own
  // developers; a profile of rpc_bench showed a twentieth of all its time in it.
  static const bool once = [] {
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    return true;
  }();
  static_cast<void>(once);
}

}  // namespace fairlead::rpc
