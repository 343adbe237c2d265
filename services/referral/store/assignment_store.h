// Who at an agency has a referral in hand, and the story of that: tables of their own, which are
// read for one agency and for no other. sql_assignment_store.cc is the one implementation, for both
// engines.
#ifndef SERVICES_REFERRAL_STORE_ASSIGNMENT_STORE_H_
#define SERVICES_REFERRAL_STORE_ASSIGNMENT_STORE_H_

#include <string>
#include <string_view>
#include <vector>

#include "services/common/storage/database.h"
#include "services/referral/store/referral_store.h"

namespace fairlead::referral {

// Version 0 when nobody ever had it.
Result<Assignment> FindAssignment(storage::ReadTransaction& tx, const std::string& referral_id,
                                  const std::string& agency_id);
Result<void> PutAssignment(storage::Transaction& tx, const Assignment& assignment);

// The condition, to be added to a WHERE, that keeps to those that `assigned` asks for. `id`: the
// column of the referral's id; $1 is the agency, and for kMine $5 the person.
std::string WhereAssigned(Assigned assigned, std::string_view id);

// What that person of the agency has in hand, ids above `after_id`, a page at a time; empty: no
// more.
Result<std::vector<std::string>> AssignedTo(storage::Transaction& tx, const std::string& agency_id,
                                            const std::string& staff_id,
                                            const std::string& after_id);

Result<void> AddAssignmentLine(storage::Transaction& tx, const TimelineEntry& line);
// The newest lines of that agency's own story, in order of time.
Result<std::vector<TimelineEntry>> AssignmentStory(storage::ReadTransaction& tx,
                                                   const std::string& referral_id,
                                                   const std::string& agency_id);

// Of every agency's, once the referral has ended; nothing of one that owes a follow-up still.
Result<void> DropAssignments(storage::Transaction& tx, const std::string& referral_id);

// People who have left: what was under way at that moment does not give them anything any more.
Result<void> PutLeaver(storage::Transaction& tx, const std::string& staff_id, int64_t now_ms);
Result<bool> HasLeft(storage::ReadTransaction& tx, const std::string& staff_id);
// Who left until then, at most `limit` of them.
Result<void> DropOldLeavers(storage::Transaction& tx, int64_t before_ms, int limit);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_STORE_ASSIGNMENT_STORE_H_
