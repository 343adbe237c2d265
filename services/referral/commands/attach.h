// What belongs to a packet and is too large for it: put there by the sender in chunks, and read by
// whoever may open the packet.
#ifndef SERVICES_REFERRAL_COMMANDS_ATTACH_H_
#define SERVICES_REFERRAL_COMMANDS_ATTACH_H_

#include <cstdint>
#include <string>

#include "services/common/seal/attachment.h"
#include "services/referral/commands/unit.h"
#include "services/referral/store/attachment_store.h"

namespace fairlead::referral {

// Of one referral, with what has not come yet.
inline constexpr int64_t kMostAttachments = 10;
inline constexpr int64_t kMostAttachmentChunks = seal::kMaxAttachmentChunks;  // 25 MiB
// Of all that an agency has put there and that has not been destroyed: 2 GiB.
inline constexpr int64_t kMostChunksOfAgency = 32'768;
// What is not whole so long after its start is thrown away.
inline constexpr int64_t kKeepUnfinishedMs = 24LL * 3600 * 1000;
inline constexpr char kAttachmentOpened[] = "attachment_opened";

// NOT_FOUND ATTACHMENT_NOT_FOUND.
tl::unexpected<Error> NoSuchAttachment();

struct AttachmentStart {
  std::string referral_id;
  std::string attachment_id;
  int64_t chunk_count = 0;
  int64_t packet_version = 0;  // of the packet that has its key
};
// Started already, with as many chunks: as it is. Errors: REFERRAL_NOT_FOUND, those of
// CheckPacketLies, RELEASE_REVOKED, AGENCY_NOT_TO_BE_ASKED and FORWARD_LOOP (listed since),
// PACKET_VERSION_MISMATCH, PACKET_WITHOUT_DOCUMENTS, ATTACHMENT_EXISTS, TOO_MANY_ATTACHMENTS,
// ATTACHMENTS_TOO_LARGE, ATTACHMENTS_FULL.
Result<StoredAttachment> StartAttachment(Unit& unit, const AttachmentStart& start);

struct AttachmentChunk {
  std::string referral_id;
  std::string attachment_id;
  int64_t number = 0;
  std::string bytes;
};
// The attachment as it is then; with its last chunk both sides hear `attachment_added`. Errors: of
// StartAttachment those up to FORWARD_LOOP; ATTACHMENT_NOT_FOUND, ATTACHMENT_CHUNK_MALFORMED,
// ATTACHMENT_CHUNK_MISPLACED, ATTACHMENT_CHUNK_DIFFERS, ATTACHMENTS_FULL.
Result<StoredAttachment> PutAttachmentChunk(Unit& unit, const AttachmentChunk& chunk);

// Consent has allowed it in this very call: a line in the story for each person, once. Errors:
// REFERRAL_NOT_FOUND, ATTACHMENT_NOT_FOUND (it went meanwhile).
Result<Referral> MarkAttachmentOpened(Unit& unit, const std::string& referral_id,
                                      const std::string& attachment_id);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_ATTACH_H_
