// Who at an agency has a referral in hand: each side for itself and nobody passed over, on both
// engines.
#include "services/referral/commands/assign_referral.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairlead/events/v1/events.pb.h"
#include "services/common/outbox/outbox_store.h"
#include "services/referral/commands/shred_packets.h"
#include "services/referral/consumers/apply_events.h"
#include "services/referral/store/assignment_store.h"
#include "services/referral/store/follow_up_store.h"
#include "services/referral/testing/commands_fixture.h"
#include "services/referral/translate.h"

namespace fairlead::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Strings = std::vector<std::string>;

class AssignReferralTest : public CommandsTest {
 protected:
  static rpc::CallContext By(const std::string& agency, const std::string& staff) {
    rpc::CallContext context;
    context.method = "/fairlead.referral.v1.AssignmentService/AssignReferral";
    context.actor.kind = auth::ActorKind::kStaff;
    context.actor.staff_id = staff;
    context.actor.agency_id = agency;
    context.actor.agency_kind = auth::AgencyKind::kHotline;
    context.actor.membership = auth::Membership::kActive;
    context.actor.roles = {auth::Role::kHotlineOperator};
    context.actor.assurance = auth::kSignedIn;
    return context;
  }

  // "ok", or why not; the refusal itself is in refused_.
  std::string Assign(const std::string& agency, const std::string& by, const Assigning& assigning) {
    return Do<std::string>([&](Unit& unit) -> Result<std::string> {
      unit.agency_id = agency;
      unit.staff_id = by;
      unit.context = By(agency, by);
      unit.by = audit::ByCaller(unit.context);
      const Result<Assignment> assigned = AssignReferral(unit, assigning);
      if (assigned) return std::string("ok");
      refused_ = assigned.error();
      return assigned.error().reason;
    });
  }
  std::string Take(const std::string& agency, const std::string& by, const std::string& referral) {
    return Assign(agency, by,
                  {.referral_id = referral, .staff_id = by, .from_staff_id = "", .etag = ""});
  }

  Assignment Now(const std::string& agency, const std::string& referral) {
    return Do<Assignment>(
        [&](Unit& unit) { return FindAssignment(unit.tx, referral, agency); });
  }
  // The agency's own story: "assigned a>b by c staff_left", with the people's short names.
  Strings Story(const std::string& agency, const std::string& referral) {
    return Do<Strings>([&](Unit& unit) -> Result<Strings> {
      FAIRLEAD_ASSIGN(const auto lines, AssignmentStory(unit.tx, referral, agency));
      Strings texts;
      for (const TimelineEntry& line : lines) {
        std::string text = line.event;
        text += " " + Name(line.from_staff_id) + ">" + Name(line.to_staff_id);
        text += " by " + Name(line.staff_id);
        if (!line.reason_code.empty()) text += " " + line.reason_code;
        texts.push_back(std::move(text));
      }
      return texts;
    });
  }
  std::string Name(const std::string& staff) const {
    return staff == ana_ ? "ana" : staff == ben_ ? "ben" : staff == cleo_ ? "cleo" : staff;
  }
  // Of every event so far: what changed, and who may be told.
  std::vector<std::pair<std::string, Strings>> Told() {
    std::vector<std::pair<std::string, Strings>> told;
    const auto rows = outbox::OutboxStore(*database_).Fetch(0, 100);
    EXPECT_TRUE(rows.has_value());
    if (!rows) return told;
    for (const outbox::OutboxRow& row : *rows) {
      events::v1::EventEnvelope event;
      events::v1::ReferralChanged changed;
      EXPECT_TRUE(event.ParseFromString(row.envelope));
      if (event.data_schema() != "fairlead.events.v1.ReferralChanged") continue;
      EXPECT_TRUE(changed.ParseFromString(event.data()));
      EXPECT_EQ(event.data().find(ana_), std::string::npos) << "an event names nobody";
      told.emplace_back(changed.change(), Strings(event.audience_agency_ids().begin(),
                                                  event.audience_agency_ids().end()));
    }
    return told;
  }
  Strings Listed(Box box, const std::string& agency, Assigned assigned, const std::string& staff) {
    return Do<Strings>([&](Unit& unit) -> Result<Strings> {
      ListQuery query;
      query.agency_id = agency;
      query.box = box;
      query.assigned = assigned;
      query.staff_id = staff;
      FAIRLEAD_ASSIGN(const auto referrals, unit.store.List(query));
      Strings ids;
      for (const Referral& referral : referrals) ids.push_back(referral.id);
      return ids;
    });
  }
  void Leaves(const std::string& staff, const std::string& change = "disabled") {
    events::v1::StaffChanged changed;
    changed.set_staff_id(staff);
    changed.set_agency_id(to_);
    changed.set_change(change);
    events::v1::EventEnvelope event;
    event.set_data_schema("fairlead.events.v1.StaffChanged");
    event.set_data(changed.SerializeAsString());
    Do<bool>([&](Unit& unit) -> Result<bool> {
      FAIRLEAD_RETURN_IF_ERROR(ApplyIdentityEvent(unit.tx, event, ids_, clock_.NowMs()));
      return true;
    });
  }

