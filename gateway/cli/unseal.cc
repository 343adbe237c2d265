#include "gateway/cli/unseal.h"

#include "gateway/cli/agency_keys.h"
#include "gateway/cli/methods.h"

namespace fairlead::cli {
namespace {

struct OwnKey {
  seal::PrivateKey key;
  std::string sealed_to_kid;  // as seal::Expected has it
};

Result<OwnKey> KeyOfShareSealedAnew(Context& context, const std::string& agency_id,
                                    const seal::Envelope& envelope, const std::string& kid) {
  FAIRLEAD_ASSIGN(const AgencyKeys own, FetchKeys(context, agency_id));
  FAIRLEAD_ASSIGN(std::string place, keys::PlaceSealedAnew(own.verdict.list, envelope));
  FAIRLEAD_ASSIGN(seal::PrivateKey key, context.home().LoadKey(agency_id, kid));
  return OwnKey{.key = std::move(key), .sealed_to_kid = std::move(place)};
}

// The private key of ours that the packet is sealed to: that of any epoch.
Result<OwnKey> OwnKeyFor(Context& context, const std::string& agency_id,
                         const seal::Envelope& envelope, const std::string& resealed_to_kid) {
  if (!resealed_to_kid.empty()) {
    return KeyOfShareSealedAnew(context, agency_id, envelope, resealed_to_kid);
  }
  for (const seal::Recipient& recipient : envelope.recipients) {
    auto key = context.home().LoadKey(agency_id, recipient.kid);
    if (key) return OwnKey{.key = std::move(*key), .sealed_to_kid = ""};
    if (key.error().reason != "KEY_MISSING") return Fail(key.error());
  }
  return Fail(Code::kFailedPrecondition, "KEY_MISSING",
              "The packet is sealed to a key of your agency that is not on this machine.");
}

}  // namespace

Result<Openable> ReadyToOpen(Context& context, const referral::v1::OpenPacketResponse& response) {
  FAIRLEAD_ASSIGN(const std::string own_id, context.OwnAgencyId());
  FAIRLEAD_ASSIGN(const seal::Envelope envelope,
                  seal::ParseEnvelope(response.packet(), seal::Form::kDelivered));
  FAIRLEAD_ASSIGN(OwnKey own, OwnKeyFor(context, own_id, envelope, response.resealed_to_kid()));
  const std::string& sender = response.referral().sender_agency_id();
  Sender from;
  if (sender == own_id) {
    // Our own: what this machine has is worth more than any answer of the hub.
    FAIRLEAD_ASSIGN(const seal::PrivateKey ours,
                    context.home().LoadKey(own_id, envelope.header.sender_kid));
    from = {.key = ours.public_key, .name = "your own agency", .name_confirmed = true};
  } else {
    FAIRLEAD_ASSIGN(from, KeyToVerifyWith(context, sender, envelope.header.sender_kid,
                                          response.referral().create_time().seconds()));
  }
  return Openable{.key = std::move(own.key),
                  .expected = {.referral_id = response.referral().id(),
                               .release_hash = response.referral().release_hash(),
                               .sender_agency_id = sender,
                               .sender_signing_key = from.key,
                               .now_s = context.NowMs() / 1'000,
                               .sealed_to_kid = std::move(own.sealed_to_kid)},
                  .sender_name = std::move(from.name),
                  .name_confirmed = from.name_confirmed};
}

Result<OpenedPacket> FetchPacket(Context& context, const std::string& referral_id) {
  referral::v1::OpenPacketRequest request;
  request.set_referral_id(referral_id);
  FAIRLEAD_ASSIGN(auto response, context.client().Call<referral::v1::OpenPacketResponse>(
                                     kOpenPacket, request));
  if (response.referral().id() != referral_id) {
    return Fail(Code::kDataLoss, "REFERRAL_MISMATCH", "The hub answered with another referral.");
  }
  FAIRLEAD_ASSIGN(Openable openable, ReadyToOpen(context, response));
  FAIRLEAD_ASSIGN(seal::Opened opened,
                  seal::Open(response.packet(), openable.key, openable.expected));
  return OpenedPacket{std::move(response), std::move(openable), std::move(opened)};
}

}  // namespace fairlead::cli
