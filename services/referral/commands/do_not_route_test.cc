// Where a case may not go: kept by one agency for one case, obeyed at once and by every way to ask,
// and not to be told by those whom it names.
#include "services/referral/commands/do_not_route.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "fairlead/events/v1/events.pb.h"
#include "services/referral/commands/cancel_referral.h"
#include "services/referral/commands/choose_offer.h"
#include "services/referral/commands/mark_opened.h"
#include "services/referral/commands/offer_referral.h"
#include "services/referral/commands/send_packet.h"
#include "services/referral/commands/send_referral.h"
#include "services/referral/commands/shred_packets.h"
#include "services/referral/store/note_store.h"
#include "services/referral/store/routing_store.h"
#include "services/referral/testing/commands_fixture.h"
#include "services/referral/translate.h"

namespace fairlead::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAreArray;
using O = OfferState;
using R = ReferralState;
using Offers = std::vector<std::pair<std::string, O>>;

rpc::CallContext AskedBy(const std::string& agency, const std::string& verb) {
  rpc::CallContext context;
  context.method = "/fairlead.referral.v1.ReferralService/" + verb;
  context.actor.kind = auth::ActorKind::kStaff;
  context.actor.agency_id = agency;
  context.actor.agency_kind = auth::AgencyKind::kHotline;
  context.actor.membership = auth::Membership::kActive;
  context.actor.roles = {auth::Role::kHotlineOperator};
  context.actor.assurance = auth::kSignedIn;
  return context;
}

template <class T>
std::string ReasonOf(const Result<T>& result) {
  return result ? "ok" : result.error().reason;
}

class DoNotRouteTest : public CommandsTest {
 protected:
  DoNotRouteTest() { acting_agency_ = keeper_; }

  struct Outcome {
    std::string reason;
    DoNotRouteSet set;
  };
  Outcome Set(const std::vector<NotToBeAsked>& entries, const std::string& etag = "") {
    return Do<Outcome>([&](Unit& unit) -> Result<Outcome> {
      const auto set = SetDoNotRoute(
          unit, {.case_handle = case_, .entries = entries, .etag = etag});
      if (!set) return Outcome{set.error().reason, {}};
      return Outcome{"ok", *set};
    });
  }
  Outcome SetListed() { return Set({{listed_, "safety_risk"}}); }

  // Of case_, by the keeper; its id.
  std::string Refer(R state, const Offers& offers, Mode mode = Mode::kFirstToAccept) {
    return Do<std::string>([&](Unit& unit) -> Result<std::string> {
      Referral referral;
      referral.id = ids_.New();
      referral.sender_agency_id = acting_agency_;
      referral.case_handle = case_;
      referral.facets.need_code = "shelter_bed";
      referral.state = state;
      referral.mode = mode;
      referral.create_ms = referral.update_ms = unit.now_ms;
      FAIRLEAD_RETURN_IF_ERROR(unit.store.Insert(referral));
      for (const auto& [agency, offer_state] : offers) {
        Offer offer;
        offer.id = ids_.New();
        offer.referral_id = referral.id;
        offer.recipient_agency_id = agency;
        offer.state = offer_state;
        offer.send_ms = unit.now_ms;
        FAIRLEAD_RETURN_IF_ERROR(unit.store.InsertOffer(offer));
      }
      return referral.id;
    });
  }

