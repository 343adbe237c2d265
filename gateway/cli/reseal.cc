#include "gateway/cli/reseal.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "gateway/cli/agency_keys.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/unseal.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;
namespace json = boost::json;

struct Progress {
  int64_t resealed = 0;
  int64_t left = 0;
};

Result<void> ResealOne(Context& context, const std::string& referral_id,
                       const seal::PublicKey& current) {
  v1::OpenPacketRequest ask;
  ask.set_referral_id(referral_id);
  ask.set_to_reseal(true);
  auto fetched = context.client().Call<v1::OpenPacketResponse>(kOpenPacket, ask);
  // A colleague was first.
  if (!fetched && fetched.error().reason == "RESEAL_NOT_NEEDED") return {};
  FAIRLEAD_ASSIGN(const auto packet, std::move(fetched));
  if (packet.referral().id() != referral_id) {
    return Fail(Code::kDataLoss, "REFERRAL_MISMATCH", "The hub answered with another referral.");
  }
  FAIRLEAD_ASSIGN(const Openable openable, ReadyToOpen(context, packet));
  FAIRLEAD_ASSIGN(const seal::Recipient share,
                  seal::Reseal(packet.packet(), openable.key, openable.expected, current));
  v1::ResealPacketRequest request;
  request.set_request_id(context.NewId());
  request.set_referral_id(referral_id);
  request.set_share(seal::ShareToJson(share));
  request.set_packet_version(packet.packet_version());
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::ResealPacketResponse>(kResealPacket, request));
  if (response.referral().id() != referral_id) {
    return Fail(Code::kDataLoss, "REFERRAL_MISMATCH", "The hub answered with another referral.");
  }
  return {};
}

// About this packet alone: the others may still be done.
bool IsOfOnePacket(const Error& error) {
  switch (error.code) {
    case Code::kUnauthenticated:
    case Code::kUnavailable:
    case Code::kDeadlineExceeded:
    case Code::kResourceExhausted:
      return false;
    default:
      return true;
  }
}

Result<void> ResealBox(Context& context, v1::Box box, const seal::PublicKey& current,
                       Progress& progress) {
  constexpr int kMostPages = 10'000;
  v1::ListReferralsRequest request;
  request.set_box(box);
  request.set_not_sealed_to_kid(current.kid);
  const auto reseal = [&](const v1::ListReferralsResponse& listed) -> Result<bool> {
    for (const v1::Referral& referral : listed.referrals()) {
      const Result<void> done = ResealOne(context, referral.id(), current);
      if (!done && !IsOfOnePacket(done.error())) return Fail(done.error());
      ++(done ? progress.resealed : progress.left);
      context.Say(referral.id() + (done ? ": sealed to the current key ("
                                        : ": left, " + done.error().reason + " (") +
                  std::to_string(progress.resealed) + " done, " + std::to_string(progress.left) +
                  " left)");
    }
    return true;
  };
  return EachPage<v1::ListReferralsResponse>(context, kListReferrals, request, reseal, kMostPages);
}

}  // namespace

Result<void> ResealOpenPackets(Context& context) {
  FAIRLEAD_ASSIGN(const std::string agency_id, context.OwnAgencyId());
  FAIRLEAD_ASSIGN(const AgencyKeys own, FetchKeys(context, agency_id));
  const keys::KeyList& list = own.verdict.list;
  // What is sealed to a key that is not here could not be opened again by whoever sealed it.
  FAIRLEAD_ASSIGN(const seal::PrivateKey current,
                  context.home().LoadKey(agency_id, list.epoch_key.kid));
  Progress progress;
  for (const v1::Box box : {v1::BOX_INBOX, v1::BOX_SENT}) {
    FAIRLEAD_RETURN_IF_ERROR(ResealBox(context, box, current.public_key, progress));
  }
  if (progress.left > 0) {
    return Fail(Code::kFailedPrecondition, "RESEAL_INCOMPLETE",
                std::to_string(progress.left) + " packets are still sealed to earlier keys, " +
                    std::to_string(progress.resealed) + " were sealed anew.",
                {{"resealed", std::to_string(progress.resealed)},
                 {"left", std::to_string(progress.left)}});
  }
  if (context.json()) {
    context.out() << json::serialize(json::object{{"agencyId", agency_id},
                                                  {"epoch", list.epoch},
                                                  {"resealed", progress.resealed},
                                                  {"left", progress.left}})
                  << '\n';
  } else {
    PrintFields(context.out(), {{"Epoch", std::to_string(list.epoch)},
                                {"Sealed anew", std::to_string(progress.resealed)},
                                {"Left", std::to_string(progress.left)}});
  }
  return {};
}

void AddResealVerb(Args key, Context& context) {
  Args verb = key.Verb("reseal", "After a rotation: seal the open packets to the current keys");
  verb.Footer(
      "Each is fetched, opened and checked here, and only its key is sealed again. On record as "
      "openings. Repeat it when it was interrupted: what is done is done.");
  verb.Do([&context] { return ResealOpenPackets(context); });
}

}  // namespace fairlead::cli
