// referral send: read, check, seal, hand over. The hub gets ciphertext.
#include "fairlead/referral/v1/referral.pb.h"
#include "gateway/cli/agency_keys.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/nearest_need.h"
#include "gateway/cli/packet.h"
#include "gateway/cli/referral_view.h"
#include "gateway/cli/release_check.h"
#include "gateway/cli/verbs.h"
#include "services/common/base/ids.h"
#include "services/common/base/random.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;

struct SendOptions {
  std::string packet;
  std::string release;
  std::string to;
  std::string service;
  std::string need;
  std::string urgency;
  std::string case_handle;
  std::string purpose;
  std::string referral_id;
  std::string age_band;
  std::string county;
  std::string exploitation;
  std::vector<std::string> household;
  std::vector<std::string> languages;
  std::vector<std::string> accessibility;
  std::string seal_to;  // hidden: for the test that the hub checks whom a packet is sealed to
  int64_t household_size = 0;
  bool allow_duplicate = false;
  bool first_use = false;
  bool no_client_check = false;
};

Result<void> SetFacets(const SendOptions& options, v1::Facets* facets) {
  facets->set_need_code(options.need);
  FAIRLEAD_ASSIGN(const v1::Urgency urgency, ParseEnum<v1::Urgency>(options.urgency, "--urgency"));
  facets->set_urgency(urgency);
  facets->set_age_band(options.age_band);
  facets->set_household_size(static_cast<int32_t>(options.household_size));
  facets->set_county(options.county);
  facets->set_exploitation_type(options.exploitation);
  for (const auto& each : options.household) facets->add_household_codes(each);
  for (const auto& each : options.languages) facets->add_languages(each);
  for (const auto& each : options.accessibility) facets->add_accessibility_codes(each);
  return {};
}

Result<consent::v1::Release> GetRelease(Context& context, const std::string& text) {
  consent::v1::GetReleaseRequest request;
  FAIRLEAD_ASSIGN(const std::string id, context.Id("release", text));
  request.set_release_id(id);
  FAIRLEAD_ASSIGN(auto response,
                  context.client().Call<consent::v1::GetReleaseResponse>(kGetRelease, request));
  FAIRLEAD_RETURN_IF_ERROR(CheckRelease(context, response.release(), id));
  return std::move(*response.mutable_release());
}

