#include "services/referral/commands/attach.h"

#include <optional>
#include <utility>

#include "services/common/base/text.h"
#include "services/referral/commands/custody.h"
#include "services/referral/commands/do_not_route.h"
#include "services/referral/commands/forward_referral.h"
#include "services/referral/domain/packet_version.h"

namespace fairlead::referral {
namespace {

constexpr char kDocumentsCategory[] = "documents";

// Whether more may go to whoever has the packet: as when the packet itself is amended.
Result<void> CheckStillGoes(Unit& unit, const Referral& referral) {
  FAIRLEAD_RETURN_IF_ERROR(CheckNotRevoked(unit.store, referral.release_id));
  FAIRLEAD_ASSIGN(const size_t at, PacketHolder(referral));
  const std::string& holder_id = referral.offers[at].recipient_agency_id;
  FAIRLEAD_RETURN_IF_ERROR(CheckMayBeAsked(unit.store, referral, {holder_id}));
  return CheckHadBefore(unit.store, referral.id, {holder_id});
}

// The sender's own, as long as somebody has its packet or may open it.
Result<Found> FindToAttach(Unit& unit, const std::string& referral_id) {
  FAIRLEAD_ASSIGN(Found own, FindAsSender(unit, referral_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckPacketLies(own.referral));
  FAIRLEAD_RETURN_IF_ERROR(own.Permitted());
  FAIRLEAD_RETURN_IF_ERROR(CheckStillGoes(unit, own.referral));
  return own;
}

// Whether the packet that lies here may have attachments, and is the one that has the key.
Result<void> CheckPacketFor(const Referral& referral, const AttachmentStart& start) {
  FAIRLEAD_RETURN_IF_ERROR(CheckPacketVersion(referral, start.packet_version));
  if (!Contains(referral.categories, kDocumentsCategory)) {
    return Fail(Code::kFailedPrecondition, "PACKET_WITHOUT_DOCUMENTS",
                "The packet was not sent with documents, under a release that allows them.");
  }
  return {};
}

// What has been put there counts, and not what was only announced: one person could fill it up with
// that, and not have sent a byte.
Result<void> CheckAgencyRoom(Unit& unit, int64_t more_chunks) {
  FAIRLEAD_ASSIGN(const int64_t of_agency, AttachmentChunksOfAgency(unit.tx, unit.agency_id));
  if (of_agency + more_chunks <= kMostChunksOfAgency) return {};
  return Fail(Code::kResourceExhausted, "ATTACHMENTS_FULL",
              "Your agency has 2 GiB of attachments here: they go with their packets.");
}

Result<void> CheckAttachmentRoom(Unit& unit, const AttachmentStart& start) {
  FAIRLEAD_ASSIGN(const AttachmentRoom taken, AttachmentRoomTaken(unit.tx, start.referral_id));
  if (taken.attachments >= kMostAttachments) {
    return Fail(Code::kFailedPrecondition, "TOO_MANY_ATTACHMENTS",
                "A packet has at most " + std::to_string(kMostAttachments) + " attachments.");
  }
  const int64_t free = kMostAttachmentChunks - taken.chunks;
  if (start.chunk_count > free) {
    return Fail(Code::kInvalidArgument, "ATTACHMENTS_TOO_LARGE",
                "All attachments of a packet together have at most 25 MiB.",
                {{"free_chunks", std::to_string(free)}});
  }
  return CheckAgencyRoom(unit, start.chunk_count);
}

Result<void> CheckChunkPlace(const StoredAttachment& attachment, const AttachmentChunk& chunk) {
  FAIRLEAD_ASSIGN(const seal::ChunkHead head, seal::ReadChunkHead(chunk.bytes));
  const bool is_last = chunk.number + 1 == attachment.chunk_count;
  if (head.attachment_id == attachment.id && head.number == chunk.number &&
      head.is_last == is_last && chunk.number < attachment.chunk_count) {
    return {};
  }
  return Fail(Code::kInvalidArgument, "ATTACHMENT_CHUNK_MISPLACED",
              "The chunk says of itself that its place is another one.");
}

}  // namespace

tl::unexpected<Error> NoSuchAttachment() {
  return Fail(Code::kNotFound, "ATTACHMENT_NOT_FOUND", "The packet here has no such attachment.");
}

Result<StoredAttachment> StartAttachment(Unit& unit, const AttachmentStart& start) {
  FAIRLEAD_ASSIGN(const Found own, FindToAttach(unit, start.referral_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckPacketFor(own.referral, start));
  FAIRLEAD_ASSIGN(std::optional<StoredAttachment> standing,
                  FindAttachment(unit.tx, start.referral_id, start.attachment_id));
  if (standing && standing->chunk_count == start.chunk_count) return std::move(*standing);
  if (standing) {
    return Fail(Code::kAlreadyExists, "ATTACHMENT_EXISTS",
                "It was started with another number of chunks.",
                {{"chunk_count", std::to_string(standing->chunk_count)}});
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckAttachmentRoom(unit, start));
  StoredAttachment attachment{.referral_id = start.referral_id,
                              .id = start.attachment_id,
                              .agency_id = unit.agency_id,
                              .chunk_count = start.chunk_count,
                              .have_count = 0,
                              .start_ms = unit.now_ms};
  FAIRLEAD_RETURN_IF_ERROR(InsertAttachment(unit.tx, attachment));
  return attachment;
}

Result<StoredAttachment> PutAttachmentChunk(Unit& unit, const AttachmentChunk& chunk) {
  FAIRLEAD_ASSIGN(const Found own, FindToAttach(unit, chunk.referral_id));
  FAIRLEAD_ASSIGN(std::optional<StoredAttachment> attachment,
                  FindAttachment(unit.tx, chunk.referral_id, chunk.attachment_id));
  if (!attachment) return NoSuchAttachment();
  FAIRLEAD_RETURN_IF_ERROR(CheckChunkPlace(*attachment, chunk));
  FAIRLEAD_ASSIGN(const std::optional<std::string> standing,
                  FindAttachmentChunk(unit.tx, *attachment, chunk.number));
  if (standing && *standing == chunk.bytes) return std::move(*attachment);
  if (standing) {
    return Fail(Code::kAlreadyExists, "ATTACHMENT_CHUNK_DIFFERS",
                "Another chunk lies in its place already.",
                {{"number", std::to_string(chunk.number)}});
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckAgencyRoom(unit, 1));
  FAIRLEAD_RETURN_IF_ERROR(
      InsertAttachmentChunk(unit.tx, *attachment, chunk.number, chunk.bytes));
  if (attachment->have_count == attachment->chunk_count) {
    FAIRLEAD_ASSIGN(const size_t at, PacketHolder(own.referral));
    const Offer& holders = own.referral.offers[at];
    FAIRLEAD_RETURN_IF_ERROR(Tell(unit, own.referral, &holders, "attachment_added"));
  }
  return std::move(*attachment);
}

Result<Referral> MarkAttachmentOpened(Unit& unit, const std::string& referral_id,
                                      const std::string& attachment_id) {
  FAIRLEAD_ASSIGN(Found held, FindAsEither(unit, referral_id, /*release_in_force=*/true));
  FAIRLEAD_RETURN_IF_ERROR(held.Permitted());  // not when it has ended meanwhile
  FAIRLEAD_ASSIGN(const std::optional<StoredAttachment> attachment,
                  FindAttachment(unit.tx, referral_id, attachment_id));
  if (!attachment) return NoSuchAttachment();
  FAIRLEAD_ASSIGN(const bool known, HasReadAttachment(unit.tx, *attachment, unit.staff_id));
  if (known) return std::move(held.referral);
  FAIRLEAD_RETURN_IF_ERROR(PutAttachmentReader(unit.tx, *attachment, unit.staff_id));
  const Offer* offer = held.IsSenders(unit) ? nullptr : &held.offer();
  FAIRLEAD_RETURN_IF_ERROR(Tell(unit, held.referral, offer, kAttachmentOpened));
  return std::move(held.referral);
}

}  // namespace fairlead::referral
