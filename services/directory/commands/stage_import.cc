#include "services/directory/commands/stage_import.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "services/common/base/aes_gcm.h"
#include "services/common/base/encoding.h"
#include "services/common/base/text.h"
#include "services/directory/commands/import_listings.h"

namespace fairlead::directory {
namespace {

tl::unexpected<Error> ImportNotFound() {
  return Fail(Code::kNotFound, "IMPORT_NOT_FOUND", "There is no such import.");
}

tl::unexpected<Error> ImportUnderWay() {
  return Fail(Code::kUnavailable, "IMPORT_UNDER_WAY",
              "An import is being checked or made: try again in a minute.",
              {{"retry_after_s", "10"}});
}

bool IsLapsed(const StagedImport& import, int64_t now_ms) {
  return import.state == StagedState::kStaged && import.expire_ms <= now_ms;
}

bool IsSame(const StagedImport& import, const StageInput& input) {
  return import.fingerprint == input.fingerprint && import.is_json == input.is_json &&
         import.need_codes == SortedUnique(input.defaults.need_codes) &&
         import.counties == SortedUnique(input.defaults.counties) &&
         import.time_zone == input.defaults.time_zone;
}

Result<void> CheckKey(const StagedImport& import, std::string_view key) {
  if (key.size() == kAesGcmKeyBytes &&
      ConstantTimeEquals(Base64UrlEncode(Sha256(key)), import.fingerprint)) {
    return {};
  }
  return Fail(Code::kPermissionDenied, "IMPORT_KEY_MISMATCH",
              "The import was begun under another key.", {{"field", "key"}});
}

Result<void> CheckParts(storage::ReadTransaction& tx, const FinishInput& input) {
  FAIRLEAD_ASSIGN(const std::vector<int> numbers, PartNumbers(tx, input.import_id));
  int next = 0;
  for (const int number : numbers) {
    if (number != next) break;
    ++next;
  }
  if (next == input.part_count && static_cast<int>(numbers.size()) == next) return {};
  return Fail(Code::kFailedPrecondition, "IMPORT_PARTS_MISSING",
              "A part is missing, or there are more of them.",
              {{"number", std::to_string(std::min(next, input.part_count))}});
}

// What is sealed with a part's bytes.
std::string PartContext(const std::string& import_id, int number) {
  return "fairlead import part " + import_id + " " + std::to_string(number);
}

}  // namespace

Result<StagedImport> StartImport(const Deps& deps, storage::Transaction& tx,
                                 const rpc::CallContext& context, const StageInput& input) {
  if (!MayImport(context.actor, context.method, input.agency_id)) return NotYourAgency();
  FAIRLEAD_RETURN_IF_ERROR(CheckDefaults(input.defaults));
  FAIRLEAD_RETURN_IF_ERROR(CheckMember(deps, tx, input.agency_id));
  const int64_t now_ms = deps.clock.NowMs();
  FAIRLEAD_ASSIGN(const std::vector<StagedImport> stored, OpenStagedImports(tx));
  int open = 0;
  for (const StagedImport& one : stored) {
    const StagedImport import = AsOf(one, now_ms);
    if (IsLapsed(import, now_ms)) continue;
    ++open;
    if (import.agency_id != input.agency_id) continue;
    if (IsSame(import, input)) return import;
    return Fail(Code::kFailedPrecondition, "TOO_MANY_IMPORTS",
                "The agency has another import open: finish or cancel it.",
                {{"import_id", import.id}});
  }
  if (open >= kMostStaged) {
    return Fail(Code::kResourceExhausted, "TOO_MANY_IMPORTS",
                "Other agencies have imports open: try again later.",
                {{"retry_after_s", std::to_string(kStagedForMs / 1000 / kMostStaged)}});
  }
  StagedImport import{.id = deps.ids.New(), .agency_id = input.agency_id};
  import.is_json = input.is_json;
  import.need_codes = SortedUnique(input.defaults.need_codes);
  import.counties = SortedUnique(input.defaults.counties);
  import.time_zone = input.defaults.time_zone;
  import.fingerprint = input.fingerprint;
  import.expire_ms = now_ms + kStagedForMs;
  FAIRLEAD_RETURN_IF_ERROR(PutStagedImport(tx, import));
  return import;
}

Result<StagedImport> FindImport(const Deps& deps, storage::ReadTransaction& tx,
                                const rpc::CallContext& context, const std::string& import_id) {
  FAIRLEAD_ASSIGN(std::optional<StagedImport> stored, FindStagedImport(tx, import_id));
  const int64_t now_ms = deps.clock.NowMs();
  if (!stored || !MayImport(context.actor, context.method, stored->agency_id)) {
    return ImportNotFound();
  }
  StagedImport import = AsOf(std::move(*stored), now_ms);
  if (IsLapsed(import, now_ms)) return ImportNotFound();
  return import;
}

Result<StagedImport> CheckPut(const Deps& deps, storage::ReadTransaction& tx,
                              const rpc::CallContext& context, const std::string& import_id,
                              const ImportPart& part, std::string_view key) {
  FAIRLEAD_ASSIGN(StagedImport import, FindImport(deps, tx, context, import_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckKey(import, key));
  if (!IsPlainFileName(part.file)) return InvalidFileName();
  if (import.state == StagedState::kStaged) return import;
  if (!IsOver(import.state)) return ImportUnderWay();
  return Fail(Code::kFailedPrecondition, "IMPORT_OVER", "The import is over: begin another.");
}

Result<void> PutPart(const Deps& deps, storage::Transaction& tx, const rpc::CallContext& context,
                     const std::string& import_id, int number, const ImportPart& part,
                     const std::string& sealed, std::string_view key) {
  FAIRLEAD_ASSIGN(StagedImport import, CheckPut(deps, tx, context, import_id, part, key));
  FAIRLEAD_ASSIGN(const auto standing, FindPart(tx, import_id, number));
  if (standing) {
    FAIRLEAD_ASSIGN(const ImportPart known, OpenPart(*standing, import_id, number, key));
    if (known == part) return {};
    return Fail(Code::kAlreadyExists, "IMPORT_PART_DIFFERS",
                "Another part lies in its place already.", {{"number", std::to_string(number)}});
  }
  import.staged_bytes += static_cast<int64_t>(sealed.size());
  if (import.staged_bytes > kMaxStagedBytes) {
    return Fail(Code::kResourceExhausted, "IMPORT_TOO_LARGE",
                "All parts of an import together have at most 192 MiB.");
  }
  import.previewed = false;
  import.created = import.updated = import.unchanged = 0;
  FAIRLEAD_RETURN_IF_ERROR(PutStagedImport(tx, import));
  return InsertPart(tx, import_id, number, sealed);
}

std::string SealPart(const ImportPart& part, const std::string& import_id, int number,
                     std::string_view key, std::string_view nonce) {
  std::string plain = part.file;
  plain.append(1, '\0').append(std::to_string(part.first_record)).append(1, '\0');
  plain.append(part.content);
  std::string sealed(nonce);
  return sealed.append(AesGcmSeal(key, nonce, PartContext(import_id, number), plain));
}

Result<ImportPart> OpenPart(const std::string& sealed, const std::string& import_id, int number,
                            std::string_view key) {
  const std::string_view all = sealed;
  ImportPart part;
  if (all.size() > kAesGcmNonceBytes) {
    const auto plain = AesGcmOpen(key, all.substr(0, kAesGcmNonceBytes),
                                  PartContext(import_id, number), all.substr(kAesGcmNonceBytes));
    const size_t name = plain ? plain->find('\0') : std::string::npos;
    const size_t count = name == std::string::npos ? name : plain->find('\0', name + 1);
    if (count != std::string::npos) {
      part.file = plain->substr(0, name);
      std::from_chars(plain->data() + name + 1, plain->data() + count, part.first_record);
      part.content = plain->substr(count + 1);
      return part;
    }
  }
  return Fail(Code::kInternal, "IMPORT_PART_UNREADABLE", "A part of the import cannot be read.");
}

Result<StagedImport> FinishImport(const Deps& deps, storage::Transaction& tx,
                                  const rpc::CallContext& context, const FinishInput& input) {
  FAIRLEAD_ASSIGN(StagedImport import, FindImport(deps, tx, context, input.import_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckKey(import, input.key));
  if (IsOver(import.state)) return import;
  const int64_t now_ms = deps.clock.NowMs();
  // One at a time: each takes its memory.
  FAIRLEAD_ASSIGN(const std::vector<StagedImport> open, OpenStagedImports(tx));
  for (const StagedImport& one : open) {
    if (AsOf(one, now_ms).state != StagedState::kStaged) return ImportUnderWay();
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckParts(tx, input));
  import.state = StagedState::kChecking;
  import.run_id = input.run_id;
  import.touch_ms = now_ms;
  import.is_preview = input.is_preview;
  import.percent = 0;
  import.previewed = false;
  import.created = import.updated = import.unchanged = 0;
  import.failure_reason.clear();
  import.actor_agency_id = context.actor.agency_id;
  import.actor_is_machine = context.actor.kind == auth::ActorKind::kMachine;
  import.actor_is_admin = context.actor.Has(auth::Role::kAgencyAdmin);
  import.traceparent = context.traceparent;
  FAIRLEAD_RETURN_IF_ERROR(PutStagedImport(tx, import));
  return import;
}

Result<void> CancelImport(const Deps& deps, storage::Transaction& tx,
                          const rpc::CallContext& context, const std::string& import_id) {
  FAIRLEAD_ASSIGN(const StagedImport import, FindImport(deps, tx, context, import_id));
  if (IsOver(import.state)) return {};
  if (import.state != StagedState::kStaged) return ImportUnderWay();
  return DeleteStagedImport(tx, import_id);
}

}  // namespace fairlead::directory