  void GivePacket(const std::string& referral_id, const std::string& packet_id) {
    Do<bool>([&](Unit& unit) -> Result<bool> {
      FAIRLEAD_ASSIGN(auto referral, unit.store.Find(referral_id));
      referral->packet_id = packet_id;
      FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(*referral));
      StoredPacket packet;
      packet.referral_id = referral_id;
      FAIRLEAD_RETURN_IF_ERROR(unit.store.InsertPacket(packet));
      return true;
    });
  }

  // A packet, and what the listed agency has asked about it, sealed; the note's id.
  std::string GivePacketAndNote(const std::string& referral_id) {
    GivePacket(referral_id, referral_id);
    return Do<std::string>([&](Unit& unit) -> Result<std::string> {
      SealedNote note{.id = ids_.New(),
                      .referral_id = referral_id,
                      .offer_id = ids_.New(),
                      .kind = NoteKind::kQuestion,
                      .from_agency_id = listed_,
                      .to_agency_id = keeper_,
                      .about_note_id = ""};
      note.content.recipients = {
          {.agency_id = listed_, .kid = "k", .epk_x = "x", .epk_y = "y", .custody_wrapped = "w"}};
      FAIRLEAD_RETURN_IF_ERROR(PutNote(unit.tx, note));
      return note.id;
    });
  }

  void MakeMember(const std::string& agency) {
    Do<bool>([&](Unit& unit) -> Result<bool> {
      FAIRLEAD_RETURN_IF_ERROR(unit.store.PutAgency(
          {.id = agency, .membership = "active", .kind = "health_provider", .version = 1}));
      FAIRLEAD_RETURN_IF_ERROR(unit.store.PutAgencyKey(
          {.agency_id = agency, .epoch = 1, .epoch_kid = "e", .signing_kid = "s"}));
      return true;
    });
  }

  // A packet as the keys of MakeMember have it; without custody keys, which are consent's.
  static SealedPacket SealedToAny() {
    SealedPacket sealed;
    sealed.sealed_to.resize(2);
    for (seal::Recipient& share : sealed.sealed_to) share.kid = "e";
    sealed.sender_kid = "s";
    return sealed;
  }

  // By the keeper, with that verb's context. What it writes is kept.
  std::string Try(const std::string& verb, const std::function<std::string(Unit&)>& act) {
    return Do<std::string>([&](Unit& unit) -> Result<std::string> {
      unit.context = AskedBy(unit.agency_id, verb);
      return act(unit);
    });
  }
  std::string OfferTo(const std::string& to) {
    return Try("OfferReferral", [&](Unit& unit) {
      return ReasonOf(OfferReferral(unit, {.draft = {.referral_id = ids_.New(),
                                                     .case_handle = case_,
                                                     .has_facets = true,
                                                     .allow_duplicate_service = true},
                                           .mode = Mode::kFirstToAccept,
                                           .recipients = {{other_, ""}, {to, ""}}}));
    });
  }

  // All that an agency is shown of it and has been told of it, without the ids.
  std::string Known(const std::string& referral_id, const std::string& agency) {
    return Do<std::string>([&](Unit& unit) -> Result<std::string> {
      FAIRLEAD_ASSIGN(const auto referral, unit.store.Find(referral_id));
      v1::Referral seen = ToProto(*referral, agency);
      seen.clear_id();
      seen.set_etag(seen.etag().substr(seen.etag().find('.') + 1));
      for (v1::Offer& offer : *seen.mutable_offers()) {
        offer.clear_id();
        offer.clear_referral_id();
      }
      std::string text = seen.DebugString();
      FAIRLEAD_ASSIGN(const auto story, unit.store.Timeline(referral_id, ""));
      for (const TimelineEntry& entry : story) {
        if (!MaySeeEntry(*referral, entry, agency)) continue;
        text += entry.event + " " + entry.reason_code + " " + entry.agency_id + "\n";
      }
      FAIRLEAD_ASSIGN(const auto notes, NotesBetween(unit.tx, referral_id, agency));
      FAIRLEAD_ASSIGN(const auto packet, unit.store.FindPacket(referral_id));
      text += std::to_string(notes.size()) + (packet ? " notes, a packet\n" : " notes\n");
      FAIRLEAD_ASSIGN(const std::string events, Events(unit, referral_id, agency));
      return text + events;
    });
  }
  static Result<std::string> Events(Unit& unit, const std::string& referral_id,
                                    const std::string& agency) {
    FAIRLEAD_ASSIGN(const auto rows, unit.tx.Query("SELECT envelope FROM outbox"));
    std::string text;
    for (const storage::Row& row : rows) {
      events::v1::EventEnvelope event;
      events::v1::ReferralChanged changed;
      EXPECT_TRUE(event.ParseFromString(row.Bytes(0)));
      if (event.data_schema() != "fairlead.events.v1.ReferralChanged") continue;
      const auto& audience = event.audience_agency_ids();
      if (std::find(audience.begin(), audience.end(), agency) == audience.end()) continue;
      EXPECT_TRUE(changed.ParseFromString(event.data()));
      if (changed.referral_id() != referral_id) continue;
      changed.clear_referral_id();
      changed.clear_offer_id();
      text += event.type() + " " + changed.DebugString();
    }
    return text;
  }

  const std::string keeper_ = ids_.New();
  const std::string listed_ = ids_.New();
  const std::string other_ = ids_.New();
  const std::string case_ = ids_.New();
};

