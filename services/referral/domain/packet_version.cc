#include "services/referral/domain/packet_version.h"

#include "services/common/base/encoding.h"

namespace fairlead::referral {

std::string VersionCode(int64_t version) { return "version_" + std::to_string(version); }

Result<size_t> PacketHolder(const Referral& referral) {
  for (size_t i = 0; i < referral.offers.size(); ++i) {
    const OfferState state = referral.offers[i].state;
    if (state == OfferState::kAccepted || IsPending(state)) return i;
  }
  return Fail(Code::kInternal, "PACKET_WITHOUT_OFFER", "A packet lies here for nobody.");
}

Result<void> CheckPacketLies(const Referral& referral) {
  if (IsTerminal(referral.state)) {
    return Fail(Code::kFailedPrecondition, "REFERRAL_ENDED",
                "It has ended: nothing is added to it any more.",
                {{"state", std::string(StateName(referral.state))}});
  }
  if (!referral.packet_id.empty()) return {};
  return Fail(Code::kFailedPrecondition, "PACKET_NOT_SENT",
              "There is no packet here that anything could be added to.");
}

Result<void> CheckPacketVersion(const Referral& referral, int64_t version) {
  if (version == referral.packet_version) return {};
  return Fail(Code::kAborted, "PACKET_VERSION_MISMATCH",
              "Another version of the packet lies here than the one that was named: read it first.",
              {{"current_version", std::to_string(referral.packet_version)}});
}

std::string NextPacketId(const Referral& referral, const std::string& release_id) {
  constexpr size_t kBytes = 16;
  std::string bytes =
      Sha256("packet/" + referral.case_handle + "/" + referral.packet_id + "/" + release_id);
  bytes.resize(kBytes);
  bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0FU) | 0x80U);  // version
  bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3FU) | 0x80U);  // variant
  std::string id = HexEncode(bytes);
  for (const size_t at : {8U, 13U, 18U, 23U}) id.insert(at, 1, '-');
  return id;
}

}  // namespace fairlead::referral
