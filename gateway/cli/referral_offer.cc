// referral offer|answer|choose|send-packet|reopen: several agencies are asked with facets alone,
// and the packet follows the match.
#include "fairlead/referral/v1/referral.pb.h"
#include "gateway/cli/capacity_view.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/nearest_need.h"
#include "gateway/cli/referral_next.h"
#include "gateway/cli/referral_seal.h"
#include "gateway/cli/referral_view.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;

struct OfferOptions {
  FacetOptions facets;
  std::vector<std::string> to;
  std::vector<std::string> services;
  std::string mode = "first";
  std::string case_handle;
  bool allow_duplicate = false;
};

Result<v1::ReferralMode> ParseMode(const std::string& text) {
  if (text == "first") return v1::REFERRAL_MODE_FIRST_TO_ACCEPT;
  if (text == "choice") return v1::REFERRAL_MODE_SURVIVOR_CHOOSES;
  return Usage("--mode is first or choice.");
}

template <class Response>
void EmitReferral(Context& context, const Response& response) {
  context.home().SetLast("referral", response.referral().id());
  context.Emit(response, [&] { PrintReferral(context, response.referral()); });
}

Result<void> Offer(Context& context, const OfferOptions& options) {
  if (!options.services.empty() && options.services.size() != options.to.size()) {
    return Usage("--service is given for each --to, in the same order, or not at all.");
  }
  v1::OfferReferralRequest request;
  request.set_request_id(context.RequestId());
  request.set_referral_id(context.NewId());
  FAIRLEAD_ASSIGN(const v1::ReferralMode mode, ParseMode(options.mode));
  request.set_mode(mode);
  FAIRLEAD_RETURN_IF_ERROR(SetFacets(options.facets, request.mutable_facets()));
  request.set_case_handle(context.NewId());
  if (!options.case_handle.empty()) {
    FAIRLEAD_ASSIGN(*request.mutable_case_handle(), context.Id("case", options.case_handle));
  }
  request.set_allow_duplicate_service(options.allow_duplicate);
  for (size_t i = 0; i < options.to.size(); ++i) {
    FAIRLEAD_ASSIGN(const std::string agency, context.AgencyId(options.to[i]));
    v1::OfferRecipient* recipient = request.add_recipients();
    recipient->set_recipient_agency_id(agency);
    if (options.services.empty()) continue;
    FAIRLEAD_ASSIGN(*recipient->mutable_service_id(), ServiceId(context, options.services[i]));
  }
  const auto response = context.client().Call<v1::OfferReferralResponse>(kOfferReferral, request);
  if (!response) return Fail(WithNearestNeed(context, response.error(), options.facets.need));
  context.home().SetLast("case", request.case_handle());
  EmitReferral(context, *response);
  if (options.case_handle.empty()) {
    context.Say("It is a new case, " + request.case_handle() + ": its release takes --case @last.");
  }
  context.Next("referral watch " + response->referral().id());
  return {};
}

struct AgainOptions {
  std::string referral;
  std::vector<std::string> to;
  std::string mode;  // empty: the one it has
};

// Further agencies, of a referral that is open.
Result<void> OfferAgain(Context& context, const AgainOptions& options) {
  v1::OfferReferralRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const v1::Referral referral, GetReferral(context, options.referral));
  request.set_referral_id(referral.id());
  request.set_mode(referral.mode());
  const bool was_to_one = referral.mode() == v1::REFERRAL_MODE_DIRECT ||
                          referral.mode() == v1::REFERRAL_MODE_FORWARD;
  if (!options.mode.empty() || was_to_one) {
    FAIRLEAD_ASSIGN(const v1::ReferralMode mode,
                    ParseMode(options.mode.empty() ? "first" : options.mode));
    request.set_mode(mode);
  }
  for (const std::string& name : options.to) {
    FAIRLEAD_ASSIGN(const std::string agency, context.AgencyId(name));
    request.add_recipients()->set_recipient_agency_id(agency);
  }
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::OfferReferralResponse>(kOfferReferral, request));
  EmitReferral(context, response);
  context.Next("referral watch " + referral.id());
  return {};
}

struct AnswerOptions {
  std::string referral;
  std::string answer;
};

Result<void> SayYes(Context& context, const AnswerOptions& options) {
  v1::AnswerOfferRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const v1::OfferAnswer answer,
                  ParseEnum<v1::OfferAnswer>(options.answer, "the answer"));
  request.set_answer(answer);
  FAIRLEAD_ASSIGN(const v1::Referral referral, GetReferral(context, options.referral));
  const v1::Offer* offer = OfferOf(referral, context.session().agency_id);
  if (offer == nullptr) {
    return Fail(Code::kNotFound, "OFFER_NOT_FOUND", "This referral has no offer yet.");
  }
  request.set_offer_id(offer->id());
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::AnswerOfferResponse>(kAnswerOffer, request));
  EmitReferral(context, response);
  context.Next("referral watch " + referral.id());
  return {};
}

struct ChooseOptions {
  std::string referral;
  std::string agency;
};

// The latest offer to that agency.
Result<const v1::Offer*> OfferTo(const v1::Referral& referral, const std::string& agency_id) {
  const v1::Offer* latest = nullptr;
  for (const v1::Offer& offer : referral.offers()) {
    if (offer.recipient_agency_id() == agency_id) latest = &offer;
  }
  if (latest != nullptr) return latest;
  return Fail(Code::kNotFound, "OFFER_NOT_FOUND", "That agency was not asked.");
}

