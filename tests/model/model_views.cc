// The model's beds, and what each agency sees of a referral.
#include <algorithm>
#include <set>
#include <sstream>

#include "tests/model/model.h"

namespace fairlead::model {

void Model::LapseHolds(int64_t now_ms) {
  for (Hold& hold : holds_) {
    if (hold.state != HoldState::kPlaced || hold.expire_ms > now_ms) continue;
    hold.state = HoldState::kLapsed;
    beds_.held -= hold.quantity;
    beds_.available += hold.quantity;
  }
}

std::string Model::PlaceHold(const Call& call, int64_t now_ms) {
  if (!call.knows_beds) return "SERVICE_NOT_FOUND";
  LapseHolds(now_ms);
  if (!beds_.accepting) return "CAPACITY_NOT_ACCEPTING";
  if (beds_.available < call.quantity) return "CAPACITY_EXHAUSTED";
  const bool is_held = std::ranges::any_of(holds_, [&](const Hold& hold) {
    return hold.state == HoldState::kPlaced && hold.holder == call.by &&
           hold.reference == call.reference;
  });
  if (is_held) return "HOLD_EXISTS";
  holds_.push_back({.holder = call.by,
                    .reference = call.reference,
                    .quantity = call.quantity,
                    .expire_ms = now_ms + call.lapse_ms});
  beds_.available -= call.quantity;
  beds_.held += call.quantity;
  return "";
}

std::string Model::EndHold(const Call& call, int64_t now_ms) {
  const bool consumes = call.verb == Verb::kConsumeHold;
  if (call.hold < 0 || call.hold >= static_cast<int>(holds_.size())) return "HOLD_NOT_FOUND";
  Hold& hold = holds_[static_cast<size_t>(call.hold)];
  const bool may = call.by == kBedsOwner || (!consumes && call.by == hold.holder);
  if (!may) return "HOLD_NOT_FOUND";
  if (hold.state != HoldState::kPlaced || hold.expire_ms <= now_ms) return "HOLD_ENDED";
  hold.state = consumes ? HoldState::kConsumed : HoldState::kReleased;
  beds_.held -= hold.quantity;
  if (!consumes) beds_.available += hold.quantity;
  return "";
}

std::string Model::SayBeds(const Call& call) {
  if (call.by != kBedsOwner) return "SERVICE_NOT_FOUND";
  if (call.available + beds_.held > kMostBeds) return "CAPACITY_OVER_MAXIMUM";
  beds_.available = call.available;
  beds_.accepting = call.accepting;
  return "";
}

bool Model::IsParty(int referral, int viewer) const {
  if (referral < 0 || referral >= static_cast<int>(referrals_.size())) return false;
  return referrals_[static_cast<size_t>(referral)].sender == viewer ||
         OfferOf(referral, viewer).has_value();
}

// The newest that stands, or else the newest.
std::optional<size_t> Model::OfferOf(int referral, int agency) const {
  if (referral < 0 || referral >= static_cast<int>(referrals_.size())) return std::nullopt;
  const std::vector<Offer>& offers = referrals_[static_cast<size_t>(referral)].offers;
  std::optional<size_t> newest;
  for (size_t i = 0; i < offers.size(); ++i) {
    if (offers[i].to != agency) continue;
    if (!newest || offers[i].Stands() || !offers[*newest].Stands()) newest = i;
  }
  return newest;
}

// One of several that are asked, and whoever is out of it, knows its own offer and no more.
bool Model::KnowsOwnOnly(const Referral& referral, int viewer, const Offer* own) const {
  if (referral.sender == viewer || own == nullptr || own->state == OfferState::kAccepted) {
    return false;
  }
  return referral.mode != Mode::kDirect || !own->IsPending();
}

const Offer* Model::OwnOffer(int referral, int viewer) const {
  const std::optional<size_t> at = OfferOf(referral, viewer);
  return at ? &referrals_[static_cast<size_t>(referral)].offers[*at] : nullptr;
}

State Model::SeenState(int referral, int viewer) const {
  const Referral& it = referrals_[static_cast<size_t>(referral)];
  const Offer* own = OwnOffer(referral, viewer);
  if (!KnowsOwnOnly(it, viewer, own)) return it.state;
  if (own->IsPending()) return State::kOpen;
  return own->state == OfferState::kWithdrawn ? State::kCancelled : State::kClosed;
}

std::string Model::Token(int referral, int viewer) const {
  if (!IsParty(referral, viewer)) return "";
  const Referral& it = referrals_[static_cast<size_t>(referral)];
  const Offer* own = OwnOffer(referral, viewer);
  std::ostringstream token;
  if (KnowsOwnOnly(it, viewer, own)) {
    token << "offer " << own - it.offers.data() << " " << static_cast<int>(own->state) << " "
          << static_cast<int>(own->answer);
    // Of one that has ended nothing is asked and told any more.
    for (const Question& asked : own->questions) {
      if (own->IsPending()) token << " " << asked.code << asked.answers;
    }
  } else {
    token << "version " << it.version;
  }
  return token.str();
}

std::string Model::See(int referral, int viewer, bool blurred) const {
  if (!IsParty(referral, viewer)) return "REFERRAL_NOT_FOUND";
  const Referral& it = referrals_[static_cast<size_t>(referral)];
  const bool is_sender = it.sender == viewer;
  const Offer* own = OwnOffer(referral, viewer);
  const bool knows_all = !KnowsOwnOnly(it, viewer, own);
  const bool is_told_mode = knows_all || own->IsPending();
  std::ostringstream seen;
  seen << "state " << static_cast<int>(SeenState(referral, viewer)) << " mode "
       << (is_told_mode ? static_cast<int>(it.mode) : 0) << " from " << it.sender << " need "
       << it.need << " urgency " << static_cast<int>(it.urgency) << " case "
       << (blurred     ? "~"
           : is_sender ? it.case_handle
                       : "")
       << " release " << (knows_all ? it.release : -1) << " packet "
       << (blurred                      ? "~"
           : knows_all && it.has_packet ? "1"
                                        : "0")
       << " reason " << (knows_all ? it.reason : own->reason) << " outcome "
       << (knows_all ? it.outcome : "");
  for (size_t i = 0; i < it.offers.size(); ++i) {
    const Offer& offer = it.offers[i];
    if (!is_sender && offer.to != viewer) continue;
    seen << " | offer " << i << " to " << offer.to << " state " << static_cast<int>(offer.state)
         << " reason " << offer.reason << " answer " << static_cast<int>(offer.answer)
         << (offer.was_delivered ? " delivered" : "") << (offer.was_opened ? " opened" : "")
         << (offer.was_decided ? " decided" : "") << " next "
         << (offer.IsPending() && offer.steps_done < kStepsOfAClock ? offer.steps_done + 1 : 0);
    if (blurred || !(is_sender || offer.Stands())) continue;
    for (const Question& asked : offer.questions) seen << " " << asked.code << "=" << asked.answer;
  }
  return seen.str();
}

std::vector<std::string> Model::Story(int referral, int viewer) const {
  const Referral& it = referrals_[static_cast<size_t>(referral)];
  std::vector<Line> lines;
  for (const Line& line : it.story) {
    const bool about_own =
        line.offer >= 0 && it.offers[static_cast<size_t>(line.offer)].to == viewer;
    if (it.sender == viewer || line.by == viewer || about_own) lines.push_back(line);
  }
  std::ranges::stable_sort(lines, {}, &Line::offer);
  std::vector<std::string> story;
  for (const Line& line : lines) {
    std::ostringstream text;
    text << line.event << " by " << line.by
         << (line.by == viewer && line.by_person ? " in person" : "") << " reason " << line.reason
         << " offer " << line.offer;
    story.push_back(text.str());
  }
  return story;
}

bool Model::MayBeShredded(int referral, int64_t now_ms) const {
  constexpr int64_t kViewMarginMs = 3'600'000;
  const Referral& it = referrals_[static_cast<size_t>(referral)];
  return it.HasEnded() && it.change_ms + kRetentionMs - kViewMarginMs <= now_ms;
}

std::vector<std::string> Model::Disclosures(int release, int viewer) const {
  std::vector<std::string> all;
  const Release& it = releases_[static_cast<size_t>(release)];
  if (it.discloser != viewer) return all;
  for (const Disclosure& each : it.disclosures) {
    std::ostringstream text;
    text << (each.opened ? "opened" : "sent") << " referral " << each.referral << " by " << each.to;
    all.push_back(text.str());
  }
  std::ranges::sort(all);
  return all;
}

std::vector<int> Model::Openers(int release) const {
  std::set<int> openers;
  const Release& it = releases_[static_cast<size_t>(release)];
  for (const Disclosure& each : it.disclosures) {
    if (each.opened && each.to != it.discloser) openers.insert(each.to);
  }
  return {openers.begin(), openers.end()};
}

std::vector<int64_t> Model::Moments() const {
  std::vector<int64_t> moments;
  for (const Referral& referral : referrals_) {
    for (const Offer& offer : referral.offers) {
      if (!offer.IsPending()) continue;
      moments.insert(moments.end(), offer.due_ms.begin() + offer.steps_done, offer.due_ms.end());
    }
  }
  for (const Release& release : releases_) {
    if (release.state <= ReleaseState::kActive) moments.push_back(release.expire_ms);
  }
  for (const Hold& hold : holds_) {
    if (hold.state == HoldState::kPlaced) moments.push_back(hold.expire_ms);
  }
  return moments;
}

bool Model::IsToss(int referral, int64_t now_ms, int64_t until_ms) const {
  const auto comes = [&](int64_t moment) { return moment > now_ms && moment <= until_ms; };
  const Referral& it = referrals_[static_cast<size_t>(referral)];
  if (it.state != State::kOpen || it.release < 0) return false;
  if (!comes(releases_[static_cast<size_t>(it.release)].expire_ms)) return false;
  return std::ranges::any_of(it.offers, [&](const Offer& offer) {
    return offer.IsPending() && comes(offer.due_ms[static_cast<size_t>(offer.steps_done)]);
  });
}

}  // namespace fairlead::model