  const std::string from_ = ids_.New();
  const std::string to_ = ids_.New();
  const std::string ana_ = ids_.New();   // of to_
  const std::string ben_ = ids_.New();   // of to_
  const std::string cleo_ = ids_.New();  // of from_
  Error refused_;
};

TEST_P(AssignReferralTest, TheSecondToTakeItHearsSinceWhenItIsTaken) {
  const std::string id = Add(from_, to_, ReferralState::kOpen, OfferState::kDelivered);
  ASSERT_EQ(Take(to_, ana_, id), "ok");
  const std::string since = FormatTime(clock_.NowMs());
  clock_.Advance(60'000);
  EXPECT_EQ(Take(to_, ben_, id), "ALREADY_ASSIGNED");
  EXPECT_EQ(refused_.metadata["assign_time"], since);
  EXPECT_EQ(refused_.metadata["staff_id"], ana_);
  EXPECT_EQ(Now(to_, id).staff_id, ana_);
  // Nor does naming somebody else than who has it help, to take it or to give it back.
  EXPECT_EQ(Assign(to_, ben_,
                   {.referral_id = id, .staff_id = ben_, .from_staff_id = cleo_, .etag = ""}),
            "ALREADY_ASSIGNED");
  EXPECT_EQ(Assign(to_, ben_, {.referral_id = id, .staff_id = "", .from_staff_id = "", .etag = ""}),
            "ALREADY_ASSIGNED");
  // To take it once more oneself changes nothing.
  EXPECT_EQ(Take(to_, ana_, id), "ok");
  EXPECT_EQ(FormatTime(Now(to_, id).assign_ms), since);
  EXPECT_EQ(Assign(to_, ben_,
                   {.referral_id = id, .staff_id = ben_, .from_staff_id = ana_, .etag = ""}),
            "ok");
  EXPECT_EQ(
      Assign(to_, ben_, {.referral_id = id, .staff_id = "", .from_staff_id = ben_, .etag = ""}),
      "ok");
  EXPECT_EQ(Now(to_, id).staff_id, "");
  EXPECT_THAT(Story(to_, id), ElementsAre("assigned >ana by ana", "assigned ana>ben by ben",
                                          "unassigned ben> by ben"));
}

TEST_P(AssignReferralTest, AnEtagHoldsItToWhatWasRead) {
  const std::string id = Add(from_, to_, ReferralState::kOpen, OfferState::kDelivered);
  ASSERT_EQ(Take(to_, ana_, id), "ok");
  const std::string read = Etag(Now(to_, id));
  const Assigning back{.referral_id = id, .staff_id = "", .from_staff_id = ana_, .etag = read};
  EXPECT_EQ(Assign(to_, ana_, back), "ok");
  ASSERT_EQ(Take(to_, ana_, id), "ok");
  // Ana has it again, and it is not what was read.
  EXPECT_EQ(Assign(to_, ana_, back), "ETAG_MISMATCH");
  EXPECT_EQ(refused_.metadata["current_etag"], Etag(Now(to_, id)));
}

TEST_P(AssignReferralTest, NeitherSideSeesWhoHasItAtTheOther) {
  const std::string id = Add(from_, to_, ReferralState::kOpen, OfferState::kDelivered);
  const std::string before = Read(id);
  const auto etags = [&] {
    return Do<Strings>([&](Unit& unit) -> Result<Strings> {
      FAIRLEAD_ASSIGN(const auto referral, unit.store.Find(id));
      return Strings{Etag(*referral, from_), Etag(*referral, to_)};
    });
  };
  const Strings etags_before = etags();
  ASSERT_EQ(Take(to_, ana_, id), "ok");
  ASSERT_EQ(Take(from_, cleo_, id), "ok") << "one for each agency";
  EXPECT_EQ(Now(to_, id).staff_id, ana_);
  EXPECT_EQ(Now(from_, id).staff_id, cleo_);
  EXPECT_EQ(Read(id), before) << "the story that both know says nothing of it";
  EXPECT_EQ(etags(), etags_before) << "nor does the version";
  EXPECT_THAT(Story(to_, id), ElementsAre("assigned >ana by ana"));
  EXPECT_THAT(Story(from_, id), ElementsAre("assigned >cleo by cleo"));
  EXPECT_THAT(Told(), ElementsAre(std::pair{std::string("assigned"), Strings{to_}},
                                  std::pair{std::string("assigned"), Strings{from_}}));
  // Read for one agency, it is shown to no other.
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_ASSIGN(auto referral, unit.store.Find(id));
    FAIRLEAD_ASSIGN(referral->assignment, FindAssignment(unit.tx, id, to_));
    EXPECT_EQ(ToProto(*referral, to_).assignment().staff_id(), ana_);
    EXPECT_FALSE(ToProto(*referral, from_).has_assignment());
    return true;
  });
  // The audit record of either is its own: about no record of the other's, and no case of the
  // sender's in the recipient's.
  const auto records = Do<Strings>([&](Unit& unit) -> Result<Strings> {
    FAIRLEAD_ASSIGN(const auto rows,
                    unit.tx.Query("SELECT action, subject_agency_id, subject_staff_id, "
                                  "case_handle FROM audit_record ORDER BY position"));
    Strings texts;
    for (const storage::Row& row : rows) {
      std::string text = row.Text(0) + (row.Text(1) == to_ ? " to " : " from ");
      text += Name(row.Text(2)) + (row.Text(3).empty() ? "" : " with its case");
      texts.push_back(std::move(text));
    }
    return texts;
  });
  EXPECT_THAT(records, ElementsAre("referral_assigned to ana",
                                   "referral_assigned from cleo with its case"));
}