Result<std::string> Sealed(Context& context, const SendOptions& options, const Packet& packet,
                           const consent::v1::Release& release,
                           const v1::SendReferralRequest& request) {
  FAIRLEAD_ASSIGN(const std::string purpose, ChoosePurpose(release, options.purpose));
  if (!options.no_client_check) {
    FAIRLEAD_RETURN_IF_ERROR(CheckAgainstRelease(packet, release, request.recipient_agency_id(),
                                                 purpose, context.NowMs() / 1'000));
  }
  FAIRLEAD_ASSIGN(const std::string own_id, context.OwnAgencyId());
  FAIRLEAD_ASSIGN(const OwnKeys own, context.home().LoadKeys(own_id));
  // Without our own checks we are the client that lies: the packet then outlives its release, so
  // that it is the hub's decision about the release that is tested.
  constexpr int64_t kHourS = 3'600;
  const int64_t expires_s = options.no_client_check ? std::max(release.expire_time().seconds(),
                                                               context.NowMs() / 1'000 + kHourS)
                                                    : 0;
  std::string seal_to = request.recipient_agency_id();
  const std::string& meant = options.seal_to.empty() ? options.to : options.seal_to;
  if (!options.seal_to.empty()) {
    FAIRLEAD_ASSIGN(seal_to, context.AgencyId(options.seal_to));
  }
  FAIRLEAD_ASSIGN(const seal::PublicKey theirs,
                  KeyToSealTo(context, seal_to, NameTyped(meant), options.first_use));
  return SealPacket(packet, release,
                    {.referral_id = request.referral_id(),
                     .own_agency_id = own_id,
                     .purpose = purpose,
                     .recipient_epoch_key = theirs,
                     .own_epoch_key = own.epoch.public_key,
                     .expires_s = expires_s},
                    own.signing, SystemRandom());
}

Result<void> Send(Context& context, const SendOptions& options) {
  FAIRLEAD_ASSIGN(std::string bytes, ReadFile(options.packet, seal::kMaxPlaintextBytes));
  FAIRLEAD_ASSIGN(const Packet packet, ParsePacket(std::move(bytes)));
  if (!options.referral_id.empty() && !IsUuid(options.referral_id)) {
    return Usage("--id is a UUID in lower case.");
  }
  v1::SendReferralRequest request;
  request.set_request_id(context.RequestId());
  request.set_referral_id(options.referral_id.empty() ? context.NewId() : options.referral_id);
  FAIRLEAD_RETURN_IF_ERROR(SetFacets(options, request.mutable_facets()));
  FAIRLEAD_ASSIGN(const std::string recipient, context.AgencyId(options.to));
  request.set_recipient_agency_id(recipient);
  request.set_service_id(options.service);
  request.set_allow_duplicate_service(options.allow_duplicate);
  FAIRLEAD_ASSIGN(const consent::v1::Release release, GetRelease(context, options.release));
  request.set_release_id(release.id());
  if (options.case_handle.empty()) {
    request.set_case_handle(release.case_handle());  // the one that the client released
  } else {
    FAIRLEAD_ASSIGN(const std::string handle, context.Id("case", options.case_handle));
    request.set_case_handle(handle);
  }
  FAIRLEAD_ASSIGN(std::string sealed, Sealed(context, options, packet, release, request));
  request.set_packet(std::move(sealed));
  const auto sent = context.client().Call<v1::SendReferralResponse>(kSendReferral, request);
  if (!sent) return Fail(WithNearestNeed(context, sent.error(), options.need));
  const v1::SendReferralResponse& response = *sent;
  context.home().SetLast("referral", response.referral().id());
  context.Emit(response, [&] { PrintReferral(context, response.referral()); });
  context.Next("referral watch " + response.referral().id());
  return {};
}

void AddFacets(Args verb, SendOptions* options) {
  verb.Option("--age", &options->age_band, "0-11, 12-17, 18-24, 25-59, 60+ (stands in clear)");
  verb.Option("--household-size", &options->household_size, 1, 20, "People (stands in clear)");
  verb.Option("--household", &options->household, "Codes (stand in clear)");
  verb.Option("--language", &options->languages, "BCP 47 (stands in clear)");
  verb.Option("--county", &options->county, "Five digits, FIPS (stands in clear)");
  verb.Option("--accessibility", &options->accessibility, "Codes (stand in clear)");
  verb.Option("--exploitation", &options->exploitation,
              "Type code; leave it out unless it must stand in clear");
}

}  // namespace

void AddSendVerb(Args referral, Context& context) {
  auto options = std::make_shared<SendOptions>();
  Args verb = referral.Verb("send", "Seal a packet and hand the case to an agency");
  verb.Option("--packet", &options->packet,
              "A JSON file; its top-level members are data categories", Need::kRequired);
  verb.Option("--release", &options->release, "The client's release: its id, or @last",
              Need::kRequired);
  verb.Option("--to", &options->to, "Agency: id or exact name", Need::kRequired);
  verb.Option("--need", &options->need, "A need code (fairlead directory needs)", Need::kRequired);
  verb.Option("--urgency", &options->urgency, "emergency, urgent, standard", Need::kRequired);
  verb.Option("--service", &options->service, "The listing it is meant for");
  verb.Option("--case", &options->case_handle, "Case handle, or @last; default: the release's");
  verb.Option("--purpose", &options->purpose, "One of the release's; default: its only one");
  verb.Option("--id", &options->referral_id, "The referral's id (UUIDv7); default: a new one");
  AddFacets(verb, options.get());
  verb.Flag("--allow-duplicate", &options->allow_duplicate,
            "Send although the same need of this case is open elsewhere");
  verb.Flag("--first-use", &options->first_use,
            "Its keys are new here and their fingerprints were compared: do not ask");
  verb.HiddenFlag("--no-client-check", &options->no_client_check);
  verb.HiddenOption("--seal-to", &options->seal_to);
  verb.Footer("The file is sealed here, to the agency's key and your own. The hub cannot read it.");
  verb.Do([&context, options] { return Send(context, *options); });
}

}  // namespace fairlead::cli
