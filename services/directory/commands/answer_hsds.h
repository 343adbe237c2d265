// Records of the directory in HSDS's words, for whoever asks.
#ifndef SERVICES_DIRECTORY_COMMANDS_ANSWER_HSDS_H_
#define SERVICES_DIRECTORY_COMMANDS_ANSWER_HSDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/common/auth/actor.h"
#include "services/directory/commands/deps.h"
#include "services/directory/domain/visibility.h"
#include "services/directory/store/hsds_store.h"

namespace fairlead::directory {

// Answers together hold no more than this; a page that would is refused.
inline constexpr size_t kMaxAnswerBytes = 3 * 1024 * 1024;

// How a record of `agency_id` is seen: by its administrators and by coordinators with their role,
// by members as the coalition, by everybody else (behind the wall too) as the public.
Tier TierFor(const auth::Actor& viewer, const std::string& agency_id);
bool IsMember(const auth::Actor& viewer);

// What `viewer` finds, before any filter of its own.
HsdsQuery VisibleTo(const auth::Actor& viewer);

struct HsdsForm {
  bool minimal = false;
  bool full = false;
  bool full_service = false;
};

struct HsdsAnswer {
  std::string record;  // JSON
  int64_t update_ms = 0;
};
struct HsdsPage {
  int64_t total = 0;
  std::vector<std::string> records;
  std::string next_after_id;  // in one: there are more
};

// `in_one`: from query.after_id on, as many as an answer holds. Error: PAGE_TOO_LARGE.
Result<HsdsPage> QueryRecords(storage::ReadTransaction& tx, const auth::Actor& viewer,
                              const HsdsQuery& query, const HsdsForm& form, bool in_one);

// `history`: of a service or an organization, its last changes among its `metadata`, as far as the
// viewer may see the fields. Error: RECORD_NOT_FOUND.
Result<HsdsAnswer> GetRecord(storage::ReadTransaction& tx, const auth::Actor& viewer,
                             const std::string& kind, const std::string& id, bool full_service,
                             bool history);

// The service or the organization with that id, as a whole; the viewer may see its tier. Error:
// RECORD_NOT_FOUND.
Result<HsdsRecord> FindDocument(storage::ReadTransaction& tx, const auth::Actor& viewer,
                                const std::string& id);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_ANSWER_HSDS_H_
