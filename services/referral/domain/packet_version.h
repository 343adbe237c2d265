// Versions of one packet: how many there may be, and how each is named.
#ifndef SERVICES_REFERRAL_DOMAIN_PACKET_VERSION_H_
#define SERVICES_REFERRAL_DOMAIN_PACKET_VERSION_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "services/common/base/result.h"
#include "services/referral/domain/referral.h"

namespace fairlead::referral {

inline constexpr int64_t kMostPacketVersions = 50;

// "version_2": what the story and the event say.
std::string VersionCode(int64_t version);

// A packet lies here for one agency alone: the one that was matched, or to which it went with its
// offer. The index of that offer. INTERNAL PACKET_WITHOUT_OFFER: nobody has the packet, or may open
// it, any more; while it lies here that cannot be.
Result<size_t> PacketHolder(const Referral& referral);

// Whether a packet lies here to which something may be added. FAILED_PRECONDITION REFERRAL_ENDED
// (metadata state), PACKET_NOT_SENT.
Result<void> CheckPacketLies(const Referral& referral);
// ABORTED PACKET_VERSION_MISMATCH (metadata current_version) unless it is this version of it.
Result<void> CheckPacketVersion(const Referral& referral, int64_t version);

// The id under which the custody keys of the packet stand that takes the place of the referral's,
// when it is sent under this release. Not the old one's: its keys are destroyed, some time after
// the commit, while these must stay. The same for a repeat of what was interrupted, so that a
// release for once is not used up twice; no packet before had it; and only who knows the case
// handle (122 random bits, the sender's own) can tell it beforehand and take it for a referral of
// its own. A UUID of version 8 (RFC 9562, section 5.8) of a SHA-256.
std::string NextPacketId(const Referral& referral, const std::string& release_id);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_DOMAIN_PACKET_VERSION_H_
