#include <gmock/gmock.h>

#include "fairlead/referral/v1/question.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/testing/cli_fixture.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kAskedReferral[] = "01890a5d-ac96-774b-bcce-b302099a8003";
constexpr char kOffer[] = "01890a5d-ac96-774b-bcce-b302099a8004";
constexpr char kSameAsked[] = "01890a5d-ac96-774b-bcce-b302099a8005";
constexpr char kToldAlready[] = "01890a5d-ac96-774b-bcce-b302099a8006";
constexpr char kOutOfIt[] = "01890a5d-ac96-774b-bcce-b302099a8007";
constexpr char kAskedElse[] = "01890a5d-ac96-774b-bcce-b302099a8008";

class QuestionVerbsTest : public CliTest {
 protected:
  static void AddOffer(v1::Referral* referral, const char* id, v1::OfferState state,
                       const char* question, const char* answer) {
    v1::Offer* offer = referral->add_offers();
    offer->set_id(id);
    offer->set_recipient_agency_id(kOtherAgency);
    offer->set_state(state);
    v1::OfferQuestion* asked = offer->add_questions();
    asked->set_question_code(question);
    asked->set_answer_code(answer);
  }
};

TEST_F(QuestionVerbsTest, AskSendsTheCodeAndShowsThatItWaits) {
  SignIn();
  v1::AskQuestionResponse response;
  response.mutable_referral()->set_id(kAskedReferral);
  AddOffer(response.mutable_referral(), kOffer, v1::OFFER_STATE_QUESTION, "pet", "");
  v1::AskQuestionRequest asked;
  hub_.OnCall(kAskQuestion, [&](const FakeRequest& request) {
    EXPECT_TRUE(asked.ParseFromString(request.body));
    return Protobuf(response);
  });
  EXPECT_EQ(Cli({"offer", "ask", kOffer, "pet"}), kExitOk) << err;
  EXPECT_EQ(asked.offer_id(), kOffer);
  EXPECT_EQ(asked.question_code(), "pet");
  EXPECT_THAT(out, HasSubstr("pet: not answered yet"));
  EXPECT_THAT(err, HasSubstr(std::string("referral watch ") + kAskedReferral));
}

TEST_F(QuestionVerbsTest, AnswerNamesThoseWhoHaveAskedTheSameAndWait) {
  SignIn();
  v1::AnswerQuestionResponse response;
  v1::Referral* referral = response.mutable_referral();
  referral->set_id(kAskedReferral);
  AddOffer(referral, kOffer, v1::OFFER_STATE_DELIVERED, "pet", "dog");
  AddOffer(referral, kSameAsked, v1::OFFER_STATE_QUESTION, "pet", "");
  AddOffer(referral, kToldAlready, v1::OFFER_STATE_DELIVERED, "pet", "dog");
  AddOffer(referral, kOutOfIt, v1::OFFER_STATE_DECLINED, "pet", "");
  AddOffer(referral, kAskedElse, v1::OFFER_STATE_QUESTION, "age_band", "");
  hub_.Answer(kAnswerQuestion, response);
  EXPECT_EQ(Cli({"offer", "answer", kOffer, "pet", "dog"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("pet: dog"));
  EXPECT_THAT(err, HasSubstr(std::string("offer answer ") + kSameAsked + " pet dog"));
  for (const char* other : {kOffer, kToldAlready, kOutOfIt, kAskedElse}) {
    EXPECT_THAT(err, Not(HasSubstr(std::string("offer answer ") + other)));
  }
}

TEST_F(QuestionVerbsTest, TheListSaysWhereAQuestionWaits) {
  SignIn();
  v1::ListReferralsResponse response;
  for (const v1::OfferState state : {v1::OFFER_STATE_QUESTION, v1::OFFER_STATE_DELIVERED}) {
    v1::Referral* referral = response.add_referrals();
    referral->set_state(v1::REFERRAL_STATE_OPEN);
    AddOffer(referral, kOffer, state, "pet", state == v1::OFFER_STATE_QUESTION ? "" : "dog");
    // The one that asks is not always the latest.
    AddOffer(referral, kSameAsked, v1::OFFER_STATE_DELIVERED, "pet", "dog");
  }
  hub_.Answer(kListReferrals, response);
  EXPECT_EQ(Cli({"referral", "list", "--box", "sent"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("open (question)"));
  EXPECT_EQ(out.find("(question)"), out.rfind("(question)")) << "of the one that waits alone";
}

TEST_F(QuestionVerbsTest, QuestionsAreListedInBothLanguages) {
  SignIn();
  v1::GetQuestionCodesResponse response;
  v1::CodedQuestion* question = response.add_questions();
  question->set_code("pet");
  question->set_label_en("Which animal comes along?");
  question->set_label_es("¿Qué animal viene?");
  v1::CodedAnswer* answer = question->add_answers();
  answer->set_code("dog");
  answer->set_label_en("A dog");
  answer->set_label_es("Un perro");
  hub_.Answer(kGetQuestionCodes, response);
  EXPECT_EQ(Cli({"offer", "questions"}), kExitOk) << err;
  for (const char* words :
       {"pet", "Which animal comes along?", "¿Qué animal viene?", "  dog", "A dog", "Un perro"}) {
    EXPECT_THAT(out, HasSubstr(words));
  }
}

TEST_F(QuestionVerbsTest, AWrongCodeSaysWhereTheRightOnesAre) {
  SignIn();
  hub_.OnCall(kAskQuestion, [](const FakeRequest&) {
    return Refusal(400, {Code::kInvalidArgument, "UNKNOWN_QUESTION_CODE", "No.", {}});
  });
  EXPECT_NE(Cli({"offer", "ask", kOffer, "name"}), kExitOk);
  EXPECT_THAT(err, HasSubstr("offer questions"));
}

}  // namespace
}  // namespace fairlead::cli
