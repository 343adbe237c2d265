#include "services/messaging/consumers/apply_events.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace fairlead::messaging {
namespace {

template <class Data>
Result<Data> ParseEvent(const fairlead::events::v1::EventEnvelope& event) {
  Data data;
  if (data.ParseFromString(event.data())) return data;
  return Fail(Code::kDataLoss, "EVENT_UNREADABLE", "An event's data cannot be read.");
}

// "MEMBERSHIP_STATE_ACTIVE" without its prefix, in lower case.
std::string WithoutPrefix(std::string name, std::string_view prefix) {
  name.erase(0, std::min(prefix.size(), name.size()));
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

// The directory's etag of an agency is its version.
int64_t AgencyVersion(const std::string& etag) {
  int64_t version = 0;
  std::from_chars(etag.data(), etag.data() + etag.size(), version);
  return version;
}

}  // namespace

AgencyRecord ToRecord(const fairlead::directory::v1::Agency& agency) {
  using fairlead::directory::v1::AgencyKind_Name;
  using fairlead::directory::v1::MembershipState_Name;
  return {
      .id = agency.id(),
      .membership = WithoutPrefix(MembershipState_Name(agency.membership()), "MEMBERSHIP_STATE_"),
      .kind = WithoutPrefix(AgencyKind_Name(agency.kind()), "AGENCY_KIND_"),
      .version = AgencyVersion(agency.etag())};
}

Result<void> ApplyDirectoryEvent(storage::Transaction& tx,
                                 const fairlead::events::v1::EventEnvelope& event) {
  if (event.data_schema() != "fairlead.events.v1.AgencyChanged") return {};
  FAIRLEAD_ASSIGN(const auto data, ParseEvent<fairlead::events::v1::AgencyChanged>(event));
  return PutAgency(tx, {.id = data.agency_id(),
                        .membership = data.membership(),
                        .kind = data.kind(),
                        .version = data.version()});
}

Result<void> ApplyIdentityEvent(storage::Transaction& tx,
                                const fairlead::events::v1::EventEnvelope& event) {
  if (event.data_schema() != "fairlead.events.v1.AgencyKeysPublished") return {};
  FAIRLEAD_ASSIGN(const auto data, ParseEvent<fairlead::events::v1::AgencyKeysPublished>(event));
  return PutAgencyKey(tx, {.agency_id = data.agency_id(),
                           .epoch = data.epoch(),
                           .epoch_kid = data.epoch_kid(),
                           .signing_kid = data.signing_kid()});
}

}  // namespace fairlead::messaging
