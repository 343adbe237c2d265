// Every status × every actor × every act, by the commands themselves: what they make of an offer is
// what the table of FHIR Tasks allows, and all of it.
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "services/referral/commands/accept_offer.h"
#include "services/referral/commands/cancel_referral.h"
#include "services/referral/commands/choose_offer.h"
#include "services/referral/commands/close_agency_offers.h"
#include "services/referral/commands/close_referral.h"
#include "services/referral/commands/complete_referral.h"
#include "services/referral/commands/decline_offer.h"
#include "services/referral/commands/do_not_route.h"
#include "services/referral/commands/forward_referral.h"
#include "services/referral/commands/mark_delivered.h"
#include "services/referral/commands/offer_referral.h"
#include "services/referral/commands/reopen_referral.h"
#include "services/referral/commands/run_clocks.h"
#include "services/referral/commands/send_referral.h"
#include "services/referral/commands/start_service.h"
#include "services/referral/domain/fhir_task.h"
#include "services/referral/testing/commands_fixture.h"

namespace fairlead::referral {
namespace {

using R = ReferralState;
using O = OfferState;
using Change = std::tuple<TaskStatus, TaskStatus, Mover, std::string>;

// One referral of its own for one act: what the act does to others does not matter.
struct Case {
  std::string sender, recipient, third, referral, offer;
};

struct Act {
  std::string how;
  std::function<Result<void>(Unit&, const Case&)> run;
};

template <class T>
Result<void> Done(const Result<T>& result) {
  if (!result) return Fail(result.error());
  return {};
}

rpc::CallContext By(const std::string& agency, const std::string& method) {
  rpc::CallContext context;
  context.method = "/fairlead.referral.v1.ReferralService/" + method;
  context.actor.kind = auth::ActorKind::kStaff;
  context.actor.agency_id = agency;
  context.actor.agency_kind = auth::AgencyKind::kHotline;
  context.actor.membership = auth::Membership::kActive;
  context.actor.roles = {auth::Role::kHotlineOperator};
  context.actor.assurance = auth::kSignedIn;
  return context;
}

std::string Kid(const std::string& agency, const char* which) { return agency + which; }

Sending SealedFor(const Case& one) {
  Sending sending;
  sending.draft.referral_id = one.referral;
  sending.recipient_agency_id = one.recipient;
  sending.sealed.sender_kid = Kid(one.sender, " signing");
  for (const std::string& agency : {one.sender, one.recipient}) {
    seal::Recipient share;
    share.kid = Kid(agency, " epoch");
    share.encrypted_key = std::string(40, 'e');
    sending.sealed.sealed_to.push_back(share);
    sending.sealed.custody_keys[agency] = std::string(32, 'c');
  }
  sending.sealed.packet.referral_id = one.referral;
  return sending;
}

Result<void> Send(Unit& unit, const Case& one) {
  return Done(SendReferral(unit, SealedFor(one)));
}

// Of something that the acting agency has received, and accepted.
Result<void> HandOn(Unit& unit, const Case& one) {
  Referral received;
  received.id = unit.ids.New();
  received.sender_agency_id = unit.ids.New();
  received.state = R::kMatched;
  received.release_id = unit.ids.New();
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Insert(received));
  Offer accepted;
  accepted.id = unit.ids.New();
  accepted.referral_id = received.id;
  accepted.recipient_agency_id = unit.agency_id;
  accepted.state = O::kAccepted;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.InsertOffer(accepted));
  unit.context.method = "/fairlead.referral.v1.ForwardService/ForwardReferral";
  return Done(ForwardReferral(unit, SealedFor(one), {received.id}));
}

Result<void> Ask(Unit& unit, const Case& one) {
  return Done(OfferReferral(unit, {.draft = {.referral_id = one.referral},
                                   .mode = Mode::kFirstToAccept,
                                   .recipients = {{one.recipient, ""}}}));
}

// Of a referral where the survivor chooses.
Result<void> MakeChoice(Unit& unit, const Case& one, Answer answer) {
  FAIRLEAD_ASSIGN(auto referral, unit.store.Find(one.referral));
  referral->mode = Mode::kSurvivorChooses;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(*referral));
  for (Offer& offer : referral->offers) {
    offer.answer = answer;
    FAIRLEAD_RETURN_IF_ERROR(unit.store.UpdateOffer(offer));
  }
  return {};
}

Result<void> AnswerYes(Unit& unit, const Case& one) {
  FAIRLEAD_RETURN_IF_ERROR(MakeChoice(unit, one, Answer::kNone));
  return Done(AnswerOffer(unit, one.offer, "", Answer::kYes));
}

Result<void> Choose(Unit& unit, const Case& one) {
  FAIRLEAD_RETURN_IF_ERROR(MakeChoice(unit, one, Answer::kYes));
  return Done(ChooseOffer(unit, one.offer, ""));
}

