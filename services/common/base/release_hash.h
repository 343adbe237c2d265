// The hash that ties a packet to the release it was sealed under: one piece of code for the hub,
// which keeps releases, and for the client, which must not take the hub's word for them.
#ifndef SERVICES_COMMON_BASE_RELEASE_HASH_H_
#define SERVICES_COMMON_BASE_RELEASE_HASH_H_

#include <cstdint>
#include <string>
#include <vector>

namespace fairlead {

// Elements 1 to 8 of a release: what it allows, to whom, for what, until when. No element holds a
// line break and no list item a space: codes, ids and versions do not.
struct ReleaseElements {
  std::string id;
  std::string form_version;  // 1
  std::string form_hash;
  std::string jurisdiction;
  std::string case_handle;                        // 2
  std::string discloser_agency_id;                // 3
  std::vector<std::string> recipient_agency_ids;  // 4
  bool hub_named_as_intermediary = false;
  std::vector<std::string> categories;  // 5
  std::vector<std::string> excluded_categories;
  std::vector<std::string> purposes;  // 6
  int action = 0;                     // 7: the number of fairlead.consent.v1.ReleaseAction
  bool two_way = false;
  int64_t effective_ms = 0;  // 8
  int64_t expire_ms = 0;
};

// base64url SHA-256 (43 characters) of the elements written one to a line in a fixed order, lists
// sorted and without repeats.
std::string ReleaseHash(const ReleaseElements& elements);

}  // namespace fairlead

#endif  // SERVICES_COMMON_BASE_RELEASE_HASH_H_
