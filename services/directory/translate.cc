#include "services/directory/translate.h"

#include <vector>

#include "services/common/rpc/proto_time.h"

namespace fairlead::directory {
namespace {

static_assert(static_cast<int>(AgencyKind::kOther) == v1::AGENCY_KIND_OTHER);
static_assert(static_cast<int>(AgencyKind::kCoalitionOffice) == v1::AGENCY_KIND_COALITION_OFFICE);
static_assert(static_cast<int>(Membership::kDeparted) == v1::MEMBERSHIP_STATE_DEPARTED);
static_assert(static_cast<int>(Membership::kActive) == v1::MEMBERSHIP_STATE_ACTIVE);
static_assert(static_cast<int>(MembershipReason::kResolved) == v1::MEMBERSHIP_REASON_RESOLVED);
static_assert(static_cast<int>(MembershipReason::kConduct) == v1::MEMBERSHIP_REASON_CONDUCT);

// A number of a shelter may lead to it: not for those who need not call.
bool MaySeePhone(const Agency& agency, const auth::Actor& viewer) {
  if (viewer.Has(auth::Role::kCoordinator)) return true;
  if (!viewer.Has(auth::Role::kAgencyAdmin)) return false;
  return agency.id == viewer.agency_id || viewer.agency_kind != auth::AgencyKind::kLawEnforcement;
}

}  // namespace

bool MaySeeApplicants(const auth::Actor& viewer) {
  if (viewer.kind == auth::ActorKind::kService) return true;
  if (viewer.agency_kind == auth::AgencyKind::kLawEnforcement) return false;
  return viewer.Has(auth::Role::kAgencyAdmin) || viewer.Has(auth::Role::kCoordinator) ||
         viewer.Has(auth::Role::kAuditor);
}

bool MaySee(const Agency& agency, const auth::Actor& viewer) {
  const bool applicant =
      agency.membership == Membership::kApplied || agency.membership == Membership::kSponsored;
  return !applicant || agency.id == viewer.agency_id || MaySeeApplicants(viewer);
}

v1::Agency ToProto(const Agency& agency, const auth::Actor& viewer) {
  v1::Agency proto;
  proto.set_id(agency.id);
  proto.set_name(agency.name);
  proto.set_kind(static_cast<v1::AgencyKind>(agency.kind));
  proto.set_membership(static_cast<v1::MembershipState>(agency.membership));
  rpc::SetTime(agency.create_ms, [&] { return proto.mutable_create_time(); });
  proto.set_etag(std::to_string(agency.version));
  if (MaySeePhone(agency, viewer)) proto.set_contact_phone(agency.contact_phone);
  return proto;
}

v1::MembershipChange ToProto(const MembershipChange& change) {
  v1::MembershipChange proto;
  proto.set_from(static_cast<v1::MembershipState>(change.from));
  proto.set_to(static_cast<v1::MembershipState>(change.to));
  proto.set_reason(static_cast<v1::MembershipReason>(change.reason));
  proto.set_actor_staff_id(change.actor_staff_id);
  proto.set_actor_agency_id(change.actor_agency_id);
  rpc::SetTime(change.time_ms, [&] { return proto.mutable_time(); });
  proto.set_is_sponsorship(change.is_sponsorship);
  return proto;
}

Result<Position> DecodePosition(const rpc::PageTokens& tokens, const std::string& query,
                                const std::string& token) {
  if (token.empty()) return Position{};
  FAIRLEAD_ASSIGN(const std::vector<std::string> parts, tokens.Decode(query, token));
  if (parts.size() != 2) {
    return Fail(Code::kInvalidArgument, "INVALID_PAGE_TOKEN", "This page token is not of ours.");
  }
  return Position{parts[0], parts[1]};
}

}  // namespace fairlead::directory