TEST_P(DoNotRouteTest, OffersThatWaitWithListedAgenciesAreTakenBackAndTheOthersGoOn) {
  const std::string blind = Refer(R::kOpen, {{listed_, O::kSent}, {other_, O::kDelivered}});
  const std::string alone = Refer(R::kOpen, {{listed_, O::kDelivered}}, Mode::kDirect);
  const std::string elsewhere = Refer(R::kOpen, {{other_, O::kSent}}, Mode::kDirect);
  const std::string past = Refer(R::kOpen, {{listed_, O::kDeclined}, {other_, O::kSent}});
  GivePacket(alone, "of listed");
  GivePacket(elsewhere, "of other");
  const Outcome outcome = SetListed();
  ASSERT_EQ(outcome.reason, "ok");
  EXPECT_THAT(outcome.set.withdrawn, ElementsAre(blind, alone));
  EXPECT_TRUE(outcome.set.agreed.empty());
  EXPECT_EQ(Read(blind), "open/withdrawn/delivered : cancelled");
  EXPECT_EQ(Read(alone), "cancelled/withdrawn sent_in_error: cancelled");
  EXPECT_EQ(Read(elsewhere), "open/sent :");
  EXPECT_EQ(Read(past), "open/declined/sent :");
  const auto queue = Do<std::vector<std::string>>(
      [](Unit& unit) { return unit.store.CustodyToDestroy(10); });
  EXPECT_THAT(queue, ElementsAre("of listed")) << "its custody keys follow";
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_ASSIGN(const auto gone, unit.store.FindPacket(alone));
    EXPECT_FALSE(gone.has_value());
    FAIRLEAD_ASSIGN(const auto kept, unit.store.FindPacket(elsewhere));
    EXPECT_TRUE(kept.has_value());
    return true;
  });
}

TEST_P(DoNotRouteTest, ABreakGlassOnItsWayStopsAtItAndAtWhatItsSenderTakesBack) {
  const auto marked = [&](const std::string& id) {
    return As<Referral>(listed_, "ReferralService/OpenPacket",
                        [&](Unit& unit) { return MarkBreakGlass(unit, id); });
  };
  const std::string declined = Refer(R::kOpen, {{listed_, O::kDeclined}, {other_, O::kSent}});
  const std::string taken_back = Refer(R::kCancelled, {{listed_, O::kDeclined}});
  EXPECT_EQ(marked(declined), "ok");
  EXPECT_EQ(marked(taken_back), "OFFER_NOT_OPEN");
  ASSERT_EQ(SetListed().reason, "ok");
  EXPECT_EQ(marked(declined), "OFFER_NOT_OPEN");
  EXPECT_EQ(Read(declined), "open/declined/sent : break_glass_opened") << "once";
  EXPECT_EQ(Read(taken_back), "cancelled/declined :");
}

TEST_P(DoNotRouteTest, WhatIsAgreedStaysAndIsNamed) {
  const std::string matched = Refer(R::kMatched, {{listed_, O::kAccepted}});
  const std::string served = Refer(R::kInService, {{listed_, O::kAccepted}});
  Refer(R::kMatched, {{other_, O::kAccepted}});
  Refer(R::kCompleted, {{listed_, O::kAccepted}});
  const Outcome outcome = SetListed();
  EXPECT_THAT(outcome.set.agreed, ElementsAre(matched, served));
  EXPECT_TRUE(outcome.set.withdrawn.empty());
  EXPECT_EQ(Read(matched), "matched/accepted :");
  EXPECT_EQ(Read(served), "in_service/accepted :");
}