TEST_P(AssignReferralTest, OnlyOfWhatIsOnesOwnAndHasNotEnded) {
  const std::string other = ids_.New();
  const std::string open = Add(from_, to_, ReferralState::kOpen, OfferState::kDelivered);
  EXPECT_EQ(Take(other, ben_, open), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(Take(other, ben_, ids_.New()), "REFERRAL_NOT_FOUND");
  const std::string draft = Add(from_, to_, ReferralState::kDraft, OfferState::kSent);
  EXPECT_EQ(Take(from_, cleo_, draft), "ok");
  EXPECT_EQ(Take(to_, ana_, draft), "REFERRAL_NOT_FOUND") << "nobody else sees a draft";
  // Declined here, and still open for the sender.
  const std::string declined = Add(from_, to_, ReferralState::kOpen, OfferState::kDeclined);
  EXPECT_EQ(Take(to_, ana_, declined), "REFERRAL_ENDED");
  EXPECT_EQ(Take(from_, cleo_, declined), "ok");
  const std::string closed = Add(from_, to_, ReferralState::kClosed, OfferState::kDeclined);
  EXPECT_EQ(Take(from_, cleo_, closed), "REFERRAL_ENDED");
  // After the service somebody may still have to look after it.
  const std::string served = Add(from_, to_, ReferralState::kCompleted, OfferState::kAccepted);
  EXPECT_EQ(Take(to_, ana_, served), "ok");
}

TEST_P(AssignReferralTest, WhatALeaverHadInHandGoesBackToTheQueueOnce) {
  const std::string open = Add(from_, to_, ReferralState::kOpen, OfferState::kDelivered);
  const std::string served = Add(from_, to_, ReferralState::kMatched, OfferState::kAccepted);
  const std::string bens = Add(from_, to_, ReferralState::kMatched, OfferState::kAccepted);
  const std::string done = Add(from_, to_, ReferralState::kCompleted, OfferState::kAccepted);
  for (const std::string& id : {open, served, done}) ASSERT_EQ(Take(to_, ana_, id), "ok");
  ASSERT_EQ(Take(to_, ben_, bens), "ok");
  ASSERT_EQ(Take(from_, cleo_, open), "ok");
  Leaves(ana_, "roles_changed");
  EXPECT_EQ(Now(to_, open).staff_id, ana_) << "who gets other roles has not left";
  Leaves(ana_);
  Leaves(ana_);  // events come more than once
  EXPECT_EQ(Now(to_, open).staff_id, "");
  EXPECT_EQ(Now(to_, served).staff_id, "");
  EXPECT_EQ(Now(to_, done).staff_id, ana_) << "who had it stays known";
  EXPECT_EQ(Now(to_, bens).staff_id, ben_);
  EXPECT_EQ(Now(from_, open).staff_id, cleo_);
  EXPECT_THAT(Story(to_, open),
              ElementsAre("assigned >ana by ana", "unassigned ana> by  staff_left"));
  EXPECT_EQ(Told().back(), (std::pair{std::string("unassigned"), Strings{to_}}));
  // What was under way while ana left comes too late.
  EXPECT_EQ(Assign(to_, ben_, {.referral_id = open, .staff_id = ana_, .from_staff_id = "",
                               .etag = ""}),
            "COLLEAGUE_NOT_FOUND");
  EXPECT_EQ(Now(to_, open).staff_id, "");
}

TEST_P(AssignReferralTest, MoreThanAPageOfALeaver) {
  std::vector<std::string> ids;
  for (int i = 0; i < 203; ++i) {
    ids.push_back(Add(from_, to_, ReferralState::kOpen, OfferState::kDelivered));
    ASSERT_EQ(Take(to_, ana_, ids.back()), "ok");
  }
  Leaves(ana_);
  EXPECT_EQ(Now(to_, ids.front()).staff_id, "");
  EXPECT_EQ(Now(to_, ids.back()).staff_id, "");
}

TEST_P(AssignReferralTest, ListsOfOnesOwnAndOfNobodys) {
  const std::string anas = Add(from_, to_, ReferralState::kOpen, OfferState::kDelivered);
  const std::string bens = Add(from_, to_, ReferralState::kOpen, OfferState::kDelivered);
  const std::string back = Add(from_, to_, ReferralState::kOpen, OfferState::kDelivered);
  const std::string never = Add(from_, to_, ReferralState::kOpen, OfferState::kDelivered);
  ASSERT_EQ(Take(to_, ana_, anas), "ok");
  ASSERT_EQ(Take(to_, ben_, bens), "ok");
  ASSERT_EQ(Take(to_, ana_, back), "ok");
  ASSERT_EQ(
      Assign(to_, ana_, {.referral_id = back, .staff_id = "", .from_staff_id = ana_, .etag = ""}),
      "ok");
  ASSERT_EQ(Take(from_, cleo_, never), "ok");
  EXPECT_THAT(Listed(Box::kInbox, to_, Assigned::kAnyone, ana_),
              ElementsAre(never, back, bens, anas));
  EXPECT_THAT(Listed(Box::kInbox, to_, Assigned::kMine, ana_), ElementsAre(anas));
  EXPECT_THAT(Listed(Box::kInbox, to_, Assigned::kNobody, ana_), ElementsAre(never, back))
      << "what the sender's side has in hand does not count here";
  EXPECT_THAT(Listed(Box::kSent, from_, Assigned::kMine, cleo_), ElementsAre(never));
  EXPECT_THAT(Listed(Box::kSent, from_, Assigned::kNobody, cleo_), ElementsAre(back, bens, anas));
  EXPECT_THAT(Listed(Box::kSent, from_, Assigned::kMine, ana_), IsEmpty());
  EXPECT_THAT(Listed(Box::kInbox, to_, Assigned::kMine, cleo_), IsEmpty());
}

TEST_P(AssignReferralTest, OfferedAgainItComesToTheQueue) {
  const std::string id = Add(from_, to_, ReferralState::kOpen, OfferState::kDelivered);
  ASSERT_EQ(Take(to_, ana_, id), "ok");
  Do<bool>([&](Unit& unit) -> Result<bool> {
    unit.agency_id = from_;
    unit.staff_id = cleo_;
    unit.by = audit::ByCaller(By(from_, cleo_));
    FAIRLEAD_ASSIGN(const auto referral, unit.store.Find(id));
    FAIRLEAD_RETURN_IF_ERROR(ReturnToQueue(unit, *referral, to_, kOfferedAgain));
    return true;
  });
  EXPECT_EQ(Now(to_, id).staff_id, "");
  EXPECT_THAT(Story(to_, id), ElementsAre("assigned >ana by ana",
                                          "unassigned ana> by  offered_again"))
      << "and not by whom of the other agency";
  EXPECT_THAT(Story(from_, id), IsEmpty());
  EXPECT_EQ(Told().back(), (std::pair{std::string("unassigned"), Strings{to_}}));
}

TEST_P(AssignReferralTest, WhoHadItGoesWithThePacketUnlessAFollowUpIsOwed) {
  const std::string gone = Add(from_, to_, ReferralState::kCompleted, OfferState::kAccepted);
  const std::string owed = Add(from_, to_, ReferralState::kCompleted, OfferState::kAccepted);
  const std::string open = Add(from_, to_, ReferralState::kOpen, OfferState::kDelivered);
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(PutFollowUpsOwed(unit.tx, owed, to_, unit.now_ms));
    for (const std::string& id : {gone, owed, open}) {
      for (const std::string& agency : {from_, to_}) {
        FAIRLEAD_RETURN_IF_ERROR(PutAssignment(unit.tx, {.referral_id = id,
                                                         .agency_id = agency,
                                                         .staff_id = ana_,
                                                         .assign_ms = unit.now_ms,
                                                         .version = 1}));
        TimelineEntry line;
        line.id = ids_.New();
        line.referral_id = id;
        line.event = "assigned";
        line.agency_id = agency;
        FAIRLEAD_RETURN_IF_ERROR(AddAssignmentLine(unit.tx, line));
      }
    }
    return true;
  });
  clock_.Advance(2 * kRetentionMs);
  Do<int64_t>(ShredOldPackets);
  for (const std::string& agency : {from_, to_}) {
    EXPECT_EQ(Now(agency, gone).version, 0);
    EXPECT_THAT(Story(agency, gone), IsEmpty());
    for (const std::string& id : {owed, open}) {
      EXPECT_EQ(Now(agency, id).version, 1);
      EXPECT_EQ(Story(agency, id).size(), 1U);
    }
  }
}

TEST_P(AssignReferralTest, WhoLeftLongAgoIsForgotten) {
  Leaves(ana_);
  clock_.Advance(kKeepLeaversMs - 1);
  Leaves(ben_);
  const auto is_known = [&](const std::string& staff) {
    Do<int64_t>(ShredOldPackets);
    return Do<bool>([&](Unit& unit) { return HasLeft(unit.tx, staff); });
  };
  EXPECT_TRUE(is_known(ana_));
  clock_.Advance(1);
  EXPECT_FALSE(is_known(ana_));
  EXPECT_TRUE(is_known(ben_));
}

FAIRLEAD_ON_BOTH_ENGINES(AssignReferralTest);

}  // namespace
}  // namespace fairlead::referral
