// The model's questions about offers, and their answers.
#include <algorithm>

#include "tests/model/model.h"

namespace fairlead::model {
namespace {

constexpr size_t kMostQuestions = 8;
constexpr int kMostAnswers = 3;

}  // namespace

std::string Model::AskQuestion(const Call& call, int64_t now_ms) {
  if (std::ranges::find(kQuestionCodes, call.code) == kQuestionCodes.end()) {
    return "UNKNOWN_QUESTION_CODE";
  }
  Offer* offer = FindOffer(call);
  if (offer == nullptr || offer->to != call.by) return "REFERRAL_NOT_FOUND";
  if (offer->HasRunOut(now_ms)) return "OFFER_EXPIRED";
  if (!offer->IsPending()) return "ILLEGAL_TRANSITION";
  const auto asked = std::ranges::find(offer->questions, call.code, &Question::code);
  if (asked != offer->questions.end()) return "QUESTION_ALREADY_ASKED";
  if (offer->questions.size() == kMostQuestions) return "TOO_MANY_QUESTIONS";
  Referral& referral = *Find(call.referral);
  offer->state = OfferState::kQuestion;
  offer->was_delivered = true;
  offer->questions.push_back({.code = call.code});
  Touch(referral, now_ms);
  Tell(referral, offer, "question_asked", call.by, true, call.code);
  return "";
}

std::string Model::AnswerQuestion(const Call& call, int64_t now_ms) {
  if (std::ranges::find(kQuestionCodes, call.code) == kQuestionCodes.end()) {
    return "UNKNOWN_QUESTION_CODE";
  }
  if (call.answer_code != "unknown" && call.answer_code != "not_shared") {
    return "UNKNOWN_ANSWER_CODE";
  }
  Offer* offer = FindOffer(call);
  if (offer == nullptr || FindOwn(call.referral, call.by) == nullptr) return "REFERRAL_NOT_FOUND";
  if (offer->HasRunOut(now_ms)) return "OFFER_EXPIRED";
  if (!offer->IsPending()) return "ILLEGAL_TRANSITION";
  const auto asked = std::ranges::find(offer->questions, call.code, &Question::code);
  if (asked == offer->questions.end()) return "QUESTION_NOT_ASKED";
  if (asked->answer == call.answer_code) return "";
  if (asked->answers == kMostAnswers) return "TOO_MANY_ANSWERS";
  Referral& referral = *Find(call.referral);
  asked->answer = call.answer_code;
  ++asked->answers;
  const bool waits = std::ranges::any_of(offer->questions,
                                         [](const Question& each) { return each.answers == 0; });
  if (!waits) offer->state = OfferState::kDelivered;
  Touch(referral, now_ms);
  Tell(referral, offer, asked->answers == 1 ? "question_answered" : "answer_replaced", call.by,
       true, call.code);
  return "";
}

}  // namespace fairlead::model