TEST_P(DoNotRouteTest, ItIsOfOneAgencyAndOfOneCase) {
  const std::string own = Refer(R::kOpen, {{listed_, O::kSent}});
  // Another agency says so of a case that it happens to call alike.
  acting_agency_ = other_;
  EXPECT_TRUE(SetListed().set.withdrawn.empty());
  EXPECT_EQ(Read(own), "open/sent :");
  acting_agency_ = keeper_;
  MakeMember(listed_);
  MakeMember(other_);
  EXPECT_EQ(OfferTo(listed_), "ok") << "a list of somebody else's";
  const std::string of_another_case = Add(keeper_, listed_, R::kOpen, O::kSent);
  EXPECT_EQ(SetListed().reason, "ok") << "there was none of its own before";
  EXPECT_EQ(Read(of_another_case), "open/sent :");
}

TEST_P(DoNotRouteTest, EveryWayToAskIsRefusedFromThenOnAndOpenAgainAfterwards) {
  MakeMember(keeper_);
  MakeMember(listed_);
  MakeMember(other_);
  const std::string matched =
      Refer(R::kMatched, {{listed_, O::kAccepted}}, Mode::kSurvivorChooses);
  const std::string chosen = Refer(R::kOpen, {{listed_, O::kDelivered}, {other_, O::kSent}},
                                   Mode::kSurvivorChooses);
  ASSERT_EQ(SetListed().reason, "ok");
  const auto choose = [&] {
    return Try("ChooseOffer", [&](Unit& unit) {
      const auto referral = unit.store.Find(chosen);
      return ReasonOf(ChooseOffer(unit, (*referral)->offers.at(0).id, ""));
    });
  };
  const auto send = [&] {
    return Try("SendReferral", [&](Unit& unit) {
      Sending sending;
      sending.draft = {.referral_id = ids_.New(),
                       .case_handle = case_,
                       .has_facets = true,
                       .allow_duplicate_service = true};
      sending.recipient_agency_id = listed_;
      sending.sealed = SealedToAny();
      return ReasonOf(SendReferral(unit, sending));
    });
  };
  const auto follow = [&] {
    return Try("SendPacket", [&](Unit& unit) {
      return ReasonOf(SendPacket(unit, {.referral_id = matched, .etag = "", .sealed = {},
                                        .packet_id = ""}));
    });
  };
  EXPECT_EQ(OfferTo(listed_), "AGENCY_NOT_TO_BE_ASKED");
  EXPECT_EQ(choose(), "AGENCY_NOT_TO_BE_ASKED");
  EXPECT_EQ(send(), "AGENCY_NOT_TO_BE_ASKED");
  EXPECT_EQ(follow(), "AGENCY_NOT_TO_BE_ASKED");
  ASSERT_EQ(Set({}, "v1").reason, "ok");
  EXPECT_EQ(OfferTo(listed_), "ok");
  EXPECT_EQ(choose(), "ILLEGAL_TRANSITION") << "what was taken back stays so";
  EXPECT_EQ(send(), "REFERRAL_NOT_FOUND") << "as far as the release, which there is none";
  EXPECT_EQ(follow(), "PACKET_RECIPIENT_MISMATCH");
}

// Whoever could not send or offer anyway hears of that, and not whether the agency is listed.
TEST_P(DoNotRouteTest, TheListIsTheLastToSpeak) {
  MakeMember(keeper_);
  MakeMember(other_);
  ASSERT_EQ(SetListed().reason, "ok");
  struct Attempt {
    bool is_sealed = true;
    bool is_duplicate = false;
  };
  const auto send = [&](Attempt attempt) {
    return Try("SendReferral", [&](Unit& unit) {
      Sending sending;
      sending.draft = {.referral_id = ids_.New(), .case_handle = case_, .has_facets = true};
      if (attempt.is_duplicate) sending.draft.facets.need_code = "shelter_bed";
      sending.recipient_agency_id = listed_;
      if (attempt.is_sealed) sending.sealed = SealedToAny();
      return ReasonOf(SendReferral(unit, sending));
    });
  };
  EXPECT_EQ(send({}), "AGENCY_NOT_ACTIVE");
  EXPECT_EQ(OfferTo(listed_), "AGENCY_NOT_ACTIVE");
  MakeMember(listed_);
  Refer(R::kOpen, {{other_, O::kSent}});
  EXPECT_EQ(send({.is_sealed = false}), "PACKET_RECIPIENT_MISMATCH");
  EXPECT_EQ(send({.is_duplicate = true}), "DUPLICATE_SERVICE");
  EXPECT_EQ(Try("OfferReferral",
                [&](Unit& unit) {
                  Offering offering{.draft = {.referral_id = ids_.New(),
                                              .case_handle = case_,
                                              .has_facets = true},
                                    .mode = Mode::kFirstToAccept,
                                    .recipients = {{listed_, ""}}};
                  offering.draft.facets.need_code = "shelter_bed";
                  return ReasonOf(OfferReferral(unit, offering));
                }),
            "DUPLICATE_SERVICE");
  EXPECT_EQ(send({}), "AGENCY_NOT_TO_BE_ASKED");
  EXPECT_EQ(OfferTo(listed_), "AGENCY_NOT_TO_BE_ASKED");
}

