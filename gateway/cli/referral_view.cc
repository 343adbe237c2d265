#include "gateway/cli/referral_view.h"

#include "gateway/cli/methods.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;

constexpr int kPageSize = 100;
constexpr int kMaxPages = 100;

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
      {"Release", referral.release_id()},
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

void PrintReferrals(Context& context, const v1::ListReferralsResponse& referrals) {
  Table table({"REFERRAL", "STATE", "NEED", "URGENCY", "FROM", "TO", "SENT", "OFFER"});
  for (const v1::Referral& referral : referrals.referrals()) {
    const v1::Offer* offer = OfferOf(referral, context.session().agency_id);
    table.Add({referral.id(), EnumText(referral.state()), referral.facets().need_code(),
               EnumText(referral.facets().urgency()),
               context.AgencyName(referral.sender_agency_id()),
               offer == nullptr ? "" : context.AgencyName(offer->recipient_agency_id()),
               offer == nullptr ? "" : TimeText(offer->send_time()),
               offer == nullptr ? "" : EnumText(offer->state())});
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
  request.set_page_size(kPageSize);
  for (const v1::ReferralState state : states) request.add_states(state);
  v1::ListReferralsResponse all;
  for (int page = 0; page < kMaxPages; ++page) {
    FAIRLEAD_ASSIGN(const auto response,
                    context.client().Call<v1::ListReferralsResponse>(kListReferrals, request));
    all.mutable_referrals()->MergeFrom(response.referrals());
    request.set_page_token(response.next_page_token());
    if (response.next_page_token().empty()) break;
  }
  return all;
}

}  // namespace fairlead::cli
