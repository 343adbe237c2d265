#include "services/common/telemetry/event.h"

#include <array>

namespace fairlead::telemetry {
namespace {

#define FAIRLEAD_X(enumerator, name) std::string_view(name),
constexpr std::array kEventNames = {FAIRLEAD_TELEMETRY_EVENTS(FAIRLEAD_X)};
constexpr std::array kKeyNames = {FAIRLEAD_TELEMETRY_KEYS(FAIRLEAD_X)};
#undef FAIRLEAD_X
constexpr std::array<std::string_view, 8> kRoomNames = {
    "hub", "gateway", "identity", "directory", "consent", "referral", "messaging", "other"};

}  // namespace

std::string_view LogName(Event event) { return kEventNames.at(static_cast<size_t>(event)); }
std::string_view LogName(Key key) { return kKeyNames.at(static_cast<size_t>(key)); }
std::string_view LogName(Room room) { return kRoomNames.at(static_cast<size_t>(room)); }

Room RoomFromName(std::string_view name) {
  for (size_t i = 0; i < kRoomNames.size(); ++i) {
    if (kRoomNames[i] == name) return static_cast<Room>(i);
  }
  return Room::kOther;
}

}  // namespace fairlead::telemetry
