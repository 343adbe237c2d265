// The methods of fairlead.directory.v1.StagedImportService: translate, call a command, translate
// back. And what is done about an import after its answer.
#ifndef SERVICES_DIRECTORY_IMPORT_SERVER_H_
#define SERVICES_DIRECTORY_IMPORT_SERVER_H_

#include <atomic>
#include <deque>
#include <mutex>
#include <string>

#include "fairlead/directory/v1/staged_import.pb.h"
#include "services/common/base/random.h"
#include "services/common/base/task.h"
#include "services/common/rpc/method.h"
#include "services/directory/commands/deps.h"
#include "services/directory/commands/run_staged_import.h"

namespace fairlead::directory {

class ImportServer {
 public:
  // Both outlive the server.
  ImportServer(const Deps& deps, Random& random) : deps_(deps), random_(random) {}

  void Register(rpc::Registry& registry);

  Task<Result<v1::StartImportResponse>> StartImport(rpc::CallContext context,
                                                    const v1::StartImportRequest& request);
  Task<Result<v1::PutImportPartResponse>> PutImportPart(rpc::CallContext context,
                                                        const v1::PutImportPartRequest& request);
  Task<Result<v1::FinishImportResponse>> FinishImport(rpc::CallContext context,
                                                      const v1::FinishImportRequest& request);
  Task<Result<v1::GetImportResponse>> GetImport(rpc::CallContext context,
                                                const v1::GetImportRequest& request);
  Task<Result<v1::CancelImportResponse>> CancelImport(rpc::CallContext context,
                                                      const v1::CancelImportRequest& request);

  // On a thread of its own, again and again: checks what was finished here, and writes down what is
  // decided; with `look` also what another process, or this one before a restart, has decided.
  // Blocks for as long as it takes.
  void Work(bool look);
  // Work that is under way comes to an end, and none is begun.
  void Stop() { stopping_ = true; }
  // Throws away some of what nobody needs. Blocks. How many rows; 0: there is no more.
  Result<int64_t> Sweep();

 private:
  bool NextCheck(ImportCheck& check);
  Result<void> WriteDecided();

  const Deps& deps_;
  Random& random_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::deque<ImportCheck> checks_;  // one at most: FinishImport begins no second
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_IMPORT_SERVER_H_
