// A listing as answers show it.
#ifndef SERVICES_DIRECTORY_SERVICE_VIEW_H_
#define SERVICES_DIRECTORY_SERVICE_VIEW_H_

#include <cstdint>
#include <vector>

#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/directory/v1/hours_override.pb.h"
#include "services/common/calendar/hours.h"
#include "services/directory/store/directory_store.h"

namespace fairlead::directory {

// Without its hours. Of a confidential place nothing below its county. `now_ms`: whether it is
// verified still.
v1::Service ToProto(const StoredListing& stored, int64_t now_ms);

// What the listing's hours say at `now_ms`. Openings, single days and sets of holidays are listed
// when `whole`.
void SetHours(const StoredListing& stored, int64_t now_ms, bool whole, v1::Service& proto);

// Single days, in order: of each what `days` say of it.
void SetOverrides(const std::vector<calendar::SpecialDay>& days,
                  google::protobuf::RepeatedPtrField<v1::HoursOverride>* protos);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_SERVICE_VIEW_H_
