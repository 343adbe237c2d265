#include "services/referral/commands/answer_question.h"

#include <algorithm>

#include "services/referral/commands/match.h"
#include "services/referral/domain/questions.h"

namespace fairlead::referral {
namespace {

// The offer's question of that code. Errors: QUESTION_NOT_ASKED, TOO_MANY_ANSWERS.
Result<AskedQuestion*> FindAsked(Offer& offer, const std::string& question_code,
                                 const std::string& answer_code) {
  const auto asked = std::ranges::find(offer.questions, question_code, &AskedQuestion::code);
  if (asked == offer.questions.end()) {
    return Fail(Code::kFailedPrecondition, "QUESTION_NOT_ASKED",
                "The agency has not asked that: what it did not ask it is not told.");
  }
  // The same once more is no change, and no answer too many.
  if (asked->answer_code == answer_code || asked->answers < kMostAnswers) return &*asked;
  return Fail(Code::kFailedPrecondition, "TOO_MANY_ANSWERS",
              "The answer was replaced too often: what stands is the last one.",
              {{"limit", std::to_string(kMostAnswers)}});
}

}  // namespace

Result<Referral> AnswerQuestion(Unit& unit, const std::string& offer_id,
                                const std::string& question_code, const std::string& answer_code) {
  FAIRLEAD_RETURN_IF_ERROR(CheckAnswer(question_code, answer_code));
  FAIRLEAD_ASSIGN(Found own, FindByOfferAsSender(unit, offer_id));
  Referral& referral = own.referral;
  Offer& offer = own.offer();
  FAIRLEAD_RETURN_IF_ERROR(CheckInTime(offer, unit.now_ms));
  // Where it comes to once all is answered; an offer that has ended has no way there.
  OfferState answered = offer.state;
  if (answered != OfferState::kDelivered) {
    FAIRLEAD_RETURN_IF_ERROR(Move(answered, OfferState::kDelivered));
  }
  FAIRLEAD_RETURN_IF_ERROR(own.Permitted());
  FAIRLEAD_ASSIGN(AskedQuestion* asked, FindAsked(offer, question_code, answer_code));
  if (asked->answer_code == answer_code) return std::move(referral);
  const std::string change = asked->waits() ? "question_answered" : "answer_replaced";
  asked->answer_code = answer_code;
  asked->answer_ms = unit.now_ms;
  asked->answers += 1;
  FAIRLEAD_ASSIGN(const std::vector<SealedNote> notes, unit.store.NotesOf(referral.id));
  if (!AnyWaits(offer, notes)) offer.state = answered;
  referral.update_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(referral));
  FAIRLEAD_RETURN_IF_ERROR(unit.store.UpdateOffer(offer));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, referral, &offer, change, question_code));
  return std::move(referral);
}

}  // namespace fairlead::referral
