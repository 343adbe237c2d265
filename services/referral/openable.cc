#include "services/referral/openable.h"

#include <optional>
#include <utility>

#include "services/referral/commands/reseal_packet.h"
#include "services/referral/commands/unit.h"

namespace fairlead::referral {
namespace {

// The denial of a release that has ended a referral with this reason; none for other reasons.
Result<void> CheckReleaseStands(const std::string& reason_code) {
  const auto deny = [](const char* reason, const char* message) {
    return Fail(Code::kPermissionDenied, reason, message);
  };
  if (reason_code == "release_revoked") {
    return deny("RELEASE_REVOKED", "The release was revoked.");
  }
  if (reason_code == "expired") return deny("RELEASE_EXPIRED", "The release has expired.");
  if (reason_code == "release_superseded") {
    return deny("RELEASE_SUPERSEDED", "A newer release has taken this one's place.");
  }
  if (reason_code == "release_entered_in_error") {
    return deny("RELEASE_ENTERED_IN_ERROR", "The release was entered in error.");
  }
  return {};
}

}  // namespace

Result<Openable> FindOpenable(ReferralReader& reader, const rpc::CallContext& context,
                              const std::string& referral_id) {
  FAIRLEAD_ASSIGN(std::optional<Referral> referral, reader.Find(referral_id));
  if (!referral) return NotFound();
  // All but the release, that is: consent is asked about it next.
  const auth::Verdict verdict = Ask(context, StandingOf(*referral, context.actor.agency_id));
  if (verdict == auth::Verdict::kWrongState) {
    // The end of the release has withdrawn the offer by now: say what was said before that, too. To
    // a recipient by its own offer: another release may have ended since.
    if (referral->state == ReferralState::kCancelled) {
      const std::optional<size_t> own = OfferOf(*referral, context.actor.agency_id);
      FAIRLEAD_RETURN_IF_ERROR(
          CheckReleaseStands(own ? referral->offers[*own].reason_code : referral->reason_code));
    }
    return OfferNotOpen();
  }
  if (verdict != auth::Verdict::kReleaseNeeded) return NotFound();
  FAIRLEAD_ASSIGN(std::optional<StoredPacket> packet, reader.FindPacket(referral_id));
  if (!packet && !IsToOne(referral->mode) && !IsTerminal(referral->state)) {
    return Fail(Code::kFailedPrecondition, "PACKET_NOT_SENT",
                "Its packet has not been sent yet: that follows the match.");
  }
  if (!packet) {
    return Fail(Code::kFailedPrecondition, "PACKET_GONE",
                "There is no packet: none was sent, or it has been destroyed.");
  }
  return Openable{std::move(*referral), std::move(*packet), /*ended=*/false};
}

Result<Openable> FindBehindGlass(ReferralReader& reader, const std::string& agency_id,
                                 const std::string& referral_id) {
  FAIRLEAD_ASSIGN(std::optional<Referral> referral, reader.Find(referral_id));
  if (!referral) return NotFound();
  FAIRLEAD_RETURN_IF_ERROR(OfferBehindGlass(reader, *referral, agency_id));
  FAIRLEAD_ASSIGN(std::optional<StoredPacket> packet, reader.FindPacket(referral_id));
  if (!packet || FindShare(packet->recipients, agency_id) == nullptr) return OfferNotOpen();
  return Openable{std::move(*referral), std::move(*packet), /*ended=*/true};
}

}  // namespace fairlead::referral
