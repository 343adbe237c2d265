#include "gateway/cli/referral_seal.h"

#include <algorithm>

#include "gateway/cli/agency_keys.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/packet.h"
#include "gateway/cli/release_check.h"
#include "services/common/base/random.h"

namespace fairlead::cli {

namespace v1 = referral::v1;

void AddFacetOptions(Args verb, FacetOptions* options) {
  verb.Option("--need", &options->need, "A need code (fairlead directory needs)", Need::kRequired);
  verb.Option("--urgency", &options->urgency, "emergency, urgent, standard", Need::kRequired);
  verb.Option("--age", &options->age_band, "0-11, 12-17, 18-24, 25-59, 60+ (stands in clear)");
  verb.Option("--household-size", &options->household_size, 1, 20, "People (stands in clear)");
  verb.Option("--household", &options->household,
              "single, with_children, couple, pets (stand in clear)");
  verb.Option("--language", &options->languages, "BCP 47 (stands in clear)");
  verb.Option("--county", &options->county, "Five digits, FIPS (stands in clear)");
  verb.Option("--accessibility", &options->accessibility,
              "wheelchair, accessible_bathroom, sign_language, hearing_support, braille, "
              "service_animal, quiet_space (stand in clear)");
  verb.Option("--exploitation", &options->exploitation,
              "Type code; leave it out unless it must stand in clear");
}

Result<void> SetFacets(const FacetOptions& options, v1::Facets* facets) {
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

namespace {

Result<std::vector<SealedFile>> SealedFiles(Context& context, const SealOptions& options,
                                            const std::string& referral_id) {
  std::vector<SealedFile> files;
  if (options.attach.size() > kMostAttachmentsOfPacket) {
    return Usage("At most " + std::to_string(kMostAttachmentsOfPacket) + " files are attached.");
  }
  for (const std::string& path : options.attach) {
    FAIRLEAD_ASSIGN(SealedFile file, SealFile(context, path, referral_id));
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace

void AddSealOptions(Args verb, SealOptions* options) {
  verb.Option("--packet", &options->packet,
              "A JSON file; its top-level members are data categories", Need::kRequired);
  verb.Each("--attach", &options->attach,
            "A file that goes with it, sealed too; may be repeated, 25 MiB in all");
  verb.Option("--release", &options->release, "The client's release: its id, or @last",
              Need::kRequired);
  verb.Option("--purpose", &options->purpose, "One of the release's; default: its only one");
  verb.Flag("--first-use", &options->first_use,
            "Its keys are new here and their fingerprints were compared: do not ask");
  verb.HiddenFlag("--no-client-check", &options->no_client_check);
  verb.HiddenOption("--seal-to", &options->seal_to);
  verb.Footer("The file is sealed here, to the agency's key and your own. The hub cannot read it.");
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

Result<ReadyPacket> SealedFor(Context& context, const SealOptions& options,
                              const consent::v1::Release& release, const std::string& referral_id,
                              const std::string& recipient_agency_id, const std::string& named) {
  FAIRLEAD_ASSIGN(std::string bytes, ReadFile(options.packet, seal::kMaxPlaintextBytes));
  ReadyPacket ready;
  FAIRLEAD_ASSIGN(ready.files, SealedFiles(context, options, referral_id));
  if (ready.files.empty()) {
    FAIRLEAD_RETURN_IF_ERROR(CheckWithoutManifest(bytes));
  } else {
    std::vector<AttachmentEntry> entries;
    for (const SealedFile& file : ready.files) entries.push_back(file.entry);
    FAIRLEAD_ASSIGN(bytes, WithManifest(std::move(bytes), entries));
  }
  FAIRLEAD_ASSIGN(const Packet packet, ParsePacket(std::move(bytes)));
  FAIRLEAD_ASSIGN(const std::string purpose, ChoosePurpose(release, options.purpose));
  if (!options.no_client_check) {
    FAIRLEAD_RETURN_IF_ERROR(CheckAgainstRelease(packet, release, recipient_agency_id, purpose,
                                                 context.NowMs() / 1'000));
  }
  FAIRLEAD_ASSIGN(const std::string own_id, context.OwnAgencyId());
  FAIRLEAD_ASSIGN(const OwnKeys own, context.home().LoadKeys(own_id));
  // Without our own checks we are the client that lies: the packet then outlives its release, so
  // that it is the hub's decision about the release that is tested.
  constexpr int64_t kHourS = 3'600;
  const int64_t expires_s = options.no_client_check ? std::max(release.expire_time().seconds(),
                                                               context.NowMs() / 1'000 + kHourS)
                                                    : 0;
  std::string seal_to = recipient_agency_id;
  const std::string& meant = options.seal_to.empty() ? named : options.seal_to;
  if (!options.seal_to.empty()) {
    FAIRLEAD_ASSIGN(seal_to, context.AgencyId(options.seal_to));
  }
  FAIRLEAD_ASSIGN(const seal::PublicKey theirs,
                  KeyToSealTo(context, seal_to, NameTyped(meant), options.first_use));
  FAIRLEAD_ASSIGN(ready.packet, SealPacket(packet, release,
                                           {.referral_id = referral_id,
                                            .own_agency_id = own_id,
                                            .purpose = purpose,
                                            .recipient_epoch_key = theirs,
                                            .own_epoch_key = own.epoch.public_key,
                                            .expires_s = expires_s},
                                           own.signing, SystemRandom()));
  return ready;
}

}  // namespace fairlead::cli