TEST_P(DoNotRouteTest, TheRefusalNamesTheAgencyAndNotWhy) {
  SetListed();
  Do<bool>([&](Unit& unit) -> Result<bool> {
    Referral referral;
    referral.sender_agency_id = keeper_;
    referral.case_handle = case_;
    const auto refused = CheckMayBeAsked(unit.store, referral, {other_, listed_});
    EXPECT_EQ(refused.error().metadata, (std::map<std::string, std::string>{
                                            {"agency_id", listed_}}));
    EXPECT_EQ(refused.error().message.find("risk"), std::string::npos);
    EXPECT_TRUE(CheckMayBeAsked(unit.store, referral, {other_}));
    return true;
  });
}

TEST_P(DoNotRouteTest, NobodyWritesOverWhatTheyHaveNotRead) {
  EXPECT_EQ(Set({}, "v1").reason, "ETAG_MISMATCH") << "there is none";
  const Outcome first = Set({{listed_, "past_harm"}});
  EXPECT_EQ(Etag(first.set.list), "v1");
  EXPECT_EQ(Set({{other_, "survivor_refuses"}}).reason, "ETAG_MISMATCH");
  const Outcome second = Set({{listed_, "past_harm"}, {other_, "survivor_refuses"}}, "v1");
  EXPECT_EQ(second.reason, "ok");
  EXPECT_EQ(Set({}, "v1").reason, "ETAG_MISMATCH");
  const auto kept = Do<DoNotRoute>(
      [&](Unit& unit) { return unit.store.FindDoNotRoute(keeper_, case_); });
  ASSERT_EQ(kept.entries.size(), 2U);
  EXPECT_EQ(kept.entries[1].agency_id, other_);
  EXPECT_EQ(kept.entries[1].reason_code, "survivor_refuses");
  EXPECT_EQ(Etag(kept), "v2");
}

TEST_P(DoNotRouteTest, WhatDoesNotFitIsRefusedAndNothingIsKept) {
  EXPECT_EQ(Set({{listed_, "no_capacity"}}).reason, "UNKNOWN_REASON_CODE");
  EXPECT_EQ(Set({{keeper_, "past_harm"}}).reason, "OWN_AGENCY_LISTED");
  EXPECT_EQ(Set({{listed_, "past_harm"}, {listed_, "safety_risk"}}).reason, "DUPLICATE_AGENCY");
  const auto kept = Do<DoNotRoute>(
      [&](Unit& unit) { return unit.store.FindDoNotRoute(keeper_, case_); });
  EXPECT_EQ(kept.version, 0);
}

