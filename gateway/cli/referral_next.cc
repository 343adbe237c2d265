#include "gateway/cli/referral_next.h"

#include <algorithm>

#include "fairlead/consent/v1/consent.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/referral_view.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;

std::string Looked(const v1::Referral& referral) { return "referral timeline " + referral.id(); }
std::string Watched(const v1::Referral& referral) { return "referral watch " + referral.id(); }

// The packet is owed to whoever was matched, under a release that names them and is signed.
std::string PacketStep(Context& context, const v1::Referral& referral, const v1::Offer& matched) {
  const std::string& agency = matched.recipient_agency_id();
  const std::string send = "referral send-packet " + referral.id() + " --packet FILE --release ";
  consent::v1::ListReleasesRequest request;
  request.set_case_handle(referral.case_handle());
  const consent::v1::ListReleasesResponse all =
      AllPages<consent::v1::ListReleasesResponse>(context, kListReleases, request)
          .value_or(consent::v1::ListReleasesResponse());
  std::string draft;
  for (const consent::v1::Release& release : all.releases()) {
    const auto& named = release.recipient_agency_ids();
    if (std::ranges::find(named, agency) == named.end()) continue;
    if (release.state() == consent::v1::RELEASE_STATE_ACTIVE) return send + release.id();
    if (release.state() == consent::v1::RELEASE_STATE_DRAFT) draft = release.id();
  }
  context.Say("The packet is owed to " + context.AgencyName(agency) +
              ", under a release that names it and is signed. Then: " +
              context.Command(send + "@last"));
  if (!draft.empty()) {
    return "release sign " + draft +
           " --capacity self --method written --language en --statement all";
  }
  return "release create --case " + referral.case_handle() + " --to " + agency +
         " --category needs --safe-contact --state STATE";
}

std::string StepOfOpen(const v1::Referral& referral) {
  const v1::Offer* said_yes = nullptr;
  bool waits = false;
  for (const v1::Offer& offer : referral.offers()) {
    if (offer.has_decide_time()) continue;
    waits = true;
    if (offer.answer() != v1::OFFER_ANSWER_UNSPECIFIED) said_yes = &offer;
    if (offer.state() != v1::OFFER_STATE_QUESTION) continue;
    for (const v1::OfferQuestion& asked : offer.questions()) {
      if (!asked.answer_code().empty()) continue;
      return "offer answer " + offer.id() + " " + asked.question_code() + " ANSWER";
    }
    return "referral question show " + referral.id();
  }
  if (said_yes != nullptr && referral.mode() == v1::REFERRAL_MODE_SURVIVOR_CHOOSES) {
    return "referral choose " + referral.id() + " --agency " + said_yes->recipient_agency_id();
  }
  if (waits) return Watched(referral);
  const bool suggested = referral.suggestions_size() > 0;
  return "referral offer-again " + referral.id() + " --to " +
         (suggested ? referral.suggestions().rbegin()->agency_id() : std::string("AGENCY"));
}

std::string SenderStep(Context& context, const v1::Referral& referral) {
  switch (referral.state()) {
    case v1::REFERRAL_STATE_OPEN:
      return StepOfOpen(referral);
    case v1::REFERRAL_STATE_MATCHED:
    case v1::REFERRAL_STATE_IN_SERVICE:
      for (const v1::Offer& offer : referral.offers()) {
        const bool owed = !referral.has_packet() && referral.reason_code().empty();
        if (!owed || offer.state() != v1::OFFER_STATE_ACCEPTED) continue;
        return PacketStep(context, referral, offer);
      }
      return Watched(referral);
    default:
      return Looked(referral);
  }
}

// Opened under a release that has ended: the request to destroy copies that waits for an answer.
std::string NoticeAbout(Context& context, const v1::Referral& referral) {
  consent::v1::ListDestroyNoticesRequest request;
  request.set_box(consent::v1::DESTROY_NOTICE_BOX_RECEIVED);
  request.set_open_only(true);
  const auto all =
      AllPages<consent::v1::ListDestroyNoticesResponse>(context, kListDestroyNotices, request);
  if (!all) return "";
  for (const consent::v1::DestroyNotice& notice : all->notices()) {
    const auto& about = notice.referral_ids();
    if (std::ranges::find(about, referral.id()) != about.end()) return notice.id();
  }
  return "";
}

std::string StepOfAsked(const v1::Referral& referral, const v1::Offer& offer) {
  if (offer.has_decide_time()) return Looked(referral);
  if (referral.mode() != v1::REFERRAL_MODE_SURVIVOR_CHOOSES) {
    return "referral accept " + referral.id();
  }
  if (offer.answer() != v1::OFFER_ANSWER_UNSPECIFIED) return Watched(referral);
  return "referral answer " + referral.id() + " yes";
}

std::string RecipientStep(Context& context, const v1::Referral& referral) {
  const v1::Offer* offer = OfferOf(referral, context.session().agency_id);
  if (offer == nullptr) return Looked(referral);
  const bool ended = !referral.reason_code().empty();
  if (ended && offer->has_open_time()) {
    const std::string notice = NoticeAbout(context, referral);
    if (!notice.empty()) {
      context.home().SetLast("notice", notice);
      context.Say("Your agency is asked to destroy its copies.");
      return "release destroyed " + notice;
    }
  }
  const bool unread = referral.has_packet() && !ended &&
                      offer->opened_version() < std::max(1, referral.packet_version());
  const bool goes_on = referral.state() == v1::REFERRAL_STATE_MATCHED ||
                       referral.state() == v1::REFERRAL_STATE_IN_SERVICE;
  const bool its_own = goes_on ? offer->state() == v1::OFFER_STATE_ACCEPTED
                               : !offer->has_decide_time();
  if (unread && its_own && (goes_on || referral.state() == v1::REFERRAL_STATE_OPEN)) {
    return "referral open " + referral.id();
  }
  if (referral.state() == v1::REFERRAL_STATE_OPEN) return StepOfAsked(referral, *offer);
  if (!goes_on || !its_own) return Looked(referral);
  if (referral.state() == v1::REFERRAL_STATE_IN_SERVICE) {
    return "referral complete " + referral.id() + " --outcome enrolled";
  }
  // Matched by what stands in clear: the sender owes the packet.
  if (!referral.has_packet() && !ended) return Watched(referral);
  return "referral start " + referral.id();
}

}  // namespace

void SayNext(Context& context, const v1::Referral& referral) {
  // Nothing is said with --json, and so nothing is asked for it.
  if (context.json()) return;
  const bool sent = referral.sender_agency_id() == context.session().agency_id;
  context.Next(sent ? SenderStep(context, referral) : RecipientStep(context, referral));
}

}  // namespace fairlead::cli
