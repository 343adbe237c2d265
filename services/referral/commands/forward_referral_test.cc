// A recipient hands on: a referral of its own; who hears of it, and who does not; and that no case
// comes back to an agency that had it.
#include "services/referral/commands/forward_referral.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "services/referral/commands/do_not_route.h"
#include "services/referral/commands/offer_referral.h"
#include "services/referral/commands/shred_packets.h"
#include "services/referral/commands/suggest_candidate.h"
#include "services/referral/testing/forward_fixture.h"

namespace fairlead::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using O = OfferState;
using R = ReferralState;

TEST_P(ForwardReferralTest, ItIsAReferralOfItsOwnLinkedToTheOneThatWasReceived) {
  const std::string received = Receive(first_, second_);
  const Referral before = Now(received);
  clock_.Advance(5'000);
  const Sending sending = From(second_, third_);
  const auto forwarded = Forward(second_, sending, {received});
  ASSERT_TRUE(forwarded) << ToString(forwarded.error());
  const Referral now = Now(forwarded->id, second_);
  EXPECT_EQ(now.state, R::kOpen);
  EXPECT_EQ(now.mode, Mode::kForward);
  EXPECT_EQ(now.sender_agency_id, second_);
  EXPECT_EQ(now.case_handle, sending.draft.case_handle);
  EXPECT_EQ(now.release_id, ReleaseOf(second_));
  EXPECT_EQ(now.packet_id, forwarded->id);
  EXPECT_EQ(now.offers.at(0).recipient_agency_id, third_);
  EXPECT_EQ(Read(now.id), "open/sent : sent");

  const auto link = LinkOf(now.id);
  ASSERT_TRUE(link);
  EXPECT_EQ(link->from_referral_id, received);
  EXPECT_EQ(link->from_offer_id, before.offers[0].id) << "Task.partOf";
  EXPECT_THAT(link->had_before, ElementsAre(first_));

  EXPECT_EQ(Read(received), "matched/accepted : forwarded") << "it goes on as it was";
  const Referral after = Now(received);
  EXPECT_EQ(after.version, before.version + 1);
  EXPECT_EQ(after.update_ms, before.update_ms) << "a coordinator sees for how long it waits";
}

// Of who comes before and after: each knows its neighbour.
TEST_P(ForwardReferralTest, TheFirstSenderHearsThatItWasHandedOnAndNoMore) {
  const std::string received = Receive(first_, second_);
  const std::string handed_on = Forwarded(second_, third_, received);
  for (const std::string& agency : {first_, second_}) {
    EXPECT_EQ(Now(received, agency).forward_ms, clock_.NowMs());
  }
  const std::string senders = Shown(received, first_).DebugString();
  EXPECT_THAT(senders, HasSubstr("forward_time"));
  for (const std::string& hidden : {third_, handed_on}) {
    EXPECT_THAT(senders, Not(HasSubstr(hidden)));
    EXPECT_THAT(Shown(received, second_).DebugString(), Not(HasSubstr(hidden)));
  }
  const auto told = ToldTo(first_);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].change(), "forwarded");
  EXPECT_EQ(told[0].referral_id(), received);
  EXPECT_EQ(told[0].recipient_agency_id(), second_);
  EXPECT_THAT(told[0].DebugString(), Not(HasSubstr(third_)));
  EXPECT_THAT(told[0].DebugString(), Not(HasSubstr(handed_on)));

  const v1::Referral own = Shown(handed_on, second_);
  EXPECT_EQ(own.mode(), v1::REFERRAL_MODE_FORWARD);
  EXPECT_EQ(own.forwarded_from_referral_id(), received);
  // To whom it was put it is a direct one.
  const v1::Referral theirs = Shown(handed_on, third_);
  EXPECT_EQ(theirs.mode(), v1::REFERRAL_MODE_DIRECT);
  EXPECT_EQ(theirs.case_handle(), "");
  for (const std::string& hidden : {first_, received, std::string("forward")}) {
    EXPECT_THAT(theirs.DebugString(), Not(HasSubstr(hidden)));
  }
  for (const events::v1::ReferralChanged& each : ToldTo(third_)) {
    EXPECT_EQ(each.change(), "sent");
    EXPECT_THAT(each.DebugString(), Not(HasSubstr(first_)));
  }
  // Nor does the first sender hear when it goes on from there.
  Agree(handed_on);
  Forwarded(third_, fourth_, handed_on);
  EXPECT_EQ(ToldTo(first_).size(), 1U);
  EXPECT_THAT(Shown(handed_on, third_).DebugString(), Not(HasSubstr(received)));
}

