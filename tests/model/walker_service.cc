// What a walker asks of a referral from the match to its end, of its packet, and of its views.
#include <algorithm>

#include "services/common/seal/seal.h"
#include "tests/model/walker_calls.h"

namespace fairlead::model {

namespace v1 = fairlead::referral::v1;

// By the verb's own side of a referral in the verb's own state, as a rule.
void Walker::ChangeAny(Verb verb) {
  const bool by_sender = verb == Verb::kCancel || verb == Verb::kEnterInError;
  const bool by_either = verb == Verb::kReopen;
  const int at = AnyReferral([verb](const Referral& each) {
    switch (verb) {
      case Verb::kCancel:
        return each.state <= State::kMatched;
      case Verb::kEnterInError:
        return each.state != State::kDraft;
      case Verb::kComplete:
      case Verb::kClose:
        return each.state == State::kInService;
      default:
        return each.state == State::kMatched;
    }
  });
  Call call = NewCall(verb, AnyAgency(), at);
  if (at >= 0 && Chance(90)) {
    const Referral& it = model_.referrals()[static_cast<size_t>(at)];
    const auto taken = std::ranges::find(it.offers, OfferState::kAccepted, &Offer::state);
    if (by_sender || (by_either && Chance(50))) call.by = it.sender;
    if (!by_sender && call.by != it.sender && taken != it.offers.end()) call.by = taken->to;
  }
  Serve(call);
}

void Walker::Serve(Call call) {
  const std::string& id = IdOf(call.referral);
  const bool wrong = Chance(4);
  if (call.verb == Verb::kCancel) {
    v1::CancelReferralRequest request;
    request.set_referral_id(id);
    call.code = wrong ? "no_such_reason" : Chance(80) ? "client_withdrew" : "duplicate";
    request.set_reason_code(call.code);
    Change<v1::CancelReferralResponse>(call, "/fairlead.referral.v1.ReferralService/CancelReferral",
                                       request);
  } else if (call.verb == Verb::kEnterInError) {
    v1::EnterReferralInErrorRequest request;
    request.set_referral_id(id);
    Change<v1::EnterReferralInErrorResponse>(
        call, "/fairlead.referral.v1.ReferralService/EnterReferralInError", request);
  } else if (call.verb == Verb::kReopen) {
    v1::ReopenReferralRequest request;
    request.set_referral_id(id);
    call.code = wrong ? "no_such_reason" : Chance(50) ? "no_show" : "client_declined";
    request.set_reason_code(call.code);
    Change<v1::ReopenReferralResponse>(call, "/fairlead.referral.v1.ReferralService/ReopenReferral",
                                       request);
  } else if (call.verb == Verb::kStart) {
    v1::StartServiceRequest request;
    request.set_referral_id(id);
    Change<v1::StartServiceResponse>(call, "/fairlead.referral.v1.ReferralService/StartService",
                                     request);
  } else if (call.verb == Verb::kComplete) {
    v1::CompleteReferralRequest request;
    request.set_referral_id(id);
    call.code = wrong ? "no_such_outcome" : Chance(50) ? "enrolled" : "served_once";
    request.set_outcome_code(call.code);
    Change<v1::CompleteReferralResponse>(
        call, "/fairlead.referral.v1.ReferralService/CompleteReferral", request);
  } else {
    v1::CloseReferralRequest request;
    request.set_referral_id(id);
    call.code = wrong ? "no_such_reason" : Chance(50) ? "no_show" : "other";
    request.set_reason_code(call.code);
    Change<v1::CloseReferralResponse>(call, "/fairlead.referral.v1.ReferralService/CloseReferral",
                                      request);
  }
}

void Walker::OpenAny() {
  const int at = AnyReferral([](const Referral& each) { return each.has_packet; });
  int by = AnyAgency();
  if (at >= 0 && Chance(85)) {
    const Referral& it = model_.referrals()[static_cast<size_t>(at)];
    by = it.sender;
    const auto stands = std::ranges::find_if(it.offers, &Offer::Stands);
    if (stands != it.offers.end() && Chance(70)) by = stands->to;
  }
  Open(by, at);
}

void Walker::Open(int by, int at) {
  v1::OpenPacketRequest request;
  request.set_referral_id(IdOf(at));
  const std::string expected = model_.Apply(NewCall(Verb::kOpen, by, at), Now());
  Note("OpenPacket by " + std::to_string(by) + " referral " + std::to_string(at) + ": " + expected);
  const int64_t repeats = repeats_;
  const auto reply = Insist<v1::OpenPacketResponse>(
      by, "/fairlead.referral.v1.ReferralService/OpenPacket", request);
  ++steps_;
  const std::string got = reply ? "" : reply.error().reason;
  if (got != expected) return Differ("OpenPacket", expected, got);
  // Who asks again has opened twice, as far as the log can know.
  if (repeats_ != repeats && at >= 0)
    model_.referrals()[static_cast<size_t>(at)].is_uncertain = true;
  if (!reply) return;
  ++done_;
  CheckView(at, by, reply->referral());
  if (!Chance(10)) return;
  const int sender = model_.referrals()[static_cast<size_t>(at)].sender;
  const seal::Expected wanted{
      .referral_id = IdOf(at),
      .release_hash = reply->referral().release_hash(),
      .sender_agency_id = agencies_[static_cast<size_t>(sender)].id,
      .sender_signing_key = agencies_[static_cast<size_t>(sender)].signing.public_key,
      .now_s = Now() / 1000};
  const auto opened = seal::Open(reply->packet(), agencies_[static_cast<size_t>(by)].epoch, wanted);
  if (!opened) Differ("unsealing", "the packet", ToString(opened.error()));
}

// What has the same answer before and after the hub has done what it does by itself: nothing opens
// under a release that has ended, and nobody answers an offer that has run out.
void Walker::AskLimbo(int at) {
  const Referral& it = model_.referrals()[static_cast<size_t>(at)];
  const bool has_ended =
      it.has_packet && it.release >= 0 &&
      model_.releases()[static_cast<size_t>(it.release)].state > ReleaseState::kActive;
  if (has_ended) {
    std::vector<int> readers = {it.sender};
    for (const Offer& offer : it.offers) {
      if (offer.reason == it.reason || offer.state == OfferState::kAccepted) {
        readers.push_back(offer.to);
      }
    }
    return Open(readers[static_cast<size_t>(Below(static_cast<int>(readers.size())))], at);
  }
  const auto late = std::ranges::find(it.offers, OfferState::kExpired, &Offer::state);
  if (late == it.offers.end() || it.mode == Mode::kSurvivorChooses) return;
  Accept(late->to, at, static_cast<int>(late - it.offers.begin()));
}

void Walker::StepRead() {
  const int kind = Below(100);
  if (kind < 18) return ReadList();
  if (kind < 26) return ReadBeds();
  if (kind < 31) return ReadHolds();
  const int release = Below(static_cast<int>(release_protos_.size()));
  if (kind < 35) return ReadRelease(AnyAgency(), release);
  if (kind < 39) return ReadDisclosures(AnyAgency(), release);
  const int at = AnyReferral([](const Referral&) { return true; });
  const int by = AnyAgency();
  ++steps_;
  if (kind < 55) {
    const std::string model = ModelStory(at, by);
    const std::string hub = ReadStory(at, by);
    if (hub != model) Differ("the story that agency " + std::to_string(by) + " sees", model, hub);
    return;
  }
  v1::GetReferralRequest request;
  request.set_referral_id(IdOf(at));
  const auto seen = Insist<v1::GetReferralResponse>(
      by, "/fairlead.referral.v1.ReferralService/GetReferral", request);
  if (seen) return CheckView(at, by, seen->referral());
  const std::string model = model_.See(at, by, false);
  if (model != seen.error().reason) Differ("GetReferral", model, seen.error().reason);
}

// A box of an agency: the newest first, of any state or of one; the inbox marks what it shows.
void Walker::ReadList() {
  const int by = AnyAgency();
  if (HasLimbo(by)) return;
  v1::ListReferralsRequest request;
  const bool inbox = Chance(60);
  request.set_box(inbox ? v1::BOX_INBOX : v1::BOX_SENT);
  request.set_page_size(1 + Below(6));
  const int state = Chance(60) ? 0 : 1 + Below(8);
  if (state > 0) request.add_states(static_cast<v1::ReferralState>(state));
  std::vector<int> page;
  for (int i = static_cast<int>(model_.referrals().size()) - 1; i >= 0; --i) {
    const Referral& each = model_.referrals()[static_cast<size_t>(i)];
    const bool is_there = inbox ? model_.OfferOf(i, by).has_value() : each.sender == by;
    const bool fits =
        is_there && (state == 0 || static_cast<int>(model_.SeenState(i, by)) == state);
    if (fits) page.push_back(i);
    if (static_cast<int>(page.size()) == request.page_size()) break;
  }
  if (inbox) model_.ShowInbox(by, page);
  Note("ListReferrals by " + std::to_string(by) + (inbox ? " inbox" : " sent"));
  const auto listed = Insist<v1::ListReferralsResponse>(
      by, "/fairlead.referral.v1.ReferralService/ListReferrals", request);
  ++steps_;
  if (!listed) return Differ("ListReferrals", "", ToString(listed.error()));
  std::string model;
  std::string hub;
  for (const int at : page) model += " " + std::to_string(at);
  for (const auto& each : listed->referrals()) {
    hub += " " + std::to_string(names_.NumberOf(each.id()));
  }
  if (model != hub) return Differ("a box, state " + std::to_string(state), model, hub);
  for (size_t i = 0; i < page.size() && !HasFailed(); ++i) {
    CheckView(page[i], by, listed->referrals(static_cast<int>(i)));
  }
}

}  // namespace fairlead::model
