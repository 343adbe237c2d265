#include "services/referral/commands/amend_packet.h"

#include <optional>
#include <utility>

#include "services/referral/commands/do_not_route.h"
#include "services/referral/commands/draft.h"
#include "services/referral/commands/forward_referral.h"
#include "services/referral/commands/reseal_packet.h"
#include "services/referral/domain/packet_version.h"
#include "services/referral/store/note_store.h"

namespace fairlead::referral {
namespace {

Result<void> CheckVersionToReplace(const Referral& referral, int64_t replaces_version) {
  FAIRLEAD_RETURN_IF_ERROR(CheckPacketLies(referral));
  FAIRLEAD_RETURN_IF_ERROR(CheckPacketVersion(referral, replaces_version));
  if (referral.packet_version < kMostPacketVersions) return {};
  return Fail(Code::kFailedPrecondition, "TOO_MANY_VERSIONS",
              "A packet has at most " + std::to_string(kMostPacketVersions) + " versions.");
}

}  // namespace

Result<Amendable> CheckAmending(ReferralReader& store, const std::string& agency_id,
                                const Amending& amending) {
  FAIRLEAD_ASSIGN(std::optional<Referral> referral, store.Find(amending.referral_id));
  if (!referral || referral->sender_agency_id != agency_id) return NotFound();
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(*referral, agency_id, amending.etag));
  FAIRLEAD_RETURN_IF_ERROR(CheckVersionToReplace(*referral, amending.replaces_version));
  FAIRLEAD_ASSIGN(const size_t at, PacketHolder(*referral));
  const std::string& holder_id = referral->offers[at].recipient_agency_id;
  std::string packet_id = NextPacketId(*referral, amending.sealed.release_id);
  if (!amending.packet_id.empty() && amending.packet_id != packet_id) {
    return AnotherPacketLiesThere();
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckMayBeAsked(store, *referral, {holder_id}));
  FAIRLEAD_RETURN_IF_ERROR(CheckMembers(store, agency_id, holder_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckSealedTo(store, amending.sealed, holder_id, agency_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckHadBefore(store, referral->id, {holder_id}));
  return Amendable{std::move(*referral), at, std::move(packet_id)};
}

Result<Referral> AmendPacket(Unit& unit, const Amending& amending) {
  FAIRLEAD_ASSIGN(Amendable amendable, CheckAmending(unit.store, unit.agency_id, amending));
  Referral& referral = amendable.referral;
  auth::Standing standing = StandingOf(referral, unit.agency_id);
  standing.release_in_force = !amending.sealed.custody_keys.empty();
  if (Ask(unit.context, standing) != auth::Verdict::kAllowed) return NotFound();
  const Offer& offer = amendable.offer();
  const int64_t version = referral.packet_version + 1;
  // The keys of an appointment go with its own release, whose end would not be heard of any more.
  if (amending.sealed.release_id != referral.release_id) {
    FAIRLEAD_RETURN_IF_ERROR(EndAppointments(unit.tx, referral.id, unit.now_ms));
  }
  FAIRLEAD_RETURN_IF_ERROR(unit.store.DropPacket(referral));
  FAIRLEAD_ASSIGN(const StoredPacket packet,
                  TakeIntoCustody(unit, amending.sealed, amendable.packet_id,
                                  offer.recipient_agency_id, referral));
  referral.packet_version = version;
  referral.reason_code.clear();
  referral.update_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(referral));
  FAIRLEAD_RETURN_IF_ERROR(unit.store.InsertPacket(packet));
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, referral, &offer, "packet_amended", VersionCode(version)));
  return std::move(referral);
}

}  // namespace fairlead::referral
