// What an asked agency may ask about an offer that waits, and what may be answered: codes, so
// that nothing is written about anybody. No answer names a person, a place or a story; what would
// belongs in the sealed packet. docs/codes.md shows the list to people.
#ifndef SERVICES_REFERRAL_DOMAIN_QUESTIONS_H_
#define SERVICES_REFERRAL_DOMAIN_QUESTIONS_H_

#include <span>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"

namespace fairlead::referral {

// A code with its words for people.
struct CodedWords {
  std::string_view code;
  std::string_view en;
  std::string_view es;
};

struct Question {
  CodedWords asks;
  std::span<const CodedWords> own_answers;
  // Its own, then `unknown` and `not_shared`, which may be answered to anything.
  std::vector<CodedWords> Answers() const;
};

std::span<const Question> Questions();

// Errors: INVALID_ARGUMENT UNKNOWN_QUESTION_CODE.
Result<const Question*> FindQuestion(std::string_view code);
// Errors: UNKNOWN_QUESTION_CODE; INVALID_ARGUMENT UNKNOWN_ANSWER_CODE (metadata `allowed`: the
// codes that answer it, with commas).
Result<void> CheckAnswer(std::string_view question_code, std::string_view answer_code);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_DOMAIN_QUESTIONS_H_
