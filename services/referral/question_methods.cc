// The methods of questions about an offer that waits, and of their answers.
#include "services/referral/commands/answer_question.h"
#include "services/referral/commands/ask_question.h"
#include "services/referral/domain/questions.h"
#include "services/referral/in_unit.h"
#include "services/referral/referral_server.h"

namespace fairlead::referral {
namespace {

// A question or an answer: the contract has both alike.
template <class Message>
void SetWords(const CodedWords& in, Message* out) {
  out->set_code(std::string(in.code));
  out->set_label_en(std::string(in.en));
  out->set_label_es(std::string(in.es));
}

}  // namespace

Task<Result<v1::GetQuestionCodesResponse>> ReferralServer::GetQuestionCodes(
    rpc::CallContext /*context*/, const v1::GetQuestionCodesRequest& /*request*/) {
  v1::GetQuestionCodesResponse response;
  for (const Question& question : Questions()) {
    v1::CodedQuestion* out = response.add_questions();
    SetWords(question.asks, out);
    const std::vector<CodedWords> answers = question.Answers();
    for (const CodedWords& answer : answers) SetWords(answer, out->add_answers());
  }
  co_return response;
}

Task<Result<v1::AskQuestionResponse>> ReferralServer::AskQuestion(
    rpc::CallContext context, const v1::AskQuestionRequest& request) {
  std::function<Result<Referral>(Unit&)> command = [&request](Unit& unit) {
    return referral::AskQuestion(unit, request.offer_id(), request.question_code());
  };
  co_return co_await Change<v1::AskQuestionResponse>(context, request, command);
}

Task<Result<v1::AnswerQuestionResponse>> ReferralServer::AnswerQuestion(
    rpc::CallContext context, const v1::AnswerQuestionRequest& request) {
  std::function<Result<Referral>(Unit&)> command = [&request](Unit& unit) {
    return referral::AnswerQuestion(unit, request.offer_id(), request.question_code(),
                                    request.answer_code());
  };
  co_return co_await Change<v1::AnswerQuestionResponse>(context, request, command);
}

}  // namespace fairlead::referral
