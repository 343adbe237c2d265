// Questions about an offer that waits: whose turn it is, who may not, how often, and what is told.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fairlead/events/v1/events.pb.h"
#include "services/referral/commands/answer_question.h"
#include "services/referral/commands/ask_question.h"
#include "services/referral/commands/choose_offer.h"
#include "services/referral/domain/questions.h"
#include "services/referral/testing/commands_fixture.h"

namespace fairlead::referral {
namespace {

using R = ReferralState;
using O = OfferState;

class QuestionsTest : public CommandsTest {
 protected:
  void SetUp() override {
    CommandsTest::SetUp();
    id_ = AddTo(recipient_, O::kSent);
    offer_ = OfferOf(id_).id;
  }

  std::string AddTo(const std::string& recipient, O state) {
    const R referral = state == O::kAccepted ? R::kMatched : R::kOpen;
    return Add(sender_, recipient, referral, state,
               FreezeLadder(DefaultClockPolicy(), Urgency::kEmergency, clock_.NowMs()));
  }
  Offer OfferOf(const std::string& referral_id) {
    return Do<Offer>([&](Unit& unit) -> Result<Offer> {
      FAIRLEAD_ASSIGN(const auto referral, unit.store.Find(referral_id));
      return referral->offers.at(0);
    });
  }
  // "pet=dog(1) age_band=(0)": what was asked, what stands, how often it was answered.
  std::string Questions(const std::string& referral_id) {
    const Offer offer = OfferOf(referral_id);
    std::string text;
    for (const AskedQuestion& asked : offer.questions) {
      if (!text.empty()) text += " ";
      text += asked.code + "=" + asked.answer_code + "(" + std::to_string(asked.answers) + ")";
    }
    return text;
  }

  static rpc::CallContext By(const std::string& agency, const std::string& method) {
    rpc::CallContext context;
    context.method = "/fairlead.referral.v1." + method;
    context.actor.kind = auth::ActorKind::kStaff;
    context.actor.agency_id = agency;
    context.actor.agency_kind = auth::AgencyKind::kHotline;
    context.actor.membership = auth::Membership::kActive;
    context.actor.roles = {auth::Role::kHotlineOperator};
    context.actor.assurance = auth::kSignedIn;
    return context;
  }
  // "ok", or the reason why not; then nothing of it is kept.
  std::string Try(const std::string& by, const std::string& method,
                  const std::function<Result<Referral>(Unit&)>& command) {
    std::function<Result<bool>(storage::Transaction&)> job =
        [&](storage::Transaction& tx) -> Result<bool> {
      const std::unique_ptr<ReferralStore> store = MakeSqlReferralStore(tx);
      Unit unit{.tx = tx,
                .store = *store,
                .ids = ids_,
                .now_ms = clock_.NowMs(),
                .agency_id = by,
                .staff_id = "",
                .traceparent = ""};
      unit.context = By(by, method);
      FAIRLEAD_RETURN_IF_ERROR(command(unit));
      return true;
    };
    const Result<bool> done = SyncWait(database_->Write<bool>(job));
    return done ? "ok" : done.error().reason;
  }
  std::string Ask(const std::string& by, const std::string& offer, const std::string& question) {
    return Try(by, "QuestionService/AskQuestion",
               [&](Unit& unit) { return AskQuestion(unit, offer, question); });
  }
  std::string Answer(const std::string& by, const std::string& offer, const std::string& question,
                     const std::string& answer) {
    return Try(by, "QuestionService/AnswerQuestion",
               [&](Unit& unit) { return AnswerQuestion(unit, offer, question, answer); });
  }

