#include "services/referral/domain/questions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "services/referral/domain/referral.h"

namespace fairlead::referral {
namespace {

// FORMAT_CODE of the contract, or else nobody could send it; and no separator of the store's rows.
bool IsCode(std::string_view text) {
  return !text.empty() && text.size() <= 64 && text.front() >= 'a' && text.front() <= 'z' &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

TEST(QuestionsTest, EachHasAFewCodedAnswersAndWordsInBothLanguages) {
  std::set<std::string_view> codes;
  for (const Question& question : Questions()) {
    EXPECT_TRUE(codes.insert(question.asks.code).second) << "twice: " << question.asks.code;
    EXPECT_TRUE(IsCode(question.asks.code)) << question.asks.code;
    EXPECT_TRUE(question.asks.en.ends_with("?")) << question.asks.code;
    EXPECT_TRUE(question.asks.es.starts_with("¿") && question.asks.es.ends_with("?"))
        << question.asks.code;
    std::set<std::string_view> answers;
    const std::vector<CodedWords> all = question.Answers();
    for (const CodedWords& answer : all) {
      EXPECT_TRUE(answers.insert(answer.code).second) << question.asks.code << " " << answer.code;
      EXPECT_TRUE(IsCode(answer.code)) << question.asks.code << " " << answer.code;
      EXPECT_FALSE(answer.en.empty() || answer.es.empty()) << answer.code;
    }
    EXPECT_TRUE(answers.contains("unknown") && answers.contains("not_shared"));
    // Few: what many can have in common points at nobody.
    EXPECT_GE(question.own_answers.size(), 3U) << question.asks.code;
    EXPECT_LE(question.own_answers.size(), 5U) << question.asks.code;
  }
  EXPECT_GE(codes.size(), 10U);
  EXPECT_LE(codes.size(), 16U);
  EXPECT_GT(codes.size(), kMostQuestions) << "else the limit of an offer limits nothing";
}

TEST(QuestionsTest, AnAnswerIsOneOfItsOwnQuestion) {
  EXPECT_TRUE(CheckAnswer("pet", "dog"));
  EXPECT_TRUE(CheckAnswer("pet", "not_shared"));
  EXPECT_EQ(CheckAnswer("name", "dog").error().reason, "UNKNOWN_QUESTION_CODE");
  EXPECT_EQ(CheckAnswer("pet", "").error().reason, "UNKNOWN_ANSWER_CODE");
  const Result<void> of_another = CheckAnswer("pet", "wheelchair");
  ASSERT_FALSE(of_another);
  EXPECT_EQ(of_another.error().reason, "UNKNOWN_ANSWER_CODE");
  EXPECT_EQ(of_another.error().metadata.at("allowed"),
            "none,small_animal,dog,service_animal,unknown,not_shared");
}

// Of several asked: the first has asked, the second has not.
Referral Asked(OfferState first_state) {
  Referral referral;
  referral.sender_agency_id = "sender";
  referral.state = ReferralState::kOpen;
  referral.mode = Mode::kSurvivorChooses;
  for (const char* agency : {"first", "second"}) {
    Offer offer;
    offer.id = std::string("of ") + agency;
    offer.recipient_agency_id = agency;
    offer.state = OfferState::kDelivered;
    referral.offers.push_back(offer);
  }
  referral.offers[0].state = first_state;
  referral.offers[0].questions = {{.code = "pet", .ask_ms = 1}};
  return referral;
}

TEST(QuestionsTest, OnlyTheAskerAndTheSenderSeeThem) {
  const Referral referral = Asked(OfferState::kQuestion);
  EXPECT_EQ(SeenBy(referral, "first").offers.at(0).questions.size(), 1U);
  EXPECT_EQ(SeenBy(referral, "sender").offers.at(0).questions.size(), 1U);
  const Referral others = SeenBy(referral, "second");
  ASSERT_EQ(others.offers.size(), 1U);
  EXPECT_TRUE(others.offers[0].questions.empty());
}

TEST(QuestionsTest, WhoeverIsOutOfItSeesTheAnswersNoMore) {
  for (int state = 1; state <= 8; ++state) {
    const auto offer_state = static_cast<OfferState>(state);
    Referral referral = Asked(offer_state);
    referral.offers[0].questions[0].answer_code = "dog";
    const bool stands = IsPending(offer_state) || offer_state == OfferState::kAccepted;
    for (const Mode mode : {Mode::kDirect, Mode::kSurvivorChooses}) {
      referral.mode = mode;
      EXPECT_EQ(SeenBy(referral, "first").offers.at(0).questions.size(), stands ? 1U : 0U) << state;
      EXPECT_EQ(SeenBy(referral, "sender").offers.at(0).questions.size(), 1U) << state;
    }
  }
}

TEST(QuestionsTest, TheAskersEtagChangesWithEachQuestionAndAnswerAndNobodyElses) {
  Referral referral = Asked(OfferState::kQuestion);
  const std::string others = Etag(referral, "second");
  std::set<std::string> etags = {Etag(referral, "first")};
  const auto changed = [&] { return etags.insert(Etag(referral, "first")).second; };
  AskedQuestion& pet = referral.offers[0].questions[0];
  pet.answer_code = "dog";
  pet.answers = 1;
  EXPECT_TRUE(changed());
  pet.answer_code = "none";
  pet.answers = 2;
  EXPECT_TRUE(changed()) << "a replaced answer is another version";
  referral.offers[0].questions.push_back({.code = "date_needed", .ask_ms = 2});
  EXPECT_TRUE(changed());
  EXPECT_EQ(Etag(referral, "second"), others);
}

// Else an agency that has declined would learn when the referral has ended elsewhere.
TEST(QuestionsTest, TheEtagOfWhoIsOutOfItDoesNotChangeWhenTheyAreShredded) {
  Referral referral = Asked(OfferState::kDeclined);
  const std::string etag = Etag(referral, "first");
  referral.offers[0].questions.clear();
  EXPECT_EQ(Etag(referral, "first"), etag);
}

}  // namespace
}  // namespace fairlead::referral