TEST_P(ForwardReferralTest, ItGoesBackToNobodyWhoHadIt) {
  const std::string received = Receive(first_, second_);
  EXPECT_EQ(Try(second_, first_, received), "FORWARD_LOOP agency_id=" + first_);
  const std::string handed_on = Forwarded(second_, third_, received);
  EXPECT_THAT(Try(third_, fourth_, handed_on), HasSubstr("FORWARD_NOT_IN_HAND"));
  Agree(handed_on);
  EXPECT_EQ(Try(third_, first_, handed_on), "FORWARD_LOOP agency_id=" + first_);
  EXPECT_EQ(Try(third_, second_, handed_on), "FORWARD_LOOP agency_id=" + second_);
  EXPECT_EQ(Read(handed_on), "matched/accepted : sent") << "a refusal stands in no story";
  EXPECT_EQ(Try(third_, fourth_, handed_on), "ok");
  // Of another case the same agencies may do so.
  EXPECT_EQ(Try(third_, first_, Receive(second_, third_)), "ok");
}

TEST_P(ForwardReferralTest, NorWhenWhatIsBeforeIsShredded) {
  const std::string received = Receive(first_, second_);
  const std::string handed_on = Forwarded(second_, third_, received);
  Agree(handed_on);
  Change(received, [&](Referral& referral) {
    referral.state = R::kCompleted;
    referral.update_ms = clock_.NowMs();
  });
  clock_.Advance(kRetentionMs);
  Do<int64_t>(ShredOldPackets);
  EXPECT_EQ(Now(received).case_handle, "");
  EXPECT_EQ(Try(third_, first_, handed_on), "FORWARD_LOOP agency_id=" + first_);
  const std::string last = Forwarded(third_, fourth_, handed_on);
  EXPECT_THAT(LinkOf(last)->had_before, ElementsAre(first_, second_));

  // What ties the two together goes with the packet; that it was handed on stays in the story.
  Change(handed_on, [&](Referral& referral) {
    referral.state = R::kCompleted;
    referral.update_ms = clock_.NowMs();
  });
  clock_.Advance(kRetentionMs);
  const int64_t told_ms = Now(received, first_).forward_ms;
  Do<int64_t>(ShredOldPackets);
  EXPECT_FALSE(LinkOf(handed_on));
  EXPECT_EQ(Now(handed_on, second_).forwarded_from_id, "");
  EXPECT_TRUE(LinkOf(last));
  EXPECT_GT(told_ms, 0);
  EXPECT_EQ(Now(received, first_).forward_ms, told_ms) << "its end is no affair of the sender's";
}

