// referral send, and forward: read, check, seal, hand over. The hub gets ciphertext.
#include "fairlead/referral/v1/forward.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "gateway/cli/capacity_view.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/nearest_need.h"
#include "gateway/cli/referral_seal.h"
#include "gateway/cli/referral_view.h"
#include "gateway/cli/verbs.h"
#include "services/common/base/ids.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;

struct SendOptions {
  SealOptions seal;
  FacetOptions facets;
  std::string to;
  std::string service;
  std::string case_handle;
  std::string referral_id;
  bool allow_duplicate = false;
};

// The hub's answer, and the files that follow the packet.
template <class Response>
struct SentPacket {
  Response response;
  std::vector<SealedFile> files;
};

// What both have alike. Sends the packet, too.
template <class Response, class Request>
Result<SentPacket<Response>> Sent(Context& context, const SendOptions& options,
                                  std::string_view method, Request request) {
  if (!options.referral_id.empty() && !IsUuid(options.referral_id)) {
    return Usage("--id is a UUID in lower case.");
  }
  request.set_request_id(context.RequestId());
  request.set_referral_id(options.referral_id.empty() ? context.NewId() : options.referral_id);
  FAIRLEAD_RETURN_IF_ERROR(SetFacets(options.facets, request.mutable_facets()));
  FAIRLEAD_ASSIGN(const std::string recipient, context.AgencyId(options.to));
  request.set_recipient_agency_id(recipient);
  if (!options.service.empty()) {
    FAIRLEAD_ASSIGN(*request.mutable_service_id(), ServiceId(context, options.service));
  }
  request.set_allow_duplicate_service(options.allow_duplicate);
  FAIRLEAD_ASSIGN(const consent::v1::Release release, GetRelease(context, options.seal.release));
  request.set_release_id(release.id());
  if (options.case_handle.empty()) {
    request.set_case_handle(release.case_handle());  // the one that the client released
  } else {
    FAIRLEAD_ASSIGN(const std::string handle, context.Id("case", options.case_handle));
    request.set_case_handle(handle);
  }
  FAIRLEAD_ASSIGN(ReadyPacket ready, SealedFor(context, options.seal, release,
                                               request.referral_id(), recipient, options.to));
  request.set_packet(std::move(ready.packet));
  auto sent = context.client().Call<Response>(method, request);
  if (!sent) return Fail(WithNearestNeed(context, sent.error(), options.facets.need));
  return SentPacket<Response>{std::move(*sent), std::move(ready.files)};
}

template <class Response>
Result<void> Finish(Context& context, const SentPacket<Response>& sent) {
  const Response& response = sent.response;
  context.home().SetLast("referral", response.referral().id());
  context.Emit(response, [&] { PrintReferral(context, response.referral()); });
  FAIRLEAD_RETURN_IF_ERROR(Upload(context, response.referral().id(),
                                  response.referral().packet_version(), sent.files));
  context.Next("referral watch " + response.referral().id());
  return {};
}

Result<void> Send(Context& context, const SendOptions& options) {
  FAIRLEAD_ASSIGN(const auto sent,
                  Sent<v1::SendReferralResponse>(context, options, kSendReferral,
                                                 v1::SendReferralRequest()));
  return Finish(context, sent);
}

struct ForwardOptions {
  SendOptions send;
  std::string received;
  std::string etag;
};

Result<void> Forward(Context& context, const ForwardOptions& options) {
  v1::ForwardReferralRequest request;
  FAIRLEAD_ASSIGN(const std::string received, context.Id("referral", options.received));
  request.set_forwarded_from_referral_id(received);
  request.set_forwarded_from_etag(options.etag);
  FAIRLEAD_ASSIGN(const auto sent,
                  Sent<v1::ForwardReferralResponse>(context, options.send, kForwardReferral,
                                                    std::move(request)));
  return Finish(context, sent);
}

void AddSendOptions(Args verb, SendOptions* options) {
  AddSealOptions(verb, &options->seal);
  verb.Option("--to", &options->to, "Agency: id or exact name", Need::kRequired);
  AddFacetOptions(verb, &options->facets);
  verb.Option("--service", &options->service, "The listing it is meant for: its id or exact name");
  verb.Option("--case", &options->case_handle, "Case handle, or @last; default: the release's");
  verb.Option("--id", &options->referral_id, "The referral's id (UUIDv7); default: a new one");
  verb.Flag("--allow-duplicate", &options->allow_duplicate,
            "Send although the same need of this case is open elsewhere");
}

}  // namespace

void AddSendVerb(Args referral, Context& context) {
  auto options = std::make_shared<SendOptions>();
  Args verb = referral.Verb("send", "Seal a packet and hand the case to an agency");
  AddSendOptions(verb, options.get());
  verb.Do([&context, options] { return Send(context, *options); });
}

void AddForwardVerb(Args referral, Context& context) {
  auto options = std::make_shared<ForwardOptions>();
  Args verb = referral.Verb("forward", "Hand on what your agency has accepted, as a new referral");
  verb.Positional("referral", &options->received, "The one you received: its id, or @last");
  AddSendOptions(verb, &options->send);
  verb.Option("--etag", &options->etag, "Only if what you received is still at this version");
  verb.Do([&context, options] { return Forward(context, *options); });
}

}  // namespace fairlead::cli
