// referral send: read, check, seal, hand over. The hub gets ciphertext.
#include "fairlead/referral/v1/referral.pb.h"
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

Result<void> Send(Context& context, const SendOptions& options) {
  if (!options.referral_id.empty() && !IsUuid(options.referral_id)) {
    return Usage("--id is a UUID in lower case.");
  }
  v1::SendReferralRequest request;
  request.set_request_id(context.RequestId());
  request.set_referral_id(options.referral_id.empty() ? context.NewId() : options.referral_id);
  FAIRLEAD_RETURN_IF_ERROR(SetFacets(options.facets, request.mutable_facets()));
  FAIRLEAD_ASSIGN(const std::string recipient, context.AgencyId(options.to));
  request.set_recipient_agency_id(recipient);
  request.set_service_id(options.service);
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
  const auto sent = context.client().Call<v1::SendReferralResponse>(kSendReferral, request);
  if (!sent) return Fail(WithNearestNeed(context, sent.error(), options.facets.need));
  const v1::SendReferralResponse& response = *sent;
  context.home().SetLast("referral", response.referral().id());
  context.Emit(response, [&] { PrintReferral(context, response.referral()); });
  FAIRLEAD_RETURN_IF_ERROR(Upload(context, response.referral().id(),
                                  response.referral().packet_version(), ready.files));
  context.Next("referral watch " + response.referral().id());
  return {};
}

}  // namespace

void AddSendVerb(Args referral, Context& context) {
  auto options = std::make_shared<SendOptions>();
  Args verb = referral.Verb("send", "Seal a packet and hand the case to an agency");
  AddSealOptions(verb, &options->seal);
  verb.Option("--to", &options->to, "Agency: id or exact name", Need::kRequired);
  AddFacetOptions(verb, &options->facets);
  verb.Option("--service", &options->service, "The listing it is meant for");
  verb.Option("--case", &options->case_handle, "Case handle, or @last; default: the release's");
  verb.Option("--id", &options->referral_id, "The referral's id (UUIDv7); default: a new one");
  verb.Flag("--allow-duplicate", &options->allow_duplicate,
            "Send although the same need of this case is open elsewhere");
  verb.Do([&context, options] { return Send(context, *options); });
}

}  // namespace fairlead::cli
