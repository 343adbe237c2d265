#include "services/messaging/domain/bed_call.h"

#include <algorithm>
#include <array>

#include "services/messaging/domain/limits.h"

namespace fairlead::messaging {
namespace {

// As in referrals' facets, and in capacity.
constexpr std::array<std::string_view, 6> kAgeBands = {"",      "0-11",  "12-17",
                                                       "18-24", "25-59", "60+"};
constexpr std::array<std::string_view, 5> kHouseholdBands = {"", "1", "2-3", "4-6", "7+"};
constexpr std::array<std::string_view, 5> kUnits = {"bed", "room", "family_room", "place",
                                                    "voucher"};

template <class List>
bool IsOneOf(const List& list, std::string_view item) {
  return std::ranges::find(list, item) != list.end();
}

}  // namespace

std::string_view UrgencyName(Urgency urgency) {
  switch (urgency) {
    case Urgency::kEmergency:
      return "emergency";
    case Urgency::kUrgent:
      return "urgent";
    case Urgency::kStandard:
      break;
  }
  return "standard";
}

std::string_view StateName(CallState state) {
  switch (state) {
    case CallState::kOpen:
      return "open";
    case CallState::kTaken:
      return "taken";
    case CallState::kClosed:
      return "closed";
    case CallState::kLapsed:
      break;
  }
  return "lapsed";
}

Result<void> CheckNeed(const BedNeed& need) {
  if (!IsOneOf(kAgeBands, need.age_band)) {
    return Fail(Code::kInvalidArgument, "UNKNOWN_AGE_BAND",
                "The age band is one of 0-11, 12-17, 18-24, 25-59, 60+.",
                {{"field", "need.age_band"}});
  }
  if (IsOneOf(kHouseholdBands, need.household_band)) return {};
  return Fail(Code::kInvalidArgument, "UNKNOWN_HOUSEHOLD_BAND",
              "The household's size is one of 1, 2-3, 4-6, 7+.",
              {{"field", "need.household_band"}});
}

Result<void> CheckCallAnswer(const CallAnswer& answer) {
  if (answer.answer == BedAnswer::kNo) return {};
  if (answer.units < 1) {
    return Fail(Code::kInvalidArgument, "UNITS_REQUIRED", "Say how many there are.",
                {{"field", "units"}});
  }
  if (IsOneOf(kUnits, answer.unit)) return {};
  return Fail(Code::kInvalidArgument, "UNKNOWN_UNIT",
              "The unit is one of bed, room, family_room, place, voucher.", {{"field", "unit"}});
}

const CallAnswer* BedCall::AnswerOf(std::string_view answering_agency_id) const {
  const auto found = std::ranges::find(answers, answering_agency_id, &CallAnswer::agency_id);
  return found == answers.end() ? nullptr : &*found;
}

std::string Etag(const BedCall& call) { return "v" + std::to_string(call.version); }

Result<void> CheckOpen(const BedCall& call, int64_t now_ms) {
  const bool over = call.state == CallState::kOpen && call.until_ms <= now_ms;
  if (call.state == CallState::kOpen && !over) return {};
  return Fail(Code::kFailedPrecondition, "BED_CALL_NOT_OPEN", "The call is over.",
              {{"state", std::string(StateName(over ? CallState::kLapsed : call.state))}});
}

Result<void> CheckUntil(int64_t until_ms, int64_t now_ms) {
  if (until_ms >= now_ms + kShortestCallMs && until_ms <= now_ms + kLongestCallMs) return {};
  return Fail(Code::kInvalidArgument, "UNTIL_OUT_OF_RANGE",
              "A call is open for 10 minutes at least and 24 hours at most.",
              {{"field", "until_time"}});
}

}  // namespace fairlead::messaging
