#include "services/referral/commands/ask_question.h"

#include <algorithm>

#include "services/referral/commands/match.h"
#include "services/referral/domain/questions.h"

namespace fairlead::referral {
namespace {

Result<void> CheckMayAsk(const Offer& offer, const std::string& question_code) {
  const auto asked = std::ranges::find(offer.questions, question_code, &AskedQuestion::code);
  if (asked != offer.questions.end()) {
    return Fail(Code::kAlreadyExists, "QUESTION_ALREADY_ASKED", "You have asked that.");
  }
  if (offer.questions.size() < kMostQuestions) return {};
  return Fail(Code::kFailedPrecondition, "TOO_MANY_QUESTIONS",
              "You have asked all that may be asked about one offer.",
              {{"limit", std::to_string(kMostQuestions)}});
}

}  // namespace

Result<void> TurnToSender(const Unit& unit, Offer& offer) {
  FAIRLEAD_RETURN_IF_ERROR(CheckInTime(offer, unit.now_ms));
  if (offer.state == OfferState::kSent) {
    FAIRLEAD_RETURN_IF_ERROR(Move(offer.state, OfferState::kDelivered));
  }
  if (offer.state != OfferState::kQuestion) {
    FAIRLEAD_RETURN_IF_ERROR(Move(offer.state, OfferState::kQuestion));
  }
  if (offer.deliver_ms == 0) offer.deliver_ms = unit.now_ms;
  return {};
}

Result<Referral> AskQuestion(Unit& unit, const std::string& offer_id,
                             const std::string& question_code) {
  FAIRLEAD_RETURN_IF_ERROR(FindQuestion(question_code));
  FAIRLEAD_ASSIGN(Found received, FindByOffer(unit, offer_id));
  Referral& referral = received.referral;
  Offer& offer = received.offer();
  FAIRLEAD_RETURN_IF_ERROR(TurnToSender(unit, offer));
  FAIRLEAD_RETURN_IF_ERROR(received.Permitted());
  FAIRLEAD_RETURN_IF_ERROR(CheckMayAsk(offer, question_code));
  offer.questions.push_back({.code = question_code, .ask_ms = unit.now_ms});
  referral.update_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(referral));
  FAIRLEAD_RETURN_IF_ERROR(unit.store.UpdateOffer(offer));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, referral, &offer, "question_asked", question_code));
  return std::move(referral);
}

}  // namespace fairlead::referral
