#include "services/referral/domain/referral.h"

#include <algorithm>

#include "services/common/base/encoding.h"
#include "services/referral/domain/codes.h"
#include "services/referral/domain/follow_up.h"

namespace fairlead::referral {
namespace {

bool Stands(const Offer& offer) {
  return IsPending(offer.state) || offer.state == OfferState::kAccepted;
}

// Grows with everything that is asked or answered about the offer. Of one that has ended it is 0:
// nothing comes any more, and that retention takes the rest away is seen by nobody.
int64_t QuestionsVersion(const Offer& offer) {
  int64_t version = 0;
  if (!Stands(offer)) return version;
  for (const AskedQuestion& asked : offer.questions) version += 1 + asked.answers;
  return version;
}

// The version counts what others were asked and answered before, which one of several must not
// learn: its recipient gets it hashed under the case handle, 122 random bits that are the sender's
// secret. Of what has ended nothing changes any more, and the case handle goes: a constant.
std::string KeyedVersion(const Referral& referral) {
  if (IsTerminal(referral.state)) return "v0";
  constexpr size_t kLength = 12;
  const std::string version = std::to_string(referral.version);
  return "v" + Base64UrlEncode(Sha256(referral.case_handle + "/" + version)).substr(0, kLength);
}

}  // namespace

std::optional<size_t> OfferOf(const Referral& referral, const std::string& agency_id) {
  std::optional<size_t> newest;
  for (size_t i = referral.offers.size(); i-- > 0;) {
    if (referral.offers[i].recipient_agency_id != agency_id) continue;
    if (Stands(referral.offers[i])) return i;
    if (!newest) newest = i;
  }
  return newest;
}

bool OpensBehindGlass(const Referral& referral, const Offer& own) {
  if (referral.state == ReferralState::kCancelled ||
      referral.state == ReferralState::kEnteredInError || own.reason_code == "client_declined") {
    return false;
  }
  return own.state == OfferState::kDeclined || own.state == OfferState::kExpired ||
         own.state == OfferState::kFellThrough;
}

bool KnowsOwnOfferOnly(const Referral& referral, const Offer& own) {
  if (own.state == OfferState::kAccepted) return false;
  return !IsToOne(referral.mode) || !IsPending(own.state);
}

std::string Etag(const Referral& referral, const std::string& agency_id) {
  const std::optional<size_t> at = OfferOf(referral, agency_id);
  if (referral.sender_agency_id == agency_id || !at) {
    return "v" + std::to_string(referral.version);
  }
  const Offer& own = referral.offers[*at];
  if (!KnowsOwnOfferOnly(referral, own)) {
    return IsToOne(referral.mode) ? "v" + std::to_string(referral.version)
                                  : KeyedVersion(referral);
  }
  return own.id + "." + std::to_string(static_cast<int>(own.state)) + "." +
         std::to_string(static_cast<int>(own.answer)) + "." +
         std::to_string(QuestionsVersion(own));
}

std::string Etag(const Assignment& assignment) { return std::to_string(assignment.version); }

Referral SeenBy(const Referral& referral, const std::string& agency_id) {
  Referral seen = referral;
  if (referral.sender_agency_id == agency_id) return seen;
  seen.case_handle.clear();
  seen.forwarded_from_id.clear();
  if (seen.mode == Mode::kForward) seen.mode = Mode::kDirect;
  std::erase_if(seen.offers,
                [&](const Offer& offer) { return offer.recipient_agency_id != agency_id; });
  for (Offer& offer : seen.offers) {
    if (!Stands(offer)) offer.questions.clear();
  }
  const std::optional<size_t> at = OfferOf(referral, agency_id);
  if (!at || !KnowsOwnOfferOnly(referral, referral.offers[*at])) return seen;
  const Offer& own = referral.offers[*at];
  const bool waits = IsPending(own.state);
  const bool withdrawn = own.state == OfferState::kWithdrawn;
  seen.state = waits       ? ReferralState::kOpen
               : withdrawn ? ReferralState::kCancelled
                           : ReferralState::kClosed;
  if (!waits) seen.mode = Mode::kNotTold;
  seen.reason_code = own.reason_code;
  seen.outcome_code.clear();
  seen.release_id.clear();
  seen.release_hash.clear();
  seen.purpose.clear();
  seen.categories.clear();
  seen.packet_id.clear();
  seen.packet_version = 0;
  seen.create_ms = own.send_ms;
  seen.update_ms = std::max({own.send_ms, own.deliver_ms, own.open_ms, own.decide_ms});
  return seen;
}

bool MaySeeEntry(const Referral& referral, const TimelineEntry& entry,
                 const std::string& agency_id) {
  if (entry.agency_id == agency_id) return true;
  if (referral.sender_agency_id == agency_id) return !IsFollowUpsOwn(entry.event);
  return std::any_of(referral.offers.begin(), referral.offers.end(), [&](const Offer& offer) {
    return offer.recipient_agency_id == agency_id && offer.id == entry.offer_id;
  });
}

bool HasUndelivered(const std::vector<Referral>& referrals, const std::string& agency_id) {
  for (const Referral& referral : referrals) {
    for (const Offer& offer : referral.offers) {
      if (offer.recipient_agency_id == agency_id && offer.state == OfferState::kSent) return true;
    }
  }
  return false;
}

Result<void> CheckFacets(const Facets& facets) {
  if (!facets.age_band.empty() && !IsAgeBand(facets.age_band)) {
    return Fail(Code::kInvalidArgument, "UNKNOWN_AGE_BAND",
                "The age band is one of 0-11, 12-17, 18-24, 25-59, 60+.",
                {{"field", "facets.age_band"}});
  }
  return {};
}

}  // namespace fairlead::referral
