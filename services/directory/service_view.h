// A listing as answers show it.
#ifndef SERVICES_DIRECTORY_SERVICE_VIEW_H_
#define SERVICES_DIRECTORY_SERVICE_VIEW_H_

#include <cstdint>

#include "fairlead/directory/v1/directory.pb.h"
#include "services/directory/store/directory_store.h"

namespace fairlead::directory {

// Without its hours. Of a confidential place nothing below its county. `now_ms`: whether it is
// verified still.
v1::Service ToProto(const StoredListing& stored, int64_t now_ms);

// What the listing's schedules say at `now_ms`. Openings are listed when `whole`.
void SetHours(const Listing& listing, int64_t now_ms, bool whole, v1::Service& proto);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_SERVICE_VIEW_H_
