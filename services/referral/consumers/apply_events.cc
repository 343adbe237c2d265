#include "services/referral/consumers/apply_events.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "services/referral/commands/assign_referral.h"
#include "services/referral/commands/cancel_referral.h"
#include "services/referral/commands/close_agency_offers.h"
#include "services/referral/store/sql_referral_store.h"

namespace fairlead::referral {
namespace {

template <class Data>
Result<Data> Parse(const fairlead::events::v1::EventEnvelope& event) {
  Data data;
  if (data.ParseFromString(event.data())) return data;
  return Fail(Code::kDataLoss, "EVENT_UNREADABLE", "An event's data cannot be read.");
}

// "MEMBERSHIP_STATE_ACTIVE" without its prefix, in lower case.
std::string ShortName(std::string name, size_t prefix_length) {
  name.erase(0, std::min(prefix_length, name.size()));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

// The directory's etag of an agency is its version.
int64_t VersionOf(const std::string& etag) {
  int64_t version = 0;
  std::from_chars(etag.data(), etag.data() + etag.size(), version);
  return version;
}

// Why what stands under a release ends with it; empty: this change ends nothing.
std::string ReasonOfEnd(const std::string& change) {
  if (change == "expired") return "expired";
  if (change == "revoked") return "release_revoked";
  if (change == "superseded") return "release_superseded";
  if (change == "entered_in_error") return "release_entered_in_error";
  return "";
}

// From the approval on it stands in the referral's story, for its sender and for who broke it.
Result<void> ApplyBreakGlass(storage::Transaction& tx,
                             const fairlead::events::v1::EventEnvelope& event, IdGenerator& ids) {
  FAIRLEAD_ASSIGN(const auto data, Parse<fairlead::events::v1::BreakGlassChanged>(event));
  if (data.change() == "requested") return {};
  const std::unique_ptr<ReferralStore> store = MakeSqlReferralStore(tx);
  FAIRLEAD_ASSIGN(const std::optional<Referral> referral, store->Find(data.referral_id()));
  if (!referral) return {};
  const std::optional<size_t> own = OfferOf(*referral, data.agency_id());
  if (!own) return {};
  const bool reviewed = data.change() == "reviewed";
  return store->AddTimeline({.id = ids.New(),
                             .referral_id = referral->id,
                             .time_ms = event.time().seconds() * 1000 +
                                        event.time().nanos() / 1'000'000,
                             .event = "break_glass_" + data.change(),
                             .agency_id = data.change() == "approved" ? data.agency_id() : "",
                             .staff_id = "",
                             .reason_code = reviewed ? data.outcome() : data.reason_code(),
                             .offer_id = referral->offers[*own].id});
}

Result<void> ApplyStaffChanged(storage::Transaction& tx,
                               const fairlead::events::v1::EventEnvelope& event, IdGenerator& ids,
                               int64_t now_ms) {
  FAIRLEAD_ASSIGN(const auto data, Parse<fairlead::events::v1::StaffChanged>(event));
  if (data.change() != "disabled") return {};
  const std::unique_ptr<ReferralStore> store = MakeSqlReferralStore(tx);
  Unit unit{.tx = tx,
            .store = *store,
            .ids = ids,
            .now_ms = now_ms,
            .agency_id = data.agency_id(),
            .staff_id = "",
            .traceparent = event.traceparent()};
  return ReturnAllOf(unit, data.agency_id(), data.staff_id());
}

}  // namespace

AgencyRecord ToRecord(const fairlead::directory::v1::Agency& agency) {
  using fairlead::directory::v1::AgencyKind_Name;
  using fairlead::directory::v1::MembershipState_Name;
  return {
      .id = agency.id(),
      .membership = ShortName(MembershipState_Name(agency.membership()),
                              std::string_view("MEMBERSHIP_STATE_").size()),
      .kind = ShortName(AgencyKind_Name(agency.kind()), std::string_view("AGENCY_KIND_").size()),
      .version = VersionOf(agency.etag())};
}

Result<void> ApplyDirectoryEvent(storage::Transaction& tx,
                                 const fairlead::events::v1::EventEnvelope& event, IdGenerator& ids,
                                 int64_t now_ms) {
  if (event.data_schema() != "fairlead.events.v1.AgencyChanged") return {};
  FAIRLEAD_ASSIGN(const auto data, Parse<fairlead::events::v1::AgencyChanged>(event));
  const std::unique_ptr<ReferralStore> store = MakeSqlReferralStore(tx);
  const AgencyRecord agency{.id = data.agency_id(),
                            .membership = data.membership(),
                            .kind = data.kind(),
                            .version = data.version()};
  FAIRLEAD_RETURN_IF_ERROR(store->PutAgency(agency));
  if (!EndsOffers(agency.membership)) return {};
  Unit unit{.tx = tx,
            .store = *store,
            .ids = ids,
            .now_ms = now_ms,
            .agency_id = agency.id,
            .staff_id = "",
            .traceparent = event.traceparent()};
  // The directory has called for the same by now, as a rule: whoever comes first does it.
  FAIRLEAD_RETURN_IF_ERROR(CloseAgencyOffers(unit, agency));
  return {};
}

Result<void> ApplyIdentityEvent(storage::Transaction& tx,
                                const fairlead::events::v1::EventEnvelope& event, IdGenerator& ids,
                                int64_t now_ms) {
  if (event.data_schema() == "fairlead.events.v1.StaffChanged") {
    return ApplyStaffChanged(tx, event, ids, now_ms);
  }
  if (event.data_schema() != "fairlead.events.v1.AgencyKeysPublished") return {};
  FAIRLEAD_ASSIGN(const auto data, Parse<fairlead::events::v1::AgencyKeysPublished>(event));
  return MakeSqlReferralStore(tx)->PutAgencyKey({.agency_id = data.agency_id(),
                                                 .epoch = data.epoch(),
                                                 .epoch_kid = data.epoch_kid(),
                                                 .signing_kid = data.signing_kid()});
}

Result<void> ApplyConsentEvent(storage::Transaction& tx,
                               const fairlead::events::v1::EventEnvelope& event, IdGenerator& ids,
                               int64_t now_ms) {
  if (event.data_schema() == "fairlead.events.v1.BreakGlassChanged") {
    return ApplyBreakGlass(tx, event, ids);
  }
  if (event.data_schema() != "fairlead.events.v1.ReleaseChanged") return {};
  FAIRLEAD_ASSIGN(const auto data, Parse<fairlead::events::v1::ReleaseChanged>(event));
  const std::string reason = ReasonOfEnd(data.change());
  if (reason.empty()) return {};
  const std::unique_ptr<ReferralStore> store = MakeSqlReferralStore(tx);
  Unit unit{.tx = tx,
            .store = *store,
            .ids = ids,
            .now_ms = now_ms,
            .agency_id = data.discloser_agency_id(),
            .staff_id = "",
            .traceparent = event.traceparent()};
  FAIRLEAD_RETURN_IF_ERROR(store->PutRevokedRelease(data.release_id(), now_ms));
  std::string after_id;
  while (true) {
    FAIRLEAD_ASSIGN(const std::vector<std::string> live,
                    store->LiveUnderRelease(data.release_id(), after_id));
    if (live.empty()) return {};
    for (const std::string& referral_id : live) {
      FAIRLEAD_RETURN_IF_ERROR(EndWithRelease(unit, referral_id, reason));
    }
    after_id = live.back();
  }
}

}  // namespace fairlead::referral