// And to nobody whom one of those that had it has barred, whenever they did; told as if it had
// had it.
TEST_P(ForwardReferralTest, TheListsOfAllWhoHadItAreObeyed) {
  const std::string received = Receive(first_, second_);
  const std::string barred = Member();
  const std::string case_handle = Now(received).case_handle;
  const auto set = [&](const std::string& etag, const std::vector<NotToBeAsked>& entries) {
    return Do<std::string>([&](Unit& unit) -> Result<std::string> {
      unit.agency_id = first_;
      FAIRLEAD_ASSIGN(const DoNotRouteSet kept,
                      SetDoNotRoute(unit, {case_handle, entries, etag}));
      return Etag(kept.list);
    });
  };
  std::string etag = set("", {{barred, "past_harm"}});
  EXPECT_EQ(Try(second_, barred, received), "FORWARD_LOOP agency_id=" + barred);
  etag = set(etag, {});
  const std::string handed_on = Forwarded(second_, third_, received);
  Agree(handed_on);
  etag = set(etag, {{barred, "past_harm"}});
  EXPECT_EQ(Try(third_, barred, handed_on), "FORWARD_LOOP agency_id=" + barred);
  EXPECT_EQ(Read(handed_on), "matched/accepted : sent");
  // Offered again, after a match that fell through, too.
  Change(handed_on, [](Referral& referral) {
    referral.state = R::kOpen;
    referral.offers.at(0).state = O::kFellThrough;
  });
  const auto offer = [&] {
    return As<Referral>(second_, "ReferralService/OfferReferral", [&](Unit& unit) {
      return OfferReferral(unit, {.draft = {.referral_id = handed_on},
                                  .mode = Mode::kFirstToAccept,
                                  .recipients = {{barred, ""}}});
    });
  };
  EXPECT_EQ(offer(), "FORWARD_LOOP");
  set(etag, {});
  EXPECT_EQ(offer(), "ok");
}

// Until consent has given keys for the agency that is named, nothing tells whether it had the case.
TEST_P(ForwardReferralTest, WhoHadItIsNotToldBeforeConsent) {
  const std::string handed_on = Forwarded(second_, third_, Receive(first_, second_));
  Agree(handed_on);
  const auto check = [&](const std::string& to) {
    return Do<std::string>([&](Unit& unit) -> Result<std::string> {
      const auto checked = CheckForwarding(unit.store, third_, From(third_, to), {handed_on},
                                           unit.now_ms);
      if (!checked) return checked.error().reason;
      return checked->sendable.is_barred ? std::string("barred") : std::string("ok");
    });
  };
  EXPECT_EQ(check(first_), "barred") << "for consent to be asked so that it writes nothing";
  EXPECT_EQ(check(fourth_), "ok");
  EXPECT_EQ(check(second_), "FORWARD_LOOP") << "it knows from whom it has it";
  EXPECT_EQ(Try(third_, first_, handed_on), "FORWARD_LOOP agency_id=" + first_);
  Sending without_keys = From(third_, first_);
  without_keys.sealed.custody_keys.clear();
  EXPECT_EQ(Said(Forward(third_, without_keys, {handed_on})), "REFERRAL_NOT_FOUND");
}

// Whose list it was hears of it, by its own case alone; whoever else had the case does not.
TEST_P(ForwardReferralTest, ThatAListRefusedIsOnRecordWithItsKeeper) {
  const std::string received = Receive(first_, second_);
  const std::string handed_on = Forwarded(second_, third_, received);
  const auto records = [&](const std::string& agency) {
    return Do<std::string>([&](Unit& unit) -> Result<std::string> {
      FAIRLEAD_ASSIGN(const auto rows,
                      unit.tx.Query("SELECT case_handle, referral_id, agency_id, staff_id, action "
                                    "FROM audit_record WHERE refused_reason = 'FORWARD_LOOP' AND "
                                    "subject_agency_id = $1",
                                    {agency}));
      std::string text;
      for (const storage::Row& row : rows) {
        for (size_t i = 0; i < 5; ++i) text += "[" + row.Text(i) + "]";
      }
      return text;
    });
  };
  const auto record = [&](const Error& refusal) {
    Do<bool>([&](Unit& unit) -> Result<bool> {
      FAIRLEAD_RETURN_IF_ERROR(RecordWithKeepers(unit, handed_on,
                                                 audit::Action::kReferralForwarded, refusal));
      return true;
    });
  };
  record(ForwardLoop(fourth_).value());
  EXPECT_EQ(records(first_), "") << "it has no list";
  Do<bool>([&](Unit& unit) -> Result<bool> {
    unit.agency_id = first_;
    FAIRLEAD_ASSIGN(const auto theirs, unit.store.Find(received));
    FAIRLEAD_RETURN_IF_ERROR(SetDoNotRoute(unit, {.case_handle = theirs->case_handle,
                                                  .entries = {{fourth_, "past_harm"}},
                                                  .etag = ""}));
    return true;
  });
  record(ForwardLoop(second_).value());
  EXPECT_EQ(records(first_), "") << "not of another agency";
  record(ForwardLoop(fourth_).value());
  EXPECT_EQ(records(first_), "[" + Now(received).case_handle + "][][][][referral_forwarded]")
      << "who tried is none whom it knows";
  EXPECT_EQ(records(second_), "");
}

