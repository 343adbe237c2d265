#include "services/directory/service_view.h"

#include <string>
#include <vector>

#include "services/common/rpc/proto_time.h"
#include "services/directory/domain/open_state.h"
#include "services/directory/domain/verification.h"

namespace fairlead::directory {
namespace {

constexpr size_t kMaxOpenings = 100;

void SetEligibility(const Eligibility& from, v1::Eligibility& to) {
  rpc::SetRepeated(from[CodeList::kGender], to.mutable_genders());
  rpc::SetRepeated(from[CodeList::kPopulation], to.mutable_populations());
  rpc::SetRepeated(from[CodeList::kExploitation], to.mutable_exploitation_types());
  rpc::SetRepeated(from[CodeList::kHousehold], to.mutable_household_codes());
  rpc::SetRepeated(from[CodeList::kAccessibility], to.mutable_accessibility_codes());
  rpc::SetRepeated(from.interpreted_languages, to.mutable_interpreted_languages());
  rpc::SetRepeated(from.states, to.mutable_states());
  to.set_any_interpreter(from.any_interpreter);
  to.set_id_required(from.id_required);
  to.set_sobriety_required(from.sobriety_required);
  to.set_cost(std::string(CodeOf(from.cost)));
  to.set_takes_warm_transfers(from.takes_warm_transfers);
  to.set_response_target_min(from.response_target_min);
}

}  // namespace

v1::Service ToProto(const StoredListing& stored, int64_t now_ms) {
  const Listing& listing = stored.listing;
  v1::Service proto;
  proto.set_id(listing.id);
  proto.set_agency_id(stored.agency_id);
  proto.set_agency_name(stored.agency_name);
  proto.set_organization_name(stored.organization_name);
  proto.set_name(listing.name);
  proto.set_description(listing.description);
  proto.set_status(listing.status);
  rpc::SetRepeated(listing.need_codes, proto.mutable_need_codes());
  rpc::SetRepeated(listing.languages, proto.mutable_languages());
  rpc::SetRepeated(listing.counties, proto.mutable_counties());
  rpc::SetRepeated(listing.phones, proto.mutable_phones());
  proto.set_email(listing.email);
  proto.set_url(listing.url);
  proto.set_minimum_age(listing.minimum_age);
  proto.set_maximum_age(listing.maximum_age);
  proto.set_confidential_location(listing.confidential_location);
  if (!listing.confidential_location) rpc::SetRepeated(listing.cities, proto.mutable_cities());
  rpc::SetTime(stored.update_ms, [&] { return proto.mutable_update_time(); });
  SetEligibility(listing.eligibility, *proto.mutable_eligibility());
  proto.set_verification(
      static_cast<v1::VerificationState>(VerificationOf(stored.assured_ms, now_ms)));
  rpc::SetTime(stored.assured_ms, [&] { return proto.mutable_assured_time(); });
  return proto;
}

void SetHours(const Listing& listing, int64_t now_ms, bool whole, v1::Service& proto) {
  const std::vector<calendar::Schedule> schedules = ReadSchedules(listing.schedules);
  if (schedules.empty()) return;
  const std::vector<calendar::Opening> openings =
      calendar::Openings(schedules, now_ms, now_ms + kHoursSpanMs);
  v1::Hours* hours = proto.mutable_hours();
  hours->set_time_zone(schedules.front().zone);
  const OpenState state = StateAt(openings, now_ms);
  hours->set_open_now(state.is_open);
  if (state.change_ms != 0) {
    rpc::SetTime(state.change_ms, [&] { return hours->mutable_change_time(); });
  }
  if (!whole) return;
  for (const calendar::Opening& one : openings) {
    if (static_cast<size_t>(hours->openings_size()) == kMaxOpenings) break;
    v1::Opening* opening = hours->add_openings();
    rpc::SetTime(one.start_ms, [&] { return opening->mutable_start_time(); });
    rpc::SetTime(one.end_ms, [&] { return opening->mutable_end_time(); });
  }
}

}  // namespace fairlead::directory
