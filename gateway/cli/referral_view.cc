#include "gateway/cli/referral_view.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;

std::string OfferText(Context& context, const v1::Offer& offer) {
  std::string text = EnumText(offer.state());
  if (!offer.reason_code().empty()) text += " (" + offer.reason_code() + ")";
  text += ", sent " + TimeText(offer.send_time());
  if (offer.has_open_time()) text += ", opened " + TimeText(offer.open_time());
  if (offer.has_decide_time()) text += ", decided " + TimeText(offer.decide_time());
  if (offer.has_expire_time() && !offer.has_decide_time()) {
    text += ", answer due " + RelativeText(offer.expire_time().seconds() * 1000, context.NowMs());
  }
  return text;
}

// "matched (release_revoked)": nothing opens any more, though the service may go on.
std::string StateText(const v1::Referral& referral) {
  const std::string state = EnumText(referral.state());
  return referral.reason_code().empty() ? state : state + " (" + referral.reason_code() + ")";
}

// What has become of the release, while the referral goes on without it.
std::string ReleaseText(const v1::Referral& referral) {
  const bool goes_on = referral.state() == v1::REFERRAL_STATE_MATCHED ||
                       referral.state() == v1::REFERRAL_STATE_IN_SERVICE;
  static const std::map<std::string, std::string> kEnds = {
      {"expired", "has EXPIRED"},
      {"release_revoked", "was TAKEN BACK by the client"},
      {"release_superseded", "was REPLACED by a newer one"},
      {"release_entered_in_error", "was RECORDED IN ERROR"}};
  const auto end = kEnds.find(referral.reason_code());
  if (!goes_on || end == kEnds.end()) return referral.release_id();
  return referral.release_id() + ": " + end->second +
         "; the packet is closed, the service may go on";
}

}  // namespace

const v1::Offer* OfferOf(const v1::Referral& referral, const std::string& own_agency_id) {
  const v1::Offer* latest = nullptr;
  for (const v1::Offer& offer : referral.offers()) {
    if (offer.recipient_agency_id() == own_agency_id || latest == nullptr ||
        latest->recipient_agency_id() != own_agency_id) {
      latest = &offer;
    }
  }
  return latest;
}

void PrintReferral(Context& context, const v1::Referral& referral) {
  const v1::Facets& facets = referral.facets();
  std::vector<Field> fields = {
      {"Referral", referral.id()},
      {"State", EnumText(referral.state())},
      {"Reason", referral.reason_code()},
      {"Outcome", referral.outcome_code()},
      {"Need", facets.need_code()},
      {"Urgency", EnumText(facets.urgency())},
      {"Age", facets.age_band()},
      {"Household", facets.household_size() == 0 ? "" : std::to_string(facets.household_size())},
      {"Of", ListedField(facets.household_codes())},
      {"Languages", ListedField(facets.languages())},
      {"County", facets.county()},
      {"Access", ListedField(facets.accessibility_codes())},
      {"Exploitation", facets.exploitation_type()},
      {"From", context.AgencyName(referral.sender_agency_id())},
      {"Case", referral.case_handle()},
      {"Release", ReleaseText(referral)},
      {"Purpose", referral.purpose()},
      {"Data", ListedField(referral.categories())},
      {"Version", referral.etag()}};
  for (const v1::Offer& offer : referral.offers()) {
    fields.push_back({"To", context.AgencyName(offer.recipient_agency_id())});
    fields.push_back({"Offer", offer.id()});
    fields.push_back({"", OfferText(context, offer)});
  }
  PrintFields(context.out(), fields);
}

bool AwaitsAnswer(Context& context, const v1::Referral& referral) {
  const v1::Offer* offer = OfferOf(referral, context.session().agency_id);
  return referral.state() == v1::REFERRAL_STATE_OPEN && offer != nullptr &&
         !offer->has_decide_time();
}

namespace {

// In how long an answer is due: "3 h", "LATE"; empty when none is awaited.
std::string DueText(Context& context, const v1::Referral& referral) {
  const v1::Offer* offer = OfferOf(referral, context.session().agency_id);
  if (!AwaitsAnswer(context, referral) || !offer->has_expire_time()) return "";
  const int64_t due_ms = offer->expire_time().seconds() * 1000;
  const int64_t now_ms = context.NowMs();
  constexpr size_t kIn = std::string_view("in ").size();
  return due_ms < now_ms ? "LATE" : RelativeText(due_ms, now_ms).substr(kIn);
}

}  // namespace

void SortByHaste(Context& context, v1::ListReferralsResponse* referrals) {
  const auto haste = [&](const v1::Referral& referral) {
    constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
    const bool awaited = AwaitsAnswer(context, referral);
    const v1::Offer* offer = OfferOf(referral, context.session().agency_id);
    const int64_t due_s = awaited && offer->has_expire_time() ? offer->expire_time().seconds()
                                                              : kNever;
    // The urgencies are numbered from the most urgent on.
    return std::make_tuple(!awaited, awaited ? static_cast<int>(referral.facets().urgency()) : 0,
                           due_s);
  };
  auto& rows = *referrals->mutable_referrals();
  std::stable_sort(rows.begin(), rows.end(), [&](const v1::Referral& a, const v1::Referral& b) {
    return haste(a) < haste(b);
  });
}

void PrintReferrals(Context& context, const v1::ListReferralsResponse& referrals, v1::Box box) {
  constexpr size_t kAgencyColumns = 14;
  const bool sent = box == v1::BOX_SENT;
  Table table({"DUE", "URGENCY", "NEED", "STATE", sent ? "TO" : "FROM", "REFERRAL"});
  for (const v1::Referral& referral : referrals.referrals()) {
    const v1::Offer* offer = OfferOf(referral, context.session().agency_id);
    const std::string recipient = offer == nullptr ? "" : offer->recipient_agency_id();
    table.Add({DueText(context, referral), EnumText(referral.facets().urgency()),
               referral.facets().need_code(), StateText(referral),
               Shortened(context.AgencyName(sent ? recipient : referral.sender_agency_id()),
                         kAgencyColumns),
               referral.id()});
  }
  if (!table.empty()) context.Print(table);
}

void PrintTimeline(Context& context, const v1::GetTimelineResponse& timeline) {
  Table table({"TIME", "EVENT", "BY", "REASON"});
  for (const v1::TimelineEntry& entry : timeline.entries()) {
    table.Add({TimeText(entry.time()), entry.event(), context.AgencyName(entry.agency_id()),
               entry.reason_code()});
  }
  if (!table.empty()) context.Print(table);
}

Result<v1::ListReferralsResponse> ListBox(Context& context, v1::Box box,
                                          const std::vector<v1::ReferralState>& states) {
  v1::ListReferralsRequest request;
  request.set_box(box);
  for (const v1::ReferralState state : states) request.add_states(state);
  return AllPages<v1::ListReferralsResponse>(context, kListReferrals, request);
}

}  // namespace fairlead::cli
