#include "services/referral/domain/codes.h"

#include <algorithm>
#include <array>

namespace fairlead::referral {
namespace {

using enum Party;

constexpr std::array<Reason, 12> kDecline = {{
    {"no_capacity", kProvider, true, 1},
    {"not_eligible", kProvider, false, 0},
    {"service_not_provided", kProvider, false, 0},
    {"out_of_area", kProvider, false, 0},
    {"language_not_available", kProvider, true, 7},
    {"already_served_here", kProvider, false, 0},
    {"safety_concern", kProvider, false, 0},
    {"needs_higher_level_of_care", kProvider, false, 0},
    {"missing_documents", kClient, true, 7},
    {"conflict_of_interest", kProvider, false, 0},
    {"insufficient_information", kProvider, true, 0},
    {"other", kProvider, true, 0},
}};

constexpr std::array<Reason, 6> kCancel = {{
    {"client_withdrew", kClient, false, 0},
    {"release_revoked", kClient, false, 0},
    {"matched_elsewhere", kSystem, false, 0},
    {"sent_in_error", kProvider, false, 0},
    {"duplicate", kProvider, false, 0},
    {"expired", kSystem, true, 0},
}};

constexpr std::array<Reason, 7> kNotEnrolled = {{
    {"client_declined", kClient, false, 0},
    {"client_not_reached", kClient, true, 1},
    {"no_show", kClient, true, 1},
    {"unsafe_environment", kProvider, false, 0},
    {"placed_elsewhere", kProvider, false, 0},
    {"barriers_immigration", kSystem, false, 0},
    {"other", kProvider, true, 0},
}};

constexpr std::array<Reason, 5> kWithdraw = {{
    {"entered_in_error", kProvider, false, 0},
    {"agency_suspended", kProvider, false, 0},
    {"agency_departed", kProvider, false, 0},
    {"release_superseded", kClient, true, 0},
    {"release_entered_in_error", kProvider, true, 0},
}};

constexpr std::array<Reason, 4> kDoNotRoute = {{
    {"survivor_refuses", kClient, false, 0},
    {"conflict_of_interest", kProvider, false, 0},
    {"safety_risk", kProvider, false, 0},
    {"past_harm", kProvider, false, 0},
}};

constexpr std::array<Reason, 8> kAppointment = {{
    {"time_not_possible", kProvider, true, 0},
    {"place_not_possible", kProvider, true, 0},
    {"place_not_safe", kClient, true, 0},
    {"client_declined", kClient, true, 0},
    {"client_not_reached", kClient, true, 1},
    {"no_longer_needed", kClient, false, 0},
    {"proposed_in_error", kProvider, true, 0},
    {"other", kProvider, true, 0},
}};

constexpr std::array<Reason, 4> kOutcome = {{
    {"enrolled", kProvider, false, 0},
    {"enrolled_waitlist", kProvider, false, 0},
    {"served_once", kProvider, false, 0},
    {"information_only", kProvider, false, 0},
}};

constexpr std::array<std::string_view, 6> kFollowUpOutcomes = {
    "still_in_service", "moved_on_safely",    "left_early",
    "not_reached",      "returned_to_sender", "declined_follow_up"};

constexpr std::array<std::string_view, 5> kAgeBands = {"0-11", "12-17", "18-24", "25-59", "60+"};

bool Has(std::span<const Reason> list, std::string_view code) {
  return std::any_of(list.begin(), list.end(),
                     [code](const Reason& reason) { return reason.code == code; });
}

}  // namespace

std::span<const Reason> DeclineReasons() { return kDecline; }
std::span<const Reason> CancelReasons() { return kCancel; }
std::span<const Reason> NotEnrolledReasons() { return kNotEnrolled; }
std::span<const Reason> WithdrawReasons() { return kWithdraw; }
std::span<const Reason> OutcomeCodes() { return kOutcome; }

bool IsDeclineReason(std::string_view code) { return Has(kDecline, code); }
bool IsCancelReason(std::string_view code) { return Has(kCancel, code); }
bool IsNotEnrolledReason(std::string_view code) { return Has(kNotEnrolled, code); }
bool IsDoNotRouteReason(std::string_view code) { return Has(kDoNotRoute, code); }
bool IsAppointmentReason(std::string_view code) { return Has(kAppointment, code); }
bool IsOutcome(std::string_view code) { return Has(kOutcome, code); }
bool IsFollowUpOutcome(std::string_view code) {
  return std::find(kFollowUpOutcomes.begin(), kFollowUpOutcomes.end(), code) !=
         kFollowUpOutcomes.end();
}
bool IsAgeBand(std::string_view band) {
  return std::find(kAgeBands.begin(), kAgeBands.end(), band) != kAgeBands.end();
}

}  // namespace fairlead::referral
