#include "services/directory/import_server.h"

#include <functional>
#include <utility>
#include <vector>

#include "services/common/base/aes_gcm.h"
#include "services/common/rpc/mutate.h"
#include "services/common/rpc/proto_time.h"
#include "services/directory/commands/stage_import.h"

namespace fairlead::directory {
namespace {

static_assert(static_cast<int>(StagedState::kStaged) == v1::STAGED_IMPORT_STATE_STAGED);
static_assert(static_cast<int>(StagedState::kChecking) == v1::STAGED_IMPORT_STATE_CHECKING);
static_assert(static_cast<int>(StagedState::kApplying) == v1::STAGED_IMPORT_STATE_APPLYING);
static_assert(static_cast<int>(StagedState::kApplied) == v1::STAGED_IMPORT_STATE_APPLIED);
static_assert(static_cast<int>(StagedState::kRefused) == v1::STAGED_IMPORT_STATE_REFUSED);

void ProblemToProto(const ImportProblem& problem, v1::ImportProblem& out) {
  out.set_file(problem.file);
  out.set_row(problem.row);
  out.set_column(problem.column);
  out.set_reason(problem.reason);
}

v1::StagedImport StagedToProto(const StagedImport& import, const std::vector<int>& parts) {
  v1::StagedImport out;
  out.set_id(import.id);
  out.set_agency_id(import.agency_id);
  out.set_state(static_cast<v1::StagedImportState>(import.state));
  for (const int number : parts) out.add_parts(number);
  rpc::SetTime(import.expire_ms, [&] { return out.mutable_expire_time(); });
  out.set_progress_percent(import.percent);
  out.set_previewed(import.previewed);
  out.set_failure_reason(import.failure_reason);
  if (import.previewed || IsOver(import.state)) {
    v1::ImportListingsResponse& result = *out.mutable_result();
    result.set_created(import.created);
    result.set_updated(import.updated);
    result.set_unchanged(import.unchanged);
    for (const ImportProblem& problem : import.problems) {
      ProblemToProto(problem, *result.add_problems());
    }
  }
  return out;
}

ImportPart ToPart(const v1::PutImportPartRequest& request) {
  return {.file = request.file().name(),
          .first_record = request.first_record(),
          .content = request.file().content()};
}

}  // namespace

void ImportServer::Register(rpc::Registry& registry) {
  const std::string service = "/fairlead.directory.v1.StagedImportService/";
  rpc::Add<v1::StartImportRequest, v1::StartImportResponse>(
      registry, service + "StartImport",
      [this](rpc::CallContext context, const v1::StartImportRequest& request) {
        return StartImport(std::move(context), request);
      });
  rpc::Add<v1::PutImportPartRequest, v1::PutImportPartResponse>(
      registry, service + "PutImportPart",
      [this](rpc::CallContext context, const v1::PutImportPartRequest& request) {
        return PutImportPart(std::move(context), request);
      });
  rpc::Add<v1::FinishImportRequest, v1::FinishImportResponse>(
      registry, service + "FinishImport",
      [this](rpc::CallContext context, const v1::FinishImportRequest& request) {
        return FinishImport(std::move(context), request);
      });
  rpc::Add<v1::GetImportRequest, v1::GetImportResponse>(
      registry, service + "GetImport",
      [this](rpc::CallContext context, const v1::GetImportRequest& request) {
        return GetImport(std::move(context), request);
      });
  rpc::Add<v1::CancelImportRequest, v1::CancelImportResponse>(
      registry, service + "CancelImport",
      [this](rpc::CallContext context, const v1::CancelImportRequest& request) {
        return CancelImport(std::move(context), request);
      });
}

Task<Result<v1::StartImportResponse>> ImportServer::StartImport(
    rpc::CallContext context, const v1::StartImportRequest& request) {
  StageInput input{.agency_id = request.agency_id(),
                   .is_json = request.format() == v1::IMPORT_FORMAT_HSDS_JSON,
                   .defaults = {.need_codes = rpc::ToVector(request.default_need_codes()),
                                .counties = rpc::ToVector(request.default_counties()),
                                .time_zone = request.default_time_zone()},
                   .fingerprint = request.fingerprint()};
  std::function<Result<v1::StartImportResponse>(storage::Transaction&)> start =
      [this, &context, &input](storage::Transaction& tx) -> Result<v1::StartImportResponse> {
    FAIRLEAD_ASSIGN(const StagedImport import,
                    directory::StartImport(deps_, tx, context, input));
    FAIRLEAD_ASSIGN(const std::vector<int> parts, PartNumbers(tx, import.id));
    v1::StartImportResponse response;
    *response.mutable_staged_import() = StagedToProto(import, parts);
    return response;
  };
  co_return co_await rpc::Mutate<v1::StartImportResponse>(deps_.database, context, request,
                                                          deps_.clock.NowMs(), start);
}

Task<Result<v1::PutImportPartResponse>> ImportServer::PutImportPart(
    rpc::CallContext context, const v1::PutImportPartRequest& request) {
  const ImportPart part = ToPart(request);
  // Read on a reader thread: neither a thread that serves calls nor the writer waits.
  std::function<Result<Problems>(storage::ReadTransaction&)> read =
      [this, &context, &request, &part](storage::ReadTransaction& tx) -> Result<Problems> {
    FAIRLEAD_ASSIGN(const StagedImport import, CheckPut(deps_, tx, context, request.import_id(),
                                                        part, request.key()));
    Problems found;
    CheckPart(part, import.is_json, found);
    return found;
  };
  const Result<Problems> problems = co_await deps_.database.Read<Problems>(read);
  if (!problems) co_return Fail(problems.error());
  const std::string sealed = SealPart(part, request.import_id(), request.number(), request.key(),
                                      random_.Bytes(kAesGcmNonceBytes));
  std::function<Result<bool>(storage::Transaction&)> put =
      [this, &context, &request, &part, &sealed](storage::Transaction& tx) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(PutPart(deps_, tx, context, request.import_id(), request.number(),
                                     part, sealed, request.key()));
    return true;
  };
  const Result<bool> kept = co_await deps_.database.Write<bool>(put);
  if (!kept) co_return Fail(kept.error());
  v1::PutImportPartResponse response;
  for (const ImportProblem& problem : problems->list()) {
    ProblemToProto(problem, *response.add_problems());
  }
  co_return response;
}

