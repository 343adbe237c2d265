// Who may see which part of the trail. An auditor sees all. An administrator sees what the own
// agency's staff did and what was done to the own agency's records; of the latter nothing that
// leads into another agency (sessions), and of the former nothing that the own staff could not
// know (whose record it was that they were refused, another agency's case handle). Law enforcement
// never sees what others do: its administrators see their own staff only.
#ifndef SERVICES_AUDIT_DOMAIN_VIEW_H_
#define SERVICES_AUDIT_DOMAIN_VIEW_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/audit/domain/entry.h"

namespace fairlead::audit {

struct Viewer {
  std::string staff_id;
  std::string agency_id;
  bool sees_all = false;         // an auditor
  bool behind_the_wall = false;  // law enforcement
};

// What is asked for. Empty fields ask for anything.
struct Filter {
  std::string staff_id;
  std::string agency_id;
  std::string case_handle;
  std::string referral_id;
  std::string release_id;
  std::string action;
  int64_t start_ms = 0;  // from, inclusive
  int64_t end_ms = 0;    // until, exclusive; 0: no end
  bool refused_only = false;
};

// One search of the store: the filter, and the part of the trail that it is held against.
struct Selection {
  Filter filter;
  std::string subject_agency_id;  // only what was done to this agency's records
  std::string not_by_agency_id;   // not what this agency's own staff did
  bool done_only = false;         // no refusals
};

// The searches whose results together are what the viewer may see of what is asked for; none when
// that can be nothing. They have no record in common.
std::vector<Selection> Select(const Viewer& viewer, const Filter& filter);

// What the viewer may see of a record that a selection found.
Entry Mask(const Viewer& viewer, Entry entry);

}  // namespace fairlead::audit

#endif  // SERVICES_AUDIT_DOMAIN_VIEW_H_
