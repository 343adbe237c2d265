// Attachments of packets, in chunks of ciphertext. Every function works inside the transaction that
// it is given.
#ifndef SERVICES_REFERRAL_STORE_ATTACHMENT_STORE_H_
#define SERVICES_REFERRAL_STORE_ATTACHMENT_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"

namespace fairlead::referral {

struct StoredAttachment {
  std::string referral_id;
  std::string id;         // counts within the referral
  std::string agency_id;  // whose it is: the sender's
  int64_t chunk_count = 0;
  int64_t have_count = 0;  // how many have come
  int64_t start_ms = 0;
};

Result<std::optional<StoredAttachment>> FindAttachment(storage::ReadTransaction& tx,
                                                       const std::string& referral_id,
                                                       const std::string& id);
// What a referral's attachments take, those that have not come yet included.
struct AttachmentRoom {
  int64_t attachments = 0;
  int64_t chunks = 0;
};
Result<AttachmentRoom> AttachmentRoomTaken(storage::ReadTransaction& tx,
                                           const std::string& referral_id);
// And all of an agency's, in chunks that have come.
Result<int64_t> AttachmentChunksOfAgency(storage::ReadTransaction& tx,
                                         const std::string& agency_id);
Result<void> InsertAttachment(storage::Transaction& tx, const StoredAttachment& attachment);

Result<std::optional<std::string>> FindAttachmentChunk(storage::ReadTransaction& tx,
                                                       const StoredAttachment& attachment,
                                                       int64_t number);
// Numbers of those that have not come, in order.
Result<std::vector<int64_t>> MissingAttachmentChunks(storage::ReadTransaction& tx,
                                                     const StoredAttachment& attachment);
// One that was not there; counts it.
Result<void> InsertAttachmentChunk(storage::Transaction& tx, StoredAttachment& attachment,
                                   int64_t number, const std::string& bytes);

Result<bool> HasReadAttachment(storage::ReadTransaction& tx, const StoredAttachment& attachment,
                               const std::string& staff_id);
Result<void> PutAttachmentReader(storage::Transaction& tx, const StoredAttachment& attachment,
                                 const std::string& staff_id);

// With everything of them. ReferralStore::DropPacket calls it: they go with their packet.
Result<void> DropAttachmentsOf(storage::Transaction& tx, const std::string& referral_id);
// Those that were started until then and are not whole, at most `limit`. How many.
Result<int64_t> DropUnfinishedAttachments(storage::Transaction& tx, int64_t before_ms, int limit);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_STORE_ATTACHMENT_STORE_H_
