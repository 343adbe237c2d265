#include "services/common/auth/policy/rows.h"

namespace fairlead::auth {

using enum Role;

// A coordinator or auditor has no relation to any referral of another agency, so none of these
// shows them one; their own views come with the reporting and audit services.
std::vector<PolicyRow> ReferralRows() {
  return {
      {.method = "/fairlead.referral.v1.ReferralService/CreateReferral",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.ReferralService/SendReferral",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.ReferralService/GetReferral",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.ReferralService/ListReferrals",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.ReferralService/OpenPacket", .roles = kCaseStaff},
      {.method = "/fairlead.referral.v1.ReferralService/AcceptOffer",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.ReferralService/DeclineOffer",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.ReferralService/StartService",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.ReferralService/CompleteReferral",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.ReferralService/CancelReferral",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.ReferralService/GetTimeline",
       .roles = kCaseStaffAndSoftware},
      {.method = "/fairlead.referral.v1.ReferralService/CloseAgencyOffers",
       .services_only = true,
       .services = {kDirectory}},
  };
}

}  // namespace fairlead::auth