Result<void> Choose(Context& context, const ChooseOptions& options) {
  v1::ChooseOfferRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const std::string agency, context.AgencyId(options.agency));
  FAIRLEAD_ASSIGN(const v1::Referral referral, GetReferral(context, options.referral));
  FAIRLEAD_ASSIGN(const v1::Offer* offer, OfferTo(referral, agency));
  request.set_offer_id(offer->id());
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::ChooseOfferResponse>(kChooseOffer, request));
  EmitReferral(context, response);
  SayNext(context, response.referral());
  return {};
}

struct PacketOptions {
  SealOptions seal;
  std::string referral;
};

Result<void> SendPacket(Context& context, const PacketOptions& options) {
  FAIRLEAD_ASSIGN(const v1::Referral referral, GetReferral(context, options.referral));
  const v1::Offer* matched = nullptr;
  for (const v1::Offer& offer : referral.offers()) {
    if (offer.state() == v1::OFFER_STATE_ACCEPTED) matched = &offer;
  }
  if (matched == nullptr) {
    return Fail(Code::kFailedPrecondition, "NOT_MATCHED",
                "The referral is not matched: there is nobody to seal a packet to.");
  }
  const std::string& recipient = matched->recipient_agency_id();
  FAIRLEAD_ASSIGN(const consent::v1::Release release, GetRelease(context, options.seal.release));
  v1::SendPacketRequest request;
  request.set_request_id(context.RequestId());
  request.set_referral_id(referral.id());
  request.set_release_id(release.id());
  // By its id: a name from the hub must not pass for one that a person has typed.
  FAIRLEAD_ASSIGN(ReadyPacket ready,
                  SealedFor(context, options.seal, release, referral.id(), recipient, recipient));
  request.set_packet(std::move(ready.packet));
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::SendPacketResponse>(kSendPacket, request));
  EmitReferral(context, response);
  FAIRLEAD_RETURN_IF_ERROR(
      Upload(context, referral.id(), response.referral().packet_version(), ready.files));
  context.Next("referral watch " + referral.id());
  return {};
}

struct ReopenOptions {
  std::string referral;
  std::string reason;
};

Result<void> Reopen(Context& context, const ReopenOptions& options) {
  v1::ReopenReferralRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const std::string id, context.Id("referral", options.referral));
  request.set_referral_id(id);
  request.set_reason_code(options.reason);
  auto response = context.client().Call<v1::ReopenReferralResponse>(kReopenReferral, request);
  if (!response && response.error().reason == "UNKNOWN_REASON_CODE") {
    response.error().message += std::string(" There are: ") + kNotEnrolledReasons + ".";
  }
  if (!response) return Fail(std::move(response.error()));
  EmitReferral(context, *response);
  SayNext(context, response->referral());
  return {};
}

constexpr char kMode[] = "first (to accept is matched) or choice (of the survivor); default first";

}  // namespace

void AddOfferVerbs(Args referral, Context& context) {
  auto offer = std::make_shared<OfferOptions>();
  Args verb = referral.Verb("offer", "Ask several agencies at once, without a packet yet");
  verb.Option("--case", &offer->case_handle, "Case handle, or @last; default: a new one");
  verb.Option("--to", &offer->to, "Agencies, at most 20: id or exact name", Need::kRequired);
  AddFacetOptions(verb, &offer->facets);
  verb.Option("--mode", &offer->mode, kMode);
  verb.Option("--service", &offer->services, "The listings meant, one for each --to");
  verb.Flag("--allow-duplicate", &offer->allow_duplicate,
            "Ask although the same need of this case is open elsewhere");
  verb.Footer("Every agency asked sees what stands in clear, and nothing else.");
  verb.Do([&context, offer] { return Offer(context, *offer); });

  auto again = std::make_shared<AgainOptions>();
  verb = referral.Verb("offer-again", "Ask further agencies about one that is open");
  verb.Positional("referral", &again->referral, "Its id, or @last");
  verb.Option("--to", &again->to, "Agencies: id or exact name", Need::kRequired);
  verb.Option("--mode", &again->mode, "first or choice; default: the one it has");
  verb.Do([&context, again] { return OfferAgain(context, *again); });

  auto answer = std::make_shared<AnswerOptions>();
  verb = referral.Verb("answer", "Say that you could help, where the survivor chooses");
  verb.Positional("referral", &answer->referral, "Its id, or @last");
  verb.Positional("answer", &answer->answer, "yes or maybe");
  verb.Do([&context, answer] { return SayYes(context, *answer); });

  auto choose = std::make_shared<ChooseOptions>();
  verb = referral.Verb("choose", "Take one of the agencies that said yes");
  verb.Positional("referral", &choose->referral, "Its id, or @last");
  verb.Option("--agency", &choose->agency, "Its id or exact name", Need::kRequired);
  verb.Do([&context, choose] { return Choose(context, *choose); });

  auto packet = std::make_shared<PacketOptions>();
  verb = referral.Verb("send-packet", "Seal the packet to the agency that was matched");
  verb.Positional("referral", &packet->referral, "Its id, or @last");
  AddSealOptions(verb, &packet->seal);
  verb.Do([&context, packet] { return SendPacket(context, *packet); });

  auto reopen = std::make_shared<ReopenOptions>();
  verb = referral.Verb("reopen", "The match came to nothing: the need is open again");
  verb.Positional("referral", &reopen->referral, "Its id, or @last");
  verb.Option("--reason", &reopen->reason, kNotEnrolledReasons, Need::kRequired);
  verb.Do([&context, reopen] { return Reopen(context, *reopen); });
}

}  // namespace fairlead::cli
