// An import in parts: what it is and how it stands. Parts are awaited (kStaged), all of it is read
// and checked (kChecking), and from the moment that it is decided (kApplying) all of it will be
// there; or it has problems and nothing will (kRefused).
#ifndef SERVICES_DIRECTORY_DOMAIN_STAGED_IMPORT_H_
#define SERVICES_DIRECTORY_DOMAIN_STAGED_IMPORT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "services/directory/domain/import_rows.h"

namespace fairlead::directory {

enum class StagedState { kStaged = 1, kChecking = 2, kApplying = 3, kApplied = 4, kRefused = 5 };

inline constexpr int64_t kStagedForMs = 2LL * 60 * 60 * 1000;
inline constexpr int64_t kOverForMs = 24LL * 60 * 60 * 1000;  // how it ended can be asked for
// A check that has not been heard of for so long was broken off: the process is gone.
inline constexpr int64_t kCheckSilentMs = 60LL * 1000;
inline constexpr int kMostStaged = 4;  // of the coalition, one of an agency
inline constexpr int kMaxParts = 256;
inline constexpr int64_t kMaxStagedBytes = 192LL * 1024 * 1024;  // of one, as it was sent

struct StagedImport {
  std::string id;  // UUID
  std::string agency_id;
  StagedState state = StagedState::kStaged;
  bool is_json = false;
  std::vector<std::string> need_codes = {};  // as ImportDefaults
  std::vector<std::string> counties = {};
  std::string time_zone = {};
  std::string fingerprint = {};  // base64url of SHA-256 of its key
  int64_t expire_ms = 0;
  int64_t staged_bytes = 0;
  // Of the check under way.
  std::string run_id = {};
  int64_t touch_ms = 0;
  bool is_preview = false;
  int percent = 0;
  // What came of it.
  bool previewed = false;
  int created = 0;
  int updated = 0;
  int unchanged = 0;
  std::vector<ImportProblem> problems = {};
  std::string failure_reason = {};
  // For those who write it down, maybe after a restart: whose word it is, and what is left.
  std::string actor_agency_id = {};
  bool actor_is_machine = false;
  bool actor_is_admin = false;
  std::string traceparent = {};
  bool hides_places = false;
  int change_count = 0;
};

// As it stands now: a check that nobody is at any more has ended.
inline StagedImport AsOf(StagedImport import, int64_t now_ms) {
  if (import.state == StagedState::kChecking && now_ms - import.touch_ms > kCheckSilentMs) {
    import.state = StagedState::kStaged;
    import.failure_reason = "IMPORT_INTERRUPTED";
  }
  return import;
}

inline bool IsOver(StagedState state) {
  return state == StagedState::kApplied || state == StagedState::kRefused;
}

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_STAGED_IMPORT_H_
