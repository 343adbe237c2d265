// What an asked agency has to know first, through all services, on both engines: who sees what of
// it, who may not, and what a coordinator sees.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "fairlead/referral/v1/question.pb.h"
#include "tests/integration/blind_fixture.h"

namespace fairlead::testing {
namespace {

constexpr const char* kQuestions = "/fairlead.referral.v1.QuestionService/";

class QuestionsTest : public BlindTest {
 protected:
  bool WantsOwnHub() const override { return true; }  // whose list of hand-offs is its own

  v1::AskQuestionRequest Asking(const std::string& offer, const std::string& question) {
    v1::AskQuestionRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_offer_id(offer);
    request.set_question_code(question);
    return request;
  }
  Result<v1::AskQuestionResponse> Ask(const auth::Actor& by,
                                      const v1::AskQuestionRequest& request) {
    return coalition_->Call<v1::AskQuestionResponse>(by, std::string(kQuestions) + "AskQuestion",
                                                     request);
  }
  Result<v1::AnswerQuestionResponse> Tell(const auth::Actor& by, const std::string& offer,
                                          const std::string& question, const std::string& answer) {
    v1::AnswerQuestionRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_offer_id(offer);
    request.set_question_code(question);
    request.set_answer_code(answer);
    return coalition_->Call<v1::AnswerQuestionResponse>(
        by, std::string(kQuestions) + "AnswerQuestion", request);
  }
  // "pet=dog ": of the offer to `asked`, as `by` sees it.
  std::string Questions(const Agency& by, const std::string& referral_id, const Agency& asked) {
    const v1::Referral seen = Seen(by, referral_id);
    std::string text;
    for (const v1::Offer& offer : seen.offers()) {
      if (offer.recipient_agency_id() != asked.id) continue;
      for (const v1::OfferQuestion& each : offer.questions()) {
        text += each.question_code() + "=" + each.answer_code() + " ";
      }
    }
    return text;
  }
  std::string StuckCode(const std::string& offer_id) {
    v1::ListHandOffsRequest request;
    request.set_stage(v1::HAND_OFF_STAGE_WAITING);
    const auto listed = coalition_->Call<v1::ListHandOffsResponse>(
        coalition_->MakeCoordinator(), std::string(kHandOffs) + "ListHandOffs", request);
    EXPECT_TRUE(listed) << ToString(listed.error());
    if (!listed) return "";
    for (const v1::HandOff& each : listed->hand_offs()) {
      if (each.offer_id() == offer_id) return each.stuck_code();
    }
    return "none";
  }
};

TEST_P(QuestionsTest, TheAskerIsAnsweredAndNobodyElseLearnsThatItAsked) {
  const v1::Referral asked = Asked({one_, two_, three_}, v1::REFERRAL_MODE_SURVIVOR_CHOOSES);
  const std::string offer = OfferTo(asked, one_);
  const v1::Referral others = Seen(two_, asked.id());
  const v1::AskQuestionRequest request = Asking(offer, "pet");
  const auto first = Ask(one_.caseworker, request);
  ASSERT_TRUE(first) << ToString(first.error());
  EXPECT_EQ(first->referral().offers(0).state(), v1::OFFER_STATE_QUESTION);
  const auto repeated = Ask(one_.caseworker, request);
  ASSERT_TRUE(repeated) << ToString(repeated.error());
  EXPECT_EQ(repeated->SerializeAsString(), first->SerializeAsString()) << "asked once";
  EXPECT_EQ(StuckCode(offer), "question_unanswered");
  EXPECT_EQ(StuckCode(OfferTo(asked, two_)), "not_delivered");
  EXPECT_EQ(Questions(from_, asked.id(), one_), "pet= ");

  const auto told = Tell(from_.caseworker, offer, "pet", "dog");
  ASSERT_TRUE(told) << ToString(told.error());
  EXPECT_EQ(StuckCode(offer), "not_answered") << "it is the agency's turn";
  EXPECT_EQ(ReasonOf(Tell(from_.caseworker, offer, "pet", "none")), "ok");
  EXPECT_EQ(Questions(one_, asked.id(), one_), "pet=none ");
  EXPECT_THAT(Story(one_, asked.id()),
              ::testing::ElementsAre("offered", "question_asked", "question_answered",
                                     "answer_replaced"));
  EXPECT_EQ(Seen(two_, asked.id()).SerializeAsString(), others.SerializeAsString());
  EXPECT_THAT(Story(two_, asked.id()), ::testing::ElementsAre("offered"));

  // A maybe depends on what it asks: the sender's turn goes before the survivor's.
  ASSERT_TRUE(Ask(one_.caseworker, Asking(offer, "date_needed")));
  ASSERT_TRUE(Answer(one_, asked, v1::OFFER_ANSWER_MAYBE));
  EXPECT_EQ(StuckCode(offer), "question_unanswered");
  ASSERT_TRUE(Tell(from_.caseworker, offer, "date_needed", "later"));
  EXPECT_EQ(StuckCode(offer), "not_chosen");

  // A yes at an etag from before the answer was replaced is a yes to something else.
  v1::AnswerOfferRequest yes;
  yes.set_request_id(coalition_->ids().New());
  yes.set_offer_id(offer);
  yes.set_answer(v1::OFFER_ANSWER_YES);
  yes.set_etag(first->referral().etag());
  EXPECT_EQ(ReasonOf(Call<v1::AnswerOfferResponse>(one_, "AnswerOffer", yes)), "ETAG_MISMATCH");

  // Whoever is out of it has no more use for what it was told.
  v1::DeclineOfferRequest decline;
  decline.set_request_id(coalition_->ids().New());
  decline.set_offer_id(offer);
  decline.set_reason_code("not_eligible");
  ASSERT_TRUE(Call<v1::DeclineOfferResponse>(one_, "DeclineOffer", decline));
  EXPECT_EQ(Questions(one_, asked.id(), one_), "");
  EXPECT_EQ(Questions(from_, asked.id(), one_), "pet=none date_needed=later ");
}

TEST_P(QuestionsTest, OnlyTheAskedAgencyAsksAndOnlyTheSenderAnswers) {
  const v1::Referral asked = Asked({one_, two_});
  const std::string offer = OfferTo(asked, one_);
  const auto ask = [&](const auth::Actor& by) { return ReasonOf(Ask(by, Asking(offer, "pet"))); };
  const auto tell = [&](const auth::Actor& by) { return ReasonOf(Tell(by, offer, "pet", "dog")); };
  const auth::Actor coordinator = coalition_->MakeCoordinator();
  for (const Agency& other : {from_, two_, three_}) {
    EXPECT_EQ(ask(other.caseworker), "REFERRAL_NOT_FOUND") << other.name;
  }
  EXPECT_EQ(ask(coordinator), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(ask(one_.caseworker), "ok");
  for (const Agency& other : {one_, two_, three_}) {
    EXPECT_EQ(tell(other.caseworker), "REFERRAL_NOT_FOUND") << other.name;
  }
  EXPECT_EQ(tell(coordinator), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(tell(from_.caseworker), "ok");
  // Free text is none of the codes, whichever field it is tried in.
  EXPECT_EQ(ReasonOf(Ask(one_.caseworker, Asking(offer, "is her name Ana"))), "INVALID_CODE");
  EXPECT_EQ(ReasonOf(Tell(from_.caseworker, offer, "pet", "a dog named Rex")), "INVALID_CODE");
  EXPECT_EQ(ReasonOf(Tell(from_.caseworker, offer, "pet", "rex")), "UNKNOWN_ANSWER_CODE");
}

TEST_P(QuestionsTest, EveryQuestionOfTheListCanBeAskedAndAnswered) {
  const auto codes = coalition_->Call<v1::GetQuestionCodesResponse>(
      one_.caseworker, std::string(kQuestions) + "GetQuestionCodes",
      v1::GetQuestionCodesRequest());
  ASSERT_TRUE(codes) << ToString(codes.error());
  ASSERT_GT(codes->questions_size(), 0);
  for (const v1::CodedQuestion& question : codes->questions()) {
    const v1::Referral asked = Asked({one_});
    const std::string offer = OfferTo(asked, one_);
    ASSERT_EQ(ReasonOf(Ask(one_.caseworker, Asking(offer, question.code()))), "ok")
        << question.code();
    ASSERT_GE(question.answers_size(), 3);
    // An offer hears three answers to a question.
    for (int i = question.answers_size() - 3; i < question.answers_size(); ++i) {
      const std::string& answer = question.answers(i).code();
      EXPECT_EQ(ReasonOf(Tell(from_.caseworker, offer, question.code(), answer)), "ok")
          << question.code() << " " << answer;
    }
    EXPECT_EQ(Questions(one_, asked.id(), one_), question.code() + "=not_shared ");
  }
}

// Of all questions at once, by colleagues of one agency, eight are asked and none of them is lost.
TEST_P(QuestionsTest, RaceForTheLastQuestion) {
  const auto codes = coalition_->Call<v1::GetQuestionCodesResponse>(
      one_.caseworker, std::string(kQuestions) + "GetQuestionCodes",
      v1::GetQuestionCodesRequest());
  ASSERT_TRUE(codes) << ToString(codes.error());
  const auto count = static_cast<size_t>(codes->questions_size());
  const v1::Referral asked = Asked({one_});
  std::vector<v1::AskQuestionRequest> requests;
  for (const v1::CodedQuestion& question : codes->questions()) {
    requests.push_back(Asking(OfferTo(asked, one_), question.code()));
  }
  std::vector<std::string> reasons(count);
  std::atomic<bool> go = false;
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < count; ++i) {
      threads.emplace_back([&, i] {
        go.wait(false);
        reasons[i] = ReasonOf(Ask(one_.caseworker, requests[i]));
      });
    }
    go = true;
    go.notify_all();
  }
  constexpr size_t kMost = 8;
  EXPECT_EQ(static_cast<size_t>(std::ranges::count(reasons, "ok")), kMost);
  EXPECT_EQ(static_cast<size_t>(std::ranges::count(reasons, "TOO_MANY_QUESTIONS")), count - kMost);
  const std::string kept = Questions(one_, asked.id(), one_);
  for (size_t i = 0; i < count; ++i) {
    const bool is_kept = kept.find(requests[i].question_code() + "= ") != std::string::npos;
    EXPECT_EQ(is_kept, reasons[i] == "ok") << requests[i].question_code();
  }
}

FAIRLEAD_BLIND_ON_BOTH_ENGINES(QuestionsTest);

}  // namespace
}  // namespace fairlead::testing
