// What a walker asks of referrals and offers.
#include <algorithm>

#include "tests/model/walker_calls.h"

namespace fairlead::model {

namespace v1 = fairlead::referral::v1;

namespace {

constexpr int kRecentReferrals = 10;
constexpr char kPlaintext[] = R"({"needs":{"summary":"a bed tonight"}})";

}  // namespace

void Walker::Step() {
  if (Chance(8)) {  // see whether something has come out of limbo: no step, its time is open
    const std::vector<Referral>& all = model_.referrals();
    for (size_t i = all.size(); i-- > 0;) {
      if (!all[i].in_limbo) continue;
      if (!TryToSettle(static_cast<int>(i))) AskLimbo(static_cast<int>(i));
      break;
    }
  }
  if (!recent_.empty() && Chance(6)) {
    const Repeat again = recent_[static_cast<size_t>(Below(static_cast<int>(recent_.size())))];
    return again();
  }
  Chance(45) ? StepRead() : StepWrite();
}

void Walker::StepWrite() {
  struct Choice {
    int weight;
    std::function<void()> step;
  };
  const Choice choices[] = {
      {5, [this] { Create(); }},
      {8, [this] { Send(); }},
      {12, [this] { AskSeveral(); }},
      {9, [this] { SayWhetherItCould(); }},
      {7, [this] { ChooseOne(); }},
      {14, [this] { AcceptAny(); }},
      {8, [this] { Decline(); }},
      {6, [this] { SendPacket(); }},
      {6, [this] { ChangeAny(Verb::kReopen); }},
      {4, [this] { ChangeAny(Verb::kCancel); }},
      {7, [this] { ChangeAny(Verb::kStart); }},
      {5, [this] { ChangeAny(Verb::kComplete); }},
      {3, [this] { ChangeAny(Verb::kClose); }},
      {2, [this] { ChangeAny(Verb::kEnterInError); }},
      {9, [this] { OpenAny(); }},
      {4, [this] { MakeAnyRelease(); }},
      {4, [this] { SignAny(); }},
      {2, [this] { RevokeAny(); }},
      {5, [this] { PlaceHold(); }},
      {4, [this] { EndHold(Verb::kReleaseHold); }},
      {2, [this] { EndHold(Verb::kConsumeHold); }},
      {3, [this] { SayBeds(); }},
      {7, [this] { AskAQuestion(); }},
      {6, [this] { AnswerAQuestion(); }},
  };
  int total = 0;
  for (const Choice& choice : choices) total += choice.weight;
  int at = Below(total);
  for (const Choice& choice : choices) {
    at -= choice.weight;
    if (at < 0) return choice.step();
  }
}

// One of the last that fit, or any of the last, or one that there is none of. None in limbo.
int Walker::AnyReferral(const std::function<bool(const Referral&)>& fits) {
  if (Chance(3)) return -1;
  const std::vector<Referral>& all = model_.referrals();
  const int count = static_cast<int>(all.size());
  const bool any = Chance(15);
  std::vector<int> found;
  for (int i = count - 1; i >= 0 && count - i <= 2 * kRecentReferrals; --i) {
    const Referral& each = all[static_cast<size_t>(i)];
    if (each.in_limbo || model_.MayBeShredded(i, Now())) continue;
    if (any || fits(each)) found.push_back(i);
    if (static_cast<int>(found.size()) == kRecentReferrals) break;
  }
  return found.empty() ? -1 : found[static_cast<size_t>(Below(static_cast<int>(found.size())))];
}

int Walker::AnyOffer(int referral, const std::function<bool(const Offer&)>& fits) {
  if (referral < 0) return -1;
  const std::vector<Offer>& offers = model_.referrals()[static_cast<size_t>(referral)].offers;
  if (offers.empty()) return -1;
  std::vector<int> found;
  for (size_t i = 0; i < offers.size(); ++i) {
    if (fits(offers[i])) found.push_back(static_cast<int>(i));
  }
  if (found.empty() || Chance(12)) return Below(static_cast<int>(offers.size()));
  return found[static_cast<size_t>(Below(static_cast<int>(found.size())))];
}

Call Walker::NewCall(Verb verb, int by, int referral) const {
  Call call;
  call.verb = verb;
  call.by = by;
  call.referral = referral;
  return call;
}

const std::string& Walker::IdOf(int referral) const {
  static const std::string kNone = "0190f000-0000-7000-8000-00000000dead";
  return referral < 0 ? kNone : referral_ids_[static_cast<size_t>(referral)];
}

std::string Walker::OfferId(int referral, int offer) const {
  if (referral < 0 || offer < 0) return IdOf(-1);
  return offer_ids_[static_cast<size_t>(referral)][static_cast<size_t>(offer)];
}

// Mostly none; else what the agency saw last, which is the right one or not.
std::string Walker::PickEtag(Call& call) {
  if (Chance(50)) return "";
  const auto known = etags_.find({call.referral, call.by});
  if (known == etags_.end()) return "";
  call.etag = known->second.first;
  return known->second.second;
}

v1::Facets Walker::PickFacets(Call& call) {
  call.has_facets = true;
  call.case_handle = cases_[static_cast<size_t>(Below(static_cast<int>(cases_.size())))];
  call.need = Chance(3) ? "no_such_need" : Chance(50) ? "shelter_bed" : "legal";
  call.age_band = Chance(3) ? "7-9" : Chance(50) ? "25-59" : "";
  call.urgency = static_cast<Urgency>(1 + Below(3));
  v1::Facets facets;
  facets.set_need_code(call.need);
  facets.set_urgency(static_cast<v1::Urgency>(call.urgency));
  facets.set_age_band(call.age_band);
  return facets;
}

// A release from the one to the other about that case that is in force, if there is one.
int Walker::AnyRelease(int by, int to, const std::string& case_handle) {
  const std::vector<Release>& all = model_.releases();
  const bool any = Chance(12);
  for (size_t i = all.size(); i-- > 0;) {
    const bool fits = all[i].discloser == by && all[i].case_handle == case_handle &&
                      all[i].state == ReleaseState::kActive &&
                      std::ranges::find(all[i].recipients, to) != all[i].recipients.end();
    if (any ? Chance(20) : (fits && Chance(70))) return static_cast<int>(i);
  }
  return static_cast<int>(all.size()) - 1;
}

// Seals one for the call: as it should be, or wrong in one way.
std::string Walker::PickPacket(Call& call, int to, const std::string& referral_id) {
  call.packet = {.referral = call.referral, .from = call.by, .to = to, .release = call.release};
  std::string sealed_for = referral_id;
  const int wrong = Below(25);
  if (wrong == 0) {
    call.packet.referral = -2;
    sealed_for = coalition_.ids().New();
  }
  if (wrong == 1) call.packet.from = (call.by + 1) % kAgencies;
  if (wrong == 2) call.packet.to = (to + 1) % kAgencies;
  if (wrong == 3) call.packet.release = Below(static_cast<int>(release_protos_.size()));
  if (call.packet.to == call.packet.from) call.packet.to = (call.packet.from + 1) % kAgencies;
  const Result<std::string> packet = coalition_.SealedPacket(
      agencies_[static_cast<size_t>(call.packet.from)],
      agencies_[static_cast<size_t>(call.packet.to)],
      release_protos_[static_cast<size_t>(call.packet.release)], sealed_for, kPlaintext);
  if (!packet) Differ("sealing", "a packet", ToString(packet.error()));
  return packet.value_or("");
}

void Walker::Create() {
  const int by = AnyAgency();
  const int number = static_cast<int>(model_.referrals().size());
  const bool taken = Chance(8) && number > 0;
  Call call = NewCall(Verb::kCreate, by, taken ? Below(number) : number);
  v1::CreateReferralRequest request;
  *request.mutable_facets() = PickFacets(call);
  request.set_case_handle(call.case_handle);
  request.set_referral_id(taken ? IdOf(call.referral) : coalition_.ids().New());
  Do<v1::CreateReferralResponse>(
      call, "/fairlead.referral.v1.ReferralService/CreateReferral", request,
      [this, by, number, id = request.referral_id()](const v1::CreateReferralResponse& response) {
        names_.Add(id, number);
        referral_ids_.push_back(id);
        offer_ids_.emplace_back();
        CheckView(number, by, response.referral());
      });
}

void Walker::Send() {
  const int number = static_cast<int>(model_.referrals().size());
  const int draft =
      Chance(50) ? -1
                 : AnyReferral([](const Referral& each) { return each.state == State::kDraft; });
  const bool is_new = draft < 0;
  const int sender = is_new ? AnyAgency() : model_.referrals()[static_cast<size_t>(draft)].sender;
  const int by = Chance(95) ? sender : AnyAgency();
  Call call = NewCall(Verb::kSend, by, is_new ? number : draft);
  v1::SendReferralRequest request;
  const std::string id = is_new ? coalition_.ids().New() : IdOf(draft);
  request.set_referral_id(id);
  std::string case_handle;
  if (is_new ? !Chance(3) : Chance(10)) {
    *request.mutable_facets() = PickFacets(call);
    request.set_case_handle(call.case_handle);
    case_handle = call.case_handle;
  }
  if (!is_new) case_handle = model_.referrals()[static_cast<size_t>(draft)].case_handle;
  const int to = Chance(3) ? by : (by + 1 + Below(kAgencies - 1)) % kAgencies;
  call.to = {to};
  request.set_recipient_agency_id(agencies_[static_cast<size_t>(to)].id);
  call.release = AnyRelease(by, to, case_handle);
  request.set_release_id(release_protos_[static_cast<size_t>(call.release)].id());
  request.set_packet(PickPacket(call, to == by ? (by + 1) % kAgencies : to, id));
  call.allow_duplicate = Chance(85) || HasLimbo(by);
  request.set_allow_duplicate_service(call.allow_duplicate);
  if (!is_new) request.set_etag(PickEtag(call));
  Do<v1::SendReferralResponse>(
      call, "/fairlead.referral.v1.ReferralService/SendReferral", request,
      [this, call, id, is_new, from_ms = Now()](const v1::SendReferralResponse& response) {
        Adopt(call, is_new ? id : "", response.referral(), from_ms);
      });
}

void Walker::Adopt(const Call& call, const std::string& new_id, const v1::Referral& referral,
                   int64_t from_ms) {
  if (!new_id.empty()) {
    names_.Add(new_id, call.referral);
    referral_ids_.push_back(new_id);
    offer_ids_.emplace_back();
  }
  AdoptOffers(call.referral, referral, from_ms);
  CheckView(call.referral, call.by, referral);
}

void Walker::AskSeveral() {
  const int number = static_cast<int>(model_.referrals().size());
  const int found =
      Chance(50) ? -1
                 : AnyReferral([](const Referral& each) { return each.state <= State::kOpen; });
  const bool is_new = found < 0;
  const int sender = is_new ? AnyAgency() : model_.referrals()[static_cast<size_t>(found)].sender;
  const int by = Chance(95) ? sender : AnyAgency();
  Call call = NewCall(Verb::kOffer, by, is_new ? number : found);
  v1::OfferReferralRequest request;
  const std::string id = is_new ? coalition_.ids().New() : IdOf(found);
  request.set_referral_id(id);
  if (is_new ? !Chance(3) : Chance(10)) {
    *request.mutable_facets() = PickFacets(call);
    request.set_case_handle(call.case_handle);
  }
  call.mode = Chance(2)    ? Mode::kDirect
              : Chance(55) ? Mode::kFirstToAccept
                           : Mode::kSurvivorChooses;
  const bool as_before = !is_new && Chance(85);
  const Mode before = is_new ? call.mode : model_.referrals()[static_cast<size_t>(found)].mode;
  if (as_before && before != Mode::kDirect) call.mode = before;
  request.set_mode(static_cast<v1::ReferralMode>(call.mode));
  const int first = Below(kAgencies);
  const int asked = 1 + Below(3);
  for (int i = 0; i < asked; ++i) {
    int to = (first + i) % kAgencies;
    if (to == by && !Chance(3)) continue;
    if (Chance(2)) to = kNobody;
    if (Chance(2) && !call.to.empty()) to = call.to.front();
    call.to.push_back(to);
  }
  if (call.to.empty()) call.to.push_back((by + 1) % kAgencies);
  for (const int to : call.to) {
    request.add_recipients()->set_recipient_agency_id(
        to == kNobody ? IdOf(-1) : agencies_[static_cast<size_t>(to)].id);
  }
  call.allow_duplicate = Chance(85) || HasLimbo(by);
  request.set_allow_duplicate_service(call.allow_duplicate);
  if (!is_new) request.set_etag(PickEtag(call));
  Do<v1::OfferReferralResponse>(
      call, "/fairlead.referral.v1.ReferralService/OfferReferral", request,
      [this, call, id, is_new, from_ms = Now()](const v1::OfferReferralResponse& response) {
        Adopt(call, is_new ? id : "", response.referral(), from_ms);
      });
}

// A call about a referral, and the view that is its answer.
void Walker::SayWhetherItCould() {
  const int at = AnyReferral([](const Referral& each) {
    return each.state == State::kOpen && each.mode == Mode::kSurvivorChooses;
  });
  const int offer = AnyOffer(at, &Offer::IsPending);
  const int by = RecipientOf(at, offer);
  Call call = NewCall(Verb::kAnswer, by, at);
  call.offer = offer;
  call.answer = Chance(70) ? Answer::kYes : Answer::kMaybe;
  v1::AnswerOfferRequest request;
  request.set_offer_id(OfferId(at, offer));
  request.set_answer(static_cast<v1::OfferAnswer>(call.answer));
  Change<v1::AnswerOfferResponse>(call, "/fairlead.referral.v1.ReferralService/AnswerOffer",
                                  request);
}

void Walker::ChooseOne() {
  const int at = AnyReferral([](const Referral& each) {
    return each.state == State::kOpen && each.mode == Mode::kSurvivorChooses;
  });
  const int offer = AnyOffer(at, [](const Offer& each) { return each.answer == Answer::kYes; });
  const bool right = at >= 0 && Chance(94);
  Call call = NewCall(Verb::kChoose,
                      right ? model_.referrals()[static_cast<size_t>(at)].sender : AnyAgency(), at);
  call.offer = offer;
  v1::ChooseOfferRequest request;
  request.set_offer_id(OfferId(at, offer));
  Change<v1::ChooseOfferResponse>(call, "/fairlead.referral.v1.ReferralService/ChooseOffer",
                                  request);
}

// The agency that the offer is to; now and then another.
int Walker::RecipientOf(int at, int offer) {
  if (offer < 0 || Chance(6)) return AnyAgency();
  return model_.referrals()[static_cast<size_t>(at)].offers[static_cast<size_t>(offer)].to;
}

void Walker::AcceptAny() {
  const int at = AnyReferral([](const Referral& each) {
    return each.state == State::kOpen && each.mode != Mode::kSurvivorChooses;
  });
  const int offer = AnyOffer(at, &Offer::IsPending);
  Accept(RecipientOf(at, offer), at, offer);
}

void Walker::Accept(int by, int at, int offer) {
  Call call = NewCall(Verb::kAccept, by, at);
  call.offer = offer;
  v1::AcceptOfferRequest request;
  request.set_offer_id(OfferId(at, offer));
  const bool in_limbo = at >= 0 && model_.referrals()[static_cast<size_t>(at)].in_limbo;
  if (!in_limbo) request.set_etag(PickEtag(call));
  if (!model_.beds().in_limbo && Chance(25)) {
    call.has_hold = true;
    call.knows_beds = Chance(95);
    call.quantity = 1 + Below(2);
    call.reference = request.offer_id();
    request.mutable_hold()->set_service_id(call.knows_beds ? beds_id_ : IdOf(-1));
    request.mutable_hold()->set_unit(directory::v1::CAPACITY_UNIT_BED);
    request.mutable_hold()->set_quantity(call.quantity);
  }
  call.lapse_ms = 90LL * 60'000;
  const size_t holds = model_.holds().size();
  Do<v1::AcceptOfferResponse>(
      call, "/fairlead.referral.v1.ReferralService/AcceptOffer", request,
      [this, call, holds](const v1::AcceptOfferResponse& response) {
        CheckView(call.referral, call.by, response.referral());
        const std::string expected = call.has_hold ? model_.hold_refused() : "";
        if (response.hold_refused_reason() != expected) {
          Differ("the hold of an acceptance", expected, response.hold_refused_reason());
        }
        const bool is_held = call.has_hold && expected.empty();
        if (is_held != !response.hold_id().empty()) {
          return Differ("a hold", is_held ? "placed" : "none", response.hold_id());
        }
        if (is_held) hold_ids_.push_back(response.hold_id());
        if (is_held) names_.Add(response.hold_id(), static_cast<int>(holds));
      });
}

void Walker::Decline() {
  const int at = AnyReferral([](const Referral& each) { return each.state == State::kOpen; });
  const int offer = AnyOffer(at, &Offer::IsPending);
  const int by = RecipientOf(at, offer);
  Call call = NewCall(Verb::kDecline, by, at);
  call.offer = offer;
  call.code = Chance(4) ? "no_such_reason" : Chance(50) ? "no_capacity" : "not_eligible";
  v1::DeclineOfferRequest request;
  request.set_offer_id(OfferId(at, offer));
  request.set_reason_code(call.code);
  Change<v1::DeclineOfferResponse>(call, "/fairlead.referral.v1.ReferralService/DeclineOffer",
                                   request);
}

void Walker::SendPacket() {
  const int at = AnyReferral([](const Referral& each) {
    return (each.state == State::kMatched || each.state == State::kInService) && !each.has_packet;
  });
  if (at < 0) return;
  const Referral& it = model_.referrals()[static_cast<size_t>(at)];
  const int by = Chance(95) ? it.sender : AnyAgency();
  int to = (by + 1) % kAgencies;
  for (const Offer& offer : it.offers) {
    if (offer.state == OfferState::kAccepted && offer.to != by) to = offer.to;
  }
  Call call = NewCall(Verb::kSendPacket, by, at);
  call.release = AnyRelease(by, to, it.case_handle);
  v1::SendPacketRequest request;
  request.set_referral_id(IdOf(at));
  request.set_release_id(release_protos_[static_cast<size_t>(call.release)].id());
  request.set_packet(PickPacket(call, to, request.referral_id()));
  Change<v1::SendPacketResponse>(call, "/fairlead.referral.v1.ReferralService/SendPacket", request);
}

}  // namespace fairlead::model
