#include "services/directory/domain/agency.h"

namespace fairlead::directory {

std::string_view CodeOf(AgencyKind kind) {
  switch (kind) {
    case AgencyKind::kVictimServiceProvider:
      return "victim_service_provider";
    case AgencyKind::kHealthProvider:
      return "health_provider";
    case AgencyKind::kPart2Program:
      return "part2_program";
    case AgencyKind::kLegalServices:
      return "legal_services";
    case AgencyKind::kLawEnforcement:
      return "law_enforcement";
    case AgencyKind::kGovernment:
      return "government";
    case AgencyKind::kHotline:
      return "hotline";
    case AgencyKind::kCoalitionOffice:
      return "coalition_office";
    case AgencyKind::kOther:
      return "other";
  }
  return "other";
}

std::string_view CodeOf(Membership membership) {
  switch (membership) {
    case Membership::kApplied:
      return "applied";
    case Membership::kSponsored:
      return "sponsored";
    case Membership::kActive:
      return "active";
    case Membership::kSuspended:
      return "suspended";
    case Membership::kDeparted:
      return "departed";
  }
  return "departed";
}

}  // namespace fairlead::directory
