#include "tests/model/model.h"

#include <algorithm>

namespace fairlead::model {
namespace {

constexpr char kNotThere[] = "REFERRAL_NOT_FOUND";
constexpr char kIllegal[] = "ILLEGAL_TRANSITION";
constexpr char kStale[] = "ETAG_MISMATCH";
constexpr char kElsewhere[] = "matched_elsewhere";
constexpr char kInErrorReason[] = "entered_in_error";
constexpr size_t kMostWaiting = 20;
constexpr size_t kMostOffers = 100;
constexpr size_t kMostAsked = 1000;  // by one agency
constexpr std::array<const char*, kStepsOfAClock> kSteps = {
    "reminded", "escalated_admin", "escalated_coordinator", kExpiredReason};

bool IsKnown(const std::string& code, std::initializer_list<const char*> known) {
  return std::ranges::find(known, code) != known.end();
}

bool IsNotEnrolledReason(const std::string& code) {
  return IsKnown(code, {"client_declined", "client_not_reached", "no_show", "other"});
}

size_t CountWaiting(const Referral& referral) {
  return static_cast<size_t>(std::ranges::count_if(referral.offers, &Offer::IsPending));
}

}  // namespace

std::string Model::Apply(const Call& call, int64_t now_ms) {
  switch (call.verb) {
    case Verb::kCreate:
      return Create(call, now_ms);
    case Verb::kSend:
      return Send(call, now_ms);
    case Verb::kOffer:
      return Ask(call, now_ms);
    case Verb::kAnswer:
      return Say(call, now_ms);
    case Verb::kChoose:
      return Choose(call, now_ms);
    case Verb::kAccept:
      return Accept(call, now_ms);
    case Verb::kDecline:
      return Decline(call, now_ms);
    case Verb::kSendPacket:
      return SendPacket(call, now_ms);
    case Verb::kReopen:
      return Reopen(call, now_ms);
    case Verb::kCancel:
      return Cancel(call, now_ms);
    case Verb::kStart:
    case Verb::kComplete:
    case Verb::kClose:
      return Serve(call, now_ms);
    case Verb::kEnterInError:
      return EnterInError(call, now_ms);
    case Verb::kOpen:
      return Open(call, now_ms);
    case Verb::kMakeRelease:
    case Verb::kSign:
    case Verb::kRevoke:
      return ChangeRelease(call, now_ms);
    case Verb::kPlaceHold:
      return PlaceHold(call, now_ms);
    case Verb::kReleaseHold:
    case Verb::kConsumeHold:
      return EndHold(call, now_ms);
    case Verb::kSayBeds:
      return SayBeds(call);
    case Verb::kAskQuestion:
      return AskQuestion(call, now_ms);
    case Verb::kAnswerQuestion:
      return AnswerQuestion(call, now_ms);
  }
  return "";
}

Referral* Model::Find(int referral) {
  if (referral < 0 || referral >= static_cast<int>(referrals_.size())) return nullptr;
  return &referrals_[static_cast<size_t>(referral)];
}

Referral* Model::FindOwn(int referral, int by) {
  Referral* found = Find(referral);
  return found != nullptr && found->sender == by ? found : nullptr;
}

Offer* Model::FindOffer(const Call& call) {
  Referral* referral = Find(call.referral);
  if (referral == nullptr || call.offer < 0) return nullptr;
  const auto at = static_cast<size_t>(call.offer);
  return at < referral->offers.size() ? &referral->offers[at] : nullptr;
}

bool Model::IsStale(const Call& call) const {
  return call.etag && *call.etag != Token(call.referral, call.by);
}

void Model::Tell(Referral& referral, const Offer* offer, const std::string& event, int by,
                 bool by_person, const std::string& reason) const {
  const int at = offer == nullptr ? -1 : static_cast<int>(offer - referral.offers.data());
  referral.story.push_back({event, by, by_person, reason, at});
}

void Model::End(Offer& offer, OfferState state, const std::string& reason) const {
  offer.state = state;
  offer.reason = reason;
  offer.was_decided = true;
}

void Model::Touch(Referral& referral, int64_t now_ms) const {
  ++referral.version;
  referral.change_ms = now_ms;
}

std::string Model::Create(const Call& call, int64_t now_ms) {
  if (call.need == "no_such_need") return "UNKNOWN_NEED_CODE";
  if (call.age_band == "7-9") return "UNKNOWN_AGE_BAND";
  if (Find(call.referral) != nullptr) return "REFERRAL_ALREADY_EXISTS";
  Referral& referral = TakeDraft(call, true, now_ms);
  Tell(referral, nullptr, "created", call.by, true);
  return "";
}

// The own draft that is meant, or what a new one is made of.
std::string Model::Draft(const Call& call, bool& is_new) {
  is_new = FindOwn(call.referral, call.by) == nullptr;
  if (!is_new) return IsStale(call) ? kStale : "";
  if (!call.has_facets) return "FACETS_REQUIRED";
  if (Find(call.referral) != nullptr) return "REFERRAL_ALREADY_EXISTS";
  return call.age_band == "7-9" ? "UNKNOWN_AGE_BAND" : "";
}

Referral& Model::TakeDraft(const Call& call, bool is_new, int64_t now_ms) {
  if (is_new) {
    referrals_.push_back({.sender = call.by,
                          .case_handle = call.case_handle,
                          .need = call.need,
                          .urgency = call.urgency,
                          .change_ms = now_ms});
    return referrals_.back();
  }
  Referral& referral = *Find(call.referral);
  Touch(referral, now_ms);
  return referral;
}

// No duplicate service: the same need of the same case is under way by another referral.
bool Model::IsDuplicate(const Call& call, int sender, const std::string& case_handle,
                        const std::string& need) const {
  if (call.allow_duplicate) return false;
  for (size_t i = 0; i < referrals_.size(); ++i) {
    const Referral& other = referrals_[i];
    if (static_cast<int>(i) != call.referral && other.IsLive() && other.sender == sender &&
        other.case_handle == case_handle && other.need == need) {
      return true;
    }
  }
  return false;
}

std::string Model::Send(const Call& call, int64_t now_ms) {
  const int to = call.to.at(0);
  if (to == call.by) return "RECIPIENT_IS_SENDER";
  if (std::string refused = CheckPacket(call, now_ms); !refused.empty()) return refused;
  if (call.has_facets && call.need == "no_such_need") return "UNKNOWN_NEED_CODE";
  bool is_new = false;
  if (std::string refused = Draft(call, is_new); !refused.empty()) return refused;
  const Referral* draft = is_new ? nullptr : Find(call.referral);
  if (draft != nullptr && draft->state != State::kDraft) return kIllegal;
  if (call.packet.to != to) return "PACKET_RECIPIENT_MISMATCH";
  const std::string case_handle = is_new ? call.case_handle : draft->case_handle;
  if (IsDuplicate(call, call.by, case_handle, is_new ? call.need : draft->need)) {
    return "DUPLICATE_SERVICE";
  }
  if (std::string denied = CheckRelease(call, case_handle, to, now_ms); !denied.empty()) {
    return denied;
  }
  Referral& referral = TakeDraft(call, is_new, now_ms);
  referral.state = State::kOpen;
  referral.release = call.release;
  referral.has_packet = true;
  referral.offers.push_back({.to = to});
  releases_[static_cast<size_t>(call.release)].disclosures.push_back({call.referral, to, false});
  Tell(referral, &referral.offers.back(), "sent", call.by, true);
  return "";
}

size_t Model::CountAsked(int sender) const {
  size_t asked = 0;
  for (const Referral& referral : referrals_) {
    if (referral.sender == sender) asked += CountWaiting(referral);
  }
  return asked;
}

std::string Model::Ask(const Call& call, int64_t now_ms) {
  if (call.mode == Mode::kDirect) return "MODE_NOT_BLIND";
  if (call.has_facets && call.need == "no_such_need") return "UNKNOWN_NEED_CODE";
  bool is_new = false;
  if (std::string refused = Draft(call, is_new); !refused.empty()) return refused;
  const Referral* draft = is_new ? nullptr : Find(call.referral);
  if (draft != nullptr && draft->state != State::kDraft && draft->state != State::kOpen) {
    return kIllegal;
  }
  const size_t waiting = draft == nullptr ? 0 : CountWaiting(*draft);
  if (waiting > 0 && draft->mode != call.mode) return "MODE_MISMATCH";
  const size_t so_far = draft == nullptr ? 0 : draft->offers.size();
  if (waiting + call.to.size() > kMostWaiting || so_far + call.to.size() > kMostOffers) {
    return "TOO_MANY_OFFERS";
  }
  if (CountAsked(call.by) + call.to.size() > kMostAsked) return "TOO_MANY_OFFERS";
  for (auto to = call.to.begin(); to != call.to.end(); ++to) {
    if (std::find(call.to.begin(), to, *to) != to) return "DUPLICATE_RECIPIENT";
    if (*to == call.by) return "RECIPIENT_IS_SENDER";
    const bool waits = draft != nullptr && std::ranges::any_of(draft->offers, [&](const Offer& o) {
                         return o.to == *to && o.IsPending();
                       });
    if (waits) return "ALREADY_OFFERED";
    if (*to == kNobody) return "AGENCY_NOT_ACTIVE";
  }
  const std::string case_handle = is_new ? call.case_handle : draft->case_handle;
  if (IsDuplicate(call, call.by, case_handle, is_new ? call.need : draft->need)) {
    return "DUPLICATE_SERVICE";
  }
  Referral& referral = TakeDraft(call, is_new, now_ms);
  referral.state = State::kOpen;
  referral.mode = call.mode;
  referral.reason = "";
  for (const int to : call.to) {
    referral.offers.push_back({.to = to});
    Tell(referral, &referral.offers.back(), "offered", call.by, true);
  }
  return "";
}

std::string Model::Say(const Call& call, int64_t now_ms) {
  Offer* offer = FindOffer(call);
  if (offer == nullptr || offer->to != call.by) return kNotThere;
  Referral& referral = *Find(call.referral);
  // Whoever is out of it is not told the mode.
  const bool is_told = offer->IsPending() || offer->state == OfferState::kAccepted;
  if (is_told && referral.mode != Mode::kSurvivorChooses) return "CHOICE_NOT_OPEN";
  if (IsStale(call)) return kStale;
  if (offer->HasRunOut(now_ms)) return "OFFER_EXPIRED";
  if (!offer->IsPending()) return kIllegal;
  if (offer->answer == call.answer) return "";
  if (offer->state == OfferState::kSent) offer->state = OfferState::kDelivered;
  offer->was_delivered = true;
  offer->answer = call.answer;
  Touch(referral, now_ms);
  Tell(referral, offer, "answered", call.by, true);
  return "";
}

std::string Model::Choose(const Call& call, int64_t now_ms) {
  Offer* offer = FindOffer(call);
  if (offer == nullptr || FindOwn(call.referral, call.by) == nullptr) return kNotThere;
  Referral& referral = *Find(call.referral);
  if (referral.mode != Mode::kSurvivorChooses) return "CHOICE_NOT_OPEN";
  if (offer->IsPending() && offer->answer != Answer::kYes) return "NOT_ANSWERED_YES";
  return Match(call, referral, *offer, "chosen", now_ms);
}

std::string Model::Accept(const Call& call, int64_t now_ms) {
  hold_refused_.clear();
  Offer* offer = FindOffer(call);
  if (offer == nullptr || offer->to != call.by) return kNotThere;
  Referral& referral = *Find(call.referral);
  if (referral.mode == Mode::kSurvivorChooses && offer->IsPending()) return "CHOICE_IS_SENDERS";
  std::string refused = Match(call, referral, *offer, "accepted", now_ms);
  if (refused.empty() && call.has_hold) hold_refused_ = PlaceHold(call, now_ms);
  return refused;
}

// At most one is matched; the others are withdrawn, on behalf of the sender.
std::string Model::Match(const Call& call, Referral& referral, Offer& offer,
                         const std::string& event, int64_t now_ms) {
  if (offer.state == OfferState::kWithdrawn && offer.reason == kElsewhere) return "ALREADY_MATCHED";
  if (IsStale(call)) return kStale;
  if (offer.HasRunOut(now_ms)) return "OFFER_EXPIRED";
  if (!offer.IsPending()) return kIllegal;
  offer.state = OfferState::kAccepted;
  offer.was_decided = true;
  referral.state = State::kMatched;
  Touch(referral, now_ms);
  Tell(referral, &offer, event, call.by, true);
  for (Offer& other : referral.offers) {
    if (!other.IsPending()) continue;
    End(other, OfferState::kWithdrawn, kElsewhere);
    Tell(referral, &other, "withdrawn", referral.sender, call.by == referral.sender, kElsewhere);
  }
  return "";
}

std::string Model::Decline(const Call& call, int64_t now_ms) {
  if (!IsKnown(call.code, {"no_capacity", "not_eligible", "other"})) return "UNKNOWN_REASON_CODE";
  Offer* offer = FindOffer(call);
  if (offer == nullptr || offer->to != call.by) return kNotThere;
  if (IsStale(call)) return kStale;
  if (!offer->IsPending()) return kIllegal;
  Referral& referral = *Find(call.referral);
  End(*offer, OfferState::kDeclined, call.code);
  CloseIfNobodyIsLeft(referral, call.code, now_ms);
  Tell(referral, offer, "declined", call.by, true, call.code);
  return "";
}

void Model::CloseIfNobodyIsLeft(Referral& referral, const std::string& reason,
                                int64_t now_ms) const {
  Touch(referral, now_ms);
  if (CountWaiting(referral) > 0 || referral.state != State::kOpen) return;
  referral.state = State::kClosed;
  referral.reason = reason;
}

std::string Model::Reopen(const Call& call, int64_t now_ms) {
  if (!IsNotEnrolledReason(call.code)) return "UNKNOWN_REASON_CODE";
  if (!IsParty(call.referral, call.by)) return kNotThere;
  if (IsStale(call)) return kStale;
  // What an agency does not see is no answer to it either.
  if (SeenState(call.referral, call.by) != State::kMatched) return kIllegal;
  Referral& referral = *Find(call.referral);
  Offer& offer = *std::ranges::find(referral.offers, OfferState::kAccepted, &Offer::state);
  const bool by_sender = referral.sender == call.by;
  End(offer, by_sender ? OfferState::kWithdrawn : OfferState::kFellThrough, call.code);
  referral.state = State::kOpen;
  referral.has_packet = false;
  referral.release = -1;
  referral.reason = call.code;  // until somebody is asked anew
  Touch(referral, now_ms);
  Tell(referral, &offer, "fell_through", call.by, true, call.code);
  return "";
}

void Model::CancelAll(Referral& referral, bool by_person, const std::string& reason,
                      int64_t now_ms) {
  referral.state = State::kCancelled;
  referral.reason = reason;
  Touch(referral, now_ms);
  bool told = false;
  for (Offer& offer : referral.offers) {
    if (!offer.Stands()) continue;
    End(offer, offer.IsPending() ? OfferState::kWithdrawn : OfferState::kFellThrough, reason);
    Tell(referral, &offer, "cancelled", referral.sender, by_person, reason);
    told = true;
  }
  if (!told) Tell(referral, nullptr, "cancelled", referral.sender, by_person, reason);
}

std::string Model::Cancel(const Call& call, int64_t now_ms) {
  if (!IsKnown(call.code, {"client_withdrew", "duplicate"})) return "UNKNOWN_REASON_CODE";
  Referral* referral = FindOwn(call.referral, call.by);
  if (referral == nullptr) return kNotThere;
  if (IsStale(call)) return kStale;
  if (referral->state > State::kMatched) return kIllegal;
  CancelAll(*referral, true, call.code, now_ms);
  return "";
}

// By the agency that was taken: matched → in_service → completed, or closed.
std::string Model::Serve(const Call& call, int64_t now_ms) {
  const bool completes = call.verb == Verb::kComplete;
  const bool closes = call.verb == Verb::kClose;
  if (completes && !IsKnown(call.code, {"enrolled", "served_once"})) return "UNKNOWN_OUTCOME_CODE";
  if (closes && !IsNotEnrolledReason(call.code)) return "UNKNOWN_REASON_CODE";
  const std::optional<size_t> at = OfferOf(call.referral, call.by);
  if (!at) return kNotThere;
  if (IsStale(call)) return kStale;
  const State seen = SeenState(call.referral, call.by);
  if (closes && seen == State::kMatched) return "NOT_IN_SERVICE";
  if (seen != (completes || closes ? State::kInService : State::kMatched)) return kIllegal;
  Referral& referral = *Find(call.referral);
  Offer& offer = referral.offers[*at];
  referral.state = State::kInService;
  if (completes) {
    referral.state = State::kCompleted;
    referral.outcome = call.code;
  }
  if (closes) {
    referral.state = State::kClosed;
    referral.reason = call.code;
    End(offer, OfferState::kFellThrough, call.code);
  }
  Touch(referral, now_ms);
  Tell(referral, &offer,
       completes ? "completed"
       : closes  ? "closed"
                 : "started",
       call.by, true, call.verb == Verb::kStart ? "" : call.code);
  return "";
}

std::string Model::EnterInError(const Call& call, int64_t now_ms) {
  Referral* referral = FindOwn(call.referral, call.by);
  if (referral == nullptr) return kNotThere;
  if (IsStale(call)) return kStale;
  if (referral->state == State::kDraft || referral->state == State::kInError) return kIllegal;
  referral->state = State::kInError;
  referral->reason = kInErrorReason;
  referral->has_packet = false;
  Touch(*referral, now_ms);
  Tell(*referral, nullptr, kInErrorReason, call.by, true, kInErrorReason);
  for (Offer& offer : referral->offers) {
    if (!offer.Stands()) continue;
    End(offer, offer.IsPending() ? OfferState::kWithdrawn : OfferState::kFellThrough,
        kInErrorReason);
    Tell(*referral, &offer, "withdrawn", call.by, true, kInErrorReason);
  }
  return "";
}

void Model::ShowInbox(int agency, const std::vector<int>& page) {
  for (const int at : page) {
    Referral& referral = *Find(at);
    Offer& offer = referral.offers[*OfferOf(at, agency)];
    if (offer.state != OfferState::kSent) continue;
    offer.state = OfferState::kDelivered;
    offer.was_delivered = true;
    Tell(referral, &offer, "delivered", agency, true);
  }
}

void Model::RunClock(Referral& referral, int64_t now_ms) {
  for (Offer& offer : referral.offers) {
    while (offer.IsPending() && offer.due_ms[static_cast<size_t>(offer.steps_done)] <= now_ms) {
      const auto step = static_cast<size_t>(offer.steps_done++);
      referral.in_limbo = true;
      if (step + 1 == kStepsOfAClock) {
        End(offer, OfferState::kExpired, kExpiredReason);
        CloseIfNobodyIsLeft(referral, kExpiredReason, now_ms);
        Tell(referral, &offer, kExpiredReason, kNobody, false, kExpiredReason);
      } else {
        const bool overtaken = offer.due_ms[step + 1] <= now_ms;
        Tell(referral, &offer, kSteps[step], kNobody, false, overtaken ? "overtaken" : "");
      }
    }
  }
}

void Model::PassTimeUntil(int64_t now_ms) {
  for (Referral& referral : referrals_) RunClock(referral, now_ms);
  for (size_t i = 0; i < releases_.size(); ++i) {
    if (releases_[i].state != ReleaseState::kActive || releases_[i].expire_ms > now_ms) continue;
    releases_[i].state = ReleaseState::kExpired;
    EndUnder(static_cast<int>(i), kExpiredReason, now_ms);
  }
  const int held = beds_.held;
  LapseHolds(now_ms);
  beds_.in_limbo = beds_.in_limbo || beds_.held != held;
}

}  // namespace fairlead::model
