// How referrals are shown.
#ifndef GATEWAY_CLI_REFERRAL_VIEW_H_
#define GATEWAY_CLI_REFERRAL_VIEW_H_

#include <string>
#include <vector>

#include "fairlead/referral/v1/referral.pb.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

// Why a match came to nothing, as docs/codes.md has it.
inline constexpr char kNotEnrolledReasons[] =
    "client_declined, client_not_reached, no_show, unsafe_environment, placed_elsewhere, "
    "barriers_immigration, other";

void PrintReferral(Context& context, const referral::v1::Referral& referral);
// A row each, at most some 100 columns; `box` says whose agency is shown, the sender's or the
// recipient's.
void PrintReferrals(Context& context, const referral::v1::ListReferralsResponse& referrals,
                    referral::v1::Box box);
// Whether an answer to it is awaited: from the caller's agency, or from the one it was sent to.
bool AwaitsAnswer(Context& context, const referral::v1::Referral& referral);
// Those whose answer is awaited first, by urgency, then by when it is due; the others as they are.
void SortByHaste(Context& context, referral::v1::ListReferralsResponse* referrals);
void PrintTimeline(Context& context, const referral::v1::GetTimelineResponse& timeline);

// The offer to the caller's agency (`own_agency_id`), the latest; else the latest of all; nullptr
// when there is none.
const referral::v1::Offer* OfferOf(const referral::v1::Referral& referral,
                                   const std::string& own_agency_id);

// By its id, or @last.
Result<referral::v1::Referral> GetReferral(Context& context, const std::string& text);

// What has not ended.
inline const std::vector<referral::v1::ReferralState> kUnfinished = {
    referral::v1::REFERRAL_STATE_OPEN, referral::v1::REFERRAL_STATE_MATCHED,
    referral::v1::REFERRAL_STATE_IN_SERVICE};

// All pages of one box, at most 10,000 referrals.
Result<referral::v1::ListReferralsResponse> ListBox(
    Context& context, referral::v1::Box box,
    const std::vector<referral::v1::ReferralState>& states,
    referral::v1::AssignmentFilter assigned = referral::v1::ASSIGNMENT_FILTER_UNSPECIFIED);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_REFERRAL_VIEW_H_
