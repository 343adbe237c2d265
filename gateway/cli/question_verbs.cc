// offer ask|answer|questions: what an asked agency has to know before it can say yes or no.
#include "fairlead/referral/v1/question.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/referral_view.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;

struct AskOptions {
  std::string offer;
  std::string question;
  std::string answer;
};

// Of a referral whose id was given in the place of an offer's: the offer to the own agency; "": it
// is no referral of theirs.
std::string OwnOfferOf(Context& context, const std::string& text) {
  const auto referral = GetReferral(context, text);
  if (!referral) return "";
  const v1::Offer* offer = OfferOf(*referral, context.session().agency_id);
  const bool own =
      offer != nullptr && offer->recipient_agency_id() == context.session().agency_id;
  return own ? offer->id() : "";
}

Result<void> Ask(Context& context, const AskOptions& options) {
  v1::AskQuestionRequest request;
  request.set_request_id(context.RequestId());
  request.set_offer_id(AsId(options.offer));
  request.set_question_code(options.question);
  auto response = context.client().Call<v1::AskQuestionResponse>(kAskQuestion, request);
  if (!response && response.error().code == Code::kNotFound) {
    const std::string own = OwnOfferOf(context, options.offer);
    if (own.empty()) return Fail(std::move(response.error()));
    request.set_offer_id(own);
    request.set_request_id(context.RequestId());
    response = context.client().Call<v1::AskQuestionResponse>(kAskQuestion, request);
  }
  if (!response) return Fail(std::move(response.error()));
  context.home().SetLast("referral", response->referral().id());
  context.Emit(*response, [&] { PrintReferral(context, response->referral()); });
  context.Next("referral watch " + response->referral().id());
  return {};
}

bool Waits(const v1::Offer& offer) {
  return offer.state() == v1::OFFER_STATE_SENT || offer.state() == v1::OFFER_STATE_DELIVERED ||
         offer.state() == v1::OFFER_STATE_QUESTION;
}

// Others of the same referral who have asked the same and were told nothing yet, or something else.
// Only said: each agency is told what it has asked, when the sender wants so.
void SuggestOthers(Context& context, const v1::Referral& referral, const AskOptions& options) {
  for (const v1::Offer& offer : referral.offers()) {
    if (offer.id() == options.offer || !Waits(offer)) continue;
    for (const v1::OfferQuestion& asked : offer.questions()) {
      if (asked.question_code() != options.question) continue;
      if (asked.answer_code() == options.answer) continue;
      context.Say(context.AgencyName(offer.recipient_agency_id()) + " has asked the same: " +
                  context.Command("offer answer " + offer.id() + " " + options.question + " " +
                                  options.answer));
    }
  }
}

Result<void> GiveAnswer(Context& context, const AskOptions& options) {
  v1::AnswerQuestionRequest request;
  request.set_request_id(context.RequestId());
  request.set_offer_id(options.offer);
  request.set_question_code(options.question);
  request.set_answer_code(options.answer);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::AnswerQuestionResponse>(kAnswerQuestion, request));
  context.home().SetLast("referral", response.referral().id());
  context.Emit(response, [&] { PrintReferral(context, response.referral()); });
  SuggestOthers(context, response.referral(), options);
  return {};
}

Result<void> List(Context& context) {
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::GetQuestionCodesResponse>(
                      kGetQuestionCodes, v1::GetQuestionCodesRequest()));
  context.Emit(response, [&] {
    Table table({"CODE", "ENGLISH", "SPANISH"});
    for (const v1::CodedQuestion& question : response.questions()) {
      table.Add({question.code(), question.label_en(), question.label_es()});
      for (const v1::CodedAnswer& answer : question.answers()) {
        table.Add({"  " + answer.code(), answer.label_en(), answer.label_es()});
      }
    }
    context.Print(table);
  });
  return {};
}

constexpr char kOffer[] = "The offer's id, as `referral show` has it";

}  // namespace

void AddQuestionVerbs(Args root, Context& context) {
  Args group = root.Group("offer", "Questions about an offer that waits, and answers, in codes");
  auto ask = std::make_shared<AskOptions>();
  Args verb = group.Verb("ask", "Ask the sender before you say yes or no");
  verb.Positional("offer", &ask->offer, "The offer's id, or the referral's");
  verb.Positional("question", &ask->question, "A code: pet, children_count, …");
  verb.Footer(
      "At most 8 about one offer. The offer's clock runs on: say yes, maybe or no in time.");
  verb.Do([&context, ask] { return Ask(context, *ask); });

  auto answer = std::make_shared<AskOptions>();
  verb = group.Verb("answer", "Answer what an agency has asked, or replace an answer");
  verb.Positional("offer", &answer->offer, kOffer);
  verb.Positional("question", &answer->question, "The code of what it has asked");
  verb.Positional("answer", &answer->answer, "One of that question's, unknown, or not_shared");
  verb.Footer(
      "Only the agency that asked sees the answer. Ask the person first: there is no release yet.");
  verb.Do([&context, answer] { return GiveAnswer(context, *answer); });

  verb = group.Verb("questions", "What may be asked, and what may be answered");
  verb.Do([&context] { return List(context); });
}

}  // namespace fairlead::cli