  const std::string sender_ = ids_.New();
  const std::string recipient_ = ids_.New();
  std::string id_;     // a referral
  std::string offer_;  // and its offer to recipient_, that waits
};

TEST_P(QuestionsTest, TheTurnIsTheSendersUntilAllIsAnswered) {
  const Offer before = OfferOf(id_);
  EXPECT_EQ(Ask(recipient_, offer_, "pet"), "ok");
  EXPECT_EQ(Read(id_), "open/question : question_asked");
  EXPECT_EQ(OfferOf(id_).deliver_ms, clock_.NowMs()) << "who asks has seen it";
  EXPECT_EQ(Ask(recipient_, offer_, "age_band"), "ok");
  EXPECT_EQ(Answer(sender_, offer_, "pet", "dog"), "ok");
  EXPECT_EQ(Read(id_), "open/question : question_asked question_asked question_answered");
  EXPECT_EQ(Answer(sender_, offer_, "age_band", "not_shared"), "ok");
  EXPECT_EQ(Questions(id_), "pet=dog(1) age_band=not_shared(1)");
  EXPECT_EQ(OfferOf(id_).state, O::kDelivered);
  EXPECT_EQ(Ask(recipient_, offer_, "date_needed"), "ok") << "and may ask again";
  EXPECT_EQ(OfferOf(id_).state, O::kQuestion);
  // The clock has not noticed.
  const Offer after = OfferOf(id_);
  EXPECT_EQ(after.next_step, before.next_step);
  EXPECT_EQ(DueMs(after.ladder, after.next_step), DueMs(before.ladder, before.next_step));
}

TEST_P(QuestionsTest, AnAnswerStandsUntilItIsReplacedAndNotForEver) {
  ASSERT_EQ(Ask(recipient_, offer_, "pet"), "ok");
  EXPECT_EQ(Answer(sender_, offer_, "pet", "unknown"), "ok");
  const std::string once = Read(id_);
  EXPECT_EQ(Answer(sender_, offer_, "pet", "unknown"), "ok");
  EXPECT_EQ(Read(id_), once) << "the same once more is no change";
  EXPECT_EQ(Answer(sender_, offer_, "pet", "dog"), "ok");
  EXPECT_EQ(Read(id_), "open/delivered : question_asked question_answered answer_replaced");
  EXPECT_EQ(Answer(sender_, offer_, "pet", "none"), "ok");
  EXPECT_EQ(Answer(sender_, offer_, "pet", "dog"), "TOO_MANY_ANSWERS");
  EXPECT_EQ(Answer(sender_, offer_, "pet", "none"), "ok");
  EXPECT_EQ(Questions(id_), "pet=none(3)");
}

TEST_P(QuestionsTest, EachQuestionOnceAndEightOfAnOffer) {
  size_t asked = 0;
  for (const Question& question : referral::Questions()) {
    const std::string code(question.asks.code);
    const std::string expected = asked < kMostQuestions ? "ok" : "TOO_MANY_QUESTIONS";
    EXPECT_EQ(Ask(recipient_, offer_, code), expected) << code;
    ++asked;
  }
  EXPECT_EQ(OfferOf(id_).questions.size(), kMostQuestions);
  const std::string first(referral::Questions().front().asks.code);
  EXPECT_EQ(Ask(recipient_, offer_, first), "QUESTION_ALREADY_ASKED");
}

TEST_P(QuestionsTest, WhatIsNoCodeOrWasNotAskedIsRefused) {
  EXPECT_EQ(Ask(recipient_, offer_, "name"), "UNKNOWN_QUESTION_CODE");
  EXPECT_EQ(Answer(sender_, offer_, "pet", "dog"), "QUESTION_NOT_ASKED");
  ASSERT_EQ(Ask(recipient_, offer_, "pet"), "ok");
  EXPECT_EQ(Answer(sender_, offer_, "pet", "wheelchair"), "UNKNOWN_ANSWER_CODE");
  EXPECT_EQ(Answer(sender_, offer_, "name", "dog"), "UNKNOWN_QUESTION_CODE");
  EXPECT_EQ(Answer(sender_, offer_, "mobility_need", "wheelchair"), "QUESTION_NOT_ASKED");
  EXPECT_EQ(Questions(id_), "pet=(0)");
}

TEST_P(QuestionsTest, NobodyElseAsksOrAnswers) {
  const std::string second = ids_.New();
  Offer other = OfferOf(id_);
  other.id = ids_.New();
  other.recipient_agency_id = second;
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(unit.store.InsertOffer(other));
    return true;
  });
  ASSERT_EQ(Ask(recipient_, offer_, "pet"), "ok");
  for (const std::string& by : {sender_, second, ids_.New()}) {
    EXPECT_EQ(Ask(by, offer_, "age_band"), "REFERRAL_NOT_FOUND");
  }
  for (const std::string& by : {recipient_, second, ids_.New()}) {
    EXPECT_EQ(Answer(by, offer_, "pet", "dog"), "REFERRAL_NOT_FOUND");
  }
  EXPECT_EQ(Ask(recipient_, ids_.New(), "pet"), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(Answer(sender_, id_, "pet", "dog"), "REFERRAL_NOT_FOUND") << "of a referral, no offer";
  EXPECT_EQ(Questions(id_), "pet=(0)");
}

TEST_P(QuestionsTest, OnlyAboutAnOfferThatWaits) {
  for (const O state : {O::kAccepted, O::kDeclined, O::kExpired, O::kWithdrawn, O::kFellThrough}) {
    const std::string ended = AddTo(recipient_, state);
    const std::string refused = state == O::kExpired ? "OFFER_EXPIRED" : "ILLEGAL_TRANSITION";
    Do<bool>([&](Unit& unit) -> Result<bool> {
      FAIRLEAD_ASSIGN(auto referral, unit.store.Find(ended));
      referral->offers.at(0).questions = {{.code = "pet", .ask_ms = 1}};
      FAIRLEAD_RETURN_IF_ERROR(unit.store.UpdateOffer(referral->offers.at(0)));
      return true;
    });
    const std::string offer = OfferOf(ended).id;
    EXPECT_EQ(Ask(recipient_, offer, "age_band"), refused) << StateName(state);
    EXPECT_EQ(Answer(sender_, offer, "pet", "dog"), refused) << StateName(state);
    EXPECT_EQ(Questions(ended), "pet=(0)") << StateName(state);
  }
  // Its time is over, although no clock has ended it yet.
  ASSERT_EQ(Ask(recipient_, offer_, "pet"), "ok");
  clock_.Advance(OfferOf(id_).ladder.expire_ms - clock_.NowMs());
  EXPECT_EQ(Ask(recipient_, offer_, "age_band"), "OFFER_EXPIRED");
  EXPECT_EQ(Answer(sender_, offer_, "pet", "dog"), "OFFER_EXPIRED");
}

TEST_P(QuestionsTest, WhoAsksMaySayMaybeAndBeChosenOnceItSaysYes) {
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_ASSIGN(auto referral, unit.store.Find(id_));
    referral->mode = Mode::kSurvivorChooses;
    FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(*referral));
    return true;
  });
  const auto says = [&](referral::Answer answer) {
    return Try(recipient_, "ReferralService/AnswerOffer",
               [&](Unit& unit) { return AnswerOffer(unit, offer_, "", answer); });
  };
  ASSERT_EQ(Ask(recipient_, offer_, "pet"), "ok");
  EXPECT_EQ(says(referral::Answer::kMaybe), "ok");
  EXPECT_EQ(OfferOf(id_).state, O::kQuestion) << "its question still waits";
  EXPECT_EQ(says(referral::Answer::kYes), "ok");
  EXPECT_EQ(Try(sender_, "ReferralService/ChooseOffer",
                [&](Unit& unit) { return ChooseOffer(unit, offer_, ""); }),
            "ok");
  EXPECT_EQ(OfferOf(id_).state, O::kAccepted);
}

