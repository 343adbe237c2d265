// The model's releases, and the packets that are sealed under them.
#include <algorithm>

#include "tests/model/model.h"

namespace fairlead::model {
namespace {

constexpr char kRevoked[] = "release_revoked";

template <class T>
bool Has(const std::vector<T>& all, const T& one) {
  return std::ranges::find(all, one) != all.end();
}

Offer& Accepted(Referral& referral) {
  return *std::ranges::find(referral.offers, OfferState::kAccepted, &Offer::state);
}

}  // namespace

// What can be said of a packet by its outside alone.
std::string Model::CheckPacket(const Call& call, int64_t now_ms) const {
  if (call.packet.referral != call.referral) return "PACKET_REFERRAL_MISMATCH";
  if (call.packet.from != call.by) return "PACKET_SENDER_AGENCY_MISMATCH";
  const Release& release = releases_[static_cast<size_t>(call.packet.release)];
  const int64_t expire_ms = (release.expire_ms / 1000 + 1) * 1000;
  return expire_ms <= now_ms ? "PACKET_EXPIRED" : "";
}

// What consent says of a packet to that agency.
std::string Model::CheckRelease(const Call& call, const std::string& case_handle, int to,
                                int64_t now_ms) const {
  const bool is_there = call.release >= 0 && call.release < static_cast<int>(releases_.size()) &&
                        releases_[static_cast<size_t>(call.release)].discloser == call.by;
  if (!is_there) return "RELEASE_NOT_FOUND";
  const Release& release = releases_[static_cast<size_t>(call.release)];
  if (release.case_handle != case_handle) return "RELEASE_SUBJECT_MISMATCH";
  if (release.state == ReleaseState::kDraft) return "RELEASE_NOT_SIGNED";
  if (release.state == ReleaseState::kRevoked) return "RELEASE_REVOKED";
  if (release.state == ReleaseState::kExpired || release.expire_ms <= now_ms) {
    return "RELEASE_EXPIRED";
  }
  if (!Has(release.recipients, to)) return "RELEASE_RECIPIENT_MISMATCH";
  if (call.packet.release != call.release) return "RELEASE_HASH_MISMATCH";
  const bool was_used =
      std::ranges::any_of(release.disclosures, [](const Disclosure& each) { return !each.opened; });
  return release.once && was_used ? "RELEASE_ALREADY_USED" : "";
}

std::string Model::SendPacket(const Call& call, int64_t now_ms) {
  if (std::string refused = CheckPacket(call, now_ms); !refused.empty()) return refused;
  Referral* referral = FindOwn(call.referral, call.by);
  if (referral == nullptr) return "REFERRAL_NOT_FOUND";
  if (IsStale(call)) return "ETAG_MISMATCH";
  const bool goes_on = referral->state == State::kMatched || referral->state == State::kInService;
  if (!goes_on) return "NOT_MATCHED";
  if (referral->has_packet) return "PACKET_ALREADY_SENT";
  Offer& offer = Accepted(*referral);
  if (call.packet.to != offer.to) return "PACKET_RECIPIENT_MISMATCH";
  std::string denied = CheckRelease(call, referral->case_handle, offer.to, now_ms);
  if (!denied.empty()) return denied;
  referral->release = call.release;
  referral->has_packet = true;
  Touch(*referral, now_ms);
  releases_[static_cast<size_t>(call.release)].disclosures.push_back(
      {call.referral, offer.to, false});
  Tell(*referral, &offer, "packet_sent", call.by, true);
  return "";
}

// Nothing opens without a release in force, whatever was opened before.
std::string Model::Open(const Call& call, int64_t now_ms) {
  if (!IsParty(call.referral, call.by)) return "REFERRAL_NOT_FOUND";
  Referral& referral = *Find(call.referral);
  const bool is_sender = referral.sender == call.by;
  Offer* offer = is_sender ? nullptr : &referral.offers[*OfferOf(call.referral, call.by)];
  if (offer != nullptr && !offer->Stands()) {
    if (referral.state != State::kCancelled) return "OFFER_NOT_OPEN";
    if (offer->reason == kRevoked) return "RELEASE_REVOKED";
    return offer->reason == kExpiredReason ? "RELEASE_EXPIRED" : "OFFER_NOT_OPEN";
  }
  if (!referral.has_packet) {
    const bool may_follow = referral.mode != Mode::kDirect && !referral.HasEnded();
    return may_follow ? "PACKET_NOT_SENT" : "PACKET_GONE";
  }
  Release& release = releases_[static_cast<size_t>(referral.release)];
  if (release.state == ReleaseState::kRevoked) return "RELEASE_REVOKED";
  if (release.expire_ms <= now_ms) return "RELEASE_EXPIRED";
  release.disclosures.push_back({call.referral, call.by, true});
  if (offer != nullptr) {
    offer->was_opened = true;
    offer->was_delivered = true;
    if (offer->state == OfferState::kSent) offer->state = OfferState::kDelivered;
  }
  Tell(referral, offer, is_sender ? "reread" : "opened", call.by, true);
  return "";
}

std::string Model::ChangeRelease(const Call& call, int64_t now_ms) {
  if (call.verb == Verb::kMakeRelease) {
    if (Has(call.to, call.by)) return "RECIPIENT_IS_DISCLOSER";
    if (call.expire_ms <= now_ms) return "EXPIRY_IN_THE_PAST";
    releases_.push_back({.discloser = call.by,
                         .recipients = call.to,
                         .case_handle = call.case_handle,
                         .once = call.once,
                         .expire_ms = call.expire_ms});
    return "";
  }
  const bool is_own = call.release >= 0 && call.release < static_cast<int>(releases_.size()) &&
                      releases_[static_cast<size_t>(call.release)].discloser == call.by;
  if (!is_own) return "RELEASE_NOT_FOUND";
  Release& release = releases_[static_cast<size_t>(call.release)];
  if (call.verb == Verb::kSign) {
    if (release.state != ReleaseState::kDraft) return "RELEASE_NOT_DRAFT";
    if (release.expire_ms <= now_ms) return "RELEASE_EXPIRED";
    release.state = ReleaseState::kActive;
    return "";
  }
  if (release.state > ReleaseState::kActive) return "RELEASE_NOT_ACTIVE";
  release.state = ReleaseState::kRevoked;
  EndUnder(call.release, kRevoked, now_ms);
  return "";
}

// An offer that waits is withdrawn; a service that was agreed goes on without the packet.
void Model::EndUnder(int release, const std::string& reason, int64_t now_ms) {
  for (Referral& referral : referrals_) {
    if (referral.release != release || !referral.IsLive()) continue;
    referral.in_limbo = true;
    if (referral.state == State::kOpen) {
      CancelAll(referral, false, reason, now_ms);
      continue;
    }
    referral.reason = reason;
    Touch(referral, now_ms);
    Tell(referral, &Accepted(referral), reason == kExpiredReason ? "release_expired" : kRevoked,
         referral.sender, false, reason);
  }
}

}  // namespace fairlead::model
