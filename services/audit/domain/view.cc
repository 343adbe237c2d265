#include "services/audit/domain/view.h"

namespace fairlead::audit {
namespace {

// What the own staff did. A filter must not find out what Mask hides: by a case handle only the
// own records are found (the other selection does that), by a release only what was done under
// it.
std::vector<Selection> OwnStaff(const Viewer& viewer, const Filter& filter) {
  if (!filter.agency_id.empty() && filter.agency_id != viewer.agency_id) return {};
  Selection own{
      .filter = filter, .subject_agency_id = "", .not_by_agency_id = "", .done_only = false};
  own.filter.agency_id = viewer.agency_id;
  if (!filter.case_handle.empty()) own.subject_agency_id = viewer.agency_id;
  if (!filter.release_id.empty()) {
    if (filter.refused_only) return {};
    own.done_only = true;
  }
  return {own};
}

}  // namespace

std::vector<Selection> Select(const Viewer& viewer, const Filter& filter) {
  if (viewer.sees_all) {
    return {
        {.filter = filter, .subject_agency_id = "", .not_by_agency_id = "", .done_only = false}};
  }
  if (viewer.agency_id.empty()) return {};
  std::vector<Selection> parts = OwnStaff(viewer, filter);
  if (viewer.behind_the_wall || filter.agency_id == viewer.agency_id) return parts;
  parts.push_back({.filter = filter,
                   .subject_agency_id = viewer.agency_id,
                   .not_by_agency_id = viewer.agency_id,
                   .done_only = false});
  return parts;
}

Entry Mask(const Viewer& viewer, Entry entry) {
  if (viewer.sees_all) return entry;
  if (entry.agency_id != viewer.agency_id) entry.session_id.clear();
  if (entry.subject_agency_id != viewer.agency_id) {
    entry.case_handle.clear();
    // One answer for "not there" and "not yours", here too.
    if (!entry.refused_reason.empty()) {
      entry.subject_agency_id.clear();
      entry.subject_staff_id.clear();
      entry.release_id.clear();
    }
  }
  return entry;
}

}  // namespace fairlead::audit