// A row that lacks a case handle is an error: whose list cannot be found is not taken for none.
TEST_P(ForwardReferralTest, AChainThatLacksACaseHandleIsAnError) {
  const std::string handed_on = Forwarded(second_, third_, Receive(first_, second_));
  Agree(handed_on);
  Do<int64_t>([&](Unit& unit) {
    return unit.tx.Execute("UPDATE forward SET had_cases = '' WHERE referral_id = $1",
                           {handed_on});
  });
  EXPECT_EQ(Try(third_, fourth_, handed_on), "STORAGE_ERROR");
}

TEST_P(ForwardReferralTest, FiveTimesAndNoMore) {
  std::string by = second_;
  std::string received = Receive(first_, by);
  for (size_t hand_ons = 0; hand_ons < kMostHandOns; ++hand_ons) {
    const std::string to = Member();
    received = Forwarded(by, to, received);
    Agree(received);
    by = to;
  }
  EXPECT_EQ(Try(by, Member(), received), "FORWARD_CHAIN_TOO_LONG");
  EXPECT_EQ(Try(by, first_, received), "FORWARD_CHAIN_TOO_LONG") << "and not who stands in it";
}

TEST_P(ForwardReferralTest, OnlyWhatIsAcceptedAndUnderWay) {
  const std::vector<std::tuple<R, O, std::string>> refused = {
      {R::kOpen, O::kSent, "open"},          {R::kOpen, O::kDelivered, "open"},
      {R::kOpen, O::kQuestion, "open"},      {R::kOpen, O::kFellThrough, "closed"},
      {R::kOpen, O::kDeclined, "closed"},    {R::kClosed, O::kDeclined, "closed"},
      {R::kClosed, O::kExpired, "closed"},   {R::kMatched, O::kWithdrawn, "cancelled"},
      {R::kClosed, O::kFellThrough, "closed"}, {R::kCancelled, O::kWithdrawn, "cancelled"},
      {R::kCompleted, O::kAccepted, "completed"},
      {R::kEnteredInError, O::kFellThrough, "closed"},
  };
  for (const auto& [state, offer_state, shown] : refused) {
    EXPECT_EQ(Try(second_, third_, Receive(first_, second_, state, offer_state)),
              "FORWARD_NOT_IN_HAND allowed=matched,in_service offer_state=" +
                  std::string(StateName(offer_state)) + " state=" + shown);
  }
  for (const R state : {R::kMatched, R::kInService}) {
    EXPECT_EQ(Try(second_, third_, Receive(first_, second_, state)), "ok");
  }
}

