// The synthetic coalition of `--demo`: agencies, services, staff for every role, open referrals.
// Plain data: everything is made up, every telephone number is from the range reserved for
// fiction (555-01xx).
#ifndef SERVICES_HUB_DEMO_COALITION_H_
#define SERVICES_HUB_DEMO_COALITION_H_

#include <span>
#include <string_view>

#include "services/common/auth/actor.h"

namespace fairlead::hub {

struct DemoAgency {
  std::string_view key;   // "harbor": the first part of its people's sign-in names
  std::string_view name;
  auth::AgencyKind kind;
  std::string_view city;
  std::string_view county;  // FIPS
  bool confidential = false;
};

struct DemoService {
  std::string_view agency_key;
  std::string_view name;
  std::string_view need_code;
  std::string_view languages;  // separated by spaces
  int minimum_age = 0;
  int maximum_age = 0;         // 0: none
};

struct DemoPerson {
  std::string_view agency_key;
  std::string_view post;  // "caseworker": the second part of the sign-in name
  std::string_view title;
  auth::Role role;
  bool also_admin = false;
};

struct DemoReferral {
  std::string_view from_key;
  std::string_view to_key;
  std::string_view need_code;
  int urgency;  // fairlead.referral.v1.Urgency
  std::string_view language;
};

std::span<const DemoAgency> DemoAgencies();    // 12
std::span<const DemoService> DemoServices();   // 60
std::span<const DemoPerson> DemoPeople();
std::span<const DemoReferral> DemoReferrals();

}  // namespace fairlead::hub

#endif  // SERVICES_HUB_DEMO_COALITION_H_
