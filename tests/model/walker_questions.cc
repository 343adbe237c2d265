// What a walker asks about offers, and answers.
#include <algorithm>

#include "fairlead/referral/v1/question.pb.h"
#include "tests/model/walker_calls.h"

namespace fairlead::model {

namespace v1 = fairlead::referral::v1;

std::string Walker::AnyQuestion() {
  if (Chance(4)) return "name";  // there is no such question
  return kQuestionCodes[static_cast<size_t>(Below(static_cast<int>(kQuestionCodes.size())))];
}

void Walker::AskAQuestion() {
  const int at = AnyReferral([](const Referral& each) { return each.state == State::kOpen; });
  const int offer = AnyOffer(at, &Offer::IsPending);
  Call call = NewCall(Verb::kAskQuestion, RecipientOf(at, offer), at);
  call.offer = offer;
  call.code = AnyQuestion();
  v1::AskQuestionRequest request;
  request.set_offer_id(OfferId(at, offer));
  request.set_question_code(call.code);
  Do<v1::AskQuestionResponse>(call, "/fairlead.referral.v1.QuestionService/AskQuestion", request,
                              [this, by = call.by, at](const v1::AskQuestionResponse& response) {
                                CheckView(at, by, response.referral());
                              });
}

void Walker::AnswerAQuestion() {
  const auto is_asked = [](const Offer& offer) {
    return offer.IsPending() && !offer.questions.empty();
  };
  const int at = AnyReferral(
      [&](const Referral& each) { return std::ranges::any_of(each.offers, is_asked); });
  const int offer = AnyOffer(at, is_asked);
  const bool right = at >= 0 && Chance(94);
  Call call = NewCall(Verb::kAnswerQuestion,
                      right ? model_.referrals()[static_cast<size_t>(at)].sender : AnyAgency(), at);
  call.offer = offer;
  call.code = AnyQuestion();
  if (offer >= 0 && Chance(85)) {
    const Referral& referral = model_.referrals()[static_cast<size_t>(at)];
    const std::vector<Question>& asked = referral.offers[static_cast<size_t>(offer)].questions;
    const int which = asked.empty() ? -1 : Below(static_cast<int>(asked.size()));
    if (which >= 0) call.code = asked[static_cast<size_t>(which)].code;
  }
  call.answer_code = Chance(4) ? "whatever" : Chance(50) ? "unknown" : "not_shared";
  v1::AnswerQuestionRequest request;
  request.set_offer_id(OfferId(at, offer));
  request.set_question_code(call.code);
  request.set_answer_code(call.answer_code);
  Do<v1::AnswerQuestionResponse>(
      call, "/fairlead.referral.v1.QuestionService/AnswerQuestion", request,
      [this, by = call.by, at](const v1::AnswerQuestionResponse& response) {
        CheckView(at, by, response.referral());
      });
}

}  // namespace fairlead::model