// A second offer of the same referral, which its agency accepts.
Result<void> MatchElsewhere(Unit& unit, const Case& one) {
  FAIRLEAD_ASSIGN(auto referral, unit.store.Find(one.referral));
  if (referral->offers.empty()) return NotFound();
  Offer other = referral->offers.at(0);
  other.id = unit.ids.New();
  other.recipient_agency_id = one.third;
  other.state = OfferState::kSent;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.InsertOffer(other));
  unit.agency_id = one.third;
  unit.context = By(one.third, "AcceptOffer");
  return Done(AcceptOffer(unit, other.id, ""));
}

Result<void> Deliver(Unit& unit, const Case& one) {
  FAIRLEAD_ASSIGN(auto referral, unit.store.Find(one.referral));
  std::vector<Referral> listed = {*referral};
  return MarkDelivered(unit, listed);
}

// The sender says that the case must never be put to the recipient. (Said by anybody else it is of
// another list.)
Result<void> LeaveOut(Unit& unit, const Case& one) {
  FAIRLEAD_ASSIGN(const auto referral, unit.store.Find(one.referral));
  return Done(SetDoNotRoute(unit, {.case_handle = referral->case_handle,
                                   .entries = {{one.recipient, "safety_risk"}},
                                   .etag = ""}));
}

std::vector<Act> Methods() {
  return {
      {"SendReferral", Send},
      {"OfferReferral", Ask},
      {"ForwardReferral", HandOn},
      {"AnswerOffer", AnswerYes},
      {"ChooseOffer", Choose},
      {"ReopenReferral",
       [](Unit& unit, const Case& one) {
         return Done(ReopenReferral(unit, one.referral, "", "no_show"));
       }},
      {"CloseReferral",
       [](Unit& unit, const Case& one) {
         return Done(CloseReferral(unit, one.referral, "", "no_show"));
       }},
      {"EnterReferralInError",
       [](Unit& unit, const Case& one) {
         return Done(EnterReferralInError(unit, one.referral, ""));
       }},
      {"ListReferrals", Deliver},
      {"AcceptOffer",
       [](Unit& unit, const Case& one) { return Done(AcceptOffer(unit, one.offer, "")); }},
      {"DeclineOffer",
       [](Unit& unit, const Case& one) {
         return Done(DeclineOffer(unit, one.offer, "", "no_capacity"));
       }},
      {"StartService",
       [](Unit& unit, const Case& one) { return Done(StartService(unit, one.referral, "")); }},
      {"CompleteReferral",
       [](Unit& unit, const Case& one) {
         return Done(CompleteReferral(unit, one.referral, "", "enrolled"));
       }},
      {"CancelReferral",
       [](Unit& unit, const Case& one) {
         return Done(CancelReferral(unit, one.referral, "", "client_withdrew"));
       }},
      {"SetDoNotRoute", LeaveOut},
  };
}

// `of_sender`: whose membership ends.
Act Membership(const std::string& how, const std::string& membership, bool of_sender) {
  return {how, [membership, of_sender](Unit& unit, const Case& one) {
            unit.agency_id = of_sender ? one.sender : one.recipient;
            return Done(CloseAgencyOffers(
                unit, {.id = unit.agency_id, .membership = membership, .kind = "", .version = 2}));
          }};
}

std::vector<Act> ActsOfTheHub() {
  return {{"clock",
           [](Unit& unit, const Case& /*one*/) -> Result<void> {
             unit.now_ms += 1'000'000;
             while (true) {
               FAIRLEAD_ASSIGN(const int handled, RunClocks(unit));
               if (handled == 0) return {};
             }
           }},
          {"release_ended",
           [](Unit& unit, const Case& one) {
             return EndWithRelease(unit, one.referral, "release_revoked");
           }},
          {"matched_elsewhere", MatchElsewhere},
          Membership("agency_suspended", "suspended", false),
          Membership("agency_suspended", "suspended", true),
          Membership("agency_departed", "departed", false),
          Membership("agency_departed", "departed", true)};
}

const std::vector<std::pair<R, std::optional<O>>> kStates = {
    {R::kDraft, std::nullopt},      {R::kCancelled, std::nullopt},
    {R::kOpen, O::kSent},           {R::kOpen, O::kDelivered},
    {R::kOpen, O::kQuestion},       {R::kMatched, O::kAccepted},
    {R::kInService, O::kAccepted},  {R::kCompleted, O::kAccepted},
    {R::kClosed, O::kDeclined},     {R::kClosed, O::kExpired},
    {R::kClosed, O::kWithdrawn},    {R::kClosed, O::kFellThrough},
    {R::kCancelled, O::kWithdrawn}, {R::kCancelled, O::kFellThrough},
    {R::kEnteredInError, O::kSent}, {R::kEnteredInError, O::kAccepted},
};

enum class Who { kSender, kRecipient, kThird, kHub };

