// referral amend: the next version of a packet takes the place of the one that the hub has.
#include "fairlead/referral/v1/packet_version.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/referral_seal.h"
#include "gateway/cli/referral_view.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;

struct AmendOptions {
  SealOptions seal;
  std::string referral;
  int64_t replaces = 0;  // 0: the first, which nobody has corrected
  bool yes = false;
};

// The files that go with the packet that lies there, by the story of the referral: those that have
// arrived since it was sent or last amended.
Result<int> FilesThere(Context& context, const std::string& referral_id) {
  v1::GetTimelineRequest request;
  request.set_referral_id(referral_id);
  FAIRLEAD_ASSIGN(const auto timeline,
                  context.client().Call<v1::GetTimelineResponse>(kGetTimeline, request));
  int files = 0;
  for (const v1::TimelineEntry& entry : timeline.entries()) {  // the oldest first
    if (entry.event() == "packet_amended" || entry.event() == "packet_sent") files = 0;
    if (entry.event() == "attachment_added") ++files;
  }
  return files;
}

// The next version takes away what went with the one before, and it cannot be brought back.
Result<void> ConfirmLoss(Context& context, const AmendOptions& options,
                         const std::string& referral_id) {
  if (options.yes) return {};
  FAIRLEAD_ASSIGN(const int files, FilesThere(context, referral_id));
  const int again = static_cast<int>(options.seal.attach.size());
  if (files == 0 || again >= files) return {};
  return Confirm(context, false,
                 "It takes " + std::to_string(files) + (files == 1 ? " file" : " files") +
                     " away that went with the packet, and " + std::to_string(again) +
                     " go with this one (--attach). Shall it?");
}

// The one that has the packet, or may open it.
Result<std::string> HolderOf(const v1::Referral& referral) {
  for (const v1::Offer& offer : referral.offers()) {
    const bool waits = offer.state() == v1::OFFER_STATE_SENT ||
                       offer.state() == v1::OFFER_STATE_DELIVERED ||
                       offer.state() == v1::OFFER_STATE_QUESTION;
    if (waits || offer.state() == v1::OFFER_STATE_ACCEPTED) return offer.recipient_agency_id();
  }
  return Fail(Code::kFailedPrecondition, "REFERRAL_ENDED",
              "Nobody has the packet any more: there is nobody to seal another one to.");
}

Result<void> Amend(Context& context, const AmendOptions& options) {
  FAIRLEAD_ASSIGN(const v1::Referral referral, GetReferral(context, options.referral));
  if (!referral.has_packet()) {
    return Fail(Code::kFailedPrecondition, "PACKET_NOT_SENT",
                "There is no packet here to be amended.");
  }
  if (options.replaces == 0 && referral.packet_version() > 1) {
    const std::string version = std::to_string(referral.packet_version());
    return Usage("Version " + version + " lies there: somebody has corrected it before. Read it, " +
                 "and then add --replaces " + version + ".");
  }
  FAIRLEAD_ASSIGN(const std::string recipient, HolderOf(referral));
  FAIRLEAD_RETURN_IF_ERROR(ConfirmLoss(context, options, referral.id()));
  FAIRLEAD_ASSIGN(const consent::v1::Release release, GetRelease(context, options.seal.release));
  v1::AmendPacketRequest request;
  request.set_request_id(context.RequestId());
  request.set_referral_id(referral.id());
  request.set_replaces_version(options.replaces == 0 ? 1 : static_cast<int32_t>(options.replaces));
  request.set_release_id(release.id());
  // By its id: a name from the hub must not pass for one that a person has typed.
  FAIRLEAD_ASSIGN(ReadyPacket ready,
                  SealedFor(context, options.seal, release, referral.id(), recipient, recipient));
  request.set_packet(std::move(ready.packet));
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::AmendPacketResponse>(kAmendPacket, request));
  context.home().SetLast("referral", response.referral().id());
  context.Emit(response, [&] { PrintReferral(context, response.referral()); });
  FAIRLEAD_RETURN_IF_ERROR(
      Upload(context, referral.id(), response.referral().packet_version(), ready.files));
  context.Next("referral watch " + referral.id());
  return {};
}

}  // namespace

void AddAmendVerb(Args referral, Context& context) {
  auto options = std::make_shared<AmendOptions>();
  Args verb = referral.Verb("amend", "Put another packet in the place of the one that was sent");
  verb.Positional("referral", &options->referral, "Its id, or @last");
  AddSealOptions(verb, &options->seal);
  verb.Option("--replaces", &options->replaces, 1, 50,
              "Only if this version lies there; needed when it was amended before");
  verb.Flag("--yes", &options->yes, "Do not ask about files that go with the one before");
  verb.Footer("Files that went with the one before are taken away with it: attach them again.");
  verb.Do([&context, options] { return Amend(context, *options); });
}

}  // namespace fairlead::cli