TEST_P(ForwardReferralTest, UnderAReleaseOfItsOwn) {
  const std::string received = Receive(first_, second_);
  Sending sending = From(second_, third_);
  sending.sealed.release_id = kTheirRelease;
  EXPECT_EQ(Said(Forward(second_, sending, {received})),
            "FORWARD_NEEDS_OWN_RELEASE field=release_id");
  sending.sealed.release_id = ReleaseOf(second_);
  sending.sealed.custody_keys.clear();  // consent has given none
  EXPECT_EQ(Said(Forward(second_, sending, {received})), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(Read(received), "matched/accepted :");
}

TEST_P(ForwardReferralTest, NobodyElseHandsItOn) {
  const std::string received = Receive(first_, second_);
  for (const std::string& by : {first_, third_}) {
    EXPECT_EQ(Try(by, fourth_, received), "REFERRAL_NOT_FOUND");
  }
  EXPECT_EQ(Try(second_, fourth_, ids_.New()), "REFERRAL_NOT_FOUND");
  for (const auth::Role role : {auth::Role::kCoordinator, auth::Role::kAuditor}) {
    EXPECT_EQ(Said(Forward(second_, From(second_, third_), {received}, role)),
              "REFERRAL_NOT_FOUND");
  }
  // One of several that were asked, and is not the one that was matched.
  const std::string asked = Receive(first_, third_);
  Change(asked, [](Referral& referral) { referral.mode = Mode::kFirstToAccept; });
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_ASSIGN(const auto referral, unit.store.Find(asked));
    Offer other = referral->offers.at(0);
    other.id = ids_.New();
    other.recipient_agency_id = second_;
    other.state = O::kWithdrawn;
    FAIRLEAD_RETURN_IF_ERROR(unit.store.InsertOffer(other));
    return true;
  });
  EXPECT_EQ(Try(second_, fourth_, asked),
            "FORWARD_NOT_IN_HAND allowed=matched,in_service offer_state=withdrawn "
            "state=cancelled");
  EXPECT_EQ(Try(third_, fourth_, asked), "ok");
}

TEST_P(ForwardReferralTest, AtTheVersionThatWasRead) {
  const std::string received = Receive(first_, second_);
  const std::string etag = Etag(Now(received), second_);
  EXPECT_THAT(Said(Forward(second_, From(second_, third_), {received, "v99"})),
              HasSubstr("ETAG_MISMATCH"));
  EXPECT_EQ(Said(Forward(second_, From(second_, third_), {received, etag})), "ok");
  Sending again = From(second_, fourth_);
  again.draft.facets.need_code = "urgent_medical";
  EXPECT_THAT(Said(Forward(second_, again, {received, etag})), HasSubstr("ETAG_MISMATCH"))
      << "of two who hand it on at once the second looks again";
  EXPECT_EQ(Said(Forward(second_, again, {received})), "ok");
}

TEST_P(ForwardReferralTest, WhomSendReferralWouldNotAskIsNotAsked) {
  const std::string received = Receive(first_, second_);
  const std::string suspended = Member("health_provider", "suspended");
  EXPECT_EQ(Try(second_, suspended, received), "AGENCY_NOT_ACTIVE agency_id=" + suspended);
  const std::string keyless = Member("health_provider", "active", false);
  EXPECT_EQ(Try(second_, keyless, received), "AGENCY_HAS_NO_KEYS agency_id=" + keyless);
  Sending sealed_to_another = From(second_, third_);
  sealed_to_another.recipient_agency_id = fourth_;
  EXPECT_THAT(Said(Forward(second_, sealed_to_another, {received})),
              HasSubstr("PACKET_RECIPIENT_MISMATCH"));
  const Sending listed = From(second_, third_);
  Do<bool>([&](Unit& unit) -> Result<bool> {
    unit.agency_id = second_;
    FAIRLEAD_RETURN_IF_ERROR(SetDoNotRoute(unit, {.case_handle = listed.draft.case_handle,
                                                  .entries = {{third_, "past_harm"}},
                                                  .etag = ""}));
    return true;
  });
  EXPECT_EQ(Said(Forward(second_, listed, {received})),
            "AGENCY_NOT_TO_BE_ASKED agency_id=" + third_);
  Sending bare = From(second_, third_);
  bare.draft.has_facets = false;
  EXPECT_EQ(Said(Forward(second_, bare, {received})), "FACETS_REQUIRED");
  bare.draft.has_facets = true;
  bare.draft.referral_id = received;
  EXPECT_EQ(Said(Forward(second_, bare, {received})), "REFERRAL_ALREADY_EXISTS");
  // As in the direct way: item by item, to the one that is named.
  EXPECT_EQ(Try(second_, Member("law_enforcement"), received), "ok");
}