Task<Result<v1::FinishImportResponse>> ImportServer::FinishImport(
    rpc::CallContext context, const v1::FinishImportRequest& request) {
  ImportCheck check{.import_id = request.import_id(),
                    .run_id = deps_.ids.New(),
                    .key = request.key(),
                    .part_count = request.part_count(),
                    .is_preview = request.preview(),
                    .context = context};
  bool begins = false;  // not when the answer is one that was given before
  std::function<Result<v1::FinishImportResponse>(storage::Transaction&)> finish =
      [this, &context, &check, &begins](storage::Transaction& tx)
      -> Result<v1::FinishImportResponse> {
    const FinishInput input{.import_id = check.import_id,
                            .part_count = check.part_count,
                            .key = check.key,
                            .is_preview = check.is_preview,
                            .run_id = check.run_id};
    FAIRLEAD_ASSIGN(const StagedImport import,
                    directory::FinishImport(deps_, tx, context, input));
    FAIRLEAD_ASSIGN(const std::vector<int> parts, PartNumbers(tx, import.id));
    begins = import.run_id == check.run_id;
    v1::FinishImportResponse response;
    *response.mutable_staged_import() = StagedToProto(import, parts);
    return response;
  };
  Result<v1::FinishImportResponse> response = co_await rpc::Mutate<v1::FinishImportResponse>(
      deps_.database, context, request, deps_.clock.NowMs(), finish);
  if (response && begins) {
    const std::lock_guard lock(mutex_);
    checks_.push_back(std::move(check));
  }
  co_return response;
}

Task<Result<v1::GetImportResponse>> ImportServer::GetImport(rpc::CallContext context,
                                                            const v1::GetImportRequest& request) {
  std::function<Result<v1::GetImportResponse>(storage::ReadTransaction&)> read =
      [this, &context, &request](storage::ReadTransaction& tx) -> Result<v1::GetImportResponse> {
    FAIRLEAD_ASSIGN(const StagedImport import,
                    FindImport(deps_, tx, context, request.import_id()));
    FAIRLEAD_ASSIGN(const std::vector<int> parts, PartNumbers(tx, import.id));
    v1::GetImportResponse response;
    *response.mutable_staged_import() = StagedToProto(import, parts);
    return response;
  };
  co_return co_await deps_.database.Read<v1::GetImportResponse>(read);
}

Task<Result<v1::CancelImportResponse>> ImportServer::CancelImport(
    rpc::CallContext context, const v1::CancelImportRequest& request) {
  std::function<Result<v1::CancelImportResponse>(storage::Transaction&)> cancel =
      [this, &context, &request](storage::Transaction& tx) -> Result<v1::CancelImportResponse> {
    FAIRLEAD_RETURN_IF_ERROR(directory::CancelImport(deps_, tx, context, request.import_id()));
    return v1::CancelImportResponse();
  };
  co_return co_await rpc::Mutate<v1::CancelImportResponse>(deps_.database, context, request,
                                                           deps_.clock.NowMs(), cancel);
}

bool ImportServer::NextCheck(ImportCheck& check) {
  const std::lock_guard lock(mutex_);
  if (checks_.empty()) return false;
  check = std::move(checks_.front());
  checks_.pop_front();
  return true;
}

void ImportServer::Work(bool look) {
  ImportCheck check;
  while (!stopping_ && NextCheck(check)) {
    // How it ended is written down.
    static_cast<void>(CheckStagedImport(deps_, check, [this] { return stopping_.load(); }));
    look = true;
  }
  // What fails here is tried again at the next look.
  if (look) static_cast<void>(WriteDecided());
}

Result<void> ImportServer::WriteDecided() {
  std::function<Result<std::vector<StagedImport>>(storage::ReadTransaction&)> read =
      [](storage::ReadTransaction& tx) { return OpenStagedImports(tx); };
  FAIRLEAD_ASSIGN(const std::vector<StagedImport> open,
                  SyncWait(deps_.database.Read<std::vector<StagedImport>>(read)));
  for (const StagedImport& import : open) {
    bool more = import.state == StagedState::kApplying;
    while (more && !stopping_) {
      std::function<Result<bool>(storage::Transaction&)> write =
          [this, &import](storage::Transaction& tx) {
            return WriteStagedImport(deps_, tx, import.id);
          };
      FAIRLEAD_ASSIGN(more, SyncWait(deps_.database.Write<bool>(write)));
    }
  }
  return {};
}

Result<int64_t> ImportServer::Sweep() {
  std::function<Result<int64_t>(storage::Transaction&)> sweep = [this](storage::Transaction& tx) {
    return SweepStagedImports(tx, deps_.clock.NowMs());
  };
  return SyncWait(deps_.database.Write<int64_t>(sweep));
}

}  // namespace fairlead::directory