class TaskTransitionsTest : public CommandsTest {
 protected:
  Result<Case> Make(Unit& unit, R state, std::optional<O> offer_state) {
    const Case one{ids_.New(), ids_.New(), ids_.New(), ids_.New(), ids_.New()};
    for (const std::string& agency : {one.sender, one.recipient, one.third}) {
      FAIRLEAD_RETURN_IF_ERROR(unit.store.PutAgency(
          {.id = agency, .membership = "active", .kind = "health_provider", .version = 1}));
      FAIRLEAD_RETURN_IF_ERROR(unit.store.PutAgencyKey({.agency_id = agency,
                                                        .epoch = 1,
                                                        .epoch_kid = Kid(agency, " epoch"),
                                                        .signing_kid = Kid(agency, " signing")}));
    }
    Referral referral;
    referral.id = one.referral;
    referral.sender_agency_id = one.sender;
    referral.case_handle = ids_.New();
    referral.facets.need_code = "shelter_bed";
    referral.state = state;
    FAIRLEAD_RETURN_IF_ERROR(unit.store.Insert(referral));
    if (!offer_state) return one;
    const int64_t later_ms = unit.now_ms + 1'000;
    Offer offer;
    offer.id = one.offer;
    offer.referral_id = one.referral;
    offer.recipient_agency_id = one.recipient;
    offer.state = *offer_state;
    offer.ladder = {later_ms, later_ms, later_ms, later_ms};
    FAIRLEAD_RETURN_IF_ERROR(unit.store.InsertOffer(offer));
    return one;
  }

  static Result<TaskStatus> StatusOf(Unit& unit, const Case& one) {
    FAIRLEAD_ASSIGN(const auto referral, unit.store.Find(one.referral));
    if (referral->offers.empty()) return TaskStatusOf(referral->state, std::nullopt);
    return TaskStatusOf(referral->state, referral->offers.at(0).state);
  }

  // What the act makes of an offer in that state: (before, after), when it is not refused. Nothing
  // of it is kept.
  std::pair<TaskStatus, TaskStatus> Try(R state, std::optional<O> offer_state, const Act& act,
                                        Who who) {
    std::pair<TaskStatus, TaskStatus> seen;
    std::function<Result<bool>(storage::Transaction&)> job =
        [&](storage::Transaction& tx) -> Result<bool> {
      const std::unique_ptr<ReferralStore> store = MakeSqlReferralStore(tx);
      Unit unit{.tx = tx,
                .store = *store,
                .ids = ids_,
                .now_ms = clock_.NowMs(),
                .agency_id = "",
                .staff_id = "",
                .traceparent = ""};
      FAIRLEAD_ASSIGN(const Case one, Make(unit, state, offer_state));
      FAIRLEAD_ASSIGN(const TaskStatus before, StatusOf(unit, one));
      seen = {before, before};
      if (who != Who::kHub) {
        unit.agency_id = who == Who::kSender      ? one.sender
                         : who == Who::kRecipient ? one.recipient
                                                  : one.third;
        unit.context = By(unit.agency_id, act.how);
      }
      FAIRLEAD_RETURN_IF_ERROR(act.run(unit, one));
      FAIRLEAD_ASSIGN(seen.second, StatusOf(unit, one));
      return Fail(Code::kCancelled, "SEEN", "");
    };
    const Result<bool> ended = SyncWait(database_->Write<bool>(job));
    EXPECT_NE(ended.error().code, Code::kInternal) << ToString(ended.error());
    return seen;
  }
};

TEST_P(TaskTransitionsTest, AreExactlyThoseOfTheTable) {
  std::set<Change> done;
  const auto note = [&done](const auto& seen, Mover by, const std::string& how) {
    if (seen.first != seen.second) done.insert({seen.first, seen.second, by, how});
  };
  for (const auto& [state, offer_state] : kStates) {
    for (const Act& act : Methods()) {
      note(Try(state, offer_state, act, Who::kSender), Mover::kSender, act.how);
      note(Try(state, offer_state, act, Who::kRecipient), Mover::kRecipient, act.how);
      const auto seen = Try(state, offer_state, act, Who::kThird);
      EXPECT_EQ(seen.first, seen.second) << act.how << " by an agency that it is no affair of";
    }
    for (const Act& act : ActsOfTheHub()) {
      note(Try(state, offer_state, act, Who::kHub), Mover::kHub, act.how);
    }
  }
  std::set<Change> allowed;
  for (const auto& row : TaskTransitions()) {
    if (!row.how.empty()) allowed.insert({row.from, row.to, row.by, std::string(row.how)});
  }
  const auto in_words = [](const std::set<Change>& changes) {
    std::set<std::string> words;
    for (const auto& [from, to, by, how] : changes) {
      words.insert(std::string(TaskCode(from)) + " → " + std::string(TaskCode(to)) + " by " +
                   std::to_string(static_cast<int>(by)) + " " + how);
    }
    return words;
  };
  EXPECT_EQ(in_words(done), in_words(allowed));
}

FAIRLEAD_ON_BOTH_ENGINES(TaskTransitionsTest);

}  // namespace
}  // namespace fairlead::referral