TEST_P(ForwardReferralTest, TheSenderIsToldOfADuplicate) {
  const std::string received = Receive(first_, second_);
  const Sending once = From(second_, third_);
  ASSERT_TRUE(Forward(second_, once, {received}));
  const std::string same = "DUPLICATE_SERVICE referral_id=" + once.draft.referral_id;
  EXPECT_EQ(Try(second_, fourth_, received), same) << "of another case handle";
  Sending again = From(second_, fourth_);
  again.draft.case_handle = once.draft.case_handle;
  EXPECT_EQ(Said(Forward(second_, again, {Receive(first_, second_)})), same)
      << "of the same case, received twice";
  again = From(second_, fourth_);
  again.draft.facets.need_code = "urgent_medical";
  EXPECT_EQ(Said(Forward(second_, again, {received})), "ok") << "another need";
  again = From(second_, fourth_);
  again.draft.allow_duplicate_service = true;
  EXPECT_EQ(Said(Forward(second_, again, {received})), "ok");
  // What has ended stands in nobody's way.
  const std::string other = Receive(first_, second_);
  const std::string declined = Forwarded(second_, third_, other);
  Change(declined, [](Referral& referral) { referral.state = R::kClosed; });
  EXPECT_EQ(Try(second_, fourth_, other), "ok");
}

TEST_P(ForwardReferralTest, TwentyTimesOneReferral) {
  const std::string received = Receive(first_, second_);
  Sending sending = From(second_, third_);
  for (size_t i = 0; i < kMostForwards; ++i) {
    sending.draft.referral_id = ids_.New();
    sending.sealed.packet.referral_id = sending.draft.referral_id;
    sending.draft.allow_duplicate_service = true;
    ASSERT_EQ(Said(Forward(second_, sending, {received})), "ok");
  }
  sending.draft.referral_id = ids_.New();
  EXPECT_EQ(Said(Forward(second_, sending, {received})), "TOO_MANY_FORWARDS");
}

// A hand-on that came to nothing goes on like any need that is open again.
TEST_P(ForwardReferralTest, OfferedAgainItGoesBackToNobodyEither) {
  const std::string handed_on = Forwarded(second_, third_, Receive(first_, second_));
  Change(handed_on, [](Referral& referral) {
    referral.offers.at(0).state = O::kFellThrough;
    referral.reason_code = "no_show";
  });
  const auto offer = [&](const std::string& to) {
    return As<Referral>(second_, "ReferralService/OfferReferral", [&](Unit& unit) {
      return OfferReferral(unit, {.draft = {.referral_id = handed_on},
                                  .mode = Mode::kFirstToAccept,
                                  .recipients = {{to, ""}}});
    });
  };
  const auto suggest = [&](const std::string& agency) {
    return Do<std::string>([&](Unit& unit) -> Result<std::string> {
      unit.agency_id = ids_.New();
      unit.context = Calling("RoutingService/SuggestCandidate", unit.agency_id,
                             auth::Role::kCoordinator);
      unit.context.actor.agency_kind = auth::AgencyKind::kCoalitionOffice;
      const auto suggested = SuggestCandidate(unit, handed_on, agency);
      return suggested ? std::string("ok") : suggested.error().reason;
    });
  };
  EXPECT_EQ(suggest(first_), "NOT_POSSIBLE");
  EXPECT_EQ(suggest(fourth_), "ok");
  EXPECT_EQ(offer(first_), "FORWARD_LOOP");
  EXPECT_EQ(offer(fourth_), "ok");
  EXPECT_EQ(Now(handed_on, second_).mode, Mode::kFirstToAccept);
  EXPECT_THAT(Now(handed_on, second_).forwarded_from_id, Not(IsEmpty()));
}

// What goes to one agency is none of the answers that an agency may await of several.
TEST_P(ForwardReferralTest, ItIsNotCountedAmongThoseAskedBlind) {
  Forwarded(second_, third_, Receive(first_, second_));
  EXPECT_EQ(Do<int64_t>([&](Unit& unit) { return unit.store.CountAskedBy(second_, 9); }), 0);
}

FAIRLEAD_ON_BOTH_ENGINES(ForwardReferralTest);

}  // namespace
}  // namespace fairlead::referral