TEST_P(QuestionsTest, BothAgenciesHearWhichQuestionAndNobodyHearsTheAnswer) {
  ASSERT_EQ(Ask(recipient_, offer_, "pet"), "ok");
  ASSERT_EQ(Answer(sender_, offer_, "pet", "dog"), "ok");
  ASSERT_EQ(Answer(sender_, offer_, "pet", "service_animal"), "ok");
  const std::string told = Do<std::string>([&](Unit& unit) -> Result<std::string> {
    const char* order = GetParam() == Engine::kPostgres ? "position" : "sequence";
    FAIRLEAD_ASSIGN(const auto rows, unit.tx.Query("SELECT envelope FROM outbox ORDER BY " +
                                                   std::string(order)));
    std::string text;
    for (const storage::Row& row : rows) {
      EXPECT_EQ(row.Bytes(0).find("service_animal"), std::string::npos);
      events::v1::EventEnvelope event;
      events::v1::ReferralChanged changed;
      EXPECT_TRUE(event.ParseFromString(row.Bytes(0)));
      if (event.data_schema() != "fairlead.events.v1.ReferralChanged") continue;
      EXPECT_TRUE(changed.ParseFromString(event.data()));
      EXPECT_FALSE(event.for_coordinators() || event.for_members());
      text += changed.change() + " " + changed.reason_code() + " →";
      for (const std::string& agency : event.audience_agency_ids()) {
        text += agency == sender_ ? " sender" : agency == recipient_ ? " recipient" : " ?";
      }
      text += "; ";
    }
    return text;
  });
  EXPECT_EQ(told,
            "question_asked pet → sender recipient; question_answered pet → sender recipient; "
            "answer_replaced pet → sender recipient; ");
  const std::string acts = Do<std::string>([&](Unit& unit) -> Result<std::string> {
    FAIRLEAD_ASSIGN(const auto rows,
                    unit.tx.Query("SELECT action FROM audit_record ORDER BY position"));
    std::string text;
    for (const storage::Row& row : rows) text += row.Text(0) + " ";
    return text;
  });
  EXPECT_EQ(acts,
            "referral_question_asked referral_question_answered referral_answer_replaced ");
}

