#include "services/referral/domain/packet_version.h"

#include "services/common/base/encoding.h"

namespace fairlead::referral {

std::string VersionCode(int64_t version) { return "version_" + std::to_string(version); }

std::optional<size_t> PacketHolder(const Referral& referral) {
  for (size_t i = 0; i < referral.offers.size(); ++i) {
    const OfferState state = referral.offers[i].state;
    if (state == OfferState::kAccepted || IsPending(state)) return i;
  }
  return std::nullopt;
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