// The one that is listed sees, hears and is told what it would be when a sender takes a referral
// back for a mistake, alone or one of several.
TEST_P(DoNotRouteTest, WhoIsListedCannotTell) {
  const std::vector<Offers> asked = {{{listed_, O::kDelivered}},
                                     {{listed_, O::kSent}, {other_, O::kDelivered}}};
  for (const Mode mode : {Mode::kDirect, Mode::kFirstToAccept, Mode::kSurvivorChooses}) {
    const Offers& offers = asked.at(mode == Mode::kDirect ? 0 : 1);
    const std::string cancelled = Refer(R::kOpen, offers, mode);
    std::vector<std::string> keys;
    if (mode == Mode::kDirect) keys = {cancelled, GivePacketAndNote(cancelled)};
    ASSERT_EQ(Try("CancelReferral",
                  [&](Unit& unit) {
                    return ReasonOf(CancelReferral(unit, cancelled, "", "sent_in_error"));
                  }),
              "ok");
    const std::string left_out = Refer(R::kOpen, offers, mode);
    if (mode == Mode::kDirect) {
      keys.insert(keys.end(), {left_out, GivePacketAndNote(left_out)});
    }
    const auto before = Do<DoNotRoute>(
        [&](Unit& unit) { return unit.store.FindDoNotRoute(keeper_, case_); });
    ASSERT_THAT(Set({{listed_, "safety_risk"}}, Etag(before)).set.withdrawn,
                ElementsAre(left_out));
    const std::string known = Known(left_out, listed_);
    EXPECT_EQ(known, Known(cancelled, listed_));
    EXPECT_NE(known.find("fairlead.referral.cancelled.v1"), std::string::npos);
    EXPECT_EQ(known.find("safety_risk"), std::string::npos);
    if (mode != Mode::kDirect) continue;
    const auto to_go = Do<std::vector<std::string>>(
        [](Unit& unit) { return unit.store.CustodyToDestroy(10); });
    EXPECT_THAT(to_go, UnorderedElementsAreArray(keys)) << "the keys of both, alike";
  }
}

TEST_P(DoNotRouteTest, ItIsKeptAYearBeyondTheCase) {
  ASSERT_EQ(SetListed().reason, "ok");
  const std::string referral = Refer(R::kInService, {{other_, O::kAccepted}});
  const auto is_kept = [&] {
    Do<int64_t>(ShredOldPackets);
    return Do<DoNotRoute>([&](Unit& unit) { return unit.store.FindDoNotRoute(keeper_, case_); })
               .version == 1;
  };
  clock_.Advance(366 * kDayMs);
  EXPECT_TRUE(is_kept()) << "as long as something of the case is alive";
  clock_.Advance(10 * kDayMs);
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_ASSIGN(auto ended, unit.store.Find(referral));
    ended->state = R::kCompleted;
    ended->update_ms = unit.now_ms;
    FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(*ended));
    return true;
  });
  clock_.Advance(2 * kDayMs);
  EXPECT_TRUE(is_kept());
  const auto ended = Do<std::optional<Referral>>(
      [&](Unit& unit) { return unit.store.Find(referral); });
  EXPECT_EQ(ended->case_handle, "") << "the referral itself is of no case any more";
  clock_.Advance(362 * kDayMs);
  EXPECT_TRUE(is_kept()) << "364 days after its end";
  clock_.Advance(2 * kDayMs);
  EXPECT_FALSE(is_kept());
}

TEST_P(DoNotRouteTest, ItIsKeptBetweenTheEndOfTheCaseAndItsShredding) {
  ASSERT_EQ(SetListed().reason, "ok");
  const std::string referral = Refer(R::kInService, {{other_, O::kAccepted}});
  const auto is_kept = [&] {
    Do<int64_t>(ShredOldPackets);
    return Do<DoNotRoute>([&](Unit& unit) { return unit.store.FindDoNotRoute(keeper_, case_); })
               .version == 1;
  };
  clock_.Advance(kKeepListsMs - kDayMs / 2);
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_ASSIGN(auto ended, unit.store.Find(referral));
    ended->state = R::kCompleted;
    ended->update_ms = unit.now_ms;
    FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(*ended));
    return true;
  });
  clock_.Advance(kDayMs / 2);
  EXPECT_TRUE(is_kept()) << "the year since it was set is over, half a day after the end";
  clock_.Advance(kDayMs);
  EXPECT_TRUE(is_kept());
  clock_.Advance(kKeepListsMs - 2 * kDayMs);
  EXPECT_TRUE(is_kept());
  clock_.Advance(2 * kDayMs);
  EXPECT_FALSE(is_kept());
}

FAIRLEAD_ON_BOTH_ENGINES(DoNotRouteTest);

}  // namespace
}  // namespace fairlead::referral