TEST_P(QuestionsTest, TheyAreShreddedWithThePacket) {
  ASSERT_EQ(Ask(recipient_, offer_, "pet"), "ok");
  ASSERT_EQ(Answer(sender_, offer_, "pet", "dog"), "ok");
  const std::string goes_on = AddTo(recipient_, O::kDelivered);
  ASSERT_EQ(Ask(recipient_, OfferOf(goes_on).id, "pet"), "ok");
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_ASSIGN(auto referral, unit.store.Find(id_));
    referral->state = R::kClosed;
    referral->update_ms = 5;
    FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(*referral));
    FAIRLEAD_ASSIGN(const int64_t early, unit.store.ShredPackets(4, 10));
    EXPECT_EQ(early, 0);
    return true;
  });
  EXPECT_EQ(Questions(id_), "pet=dog(1)");
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_ASSIGN(const int64_t shredded, unit.store.ShredPackets(5, 10));
    EXPECT_EQ(shredded, 1);
    return true;
  });
  EXPECT_EQ(Questions(id_), "");
  EXPECT_EQ(Questions(goes_on), "pet=(0)");
}

// However much is asked and answered about others: an agency's own story is as long as its own.
TEST_P(QuestionsTest, WhatOthersAskPushesNothingOutOfOnesOwnStory) {
  const std::string other = ids_.New();
  Offer beside = OfferOf(id_);
  beside.id = ids_.New();
  beside.recipient_agency_id = other;
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(unit.store.InsertOffer(beside));
    const auto add = [&](const std::string& event, const std::string& by,
                         const std::string& offer) {
      return unit.store.AddTimeline({.id = ids_.New(),
                                     .referral_id = id_,
                                     .time_ms = unit.now_ms,
                                     .event = event,
                                     .agency_id = by,
                                     .staff_id = "",
                                     .reason_code = "",
                                     .offer_id = offer});
    };
    FAIRLEAD_RETURN_IF_ERROR(add("offered", sender_, offer_));
    FAIRLEAD_RETURN_IF_ERROR(add("delivered", recipient_, ""));
    for (int i = 0; i < 600; ++i) {
      FAIRLEAD_RETURN_IF_ERROR(add("question_asked", other, beside.id));
      FAIRLEAD_RETURN_IF_ERROR(add("suggested", sender_, ""));
    }
    const auto story = [&](const std::string& agency) -> Result<std::vector<std::string>> {
      FAIRLEAD_ASSIGN(const auto referral, unit.store.Find(id_));
      FAIRLEAD_ASSIGN(const auto lines, unit.store.Timeline(id_, agency));
      std::vector<std::string> events;
      for (const TimelineEntry& line : lines) {
        EXPECT_TRUE(agency.empty() || MaySeeEntry(*referral, line, agency)) << line.event;
        events.push_back(line.event);
      }
      return events;
    };
    FAIRLEAD_ASSIGN(const std::vector<std::string> own, story(recipient_));
    EXPECT_EQ(own, (std::vector<std::string>{"offered", "delivered"}));
    FAIRLEAD_ASSIGN(const std::vector<std::string> theirs, story(other));
    EXPECT_EQ(theirs.size(), 600U);
    FAIRLEAD_ASSIGN(const std::vector<std::string> all, story(""));
    EXPECT_EQ(all.size(), 1000U);
    return true;
  });
}

FAIRLEAD_ON_BOTH_ENGINES(QuestionsTest);

}  // namespace
}  // namespace fairlead::referral
