#include "tests/model/text.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace fairlead::model {

std::string TextOf(const referral::v1::Referral& referral, const Names& names, bool blurred) {
  std::ostringstream text;
  text << "state " << referral.state() << " mode " << referral.mode() << " from "
       << names.NumberOf(referral.sender_agency_id()) << " need " << referral.facets().need_code()
       << " urgency " << referral.facets().urgency() << " case "
       << (blurred ? "~" : referral.case_handle()) << " release "
       << names.NumberOf(referral.release_id()) << " packet "
       << (blurred                 ? "~"
           : referral.has_packet() ? "1"
                                   : "0")
       << " reason " << referral.reason_code() << " outcome " << referral.outcome_code();
  for (const referral::v1::Offer& offer : referral.offers()) {
    text << " | offer " << names.NumberOf(offer.id()) << " to "
         << names.NumberOf(offer.recipient_agency_id()) << " state " << offer.state() << " reason "
         << offer.reason_code() << " answer " << offer.answer()
         << (offer.has_deliver_time() ? " delivered" : "")
         << (offer.has_open_time() ? " opened" : "") << (offer.has_decide_time() ? " decided" : "")
         << " next " << offer.next_step();
    if (blurred) continue;
    for (const referral::v1::OfferQuestion& asked : offer.questions()) {
      text << " " << asked.question_code() << "=" << asked.answer_code();
    }
  }
  return text.str();
}

namespace {

// The model has no follow-ups: that one is due may stand in the story of the agency that owes it,
// which sees who of its people began the service, and in no other.
bool IsOwedFollowUp(const referral::v1::GetTimelineResponse& timeline,
                    const referral::v1::TimelineEntry& entry) {
  if (entry.event() != "follow_up_due") return false;
  return std::ranges::any_of(timeline.entries(), [&](const referral::v1::TimelineEntry& each) {
    return each.event() == "started" && each.offer_id() == entry.offer_id() &&
           !each.staff_id().empty();
  });
}

}  // namespace

std::vector<std::string> TextOf(const referral::v1::GetTimelineResponse& timeline,
                                const Names& names) {
  std::vector<std::pair<int, std::string>> lines;
  for (const referral::v1::TimelineEntry& entry : timeline.entries()) {
    if (IsOwedFollowUp(timeline, entry)) continue;
    const int offer = names.NumberOf(entry.offer_id());
    std::ostringstream text;
    text << entry.event() << " by " << names.NumberOf(entry.agency_id())
         << (entry.staff_id().empty() ? "" : " in person") << " reason " << entry.reason_code()
         << " offer " << offer;
    lines.emplace_back(offer, text.str());
  }
  std::ranges::stable_sort(lines, {}, &std::pair<int, std::string>::first);
  std::vector<std::string> story;
  for (auto& [offer, line] : lines) story.push_back(std::move(line));
  return story;
}

std::vector<std::string> TextOf(const consent::v1::ListDisclosuresResponse& disclosures,
                                const Names& names) {
  std::vector<std::string> all;
  for (const consent::v1::Disclosure& each : disclosures.disclosures()) {
    std::ostringstream text;
    text << each.kind() << " referral " << names.NumberOf(each.referral_id()) << " by "
         << names.NumberOf(each.recipient_agency_id());
    all.push_back(text.str());
  }
  std::ranges::sort(all);
  return all;
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += "\n      " + line;
  return all;
}

}  // namespace fairlead::model
