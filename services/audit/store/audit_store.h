// What the audit service keeps: the gathered trail, append-only, and who has exported when.
#ifndef SERVICES_AUDIT_STORE_AUDIT_STORE_H_
#define SERVICES_AUDIT_STORE_AUDIT_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/audit/domain/entry.h"
#include "services/audit/domain/view.h"
#include "services/common/base/result.h"

namespace fairlead::audit {

// Where the last page ended: entries are in order of time, then id, the newest first.
struct Position {
  int64_t time_ms = 0;
  std::string id;
};

// An export that was begun.
struct ExportRun {
  int64_t time_ms = 0;
  std::string query;  // base64url SHA-256 of what it asks for
};

class AuditReader {
 public:
  virtual ~AuditReader() = default;
  // The newest `limit` of a selection, after `after` when it is given.
  virtual Result<std::vector<Entry>> Find(const Selection& selection,
                                          const std::optional<Position>& after, int limit) = 0;
  // When the person's exports since `since_ms` began, the oldest first; at most `limit`.
  virtual Result<std::vector<int64_t>> ExportsSince(const std::string& staff_id, int64_t since_ms,
                                                    int limit) = 0;
  virtual Result<std::optional<ExportRun>> FindExport(const std::string& staff_id,
                                                      const std::string& request_id) = 0;
};

class AuditStore : public AuditReader {
 public:
  // Gives the entry the next sequence of its service. An id that is there already is left alone.
  virtual Result<void> Add(Entry entry) = 0;
  virtual Result<void> AddExport(const std::string& staff_id, const std::string& request_id,
                                 const ExportRun& run) = 0;
};

}  // namespace fairlead::audit

#endif  // SERVICES_AUDIT_STORE_AUDIT_STORE_H_
